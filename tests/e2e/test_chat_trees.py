"""Conversations are trees: repeated, edited and regenerated messages."""

import anyio
import pytest

from core.settings import Settings
from graph.chunks import text_of
from storage.database import Database
from tests.conftest import Creator
from tests.e2e.scripted_model import ScriptedModel, calls, gate, says
from tests.e2e.servers import second_server
from tests.e2e.streams import AnswerStream, ask, asking, question
from tests.e2e.trees import load_tree


@pytest.fixture
def settings(settings: Settings, model: ScriptedModel) -> Settings:
    return model.answers(settings)


# --- the same request again ---


async def test_the_same_message_again_follows_its_run(
    creator: Creator, model: ScriptedModel, database: Database
) -> None:
    await model.follow(says("One, ", gate("more"), "two."))
    first_question = question("Count", "q1")
    async with asking(creator, first_question, id="chat-1") as first:
        await first.read_until("One, ")
        async with asking(creator, first_question, id="chat-1") as second:
            await second.read_until("One, ")
            await model.open("more")
            await second.read_all()
        await first.read_all()
    third = await ask(creator, first_question, id="chat-1")
    assert (third.ids, third.chunks) == (second.ids, second.chunks) == (first.ids, first.chunks)
    assert (await load_tree(database, creator.user_id, "chat-1")).path == ["Count", "One, two."]
    assert (await model.stats())["started"] == 1


async def test_the_same_message_at_the_same_moment_is_answered_once(
    creator: Creator, model: ScriptedModel, database: Database
) -> None:
    await model.follow(says("Hello."))
    answers: list[AnswerStream] = []

    async def send() -> None:
        answers.append(await ask(creator, question("Hi", "q1"), id="chat-1"))

    async with anyio.create_task_group() as senders:
        for _ in range(25):
            senders.start_soon(send)
    assert [answer.text for answer in answers] == ["Hello."] * 25
    assert len({answer.response.headers["X-Run-Id"] for answer in answers}) == 1
    assert (await load_tree(database, creator.user_id, "chat-1")).path == ["Hi", "Hello."]
    assert (await model.stats())["started"] == 1


async def test_the_same_message_again_is_told_from_storage_after_a_restart(
    creator: Creator, model: ScriptedModel, settings: Settings, database_url: str
) -> None:
    await model.follow(says("Let me look.", calls("list_connections")), says("Nothing yet."))
    before = await ask(creator, question("Which accounts?", "q1"), id="chat-1")
    async with second_server(settings, database_url, creator) as client:
        after = await ask(client, question("Which accounts?", "q1"), id="chat-1")
    assert after.text == before.text == "Let me look.Nothing yet."
    assert after.chunks[0]["messageId"] == before.chunks[0]["messageId"]
    assert after.of_type("tool-output-available") == before.of_type("tool-output-available")
    assert after.of_type("data-grounding") == before.of_type("data-grounding")
    assert after.types.count("start-step") == after.types.count("finish-step") == 2
    assert after.response.headers["X-Run-Id"] == before.response.headers["X-Run-Id"]
    assert (await model.stats())["started"] == 2, "both before the restart"


async def test_an_old_message_again_does_not_move_the_head(
    creator: Creator, model: ScriptedModel, database: Database
) -> None:
    await model.follow(says("A1"), to="Q1")
    await model.follow(says("A2"), to="Q2")
    await ask(creator, question("Q1", "q1"), id="chat-1")
    await ask(creator, question("Q2", "q2"), id="chat-1")
    again = await ask(creator, question("Q1", "q1"), id="chat-1")
    assert again.text == "A1"
    assert (await load_tree(database, creator.user_id, "chat-1")).path == ["Q1", "A1", "Q2", "A2"]


# --- editing and regenerating ---


async def test_editing_a_question_makes_a_sibling_and_leaves_the_rest(
    creator: Creator, model: ScriptedModel, database: Database
) -> None:
    for name in ("Q1", "Q2", "Q1b", "Q2b"):
        await model.follow(says(f"answer to {name}"), to=name)
    await ask(creator, question("Q1", "q1"), id="chat-1")
    await ask(creator, question("Q2", "q2"), id="chat-1")
    await ask(creator, question("Q2b", "q2"), id="chat-1")
    assert [message["content"] for message in await model.heard()] == ["Q1", "answer to Q1", "Q2b"]
    await ask(creator, question("Q1b", "q1"), id="chat-1")
    assert [message["content"] for message in await model.heard()] == ["Q1b"]
    tree = await load_tree(database, creator.user_id, "chat-1")
    assert tree.edges == [
        (None, "Q1"),
        ("Q1", "answer to Q1"),
        ("answer to Q1", "Q2"),
        ("Q2", "answer to Q2"),
        ("answer to Q1", "Q2b"),
        ("Q2b", "answer to Q2b"),
        (None, "Q1b"),
        ("Q1b", "answer to Q1b"),
    ]
    assert tree.path == ["Q1b", "answer to Q1b"]
    shown = (await creator.get("/api/conversations/chat-1")).json()["messages"]
    assert [message["id"] for message in shown] == ["q1", str(tree.messages[-1].id)]


