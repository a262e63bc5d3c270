"""An answer is followed, left, found again, stopped, repeated and replaced."""

import asyncio
import re
from uuid import UUID

import anyio
import pytest
from sqlalchemy import text

from api.app import create_app
from core.settings import Settings
from storage.database import Database
from tests.conftest import PASSWORD, SignUp, new_client, new_email, serving
from tests.e2e.scripted_model import ScriptedModel, calls, gate, says
from tests.e2e.streams import ask, asking, question, returning
from tests.e2e.trees import load_tree
from tests.e2e.waiting import eventually

FRAMES = """\
id: <run>:1
event: start
data: {"type":"start","messageId":"<message>","messageMetadata":{"agent":"career",\
"model":"scripted","runId":"<run id>","conversationId":"<conversation>"}}

id: <run>:2
event: start-step
data: {"type":"start-step"}

id: <run>:3
event: text-start
data: {"type":"text-start","id":"0"}

id: <run>:4
event: text-delta
data: {"type":"text-delta","id":"0","delta":"Let me look."}

id: <run>:5
event: text-end
data: {"type":"text-end","id":"0"}

id: <run>:6
event: tool-input-start
data: {"type":"tool-input-start","toolCallId":"call_a","toolName":"get_metrics",\
"dynamic":true}

id: <run>:7
event: tool-input-delta
data: {"type":"tool-input-delta","toolCallId":"call_a","inputTextDelta":"{\\"start"}

id: <run>:8
event: tool-input-delta
data: {"type":"tool-input-delta","toolCallId":"call_a","inputTextDelta":"\\": 1}"}

id: <run>:9
event: tool-input-available
data: {"type":"tool-input-available","toolCallId":"call_a",\
"toolName":"get_metrics","input":{"start":1},"dynamic":true}

id: <run>:10
event: tool-output-error
data: {"type":"tool-output-error","toolCallId":"call_a","errorText":"<error>",\
"dynamic":true}

id: <run>:11
event: finish-step
data: {"type":"finish-step"}

id: <run>:12
event: start-step
data: {"type":"start-step"}

id: <run>:13
event: tool-input-start
data: {"type":"tool-input-start","toolCallId":"call_b",\
"toolName":"list_connections","dynamic":true}

id: <run>:14
event: tool-input-delta
data: {"type":"tool-input-delta","toolCallId":"call_b","inputTextDelta":"{}"}

id: <run>:15
event: tool-input-available
data: {"type":"tool-input-available","toolCallId":"call_b",\
"toolName":"list_connections","input":{},"dynamic":true}

id: <run>:16
event: tool-output-available
data: {"type":"tool-output-available","toolCallId":"call_b",\
"output":{"notes":["no account is connected and nothing has been imported"]},"dynamic":true}

id: <run>:17
event: finish-step
data: {"type":"finish-step"}

id: <run>:18
event: start-step
data: {"type":"start-step"}

id: <run>:19
event: text-start
data: {"type":"text-start","id":"1"}

id: <run>:20
event: text-delta
data: {"type":"text-delta","id":"1","delta":"You have "}

id: <run>:21
event: text-delta
data: {"type":"text-delta","id":"1","delta":"7 followers — ünkнown."}

id: <run>:22
event: text-end
data: {"type":"text-end","id":"1"}

id: <run>:23
event: finish-step
data: {"type":"finish-step"}

id: <run>:24
event: data-grounding
data: {"type":"data-grounding","id":"grounding","data":{"status":"ungrounded","numbers":[\
{"text":"7","span":[23,24],"value":7.0,"figure":null,"derivation":null,\
"is_from_question":false}]}}

id: <run>:25
event: finish
data: {"type":"finish","finishReason":"stop","messageMetadata":{"status":"completed",\
"tokens":60,"processingTimeMs":<ms>}}

data: [DONE]

"""
NORMALISATIONS = (
    (r"^id: [0-9a-f]{8}:", "id: <run>:"),
    (r'"messageId":"[0-9a-f-]{36}"', '"messageId":"<message>"'),
    (r'"runId":"[0-9a-f-]{36}"', '"runId":"<run id>"'),
    (r'"conversationId":"[0-9a-f-]{36}"', '"conversationId":"<conversation>"'),
    (r'"processingTimeMs":\d+', '"processingTimeMs":<ms>'),
    (r'"errorText":"Error.*?[^\\]"', '"errorText":"<error>"'),
)
STOPPED = "The answer was stopped."


