"""`auto`: each turn goes to the agent it is for, and the creator is told to whom."""

import datetime as dt
from typing import Any

import pytest

from core.settings import Settings
from storage.database import Database
from tests.conftest import Creator
from tests.e2e.scripted_model import ScriptedModel, calls, fails, says
from tests.e2e.streams import AnswerStream, ask, resume
from tests.e2e.trees import load_tree

TODAY = dt.datetime.now(dt.UTC).date()


@pytest.fixture
def settings(settings: Settings, model: ScriptedModel) -> Settings:
    return model.answers(settings)


async def route_to(model: ScriptedModel, choice: Any) -> None:
    call = calls("choose_agent", {"agent": choice})
    await model.follow(says(call, tokens=7), to="tool choose_agent")


def named(answer: AnswerStream) -> list[str]:
    """Return the agents that the stream names, in order."""
    chunks = answer.of_type("message-metadata")
    return [chunk["messageMetadata"]["agent"] for chunk in chunks]


async def offered(model: ScriptedModel) -> set[str]:
    """Return the tools of the last model call."""
    return {tool["function"]["name"] for tool in (await model.requests())[-1]["tools"]}


@pytest.mark.parametrize(
    ("agent", "tool"),
    [
        ("career", "growth_summary"),
        ("content_strategist", "top_content"),
        ("goal_tracker", "create_goal"),
        ("planner", "best_times"),
    ],
)
async def test_a_turn_goes_to_the_agent_that_the_router_chose(
    creator: Creator, model: ScriptedModel, database: Database, agent: str, tool: str
) -> None:
    await route_to(model, agent)
    await model.follow(says("Here I am."))
    answer = await ask(creator, "Hi", id="c", agent="auto")
    assert (answer.text, named(answer)) == ("Here I am.", [agent])
    assert answer.finish["tokens"] == 7 + 15
    assert tool in await offered(model)
    messages = (await creator.get("/api/conversations/c")).json()["messages"]
    assert messages[-1]["metadata"]["agent"] == agent
    tree = await load_tree(database, creator.user_id, "c")
    assert [run.agent for run in tree.runs] == ["auto"]


async def test_what_the_router_says_is_not_streamed(creator: Creator, model: ScriptedModel) -> None:
    chatty = says("To the planner!", calls("choose_agent", {"agent": "planner"}))
    await model.follow(chatty, to="tool choose_agent")
    await model.follow(says("A plan."))
    answer = await ask(creator, "Plan", agent="auto")
    assert answer.text == "A plan."
    assert answer.of_type("tool-input-start") == []


@pytest.mark.parametrize("choice", ["nobody", None, 3, "auto", "goal_tracker; career"])
async def test_a_choice_that_makes_no_sense_stays_with_who_answered_before(
    creator: Creator, model: ScriptedModel, choice: Any
) -> None:
    await model.follow(says("Hello."))
    await route_to(model, "planner")
    await ask(creator, "Plan", id="c", agent="auto")
    await route_to(model, choice)
    assert named(await ask(creator, "And?", id="c", agent="auto")) == ["planner"]
    assert named(await ask(creator, "Hi", id="new", agent="auto")) == ["career"]


async def test_a_router_that_only_talks_leaves_it_with_the_first_agent(
    creator: Creator, model: ScriptedModel
) -> None:
    await model.follow(says("I think the planner."), to="tool choose_agent")
    await model.follow(says("Hello."))
    assert named(await ask(creator, "Hi", agent="auto")) == ["career"]


async def test_the_router_reads_who_answered_before_and_no_tool_results(
    creator: Creator, model: ScriptedModel
) -> None:
    await route_to(model, "career")
    await model.follow(says("A look.", calls("list_connections")), says("None."))
    await ask(creator, "Which?", id="c", agent="auto")
    await ask(creator, "And now?", id="c", agent="auto")
    routing = [r for r in await model.requests() if r.get("tool_choice")][-1]["messages"]
    assert "The last answer came from: career." in routing[0]["content"]
    assert [message["content"] for message in routing[1:]] == [
        "Which?", "A look.", "None.", "And now?",
    ]  # fmt: skip


async def test_a_question_is_kept_when_it_cannot_be_routed(
    creator: Creator, model: ScriptedModel
) -> None:
    await model.follow(fails(500), to="tool choose_agent")
    await model.follow(says("Hello."))
    failed = await ask(creator, "Hi", id="c", agent="auto")
    assert failed.of_type("error")[0]["code"] == "model_failed"
    await route_to(model, "career")
    again = await ask(creator, None, id="c", trigger="regenerate-message", agent="auto")
    assert again.text == "Hello."


async def test_a_routed_turn_can_wait_for_an_approval(
    creator: Creator, model: ScriptedModel
) -> None:
    numbers = f"platform,account,date,metric,value\ninstagram,luna,{TODAY},followers,1000\n"
    await creator.post("/api/metrics/import", content=numbers, headers={"Content-Type": "text/csv"})
    await route_to(model, "goal_tracker")
    goal = {"metric": "followers", "target_value": 2000, "platform": "instagram"}
    await model.follow(says(calls("create_goal", goal)), says("Done."))
    waiting = await ask(creator, "2,000!", agent="auto")
    assert waiting.finish["status"] == "waiting"
    run = waiting.response.headers["X-Run-Id"]
    rest = await resume(creator, run, {"id": "call_1", "type": "approve"})
    assert (rest.text, rest.finish["status"]) == ("Done.", "completed")
    assert rest.chunks[0]["messageMetadata"]["agent"] == "goal_tracker"
    assert (await model.stats())["started"] == 3, "the turn is routed once"


async def test_an_unknown_agent_is_refused(creator: Creator) -> None:
    refused = await creator.post("/api/chat", json={"message": "Hi", "agent": "nobody"})
    assert (refused.status_code, refused.json()["code"]) == (400, "unknown_agent")
    assert refused.json()["agents"] == [
        "auto", "career", "content_strategist", "goal_tracker", "planner",
    ]  # fmt: skip
