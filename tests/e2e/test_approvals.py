"""Approvals: a run waits for its creator, goes on as they decide, and does its work once."""

import asyncio
import datetime as dt
from functools import partial
from typing import Any

import anyio
import psycopg
import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.pool import NullPool

from core.settings import Settings
from storage.database import Database
from storage.goals import list_goals
from tests.conftest import Creator, SignUp
from tests.e2e.scripted_model import ScriptedModel, calls, says
from tests.e2e.servers import second_server
from tests.e2e.streams import AnswerStream, Chunk, Refused, ask, question, resume, returning
from tests.e2e.trees import load_tree
from tests.e2e.waiting import eventually

TODAY = dt.datetime.now(dt.UTC).date()
NUMBERS = f"""\
platform,account,date,metric,value
instagram,luna,{TODAY - dt.timedelta(days=1)},followers,1000
instagram,luna,{TODAY},followers,1040
"""
GOAL = {"metric": "followers", "target_value": 2000, "platform": "instagram"}
APPROVE = {"id": "call_1", "type": "approve"}


@pytest.fixture
def settings(settings: Settings, model: ScriptedModel) -> Settings:
    return model.answers(settings)


@pytest.fixture
async def creator(sign_up: SignUp) -> Creator:
    creator = await sign_up()
    headers = {"Content-Type": "text/csv"}
    response = await creator.post("/api/metrics/import", content=NUMBERS, headers=headers)
    assert response.status_code == 200, response.text
    return creator


@pytest.fixture
async def waiting(creator: Creator, model: ScriptedModel) -> AnswerStream:
    """Ask for a goal in the conversation `goals`; the run waits for approval."""
    await model.follow(says("Let me set it.", calls("create_goal", GOAL)), says("Well then."))
    return await ask_for_goal(creator)


async def ask_for_goal(creator: Creator) -> AnswerStream:
    return await ask(creator, question("2,000!", "q1"), id="goals", agent="goal_tracker")


def run_of(answer: AnswerStream) -> str:
    return answer.response.headers["X-Run-Id"]


async def targets(database: Database, creator: Creator) -> list[int]:
    async with database.user_session(creator.user_id) as session:
        return [goal.target_value for goal in await list_goals(session)]


async def stored_tool(creator: Creator) -> Chunk:
    """Return the last tool part of the conversation, as a client loads it."""
    messages = (await creator.get("/api/conversations/goals")).json()["messages"]
    parts: list[Chunk] = [
        part for message in messages for part in message["parts"] if part["type"] == "dynamic-tool"
    ]
    return parts[-1]


def checkpoints(owner_url: str, run_id: str) -> int:
    """Count what is kept of a paused run, past row-level security."""
    statement = text("SELECT count(*) FROM checkpoints WHERE thread_id = :run")
    with create_engine(owner_url, poolclass=NullPool).connect() as connection:
        connection.execute(text("SET ROLE dream_service"))
        found: int = connection.scalar(statement, {"run": run_id}) or 0
        return found


# --- waiting ---


async def test_a_goal_is_not_set_before_the_creator_approves(
    creator: Creator, waiting: AnswerStream, database: Database
) -> None:
    (request,) = waiting.of_type("tool-approval-request")
    assert request["toolCallId"] == request["approvalId"] == "call_1"
    descriptor = request["approvalDescriptor"]
    assert descriptor["title"] == "Set the goal “2,000 followers on Instagram”?"
    assert descriptor["input"] == GOAL
    assert descriptor["fields"]["properties"]["target_value"]["type"] == "integer"
    assert waiting.finish["status"] == "waiting"
    assert waiting.chunks[-1]["finishReason"] == "tool-calls"
    assert await targets(database, creator) == []
    assert (await stored_tool(creator))["state"] == "approval-requested"
    tree = await load_tree(database, creator.user_id, "goals")
    assert tree.statuses == [("waiting", None)]
    assert (await creator.get("/api/chat/goals/stream")).status_code == 204, "nothing is coming"


async def test_what_makes_no_sense_is_not_even_asked(
    creator: Creator, model: ScriptedModel, database: Database
) -> None:
    wrong = GOAL | {"target_value": 1040}
    await model.follow(says(calls("create_goal", wrong)), says("It is there already."))
    answer = await ask_for_goal(creator)
    assert answer.of_type("tool-approval-request") == []
    assert "where it stands today" in answer.of_type("tool-output-error")[0]["errorText"]
    assert answer.finish["status"] == "completed"


