"""Insights from the numbers to the row: found, written, grounded, and kept once."""

import asyncio
import datetime as dt
import json
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import replace
from typing import Any

import pytest
from langchain_core.messages import AIMessage, BaseMessage
from langchain_core.outputs import ChatGeneration, ChatResult
from pydantic import Field
from sqlalchemy import func, select, update

from agents.offline.model import OfflineChatModel
from core.settings import Settings
from domain.demo import DEMO_EMAIL, seed_demo
from domain.jobs import create_job
from graph.insights import Morning, generate_insights
from graph.suite import Suite, open_suite
from jobs.execution import execute
from jobs.insights import HANDLER, INSIGHTS, InsightsInput
from storage.jobs import get_job
from storage.models import Insight, Job, JobStatus, PlatformConnection, User, new_id
from storage.users import find_user
from tests.conftest import Postgres, create_user
from tools.context import RunContext
from tools.insights import list_insights

TODAY = dt.date(2026, 11, 21)
NOW = dt.datetime(2026, 11, 21, 5, 10, tzinfo=dt.UTC)
WEEK_AGO = TODAY - dt.timedelta(days=7)


@pytest.fixture(scope="module")
def database_name(postgres: Postgres) -> Iterator[str]:
    """Return a database that the module's tests share: the demo creator is in it."""
    with postgres.temporary_database() as name:
        yield name


@pytest.fixture
async def suite(settings: Settings, database_url: str) -> AsyncIterator[Suite]:
    async with open_suite(settings, database_url, clock=lambda: NOW) as suite:
        yield suite


@pytest.fixture
async def demo(suite: Suite) -> User:
    """Return the demo creator, who has been told nothing yet."""
    await seed_demo(suite.database, lambda: NOW)
    async with suite.database.service_session() as session:
        user = await find_user(session, DEMO_EMAIL)
    assert user
    async with suite.database.user_session(user.id) as session:
        for insight in await session.scalars(select(Insight)):
            await session.delete(insight)
    return user


async def stored(suite: Suite, user: User) -> Sequence[Insight]:
    async with suite.database.user_session(user.id) as session:
        return (await session.scalars(select(Insight).order_by(Insight.id))).all()


class ScriptedModel(OfflineChatModel):
    """The offline model, whose entries a test spoils before they are handed in."""

    spoil: Any = None
    asked: list[dict[str, Any]] = Field(default_factory=list)

    async def _agenerate(
        self, messages: list[BaseMessage], *args: Any, **kwargs: Any
    ) -> ChatResult:
        self.asked.append(json.loads(messages[1].text.splitlines()[-1]))
        reply = self._generate(messages, **kwargs).generations[0].message
        assert isinstance(reply, AIMessage)
        [call] = reply.tool_calls
        for entry in call["args"]["insights"]:
            self.spoil(entry, len(self.asked))
        return ChatResult(generations=[ChatGeneration(message=reply)])


def with_model(suite: Suite, spoil: Any) -> tuple[Suite, ScriptedModel]:
    chat = ScriptedModel(spoil=spoil)
    return replace(suite, model=replace(suite.model, chat=chat)), chat


# --- what is told ---


async def test_the_demo_creators_goals_are_told_in_words_with_sources(
    suite: Suite, demo: User
) -> None:
    morning = await generate_insights(suite, demo.id, TODAY)
    assert 1 <= len(morning.insights) <= 5
    assert morning.dropped == []
    findings = {insight.finding.partition(":")[0] for insight in morning.insights}
    assert "goal_pace" in findings
    assert "best_time" in findings or "best_format" in findings or "drop" in findings
    for insight in morning.insights:
        assert insight.local_date == TODAY
        assert insight.generated_at == NOW
        assert insight.expires_at
        assert insight.expires_at > NOW
        assert insight.grounding
        assert insight.grounding["status"] != "ungrounded"
        assert insight.data_sources
        assert "{" not in insight.title + insight.message
        assert all("{" not in item["text"] for item in insight.action_items)


async def test_an_agent_tells_its_own_subjects_only(suite: Suite, demo: User) -> None:
    goals = await suite.analyze(demo.id, "goal_tracker")
    assert {insight.type for insight in goals.insights} == {"goal"}
    everything = await suite.analyze(demo.id)
    assert {row.id for row in goals.insights} <= {row.id for row in everything.insights}
    assert len(everything.insights) > len(goals.insights)


async def test_a_creator_without_numbers_is_told_nothing_and_no_model_is_asked(
    suite: Suite,
) -> None:
    user = await create_user(suite.database)
    asking, chat = with_model(suite, lambda entry, turn: None)
    morning = await generate_insights(asking, user.id, TODAY)
    assert (morning.insights, chat.asked) == ([], [])


# --- once ---


async def test_the_same_morning_twice_is_one_morning(suite: Suite, demo: User) -> None:
    first = await generate_insights(suite, demo.id, TODAY)
    second = await generate_insights(suite, demo.id, TODAY)
    assert [row.id for row in second.insights] == [row.id for row in first.insights]
    assert second.kept == ()


async def test_the_next_morning_tells_nothing_again(suite: Suite, demo: User) -> None:
    first = await generate_insights(suite, demo.id, TODAY)
    told = {row.finding for row in first.insights}
    tomorrow = await generate_insights(suite, demo.id, TODAY + dt.timedelta(days=1))
    assert told.isdisjoint(row.finding for row in tomorrow.insights)


async def test_a_dismissed_insight_is_not_told_again(suite: Suite, demo: User) -> None:
    first = await generate_insights(suite, demo.id, TODAY)
    async with suite.database.user_session(demo.id) as session:
        await session.execute(update(Insight).values(is_dismissed=True))
    again = await generate_insights(suite, demo.id, TODAY)
    assert [row.id for row in again.insights] == [row.id for row in first.insights]


