"""The goal tools as a graph calls them: what they return, and that approval comes first."""

import datetime as dt
from collections.abc import Sequence
from io import BytesIO
from typing import Any
from uuid import UUID

import pytest
from langchain_core.messages import AIMessage, ToolMessage
from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.graph import START, MessagesState, StateGraph
from langgraph.graph.state import CompiledStateGraph
from langgraph.prebuilt import ToolNode
from langgraph.types import Command

from core.errors import FinalToolError, RetryableToolError
from domain.figures import Figure
from domain.imports import ImportFile, import_file
from storage.database import Database
from storage.goals import list_goals as stored_goals
from storage.models import Goal
from tests.conftest import create_user
from tools import goals
from tools.context import RunContext
from tools.results import ToolResult

TODAY = dt.date(2026, 4, 10)
DUE = dt.date(2026, 5, 10)
WANTED = {"metric": "followers", "target_value": 2000, "platform": "instagram"}


class Agent:
    """A graph of the goal tools alone; each turn is a thread and a run of its own."""

    def __init__(self, database: Database, user_id: UUID) -> None:
        self.database = database
        self.user_id = user_id
        tools = [goals.list_goals, goals.goal_progress, goals.create_goal, goals.update_goal]
        graph = StateGraph(MessagesState, context_schema=RunContext)
        graph.add_node("tools", ToolNode(tools, handle_tool_errors=False))
        graph.add_edge(START, "tools")
        self.graph: CompiledStateGraph[Any, RunContext, Any, Any] = graph.compile(
            checkpointer=InMemorySaver()
        )
        self.context = self.new_context()

    def new_context(self) -> RunContext:
        return RunContext(
            user_id=self.user_id, database=self.database, today=TODAY, timezone="UTC", locale="en"
        )

    async def add(self, *rows: str) -> None:
        content = "\n".join(("platform,account,date,metric,value", *rows))
        file = ImportFile(BytesIO(content.encode()), today=TODAY, timezone="UTC")
        async with self.database.user_session(self.user_id) as session:
            await import_file(session, self.user_id, file)

    async def call(self, tool: str, **args: Any) -> dict[str, Any]:
        """Begin a run that calls a tool."""
        self.context = self.new_context()
        call = {"name": tool, "args": args, "id": "call_1"}
        return await self._go({"messages": [AIMessage(content="", tool_calls=[call])]})

    async def ask(self, tool: str, **args: Any) -> dict[str, Any]:
        """Begin a run that waits for approval; return what is asked."""
        state = await self.call(tool, **args)
        (question,) = state["__interrupt__"]
        value: dict[str, Any] = question.value
        return value

    async def decide(self, **decision: Any) -> ToolResult:
        state = await self._go(Command(resume={"id": "call_1", **decision}))
        return result_of(state)

    async def result(self, tool: str, **args: Any) -> ToolResult:
        return result_of(await self.call(tool, **args))

    async def set_goal(self, **named: Any) -> str:
        await self.ask("create_goal", **WANTED | named)
        result = await self.decide(type="approve")
        return str(result.rows[0]["id"])

    async def goals(self) -> Sequence[Goal]:
        async with self.database.user_session(self.user_id) as session:
            return await stored_goals(session)

    async def _go(self, given: Any) -> dict[str, Any]:
        config: RunnableConfig = {"configurable": {"thread_id": str(self.context.run_id)}}
        state: dict[str, Any] = await self.graph.ainvoke(given, config, context=self.context)
        return state


def result_of(state: dict[str, Any]) -> ToolResult:
    answer = state["messages"][-1]
    assert isinstance(answer, ToolMessage)
    result = answer.artifact
    assert isinstance(result, ToolResult)
    assert answer.content == result.content()
    return result


def values(figures: Sequence[Figure]) -> dict[str, float | None]:
    return {figure.label.split(" of “")[0]: figure.value for figure in figures}


async def new_agent(database: Database) -> Agent:
    user = await create_user(database)
    return Agent(database, user.id)


@pytest.fixture
async def agent(database: Database) -> Agent:
    """Return an agent of a creator who wins 10 followers a day and has 1,000 today."""
    agent = await new_agent(database)
    days = [(TODAY - dt.timedelta(days=n), 1000 - 10 * n) for n in range(40)]
    await agent.add(*(f"instagram,ida,{day},followers,{level}" for day, level in days))
    return agent


# --- setting ---