async def test_a_new_question_follows_the_edited_one(
    creator: Creator, model: ScriptedModel, database: Database
) -> None:
    await model.follow(says("Answer."))
    for text_, key in (("Q1", "q1"), ("Q1b", "q1"), ("Q2", "q2")):
        await ask(creator, question(text_, key), id="chat-1")
    tree = await load_tree(database, creator.user_id, "chat-1")
    assert tree.path == ["Q1b", "Answer.", "Q2", "Answer."]


@pytest.mark.parametrize("named", ["nothing", "the question", "the answer"])
async def test_regenerating_makes_a_sibling_answer(
    creator: Creator, model: ScriptedModel, database: Database, named: str
) -> None:
    await model.follow(says("first"))
    first = await ask(creator, question("Q1", "q1"), id="chat-1")
    await model.follow(says("second"))
    body = {
        "nothing": {},
        "the question": {"messageId": "q1"},
        "the answer": {"messageId": first.chunks[0]["messageId"]},
    }[named]
    second = await ask(creator, None, id="chat-1", trigger="regenerate-message", **body)
    tree = await load_tree(database, creator.user_id, "chat-1")
    assert second.text == "second"
    assert second.chunks[0]["messageId"] != first.chunks[0]["messageId"]
    assert tree.edges == [(None, "Q1"), ("Q1", "first"), ("Q1", "second")]
    assert tree.path == ["Q1", "second"]
    assert await model.heard() == [{"role": "user", "content": "Q1"}]


async def test_there_must_be_something_to_regenerate(creator: Creator) -> None:
    body = {"trigger": "regenerate-message", "id": "chat-1"}
    response = await creator.post("/api/chat", json=body)
    assert (response.status_code, response.json()["code"]) == (404, "conversation_not_found")


async def test_an_unknown_message_cannot_be_regenerated(
    creator: Creator, model: ScriptedModel, database: Database
) -> None:
    await model.follow(says("first"))
    await ask(creator, "Q1", id="chat-1")
    body = {"trigger": "regenerate-message", "id": "chat-1", "messageId": "unknown"}
    response = await creator.post("/api/chat", json=body)
    assert (response.status_code, response.json()["code"]) == (404, "message_not_found")
    assert (await load_tree(database, creator.user_id, "chat-1")).path == ["Q1", "first"]


# --- branches ---


async def read(creator: Creator, key: str) -> list[tuple[str, list[str] | None, int | None]]:
    """Return text, branches and which of them is shown of each message of the shown path."""
    messages = (await creator.get(f"/api/conversations/{key}")).json()["messages"]
    found = [(message, message["metadata"].get("branches")) for message in messages]
    return [
        (text_of(message["parts"]), it and it["ids"], it and it["shown"]) for message, it in found
    ]


async def test_each_branch_can_be_shown_again_with_all_that_followed(
    creator: Creator, model: ScriptedModel
) -> None:
    await model.follow_all(
        {"Old?": [says("Old.")], "More?": [says("More.")], "New?": [says("New.")]}
    )
    await ask(creator, question("Old?", "q1"), id="chat-1")
    await ask(creator, question("More?", "q2"), id="chat-1")
    await ask(creator, question("New?", "q1"), id="chat-1")
    [(edited, ids, shown), answer] = await read(creator, "chat-1")
    assert (edited, shown, answer[0]) == ("New?", 1, "New.")
    assert ids is not None

    change = {"shown_message_id": ids[0]}
    response = await creator.patch("/api/conversations/chat-1", json=change)
    assert response.status_code == 200
    path = await read(creator, "chat-1")
    assert [text for text, *_ in path] == ["Old?", "Old.", "More?", "More."]
    assert path[0][1:] == (ids, 0)

    await model.follow(says("After."), to="After?")
    await ask(creator, question("After?", "q3"), id="chat-1")
    assert [text for text, *_ in await read(creator, "chat-1")][-3:] == [
        "More.",
        "After?",
        "After.",
    ]


async def test_another_branch_is_not_shown_while_an_answer_is_coming(
    creator: Creator, model: ScriptedModel, database: Database
) -> None:
    await model.follow(says("One, ", gate("more"), "two."))
    async with asking(creator, question("Count", "q1"), id="chat-1") as stream:
        await stream.read_until("One, ")
        tree = await load_tree(database, creator.user_id, "chat-1")
        codes = []
        for message_id in (tree.messages[0].id, creator.user_id):
            change = {"shown_message_id": str(message_id)}
            response = await creator.patch("/api/conversations/chat-1", json=change)
            codes.append((response.status_code, response.json()["code"]))
        await model.open("more")
        await stream.read_all()
    assert codes == [(409, "conversation_busy"), (404, "message_not_found")]