@pytest.fixture
def settings(settings: Settings, model: ScriptedModel) -> Settings:
    return model.answers(settings)


# --- the frames ---


async def test_an_answer_is_these_frames(sign_up: SignUp, model: ScriptedModel) -> None:
    creator = await sign_up()
    await model.follow(
        says("Let me look.", calls("get_metrics", '{"start": 1}', "call_a")),
        says(calls("list_connections", {}, "call_b")),
        says("You have ", "7 followers — ünkнown.", tokens=30),
    )
    response = await creator.post("/api/chat", json={"message": "How many followers?"})
    frames = response.content.decode()
    for pattern, name in NORMALISATIONS:
        frames = re.sub(pattern, name, frames, flags=re.MULTILINE)
    assert frames == FRAMES
    run_id = response.headers["X-Run-Id"].replace("-", "")
    assert f"id: {run_id[-8:]}:1\n" in response.text


async def test_the_headers_are_those_of_a_stream(sign_up: SignUp, model: ScriptedModel) -> None:
    creator = await sign_up()
    await model.follow(says("Hello."))
    async with asking(creator, "Hi") as answer:
        headers = answer.response.headers
        await answer.read_all()
    listed = (await creator.get("/api/conversations")).json()["items"]
    assert headers["Content-Type"].partition(";")[0] == "text/event-stream"
    assert headers["Cache-Control"] == "no-store"
    assert headers["X-Accel-Buffering"] == "no"
    assert headers["X-Vercel-AI-UI-Message-Stream"] == "v1"
    assert headers["X-Conversation-Id"] == listed[0]["id"]
    assert UUID(headers["X-Run-Id"]).version == 7


async def test_the_stored_answer_is_what_was_streamed(
    sign_up: SignUp, model: ScriptedModel
) -> None:
    creator = await sign_up()
    await model.follow(says(calls("list_connections")), says("Nothing ", "yet.", tokens=30))
    answer = await ask(creator, question("Which accounts?", "q1"), id="chat-1")
    read = (await creator.get("/api/conversations/chat-1")).json()
    asked, answered = read["messages"]
    assert (read["client_id"], read["title"]) == ("chat-1", "Which accounts?")
    assert (asked["id"], asked["role"]) == ("q1", "user")
    assert asked["parts"] == [{"type": "text", "text": "Which accounts?"}]
    assert answered["id"] == answer.chunks[0]["messageId"]
    assert answered["parts"] == [
        {"type": "step-start"},
        {
            "type": "dynamic-tool",
            "toolName": "list_connections",
            "toolCallId": "call_1",
            "state": "output-available",
            "input": {},
            "output": {"notes": ["no account is connected and nothing has been imported"]},
        },
        {"type": "step-start"},
        {"type": "text", "text": "Nothing yet.", "state": "done"},
        {
            "type": "data-grounding",
            "id": "grounding",
            "data": {"status": "no_numbers", "numbers": []},
        },
    ]
    metadata = answered["metadata"]
    assert (metadata["agent"], metadata["model"], metadata["tokens"]) == ("career", "scripted", 45)
    assert metadata["processingTimeMs"] == answer.finish["processingTimeMs"]


# --- coming back ---


async def test_a_returning_reader_gets_the_open_answer_from_its_start(
    sign_up: SignUp, model: ScriptedModel
) -> None:
    creator = await sign_up()
    await model.follow(says("One, ", gate("more"), "two."))
    async with asking(creator, "Count", id="chat-1") as first:
        await first.read_until("One, ")
        async with returning(creator, "chat-1") as second:
            await second.read_until("One, ")
            assert second.chunks == first.chunks
            await model.open("more")
            await second.read_all()
        await first.read_all()
    assert first.text == "One, two."
    assert (second.ids, second.chunks) == (first.ids, first.chunks)
    assert [int(number) for _, number in (each.split(":") for each in first.ids)] == list(
        range(1, len(first.chunks) + 1)
    )
    assert (await model.stats())["started"] == 1