# --- deciding ---


async def test_an_approved_goal_is_set_and_the_answer_goes_on(
    creator: Creator,
    waiting: AnswerStream,
    model: ScriptedModel,
    database: Database,
    owner_url: str,
) -> None:
    assert checkpoints(owner_url, run_of(waiting)) > 0
    rest = await resume(creator, run_of(waiting), APPROVE)
    assert rest.types[:3] == ["start", "tool-approval-response", "tool-output-available"]
    assert rest.chunks[0]["messageId"] == waiting.chunks[0]["messageId"]
    assert (rest.text, rest.finish["status"]) == ("Well then.", "completed")
    assert rest.finish["tokens"] == 30, "of both halves"
    assert await targets(database, creator) == [2000]
    tool = await stored_tool(creator)
    assert (tool["state"], tool["approval"]["approved"]) == ("output-available", True)
    tree = await load_tree(database, creator.user_id, "goals")
    assert tree.path == ["2,000!", "Let me set it.\n\nWell then."]
    assert tree.statuses == [("completed", None)]
    assert checkpoints(owner_url, run_of(waiting)) == 0
    assert (await model.stats())["started"] == 2, "what was said before is not asked again"


async def test_the_events_of_a_run_go_on_in_one_sequence(
    creator: Creator, waiting: AnswerStream
) -> None:
    rest = await resume(creator, run_of(waiting), APPROVE)
    numbers = [int(each.split(":")[1]) for each in (*waiting.ids, *rest.ids)]
    assert numbers == list(range(1, len(numbers) + 1))
    async with returning(creator, "goals", after=waiting.ids[-1]) as again:
        await again.read_all()
    assert again.chunks == rest.chunks


async def test_a_declined_goal_is_not_set_and_the_agent_is_told_why(
    creator: Creator, waiting: AnswerStream, model: ScriptedModel, database: Database
) -> None:
    decision = {"id": "call_1", "type": "reject", "reason": "Too much."}
    rest = await resume(creator, run_of(waiting), decision)
    assert rest.types[:3] == ["start", "tool-approval-response", "tool-output-denied"]
    told = (await model.heard())[-1]["content"]
    assert "declined" in told
    assert "Too much." in told
    assert await targets(database, creator) == []
    tool = await stored_tool(creator)
    assert (tool["state"], tool["approval"]["reason"]) == ("output-denied", "Too much.")


async def test_an_edited_goal_is_set_as_edited(
    creator: Creator, waiting: AnswerStream, database: Database
) -> None:
    edited = GOAL | {"target_value": 1500}
    await resume(creator, run_of(waiting), {"id": "call_1", "type": "edit", "input": edited})
    assert await targets(database, creator) == [1500]
    assert (await stored_tool(creator))["input"] == edited


@pytest.mark.parametrize(
    ("edited", "field"),
    [
        (GOAL | {"target_value": 1040}, "input.target_value"),
        (GOAL | {"due_date": "2020-01-01"}, "input.due_date"),
        (GOAL | {"user_id": "x"}, "input.user_id"),
        (GOAL | {"metric": "love"}, "input.metric"),
        (GOAL | {"account": "somebody"}, "input"),
        ({}, "input.metric"),
        (None, "input"),
    ],
    ids=["where it stands", "over", "of another user", "no metric", "no account", "{}", "nothing"],
)
async def test_an_edit_that_makes_no_sense_is_refused_and_can_be_made_again(
    creator: Creator,
    waiting: AnswerStream,
    database: Database,
    edited: dict[str, Any] | None,
    field: str,
) -> None:
    decision = {"id": "call_1", "type": "edit", "input": edited}
    with pytest.raises(Refused) as refused:
        await resume(creator, run_of(waiting), decision)
    assert (refused.value.status, refused.value.code) == (400, "invalid_edit")
    [error] = refused.value.problem["errors"]
    assert error["field"] == field
    assert await targets(database, creator) == []
    assert (await stored_tool(creator))["state"] == "approval-requested"
    decision["input"] = GOAL | {"target_value": 1500}
    rest = await resume(creator, run_of(waiting), decision)
    assert rest.finish["status"] == "completed"
    assert await targets(database, creator) == [1500]


async def test_an_edited_number_gives_the_goal_another_title(
    creator: Creator, waiting: AnswerStream
) -> None:
    edited = GOAL | {"target_value": 1500}
    await resume(creator, run_of(waiting), {"id": "call_1", "type": "edit", "input": edited})
    [goal] = (await creator.get("/api/goals")).json()["items"]
    assert goal["title"] == "1,500 followers on Instagram"