async def test_eight_at_once_keep_each_insight_once(suite: Suite, demo: User) -> None:
    written = asyncio.Barrier(8)

    class Meeting(OfflineChatModel):
        """Waits until all have written, so that all want to keep the same."""

        async def _agenerate(
            self, messages: list[BaseMessage], *args: Any, **kwargs: Any
        ) -> ChatResult:
            await written.wait()
            return self._generate(messages, **kwargs)

    meeting = replace(suite, model=replace(suite.model, chat=Meeting()))
    mornings: list[Morning] = await asyncio.gather(
        *(generate_insights(meeting, demo.id, TODAY) for _ in range(8))
    )
    rows = await stored(suite, demo)
    assert 1 <= len(rows) <= 5
    assert len({row.finding for row in rows}) == len(rows)
    assert sum(len(morning.kept) for morning in mornings) == len(rows)
    assert all(
        [row.id for row in morning.insights] == [row.id for row in rows] for morning in mornings
    )


# --- grounding ---


async def test_a_number_without_a_source_is_written_again(suite: Suite, demo: User) -> None:
    def spoil(entry: dict[str, Any], turn: int) -> None:
        if turn == 1 and entry["finding"] == 1:
            entry["message"] = "You gained 987,654 followers."

    asking, chat = with_model(suite, spoil)
    morning = await generate_insights(asking, demo.id, TODAY)
    assert morning.rewritten == 1
    assert morning.dropped == []
    [first, second] = chat.asked
    assert [finding["number"] for finding in second["findings"]] == [1]
    assert "987,654" in second["faults"]["1"][0]
    assert second["written"][0]["message"] == "You gained 987,654 followers."
    assert len(morning.kept) == len(first["findings"])


@pytest.mark.parametrize(
    ("field", "text"),
    [
        ("title", "987,654 more"),
        ("message", "It is {{f99}}."),
        ("action_items", ["Post 987,654 reels."]),
    ],
)
async def test_what_stays_without_a_source_is_dropped_and_counted(
    suite: Suite, demo: User, field: str, text: str | list[str]
) -> None:
    def spoil(entry: dict[str, Any], turn: int) -> None:
        if entry["finding"] == 1:
            entry[field] = text

    asking, chat = with_model(suite, spoil)
    morning = await generate_insights(asking, demo.id, TODAY)
    assert (len(chat.asked), morning.rewritten, len(morning.dropped)) == (2, 1, 1)
    kept = {row.finding for row in await stored(suite, demo)}
    assert kept == set(morning.kept)
    assert kept.isdisjoint(morning.dropped)


async def test_a_priority_outside_of_the_rule_is_not_taken(suite: Suite, demo: User) -> None:
    def spoil(entry: dict[str, Any], turn: int) -> None:
        entry["priority"] = "urgent"

    asking, _ = with_model(suite, spoil)
    morning = await generate_insights(asking, demo.id, TODAY)
    assert morning.insights
    assert all(insight.priority != "urgent" for insight in morning.insights)


# --- jobs and tools ---


async def test_a_job_makes_the_insights_of_its_day(suite: Suite, demo: User) -> None:
    async with suite.database.user_session(demo.id) as session:
        job = await create_job(
            session, demo.id, INSIGHTS, InsightsInput(date=WEEK_AGO), job_id=new_id(),
            timezone="UTC", now=NOW,
        )  # fmt: skip
    await execute(suite, {INSIGHTS.name: HANDLER}, job.id, "w1")
    async with suite.database.user_session(demo.id) as session:
        done: Job = await get_job(session, job.id)
    assert done.status == JobStatus.COMPLETED
    rows = await stored(suite, demo)
    assert done.result == {
        "date": str(WEEK_AGO), "insights": [str(row.id) for row in rows],
        "rewritten": 0, "dropped": 0,
    }  # fmt: skip
    assert {row.local_date for row in rows} == {WEEK_AGO}


async def test_a_stale_account_is_told_and_is_no_ones_else(suite: Suite, demo: User) -> None:
    async with suite.database.user_session(demo.id) as session:
        account = await session.scalar(select(PlatformConnection.id).limit(1))
        await session.execute(
            update(PlatformConnection)
            .where(PlatformConnection.id == account)
            .values(status="needs_reconnect")
        )
    try:
        morning = await generate_insights(suite, demo.id, TODAY)
    finally:
        async with suite.database.user_session(demo.id) as session:
            await session.execute(update(PlatformConnection).values(status="active"))
    [told] = [row for row in morning.insights if row.finding.startswith("connection:")]
    assert told.title.startswith("Connect ")
    assert told.priority == "urgent"
    async with suite.database.user_session(new_id()) as session:
        assert await session.scalar(select(func.count()).select_from(Insight)) == 0


async def test_the_career_agents_tool_lists_them_with_figures_of_the_run(
    suite: Suite, demo: User
) -> None:
    morning = await generate_insights(suite, demo.id, TODAY)
    context = RunContext(
        user_id=demo.id, database=suite.database, today=TODAY, timezone="UTC", locale="en"
    )
    runtime = type("Runtime", (), {"context": context})()
    coroutine = list_insights.coroutine  # type: ignore[attr-defined]  # of a StructuredTool
    _, result = await coroutine(runtime)
    assert [row["title"] for row in result.rows] == [
        insight.title for insight in reversed(morning.insights)
    ]
    assert len(result.figures) == sum(len(row.data_sources) for row in morning.insights)
    assert [figure.id for figure in context.figures.figures] == [
        name for row in result.rows for name in row["figures"]
    ]