async def test_what_is_asked_names_all_that_would_be_stored(agent: Agent) -> None:
    question = await agent.ask("create_goal", **WANTED, due_date=DUE.isoformat())
    title = "2,000 followers on Instagram"
    assert question == {
        "id": "call_1",
        "title": f"Set the goal “{title}” by {DUE.day} {DUE:%B %Y}?",
        "input": WANTED | {"due_date": DUE.isoformat()},
        "fields": goals.NewGoal.model_json_schema(),
    }
    assert await agent.goals() == []


async def test_an_approved_goal_is_told_with_its_figures(agent: Agent) -> None:
    await agent.ask("create_goal", **WANTED, due_date=DUE.isoformat())
    result = await agent.decide(type="approve")
    assert values(result.figures) == {
        "target": 2000,
        "start": 1000,
        "current value": 1000,
        "left to go": 1000,
        "progress": 0,
        "recent pace per day": 10,
        "needed pace per day": 33.3,
    }
    assert result.notes == ["the goal is set"]
    (row,) = result.rows
    assert row | {"id": None} == {
        "id": None,
        "title": "2,000 followers on Instagram",
        "metric": "followers",
        "platform": "instagram",
        "account": "ida",
        "status": "active",
        "start_date": TODAY,
        "due_date": DUE,
        "last_known_day": TODAY,
        "is_on_track": False,
        "expected_on": TODAY + dt.timedelta(days=100),
        "earliest_on": TODAY + dt.timedelta(days=100),
        "latest_on": TODAY + dt.timedelta(days=100),
        "figures": [figure.id for figure in result.figures],
        "milestones": [],
    }
    (goal,) = await agent.goals()
    assert goal.id == row["id"]


async def test_figures_have_sources(agent: Agent) -> None:
    goal_id = await agent.set_goal()
    result = await agent.result("goal_progress", goal_id=goal_id)
    figures = {figure.label.split(" of “")[0]: figure for figure in result.figures}
    current, pace = figures["current value"], figures["recent pace per day"]
    assert (current.start, current.end, current.observations) == (TODAY, TODAY, 1)
    assert (current.platform, current.account, current.status) == (
        "instagram",
        "ida",
        "preliminary",
    )
    assert (pace.start, pace.end) == (TODAY - dt.timedelta(days=27), TODAY)
    assert (pace.observations, pace.metric) == (28, "goal_pace_followers")
    assert figures["progress"].unit == "percent"
    assert figures["needed pace per day"].value is None


async def test_a_goal_that_is_edited_is_checked_again(agent: Agent) -> None:
    await agent.ask("create_goal", **WANTED)
    with pytest.raises(RetryableToolError, match="where it stands"):
        await agent.decide(type="edit", input=WANTED | {"target_value": 1000})
    await agent.ask("create_goal", **WANTED)
    with pytest.raises(RetryableToolError, match="target_value"):
        await agent.decide(type="edit", input=WANTED | {"target_value": "many"})
    assert await agent.goals() == []
    await agent.ask("create_goal", **WANTED)
    await agent.decide(type="edit", input=WANTED | {"target_value": 1500})
    assert [goal.target_value for goal in await agent.goals()] == [1500]


async def test_a_declined_goal_is_not_set(agent: Agent) -> None:
    await agent.ask("create_goal", **WANTED)
    with pytest.raises(FinalToolError, match="Too much"):
        await agent.decide(type="reject", reason="Too much.")
    assert await agent.goals() == []


async def test_a_goal_set_twice_in_one_call_is_one_goal(agent: Agent) -> None:
    await agent.ask("create_goal", **WANTED)
    await agent.decide(type="approve")
    # A process that ends before the checkpoint is written lets the tool run again.
    call = {"name": "create_goal", "args": WANTED, "id": "call_1"}
    message = AIMessage(content="", tool_calls=[call])
    config: RunnableConfig = {"configurable": {"thread_id": "again"}}
    state = await agent.graph.ainvoke({"messages": [message]}, config, context=agent.context)
    assert result_of(state).notes[0] == "the goal is set"
    assert len(await agent.goals()) == 1


async def test_what_makes_no_sense_is_told_to_the_model_before_anybody_is_asked(
    agent: Agent,
) -> None:
    with pytest.raises(RetryableToolError, match="where it stands"):
        await agent.call("create_goal", **WANTED | {"target_value": 1000})


