"""The plan tools as a graph calls them: approval first, one job each, and rules that are told."""

import datetime as dt
from typing import Any
from uuid import UUID, uuid4

import pytest
from langchain_core.messages import AIMessage, ToolMessage
from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.graph import START, MessagesState, StateGraph
from langgraph.graph.state import CompiledStateGraph
from langgraph.prebuilt import ToolNode
from langgraph.types import Command

from agents.plans.catalog import plan_kinds
from core.errors import FinalToolError, RetryableToolError
from domain.plans.stored import create_plan
from storage.database import Database
from storage.jobs import list_jobs
from storage.models import Job, JobStatus, PlatformConnection, new_id
from tests.conftest import create_user
from tests.unit.plans.test_rules import plan as sample
from tools import plans
from tools.context import RunContext
from tools.results import ToolResult

NOW = dt.datetime(2026, 11, 21, 12, tzinfo=dt.UTC)
WANTED: dict[str, Any] = {
    "kind": "content_calendar",
    "goal": "more followers",
    "platforms": ["instagram"],
    "posts_per_week": 4,
    "start": "2026-12-01",
    "end": "2026-12-31",
}
ONBOARDING: dict[str, Any] = {
    **{name: WANTED[name] for name in ("goal", "platforms", "posts_per_week", "start")},
    "kind": "onboarding",
    "niche": "indie folk",
    "hours_per_week": 5,
}


class Agent:
    """A graph of the plan tools alone; each turn is a thread and a run of its own."""

    def __init__(self, database: Database, user_id: UUID) -> None:
        self.database = database
        self.user_id = user_id
        tools = [plans.create_plan_job, plans.get_job_status, plans.get_plan, plans.revise_plan]
        graph = StateGraph(MessagesState, context_schema=RunContext)
        graph.add_node("tools", ToolNode(tools, handle_tool_errors=False))
        graph.add_edge(START, "tools")
        self.graph: CompiledStateGraph[Any, RunContext, Any, Any] = graph.compile(
            checkpointer=InMemorySaver()
        )
        self.context = self.new_context()

    def new_context(self, question: str = "") -> RunContext:
        return RunContext(
            user_id=self.user_id,
            database=self.database,
            today=NOW.date(),
            timezone="UTC",
            locale="en",
            question=question,
            clock=lambda: NOW,
            plan_kinds=plan_kinds(),
        )

    async def call(self, tool: str, *, question: str = "", **args: Any) -> dict[str, Any]:
        self.context = self.new_context(question)
        call = {"name": tool, "args": args, "id": "call_1"}
        return await self._go({"messages": [AIMessage(content="", tool_calls=[call])]})

    async def ask(self, **args: Any) -> dict[str, Any]:
        """Ask for a plan, which waits for approval; return what is asked."""
        (question,) = (await self.call("create_plan_job", **args))["__interrupt__"]
        value: dict[str, Any] = question.value
        return value

    async def decide(self, **decision: Any) -> ToolResult:
        return result_of(await self._go(Command(resume={"id": "call_1", **decision})))

    async def result(self, tool: str, **args: Any) -> ToolResult:
        return result_of(await self.call(tool, **args))

    async def jobs(self) -> list[Job]:
        async with self.database.user_session(self.user_id) as session:
            return list(await list_jobs(session, limit=10))

    async def add_plan(self, **fields: Any) -> str:
        """Store a plan as its job does when it ends."""
        plan_id = new_id()
        job = Job(
            id=new_id(), user_id=self.user_id, kind="content_calendar", input={}, attempt_limit=1,
            status=JobStatus.COMPLETED, progress=100, result={"plan_id": str(plan_id)},
        )  # fmt: skip
        async with self.database.user_session(self.user_id) as session:
            session.add(job)
            await session.flush()
            plan = sample(**fields)
            await create_plan(session, self.user_id, job.id, plan, plan_id=plan_id)
        return str(plan_id)

    async def _go(self, given: Any) -> dict[str, Any]:
        config: RunnableConfig = {"configurable": {"thread_id": str(self.context.run_id)}}
        state: dict[str, Any] = await self.graph.ainvoke(given, config, context=self.context)
        return state


def result_of(state: dict[str, Any]) -> ToolResult:
    answer = state["messages"][-1]
    assert isinstance(answer, ToolMessage)
    assert isinstance(answer.artifact, ToolResult)
    assert answer.content == answer.artifact.content()
    return answer.artifact