async def test_an_edited_change_is_of_the_same_goal(
    creator: Creator, model: ScriptedModel, database: Database
) -> None:
    body = {"metric": "followers", "platform": "instagram", "target_value": 3000}
    goal = (await creator.post("/api/goals", json=body)).json()
    wanted = {"goal_id": goal["id"], "target_value": 4000}
    await model.follow(says(calls("update_goal", wanted)), says("Changed."))
    waiting = await ask_for_goal(creator)
    [request] = waiting.of_type("tool-approval-request")
    assert request["approvalDescriptor"]["input"] == {"target_value": 4000}
    decision: Chunk = {"id": "call_1", "type": "edit"}
    for refusable in ({}, {"target_value": 5000, "goal_id": goal["id"]}, {"target_value": 1040}):
        with pytest.raises(Refused) as refused:
            await resume(creator, run_of(waiting), decision | {"input": refusable})
        assert refused.value.code == "invalid_edit"
    await resume(creator, run_of(waiting), decision | {"input": {"target_value": 5000}})
    assert await targets(database, creator) == [5000]


@pytest.mark.parametrize(
    "decisions",
    [
        [{"id": "call_2", "type": "approve"}],
        [APPROVE, {"id": "call_2", "type": "approve"}],
        [APPROVE, APPROVE],
    ],
    ids=["another", "one too many", "twice"],
)
async def test_decisions_have_to_be_about_what_is_asked(
    creator: Creator, waiting: AnswerStream, database: Database, decisions: list[Chunk]
) -> None:
    with pytest.raises(Refused) as refused:
        await resume(creator, run_of(waiting), *decisions)
    assert (refused.value.status, refused.value.code) == (400, "undecided")
    assert (await stored_tool(creator))["state"] == "approval-requested"
    await resume(creator, run_of(waiting), APPROVE)
    assert await targets(database, creator) == [2000]


async def test_approving_at_the_same_moment_sets_one_goal(
    creator: Creator, waiting: AnswerStream, database: Database
) -> None:
    answers: list[AnswerStream] = []

    async def approve() -> None:
        answers.append(await resume(creator, run_of(waiting), APPROVE))

    async with anyio.create_task_group() as hands:
        for _ in range(5):
            hands.start_soon(approve)
    assert [answer.text for answer in answers] == ["Well then."] * 5
    assert await targets(database, creator) == [2000]


async def test_another_decision_comes_too_late(
    creator: Creator, waiting: AnswerStream, database: Database
) -> None:
    await resume(creator, run_of(waiting), APPROVE)
    with pytest.raises(Refused) as refused:
        await resume(creator, run_of(waiting), {"id": "call_1", "type": "reject"})
    assert (refused.value.status, refused.value.code) == (409, "run_not_waiting")
    assert await targets(database, creator) == [2000]


async def test_several_approvals_are_decided_together(
    creator: Creator, model: ScriptedModel, database: Database
) -> None:
    asked = [calls("create_goal", GOAL | {"target_value": t}, f"c{t}") for t in (2000, 3000)]
    await model.follow(says(*asked, calls("list_connections", {}, "seen")), says("Done."))
    waiting = await ask_for_goal(creator)
    assert {each["approvalId"] for each in waiting.of_type("tool-approval-request")} == {
        "c2000", "c3000",
    }  # fmt: skip
    assert [each["toolCallId"] for each in waiting.of_type("tool-output-available")] == ["seen"]
    rest = await resume(
        creator,
        run_of(waiting),
        {"id": "c2000", "type": "reject"},
        {"id": "c3000", "type": "approve"},
    )
    assert await targets(database, creator) == [3000]
    assert [each["toolCallId"] for each in rest.of_type("tool-output-available")] == ["c3000"]
    told = [message["tool_call_id"] for message in (await model.heard())[2:]]
    assert sorted(told) == ["c2000", "c3000", "seen"]


# --- not deciding ---