@pytest.mark.parametrize("is_finished", [False, True], ids=["running", "finished meanwhile"])
async def test_with_the_last_event_id_the_rest_follows(
    sign_up: SignUp, model: ScriptedModel, *, is_finished: bool
) -> None:
    creator = await sign_up()
    await model.follow(says("One, ", gate("more"), "two."))
    async with asking(creator, "Count", id="chat-1") as first:
        await first.read_until("One, ")
        seen = len(first.ids)
        if is_finished:
            await model.open("more")
            await first.read_all()
        async with returning(creator, "chat-1", after=first.ids[seen - 1]) as second:
            await model.open("more")
            await second.read_all()
        await first.read_all()
    assert second.text == "two."
    assert second.chunks == first.chunks[seen:]
    assert second.ids == first.ids[seen:]


async def test_when_there_is_nothing_to_follow_the_answer_is_204(
    sign_up: SignUp, model: ScriptedModel
) -> None:
    creator = await sign_up()
    await model.follow(says("Hello."))
    answer = await ask(creator, "Hi", id="chat-1")
    await ask(creator, "Hi", id="chat-2")
    last, before_last = answer.ids[-1], answer.ids[-2]

    async def status(chat: str, **headers: str) -> int:
        return (await creator.get(f"/api/chat/{chat}/stream", headers=headers)).status_code

    assert await status("chat-1") == 204
    assert await status("chat-1", **{"Last-Event-ID": before_last}) == 200
    assert await status("chat-1", **{"Last-Event-ID": last}) == 204
    assert await status("chat-2", **{"Last-Event-ID": before_last}) == 204, "of another one"
    assert await status("chat-1", **{"Last-Event-ID": "what?"}) == 204
    assert await status("chat-3") == 404


# --- hanging up and stopping ---


async def test_an_answer_is_finished_though_its_reader_hangs_up(
    sign_up: SignUp, model: ScriptedModel, database: Database
) -> None:
    creator = await sign_up()
    await model.follow(says("One, ", gate("more"), "two."))
    async with asking(creator, "Count", id="chat-1") as answer:
        await answer.read_until("One, ")
    await model.open("more")

    async def is_stored() -> bool:
        return (await load_tree(database, creator.user_id, "chat-1")).path == ["Count", "One, two."]

    await eventually(is_stored)
    tree = await load_tree(database, creator.user_id, "chat-1")
    assert tree.statuses == [("completed", None)]
    assert await model.stats() == {"started": 1, "finished": 1, "aborted": 0}


async def test_stopping_keeps_what_was_said_and_ends_the_model_call(
    sign_up: SignUp, model: ScriptedModel, database: Database
) -> None:
    creator = await sign_up()
    await model.follow(says("One, ", gate("never"), "two."))
    async with asking(creator, "Count", id="chat-1") as answer:
        await answer.read_until("One, ")
        response = await creator.post("/api/chat/chat-1/stop")
        tree = await load_tree(database, creator.user_id, "chat-1")
        await answer.read_all()
    await eventually(model.was_aborted)
    assert response.json() == {"run_id": answer.response.headers["X-Run-Id"]}
    assert tree.path == ["Count", "One, "], "it is stored before the stop is answered"
    assert tree.statuses == [("stopped", None)]
    *_, text, grounding = tree.answers[0].parts
    assert text == {"type": "text", "text": "One, ", "state": "done"}
    assert grounding["data"] == {"status": "no_numbers", "numbers": []}
    assert answer.types[-5:] == ["text-end", "finish-step", "data-grounding", "abort", "finish"]
    assert answer.chunks[-1]["finishReason"] == "other"
    assert answer.finish["status"] == "stopped"