async def test_a_start_that_is_not_of_today_is_named(agent: Agent) -> None:
    yesterday = TODAY - dt.timedelta(days=1)
    await agent.add(f"youtube,ida,{yesterday},followers,50")
    await agent.ask("create_goal", **WANTED | {"platform": "youtube"})
    result = await agent.decide(type="approve")
    assert f"it starts from the last known level, of {yesterday}" in result.notes


# --- changing ---


async def test_a_goal_is_changed_after_approval(agent: Agent) -> None:
    goal_id = await agent.set_goal()
    question = await agent.ask(
        "update_goal", goal_id=goal_id, target_value=3000, due_date=DUE.isoformat()
    )
    assert question["title"] == (
        f"Change the goal “2,000 followers on Instagram” to 3,000 followers, by"
        f" {DUE.day} {DUE:%B %Y}?"
    )
    assert question["input"] == {"target_value": 3000, "due_date": DUE.isoformat()}
    assert [goal.target_value for goal in await agent.goals()] == [2000]
    result = await agent.decide(type="approve")
    assert result.notes == ["the goal is changed"]
    (goal,) = await agent.goals()
    assert (goal.target_value, goal.due_date) == (3000, DUE)
    assert goal.title == result.rows[0]["title"] == "3,000 followers on Instagram"


async def test_a_goal_is_archived_after_approval(agent: Agent) -> None:
    goal_id = await agent.set_goal()
    question = await agent.ask("update_goal", goal_id=goal_id, status="archived")
    assert question["title"] == "Archive the goal “2,000 followers on Instagram”?"
    await agent.decide(type="approve")
    assert [goal.status for goal in await agent.goals()] == ["archived"]
    listed = await agent.result("list_goals", status="active")
    assert (listed.figures, listed.notes) == ([], ["there is no active goal"])


async def test_a_change_of_nothing_is_not_asked(agent: Agent) -> None:
    goal_id = await agent.set_goal()
    with pytest.raises(RetryableToolError, match="say what should change"):
        await agent.call("update_goal", goal_id=goal_id)


# --- following ---


async def test_progress_shows_the_milestones_that_were_reached(agent: Agent) -> None:
    goal_id = await agent.set_goal(target_value=1004)
    await agent.add(f"instagram,ida,{TODAY},followers,1002")
    result = await agent.result("goal_progress")
    (row,) = result.rows
    assert str(row["id"]) == goal_id
    found = {figure.id: figure for figure in result.figures}
    reached = [(found[m["figures"][0]].value, m["reached_on"]) for m in row["milestones"]]
    assert reached == [(25, TODAY), (50, TODAY)]


async def test_goals_are_listed_with_their_ids(agent: Agent) -> None:
    goal_id = await agent.set_goal()
    result = await agent.result("list_goals")
    assert [str(row["id"]) for row in result.rows] == [goal_id]
    assert [figure.label for figure in result.figures] == [
        "target of “2,000 followers on Instagram”"
    ]
    assert result.rows[0]["figures"] == [result.figures[0].id]


async def test_no_goals_are_no_figures(agent: Agent) -> None:
    assert (await agent.result("list_goals")).notes == ["there is no goal yet"]
    result = await agent.result("goal_progress", platform="youtube")
    assert result.notes == ["there is no active goal on YouTube"]


async def test_many_goals_are_told_in_part(agent: Agent) -> None:
    for target in range(2000, 2012):
        await agent.set_goal(target_value=target)
    result = await agent.result("goal_progress")
    assert len(result.rows) == 10
    assert result.notes == ["these are 10 of 12 goals; ask for others by goal_id"]


async def test_another_users_goal_is_not_found(agent: Agent) -> None:
    goal_id = await agent.set_goal()
    other = await new_agent(agent.database)
    for tool, args in (("goal_progress", {}), ("update_goal", {"status": "archived"})):
        with pytest.raises(RetryableToolError, match="There is no such goal"):
            await other.call(tool, goal_id=goal_id, **args)
    assert (await other.result("list_goals")).rows == []


async def test_the_notes_of_a_total_say_what_is_counted(agent: Agent) -> None:
    await agent.add(f"instagram,ida,{TODAY - dt.timedelta(days=1)},reach,70")
    await agent.ask("create_goal", metric="reach", target_value=500, platform="instagram")
    result = await agent.decide(type="approve")
    title = "500 reach on Instagram"
    assert result.notes == [
        "the goal is set",
        f"{title}: nothing is known of it yet",
        f"{title}: it is about all reach since {TODAY}",
        f"{title}: a person counts once per day, so people on two days count twice",
    ]
    assert values(result.figures)["current value"] is None