async def test_a_new_message_rejects_what_is_open(
    creator: Creator,
    waiting: AnswerStream,
    model: ScriptedModel,
    database: Database,
    owner_url: str,
) -> None:
    await model.follow(says("Fine."), to="Never mind")
    answer = await ask(creator, "Never mind", id="goals", agent="goal_tracker")
    assert answer.text == "Fine."
    assert await targets(database, creator) == []
    tool = await stored_tool(creator)
    assert (tool["state"], tool["approval"]["approved"]) == ("output-denied", False)
    tree = await load_tree(database, creator.user_id, "goals")
    assert tree.path == ["2,000!", "Let me set it.", "Never mind", "Fine."]
    assert tree.statuses == [("stopped", None), ("completed", None)]
    told = next(message for message in await model.heard() if message["role"] == "tool")
    assert told["content"].startswith("Not approved")
    with pytest.raises(Refused) as refused:
        await resume(creator, run_of(waiting), APPROVE)
    assert refused.value.code == "run_not_waiting"
    assert await targets(database, creator) == []
    assert checkpoints(owner_url, run_of(waiting)) == 0


async def test_stopping_a_waiting_run_rejects_what_is_open(
    creator: Creator, waiting: AnswerStream, database: Database, owner_url: str
) -> None:
    stopped = await creator.post("/api/chat/goals/stop")
    assert stopped.json() == {"run_id": run_of(waiting)}
    assert (await stored_tool(creator))["state"] == "output-denied"
    tree = await load_tree(database, creator.user_id, "goals")
    assert tree.statuses == [("stopped", None)]
    assert checkpoints(owner_url, run_of(waiting)) == 0


async def test_stopping_a_run_at_the_moment_of_approval_stops_it_or_comes_first(
    creator: Creator, waiting: AnswerStream, database: Database, owner_url: str
) -> None:
    with psycopg.connect(owner_url.replace("+psycopg", "")) as owner:
        owner.execute("SELECT FROM runs WHERE id = %s FOR UPDATE", [run_of(waiting)])
        approving = asyncio.create_task(resume(creator, run_of(waiting), APPROVE))
        await eventually(partial(is_awaited, owner_url, 1))
        stopping = asyncio.create_task(creator.post("/api/chat/goals/stop"))
        await eventually(partial(is_awaited, owner_url, 2))
    assert (await stopping).json() == {"run_id": run_of(waiting)}
    rest = await approving
    assert rest.of_type("error") == []
    assert rest.finish["status"] in ("stopped", "completed")  # as it was told to, or before
    tree = await load_tree(database, creator.user_id, "goals")
    assert tree.statuses == [(rest.finish["status"], None)]
    tool = await stored_tool(creator)
    assert tool["approval"]["approved"] is True
    if tool["state"] == "output-available":
        assert await targets(database, creator) == [2000]


async def is_awaited(owner_url: str, count: int) -> bool:
    """Tell whether so many wait for locks."""
    with psycopg.connect(owner_url.replace("+psycopg", "")) as owner:
        query = "SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
        return owner.execute(query).rowcount >= count


async def test_who_has_approved_is_not_asked_again_when_the_database_was_away(
    creator: Creator, waiting: AnswerStream, database: Database, owner_url: str
) -> None:
    with psycopg.connect(owner_url.replace("+psycopg", "")) as owner:
        owner.execute("LOCK TABLE goals IN SHARE MODE")  # it can be read, not set
        approving = asyncio.create_task(resume(creator, run_of(waiting), APPROVE))
        await eventually(partial(is_awaited, owner_url, 1))
        owner.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
        )
    rest = await approving
    assert rest.of_type("tool-approval-request") == []
    assert rest.text == "Well then."
    assert await targets(database, creator) == [2000]


async def test_a_run_waits_across_a_restart(
    creator: Creator,
    waiting: AnswerStream,
    model: ScriptedModel,
    settings: Settings,
    database_url: str,
    database: Database,
) -> None:
    async with second_server(settings, database_url, creator) as client:
        rest = await resume(client, run_of(waiting), APPROVE)
        async with returning(client, "goals", after=rest.ids[0]) as again:
            await again.read_all()
    async with returning(creator, "goals", after=waiting.ids[-1]) as here:
        assert (await here.read_all()).chunks == rest.chunks
    repeated = await resume(creator, run_of(waiting), APPROVE)
    assert repeated.chunks == rest.chunks
    numbers = [int(event_id.partition(":")[2]) for event_id in waiting.ids + rest.ids]
    assert numbers == list(range(1, len(numbers) + 1))
    assert (rest.text, rest.finish["status"]) == ("Well then.", "completed")
    assert again.chunks == rest.chunks[1:]
    assert await targets(database, creator) == [2000]
    assert (await model.stats())["started"] == 2
