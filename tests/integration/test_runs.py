"""Runs without HTTP: the edges of starting and stopping."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from uuid import UUID

import orjson
import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from agents.catalog import DEFAULT_AGENT, UnknownAgentError
from domain.conversations import Ask
from graph.changes import Changes
from graph.preparation import Asker
from graph.run import Runs
from graph.suite import Suite
from storage.conversations import list_conversations
from storage.database import Database
from storage.models import Run, RunStatus
from tests.conftest import create_user


@pytest.fixture
async def asker(suite: Suite) -> Asker:
    user = await create_user(suite.database)
    return Asker(user_id=user.id, timezone=user.timezone, locale=user.locale)


async def status_of(suite: Suite, asker: Asker, run_id: UUID) -> str:
    async with suite.database.user_session(asker.user_id) as session:
        run = await session.get_one(Run, run_id)
    return run.status


async def test_a_run_that_is_stopped_before_it_begins_is_closed(suite: Suite, asker: Asker) -> None:
    run = await suite.runs.start(asker, None, Ask(text="help"), agent=DEFAULT_AGENT)
    async with asyncio.timeout(5):
        await suite.runs.stop(run)
    assert run.log.is_closed
    assert await status_of(suite, asker, run.run_id) == RunStatus.STOPPED


async def test_stopping_twice_at_once_ends_as_one_stop(suite: Suite, asker: Asker) -> None:
    run = await suite.runs.start(asker, None, Ask(text="help"), agent=DEFAULT_AGENT)
    async with asyncio.timeout(5):
        await asyncio.gather(suite.runs.stop(run), suite.runs.stop(run))
    ends = [event async for event in run.log.read() if event.type == "finish"]
    assert len(ends) == 1


async def test_a_finished_run_is_not_changed_by_a_stop(suite: Suite, asker: Asker) -> None:
    run = await suite.runs.start(asker, None, Ask(text="help"), agent=DEFAULT_AGENT)
    events = [event async for event in run.log.read()]
    await suite.runs.stop(run)
    assert orjson.loads(events[-1].data)["finishReason"] == "stop"
    assert await status_of(suite, asker, run.run_id) == RunStatus.COMPLETED


async def test_an_unknown_agent_leaves_nothing_behind(suite: Suite, asker: Asker) -> None:
    with pytest.raises(UnknownAgentError):
        await suite.runs.start(asker, "mine", Ask(text="help"), agent="nobody")
    async with suite.database.user_session(asker.user_id) as session:
        assert await list_conversations(session, limit=10) == []


class LateDatabase(Database):
    """Says half a second late that it has committed, or when `is_enough` is set."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self.has_committed = asyncio.Event()
        self.is_enough = asyncio.Event()

    @asynccontextmanager
    async def user_session(self, user_id: UUID) -> AsyncIterator[AsyncSession]:
        async with super().user_session(user_id) as session:
            yield session
        self.has_committed.set()
        with suppress(TimeoutError):
            await asyncio.wait_for(self.is_enough.wait(), 0.5)


async def test_the_same_request_finds_a_run_whose_commit_is_not_known_yet(
    suite: Suite, asker: Asker, database_url: str
) -> None:
    database = LateDatabase(database_url)
    request = Ask(text="help", client_id="q1")
    async with Runs(replace(suite, database=database), Changes()) as runs:
        first = asyncio.create_task(runs.start(asker, "mine", request, agent=DEFAULT_AGENT))
        await database.has_committed.wait()
        second = await runs.start(asker, "mine", request, agent=DEFAULT_AGENT)
        database.is_enough.set()
        assert (await first).log is second.log
    await database.close()