async def test_stopping_fails_the_tool_call_that_was_being_written(
    sign_up: SignUp, model: ScriptedModel, database: Database
) -> None:
    creator = await sign_up()
    await model.follow(says(calls("get_metrics", '{"start": "2026'), gate("never")))
    async with asking(creator, "Count", id="chat-1") as answer:
        await answer.read_until_type("tool-input-delta")
        await creator.post("/api/chat/chat-1/stop")
        await answer.read_all()
    tree = await load_tree(database, creator.user_id, "chat-1")
    assert answer.of_type("tool-output-error")[0]["errorText"] == STOPPED
    assert tree.answers[0].parts[-1]["state"] == "output-error"
    await model.follow(says("Fine."))
    await ask(creator, "And now?", id="chat-1")
    assert [message["role"] for message in await model.heard()] == [
        "user", "assistant", "tool", "user",
    ]  # fmt: skip


async def test_an_answer_that_is_stopped_before_its_first_word_leaves_the_question_the_head(
    sign_up: SignUp, model: ScriptedModel, database: Database
) -> None:
    creator = await sign_up()
    await model.follow(says(gate("never"), "One"))
    async with asking(creator, "Count", id="chat-1") as answer:
        await eventually(model.was_asked)
        await creator.post("/api/chat/chat-1/stop")
        await answer.read_all()
    tree = await load_tree(database, creator.user_id, "chat-1")
    assert tree.path == ["Count"]
    assert tree.statuses == [("stopped", None)]
    assert answer.types == ["start", "abort", "finish"]


async def test_stopping_a_finished_answer_changes_nothing(
    sign_up: SignUp, model: ScriptedModel, database: Database
) -> None:
    creator = await sign_up()
    await model.follow(says("Hello."))
    await ask(creator, "Hi", id="chat-1")
    response = await creator.post("/api/chat/chat-1/stop")
    assert (response.status_code, response.json()) == (200, {"run_id": None})
    tree = await load_tree(database, creator.user_id, "chat-1")
    assert (tree.path, tree.statuses) == (["Hi", "Hello."], [("completed", None)])


async def test_two_stops_at_once_both_wait_until_the_answer_is_stored(
    sign_up: SignUp, model: ScriptedModel, database: Database
) -> None:
    creator = await sign_up()
    await model.follow(says("One, ", gate("never")))
    statuses: list[int] = []
    paths: list[list[str]] = []

    async def stop() -> None:
        statuses.append((await creator.post("/api/chat/chat-1/stop")).status_code)
        paths.append((await load_tree(database, creator.user_id, "chat-1")).path)

    async with asking(creator, "Count", id="chat-1") as answer:
        await answer.read_until("One, ")
        async with anyio.create_task_group() as stops:
            for _ in range(2):
                stops.start_soon(stop)
        await answer.read_all()
    assert statuses == [200, 200]
    assert paths == [["Count", "One, "]] * 2
    assert answer.types.count("finish") == 1


async def test_deleting_a_conversation_ends_its_answer(
    sign_up: SignUp, model: ScriptedModel, database: Database
) -> None:
    creator = await sign_up()
    await model.follow(says("One, ", gate("never")))
    async with asking(creator, "Count", id="chat-1") as answer:
        await answer.read_until("One, ")
        deleted = await creator.delete("/api/conversations/chat-1")
        await answer.read_all()
    await eventually(model.was_aborted)
    assert deleted.status_code == 204
    assert answer.finish["status"] == "stopped"
    assert (await creator.get("/api/conversations/chat-1")).status_code == 404
    async with database.user_session(creator.user_id) as session:
        assert await session.scalar(text("SELECT count(*) FROM runs")) == 0
        assert await session.scalar(text("SELECT count(*) FROM chat_messages")) == 0


# --- the end of a server ---


async def test_a_server_that_shuts_down_stores_what_was_said(
    settings: Settings, database_url: str, model: ScriptedModel, database: Database
) -> None:
    await model.follow(says("One, ", gate("never")))
    async with serving(create_app(settings, database_url)) as url, new_client(url) as client:
        account = {"email": new_email(), "password": PASSWORD}
        user = (await client.post("/api/auth/register", json=account)).json()["user"]
        async with asking(client, "Count", id="chat-1") as answer:
            await answer.read_until("One, ")
    tree = await load_tree(database, UUID(user["id"]), "chat-1")
    assert tree.path == ["Count", "One, "]
    assert tree.statuses == [("failed", "server_stopped")]
    await eventually(model.was_aborted)
    assert not [task for task in asyncio.all_tasks() if task.get_name().startswith("run ")]
