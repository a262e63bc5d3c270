"""What keeps runs going besides themselves: followed logs, the rescuer, locks."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any

import psycopg
import pytest

from agents.catalog import DEFAULT_AGENT
from core.clock import utc_now
from domain.answers import Answer, close_turn, has_answer
from domain.conversations import Ask
from graph.events import RunLog
from graph.log_follower import LogFollower
from graph.preparation import Asker
from graph.rescue import Rescuer
from graph.run import RunHandle
from graph.suite import Suite
from storage.conversations import delete_conversation, find_conversation
from storage.models import Run, RunStatus, new_id
from storage.run_events import Batch
from storage.runs import get_run, lock_lost_run, reopen_run
from tests.e2e.waiting import eventually
from tests.integration.test_run_storage import create_asker, read_end, stored_runs

Owner = psycopg.Connection[Any]


@pytest.fixture
def owner(owner_url: str) -> Iterator[Owner]:
    """Return a connection of the superuser; it blocks the event loop."""
    url = owner_url.replace("+psycopg", "")
    with psycopg.connect(url, autocommit=True) as connection:
        yield connection


@pytest.fixture
async def asker(suite: Suite) -> Asker:
    return await create_asker(suite)


async def answered(suite: Suite, asker: Asker, conversation: str = "mine") -> RunHandle:
    """Return a run that has ended."""
    run = await suite.runs.start(asker, conversation, Ask(text="help"), agent=DEFAULT_AGENT)
    assert await read_end(run) == ("completed", None)
    return run


def leave_open(owner: Owner, lease: str) -> None:
    """Let all runs look as if another process answered them, for so long from now on."""
    owner.execute(
        "UPDATE runs SET status = 'running', finished_at = null, owner = gen_random_uuid(),"
        " lease_until = now() + %s::interval",
        [lease],
    )


# --- following ---


class CountedFollower(LogFollower):
    """Counts how often it looks."""

    looks = 0

    async def _update(self, run_ids: Any) -> None:
        self.looks += 1
        await super()._update(run_ids)


@asynccontextmanager
async def following(suite: Suite) -> AsyncIterator[CountedFollower]:
    """Follow for the length of the block, while nobody can close a lost run."""

    async def close_lost(_: Run) -> None:
        pass

    follower = CountedFollower(suite.database, utc_now, close_lost)
    task = asyncio.create_task(follower.run())
    yield follower
    task.cancel()
    await asyncio.wait([task])


async def test_a_run_whose_news_was_not_heard_is_followed_though_others_keep_talking(
    suite: Suite, asker: Asker, owner: Owner
) -> None:
    quiet, busy = await answered(suite, asker), await answered(suite, asker, "another")
    leave_open(owner, "1 hour")
    async with following(suite) as follower:
        logs = [await follower.follow(run.run_id) for run in (quiet, busy)]
        await asyncio.sleep(0.2)  # it has looked, and waits
        owner.execute("UPDATE runs SET status = 'completed' WHERE id = %s", [quiet.run_id])

        async def is_told() -> bool:
            follower.notify(str(busy.run_id))
            return logs[0].is_closed

        async with asyncio.timeout(5):
            await eventually(is_told)
        assert not logs[1].is_closed


async def test_a_lost_run_that_cannot_be_closed_yet_is_not_asked_for_without_a_pause(
    suite: Suite, asker: Asker, owner: Owner
) -> None:
    run = await answered(suite, asker)
    leave_open(owner, "-1 second")
    async with following(suite) as follower:
        log: RunLog = await follower.follow(run.run_id)
        await asyncio.sleep(1.5)
        assert not log.is_closed
        assert follower.looks < 6


# --- rescuing ---

UNREADABLE = [
    '{"type":"tool-output-available","toolCallId":"nobody","output":1}',
    '{"type":"start","messageMetadata":{},"messageId":"no id"}',
    '{"type":"data-x","data":"\\u0000"}',  # PostgreSQL cannot keep it
]


@pytest.mark.parametrize("event", UNREADABLE)
async def test_a_lost_run_is_closed_though_what_it_said_cannot_be_kept(
    suite: Suite, asker: Asker, owner: Owner, event: str, caplog: pytest.LogCaptureFixture
) -> None:
    await answered(suite, asker)
    owner.execute("DELETE FROM run_events WHERE is_last")
    owner.execute("UPDATE conversations SET head_id = (SELECT question_id FROM runs)")
    owner.execute("DELETE FROM chat_messages WHERE role = 'assistant'")
    owner.execute(
        "INSERT INTO run_events (run_id, first_seq, last_seq, user_id, is_last, chunks)"
        " SELECT id, 1, 1, user_id, false, %s FROM runs"
        " ON CONFLICT (run_id, first_seq) DO UPDATE SET chunks = excluded.chunks, last_seq = 1",
        [event],
    )
    leave_open(owner, "-1 second")
    await Rescuer(suite).rescue()
    assert stored_runs(owner) == [("lost", "run_lost", 0)]
    assert "had said cannot be kept" in caplog.text
    await answered(suite, asker)


# --- locks, and who has taken over ---


async def close(suite: Suite, run: Run, status: RunStatus = RunStatus.STOPPED) -> bool:
    """Close a run as its process does."""
    events = Batch(run_id=run.id, first_seq=1000, chunks=[b"{}"])
    async with suite.database.user_session(run.user_id) as session:
        return await close_turn(session, run, status, ANSWER, utc_now(), events=events)


ANSWER = Answer(
    message_id=new_id(),
    agent=DEFAULT_AGENT,
    parts=[{"type": "text", "text": "Well."}],
    text="Well.",
    model=None,
    tokens=None,
    processing_time_ms=None,
    grounding=None,
)


async def left_open(suite: Suite, asker: Asker, owner: Owner) -> Run:
    """Return a run whose process is gone."""
    handle = await answered(suite, asker)
    leave_open(owner, "-1 second")
    async with suite.database.user_session(asker.user_id) as session:
        return await get_run(session, handle.run_id)


@pytest.mark.parametrize("other", ["rescue", "delete"])
async def test_who_closes_a_run_and_who_has_its_conversation_do_not_wait_in_a_circle(
    suite: Suite, asker: Asker, owner: Owner, other: str
) -> None:
    run = await left_open(suite, asker, owner)
    async with suite.database.user_session(asker.user_id) as session:
        await find_conversation(session, str(run.conversation_id), is_locked=True)
        closing = asyncio.create_task(close(suite, run))
        await eventually(lambda: is_waited_for(owner))
        if other == "rescue":
            assert await lock_lost_run(session, run.id, utc_now())
        else:
            await delete_conversation(session, run.conversation_id)
    assert await closing is (other == "rescue")


async def is_waited_for(owner: Owner) -> bool:
    query = "SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
    return owner.execute(query).rowcount > 0


async def test_who_did_not_hear_that_its_pause_was_stored_leaves_the_run_to_who_goes_on(
    suite: Suite, asker: Asker, owner: Owner
) -> None:
    mine = await left_open(suite, asker, owner)
    async with suite.database.user_session(asker.user_id) as session:
        theirs = await get_run(session, mine.id)
        await reopen_run(session, theirs, owner=new_id(), lease_until=utc_now(), resumed_after=1000)
    async with suite.database.user_session(asker.user_id) as session:
        assert await has_answer(session, mine, RunStatus.WAITING, ANSWER)
    assert not await close(suite, mine, RunStatus.WAITING)
    assert [run[0] for run in stored_runs(owner)] == ["running"]
