"""Insights from the numbers to the row: found, written, grounded, and kept once."""

import asyncio
import datetime as dt
import re
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import replace
from typing import Any

import pytest
from langchain_core.messages import BaseMessage
from langchain_core.outputs import ChatResult
from sqlalchemy import func, select, update

from agents.offline.model import OfflineChatModel
from core.settings import Settings
from domain.demo import DEMO_EMAIL, seed_demo
from domain.jobs import create_job
from domain.references import ReferenceWriter
from graph.insights import Morning, generate_insights
from graph.local import LocalCreator
from graph.preparation import Asker
from graph.suite import Suite, open_suite
from jobs.execution import execute
from jobs.insights import HANDLER, INSIGHTS, InsightsInput
from storage import insights as insight_queries
from storage.jobs import get_job
from storage.models import Insight, Job, JobStatus, PlatformConnection, User, new_id
from storage.users import find_user
from tests.conftest import Postgres, create_user
from tests.insight_model import with_model
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
        return (await session.scalars(select(Insight).order_by(Insight.id.desc()))).all()


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


async def test_the_weightiest_insight_comes_first(suite: Suite, demo: User) -> None:
    morning = await generate_insights(suite, demo.id, TODAY)
    assert len(morning.kept) > 1
    assert [row.finding for row in morning.insights] == morning.kept
    async with suite.database.user_session(demo.id) as session:
        listed = await insight_queries.list_insights(session, limit=10, now=NOW)
    assert [row.finding for row in listed] == morning.kept


async def test_who_asks_in_the_chat_is_told_them_with_their_numbers(
    suite: Suite, demo: User
) -> None:
    morning = await generate_insights(suite, demo.id, TODAY)
    asker = Asker(user_id=demo.id, timezone=demo.timezone, locale="en", brand=None)
    creator = LocalCreator(suite=suite, asker=asker)
    answer = await creator.ask("What should I know this morning?")
    assert (answer.agent, [call["tool"] for call in answer.tool_calls]) == (
        "career",
        ["list_insights"],
    )
    assert answer.grounding
    assert answer.grounding["status"] == "grounded"
    for insight in morning.insights:
        assert insight.message in re.sub(r"\\(.)", r"\1", answer.text)
        more = await creator.ask(f"Tell me more about this: {insight.title}")
        assert insight.message in re.sub(r"\\(.)", r"\1", more.text)
        assert all(item["text"] in more.text for item in insight.action_items)


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
    asking, chat = with_model(suite)
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


# --- jobs and tools ---


async def ask_for_job(suite: Suite, user: User, day: dt.date = TODAY) -> Job:
    async with suite.database.user_session(user.id) as session:
        return await create_job(
            session, user.id, INSIGHTS, InsightsInput(date=day), job_id=new_id(),
            timezone="UTC", now=NOW,
        )  # fmt: skip


async def test_a_job_makes_the_insights_of_its_day(suite: Suite, demo: User) -> None:
    job = await ask_for_job(suite, demo, WEEK_AGO)
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
    assert [row["title"] for row in result.rows] == [insight.title for insight in morning.insights]
    for row, insight in zip(result.rows, morning.insights, strict=True):
        assert "{{f" in row["message"]
        writer = ReferenceWriter(context.figures, "en")
        assert writer.feed(row["message"]) + writer.flush() == insight.message
    assert len(result.figures) == sum(len(row.data_sources) for row in morning.insights)
    assert [figure.id for figure in context.figures.figures] == [
        name for row in result.rows for name in row["figures"]
    ]