async def new_agent(database: Database, *platforms: str) -> Agent:
    user = await create_user(database)
    async with database.user_session(user.id) as session:
        session.add_all(
            PlatformConnection(
                user_id=user.id, platform=name, platform_account=name, username="m", source="import"
            )
            for name in platforms
        )
    return Agent(database, user.id)


@pytest.fixture
async def agent(database: Database) -> Agent:
    return await new_agent(database, "instagram")


# --- made ---


async def test_a_plan_is_not_asked_for_before_the_creator_approves(agent: Agent) -> None:
    asked = await agent.ask(**WANTED)
    assert asked["title"] == (
        "Make a content calendar for 2026-12-01 to 2026-12-31, 4 a week on Instagram? "
        "It is one of your 2 plans of the day."
    )
    assert asked["input"] == WANTED
    assert await agent.jobs() == []
    result = await agent.decide(type="approve")
    [job] = await agent.jobs()
    assert (job.kind, job.status) == ("content_calendar", "queued")
    assert job.input == {name: value for name, value in WANTED.items() if name != "kind"}
    [row] = result.rows
    assert (row["job_id"], row["status"], row["progress"]) == (str(job.id), "queued", 0)
    assert row["title"] == "Content calendar"


async def test_an_approval_that_is_heard_twice_makes_one_job(agent: Agent) -> None:
    await agent.ask(**WANTED)
    first = await agent.decide(type="approve")
    call = {"name": "create_plan_job", "args": WANTED, "id": "call_1"}
    again = result_of(await agent._go({"messages": [AIMessage(content="", tool_calls=[call])]}))  # noqa: SLF001  # the same run once more
    assert again.rows[0]["job_id"] == first.rows[0]["job_id"]
    assert len(await agent.jobs()) == 1


async def test_a_declined_plan_is_not_made(agent: Agent) -> None:
    await agent.ask(**WANTED)
    with pytest.raises(FinalToolError, match="declined"):
        await agent.decide(type="reject")
    assert await agent.jobs() == []


async def test_an_edited_plan_is_made_as_edited_and_checked_again(agent: Agent) -> None:
    await agent.ask(**WANTED)
    await agent.decide(type="edit", input=WANTED | {"posts_per_week": 2})
    assert (await agent.jobs())[0].input["posts_per_week"] == 2
    await agent.ask(**WANTED)
    with pytest.raises(RetryableToolError, match="posts_per_week"):
        await agent.decide(type="edit", input=WANTED | {"posts_per_week": 0})
    assert len(await agent.jobs()) == 1


async def test_an_onboarding_plan_needs_its_form(agent: Agent) -> None:
    with pytest.raises(RetryableToolError, match=r"^niche: "):
        await agent.call("create_plan_job", **{**ONBOARDING, "niche": None})
    await agent.ask(**ONBOARDING)
    await agent.decide(type="approve")
    assert (await agent.jobs())[0].input["weeks"] == 4


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"end": "2026-11-30"}, "end: "),
        ({"end": "2027-06-30"}, "end: "),
        ({"end": None}, "end: "),
        ({"posts_per_week": 0}, "posts_per_week: "),
        ({"platforms": []}, "platforms: "),
        ({"platforms": ["youtube"]}, "platforms: youtube is not connected"),
        ({"kind": "world_domination"}, "kind: choose one of"),
        ({"niche": "folk"}, "niche: "),
    ],
)
async def test_what_cannot_be_planned_is_told_by_its_field_before_anybody_is_asked(
    agent: Agent, changes: dict[str, Any], told: str
) -> None:
    with pytest.raises(RetryableToolError) as error:
        await agent.call("create_plan_job", **WANTED | changes)
    assert told in str(error.value)
    assert await agent.jobs() == []


async def test_a_used_up_day_is_told_before_anybody_is_asked(agent: Agent) -> None:
    for _ in range(2):
        await agent.ask(**WANTED)
        await agent.decide(type="approve")
    with pytest.raises(FinalToolError, match="All 2 plans of your day are used"):
        await agent.call("create_plan_job", **WANTED)
    assert len(await agent.jobs()) == 2


# --- followed ---


async def test_the_newest_plan_job_is_told(agent: Agent) -> None:
    assert (await agent.result("get_job_status")).notes == [plans.NO_JOB]
    await agent.ask(**WANTED)
    await agent.decide(type="approve")
    result = await agent.result("get_job_status")
    assert result.rows[0]["job_id"] == str((await agent.jobs())[0].id)
    [progress] = result.figures
    assert (progress.value, progress.unit) == (0, "percent")


async def test_a_finished_job_names_its_plans_newest_version(agent: Agent) -> None:
    plan_id = await agent.add_plan()
    assert (await agent.result("get_job_status")).rows[0]["plan_id"] == plan_id
    rename = {"do": "rename", "title": "Mine"}
    revised = (await agent.result("revise_plan", changes=[rename])).rows[0]["plan_id"]
    row = (await agent.result("get_job_status")).rows[0]
    assert (row["plan_id"], row["plan_title"]) == (revised, "Mine")


async def test_nothing_of_another_creator_is_told(agent: Agent, database: Database) -> None:
    plan_id = await agent.add_plan()
    [job] = await agent.jobs()
    other = await new_agent(database)
    with pytest.raises(RetryableToolError, match="no such job"):
        await other.call("get_job_status", job_id=str(job.id))
    with pytest.raises(RetryableToolError, match="no such plan"):
        await other.call("get_plan", plan_id=plan_id)
    rename = [{"do": "rename", "title": "x"}]
    with pytest.raises(RetryableToolError, match="no such plan"):
        await other.call("revise_plan", plan_id=plan_id, changes=rename)
    assert (await other.result("get_plan")).notes == [plans.NO_PLAN]


# --- changed ---


async def test_a_plan_is_read_with_its_posts(agent: Agent) -> None:
    await agent.add_plan()
    head, first, second = (await agent.result("get_plan")).rows
    assert (head["plan_title"], head["version"]) == ("A week", 1)
    assert (first["date"], first["weekday"], first["week"], first["time"]) == (
        "2026-12-08", "Tuesday", 1, "18:00",
    )  # fmt: skip
    assert second["hook"] == "Ask me anything"
    assert len((await agent.result("get_plan", start="2026-12-09")).rows) == 2


async def test_changes_make_one_new_version(agent: Agent) -> None:
    plan_id = await agent.add_plan()
    move = {"do": "move_post", "post": {"date": "2026-12-08"}, "to_date": "2026-12-12"}
    result = await agent.result("revise_plan", changes=[move, {"do": "rename", "title": "Mine"}])
    [row] = result.rows
    assert (row["version"], row["plan_title"]) == (2, "Mine")
    assert len(row["changes"]) == 2
    with pytest.raises(RetryableToolError, match=f"It is {row['plan_id']}"):
        await agent.call("revise_plan", plan_id=plan_id, changes=[move])


async def test_a_change_that_is_called_twice_is_made_once(agent: Agent) -> None:
    await agent.add_plan()
    changes = [{"do": "shift_plan", "days": 7}]
    first = await agent.result("revise_plan", changes=changes)
    call = {"name": "revise_plan", "args": {"changes": changes}, "id": "call_1"}
    again = result_of(await agent._go({"messages": [AIMessage(content="", tool_calls=[call])]}))  # noqa: SLF001  # the same run once more
    assert again.rows[0]["plan_id"] == first.rows[0]["plan_id"]
    assert (await agent.result("get_plan")).rows[0]["version"] == 2


async def test_what_breaks_a_rule_comes_back_with_its_fault_and_changes_nothing(
    agent: Agent,
) -> None:
    await agent.add_plan()
    write = {"do": "rewrite_post", "post": {"date": "2026-12-08"}, "hook": "7 tips"}
    with pytest.raises(RetryableToolError, match="“7” has no source"):
        await agent.call("revise_plan", changes=[write])
    assert (await agent.result("get_plan")).rows[0]["version"] == 1
    result = await agent.result("revise_plan", changes=[write], question="Call it 7 tips")
    assert result.rows[0]["version"] == 2


async def test_a_plan_that_is_not_there_is_told(agent: Agent) -> None:
    change = [{"do": "rename", "title": "x"}]
    with pytest.raises(RetryableToolError, match="no plan yet"):
        await agent.call("revise_plan", changes=change)
    with pytest.raises(RetryableToolError, match="no such plan"):
        await agent.call("revise_plan", plan_id=str(uuid4()), changes=change)
