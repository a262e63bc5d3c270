"""Storing an answer when the database is away for a moment, refuses it, or does not come back."""

import asyncio
import datetime as dt
import shutil
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import orjson
import psycopg
import pytest

from agents.catalog import DEFAULT_AGENT
from core.clock import utc_now
from core.settings import Settings
from domain.conversations import Ask, ConversationBusyError
from graph import closing
from graph.events import RunLog
from graph.preparation import Asker
from graph.rescue import Rescuer
from graph.run import RunHandle
from graph.suite import Suite, open_suite
from graph.transcript import Transcript
from storage.embedded import running_server
from storage.embedded_cluster import cluster_folder, exclusive, open_lock
from storage.models import new_id
from storage.provision import prepare_embedded
from storage.run_events import Batch, append_events
from tests.conftest import Postgres, create_user
from tests.e2e.waiting import eventually
from tests.integration.test_embedded import Place, wait_until_dead

CONVERSATION = "mine"


class Ticking:
    """A clock that a test can put forward."""

    def __init__(self) -> None:
        self.ahead = dt.timedelta()

    def __call__(self) -> dt.datetime:
        return utc_now() + self.ahead


@pytest.fixture
def clock() -> Ticking:
    return Ticking()


@pytest.fixture
async def suite(settings: Settings, database_url: str, clock: Ticking) -> AsyncIterator[Suite]:
    async with open_suite(settings, database_url, clock=clock) as suite:
        yield suite


@pytest.fixture
def owner(owner_url: str) -> Iterator[psycopg.Connection[Any]]:
    """Return a connection of the superuser.

    It blocks the event loop: what it does right after `ask` is done before the answer begins.
    """
    url = owner_url.replace("+psycopg", "")
    with psycopg.connect(url, autocommit=True) as connection:
        yield connection


@pytest.fixture
async def asker(suite: Suite) -> Asker:
    return await create_asker(suite)


async def create_asker(suite: Suite) -> Asker:
    user = await create_user(suite.database)
    return Asker(user_id=user.id, timezone=user.timezone, locale=user.locale)


async def ask(suite: Suite, asker: Asker, text: str = "help") -> RunHandle:
    return await suite.runs.start(asker, CONVERSATION, Ask(text=text), agent=DEFAULT_AGENT)


async def read_end(run: RunHandle) -> tuple[str, str | None]:
    """Return with which status, and with which error, the run ended for its readers."""
    async with asyncio.timeout(30):
        events = [orjson.loads(event.data) async for event in run.log.read()]
    errors = [event["code"] for event in events if event["type"] == "error"]
    assert events[-1]["type"] == "finish"
    return events[-1]["messageMetadata"]["status"], errors[0] if errors else None


def stored_runs(connection: psycopg.Connection[Any]) -> list[tuple[str, str | None, int]]:
    """Return status, error and number of answers of each run, oldest first."""
    answers = "SELECT count(*) FROM chat_messages WHERE run_id = runs.id AND role = 'assistant'"
    query = f"SELECT status, error_code, ({answers}) FROM runs ORDER BY id"  # noqa: S608  # fixed
    return connection.execute(query.encode()).fetchall()


# --- away for a moment ---


@pytest.fixture
def killable(tmp_path: Path) -> Iterator[Place]:
    """Return a place for a server of this test's own."""
    data_dir = tmp_path / "data"
    folder = cluster_folder(data_dir)
    yield Place(base=tmp_path, data_dir=data_dir, uid=None, folder=folder)
    shutil.rmtree(folder, ignore_errors=True)


async def test_an_answer_is_stored_though_the_server_was_killed_before(
    settings: Settings, killable: Place, caplog: pytest.LogCaptureFixture
) -> None:
    with running_server(killable.data_dir) as server:
        async with open_suite(settings, prepare_embedded(server)) as suite:
            asker = await create_asker(suite)
            # Who has the turn keeps the watchdog from starting the server before we looked.
            with open_lock(killable.folder / "postgres.lock") as turn, exclusive(turn):
                run = await ask(suite, asker)
                wait_until_dead(killable.kill_server())

                async def is_tried_again() -> bool:
                    return f"storing run {run.run_id} is tried again" in caplog.text

                await eventually(is_tried_again)
            assert await read_end(run) == ("completed", None)
        url = server.url(user="postgres", database="dreamsuite").replace("+psycopg", "")
        with psycopg.connect(url) as owner:
            assert stored_runs(owner) == [("completed", None, 1)]


async def test_an_answer_is_stored_once_though_its_connection_was_cut_while_storing(
    suite: Suite,
    asker: Asker,
    owner: psycopg.Connection[Any],
    caplog: pytest.LogCaptureFixture,
) -> None:
    run = await ask(suite, asker)
    with owner.transaction():
        owner.execute("SELECT FROM runs FOR NO KEY UPDATE")  # its events can be stored

        async def is_cut() -> bool:
            cut = (
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE pg_backend_pid() = ANY(pg_blocking_pids(pid))"
            )
            owner.execute("SELECT pg_stat_clear_snapshot()")  # who came since
            return owner.execute(cut).fetchall() == [(True,)]

        await eventually(is_cut)
    assert await read_end(run) == ("completed", None)
    assert stored_runs(owner) == [("completed", None, 1)]
    assert f"storing run {run.run_id} is tried again" in caplog.text


async def test_an_answer_whose_commit_was_not_confirmed_is_not_told_as_lost(
    settings: Settings, killable: Place
) -> None:
    with running_server(killable.data_dir) as server:
        url = server.url(user="postgres", database="dreamsuite").replace("+psycopg", "")
        async with open_suite(settings, prepare_embedded(server)) as suite:
            asker = await create_asker(suite)
            with psycopg.connect(url, autocommit=True) as owner:
                run = await ask(suite, asker)
                # A commit is now done, but not confirmed before a server that does not exist.
                reload = "SELECT pg_reload_conf()"
                owner.execute("ALTER SYSTEM SET synchronous_standby_names = 'nobody'")
                owner.execute(reload)

                async def is_cut() -> bool:
                    cut = (
                        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                        " WHERE wait_event = 'SyncRep'"
                    )
                    return owner.execute(cut).fetchall() == [(True,)]

                await eventually(is_cut)
                owner.execute("ALTER SYSTEM RESET synchronous_standby_names")
                owner.execute(reload)
                end = await read_end(run)
                assert stored_runs(owner) == [("completed", None, 1)]
                assert end == ("completed", None)


# --- not to be stored ---


@contextmanager
def forbidden(owner: psycopg.Connection[Any], table: str, rule: str) -> Iterator[None]:
    """Let the database refuse new rows of the table that break the rule."""
    # Fixed names, no input of anybody.
    owner.execute(f"ALTER TABLE {table} ADD CONSTRAINT spoilt CHECK ({rule}) NOT VALID".encode())
    yield
    owner.execute(f"ALTER TABLE {table} DROP CONSTRAINT spoilt".encode())


async def test_a_conversation_goes_on_after_an_answer_that_the_database_refused(
    suite: Suite, asker: Asker, owner: psycopg.Connection[Any], caplog: pytest.LogCaptureFixture
) -> None:
    with forbidden(owner, "chat_messages", "role <> 'assistant'"):
        run = await ask(suite, asker)
        assert await read_end(run) == ("failed", "internal_error")
    failed = ("failed", "internal_error", 0)
    assert stored_runs(owner) == [failed]
    assert f"the answer of run {run.run_id} could not be stored" in caplog.text
    assert "is tried again" not in caplog.text
    assert await read_end(await ask(suite, asker, "help again")) == ("completed", None)
    assert stored_runs(owner) == [failed, ("completed", None, 1)]


async def test_a_run_that_could_not_even_be_closed_is_lost_when_its_lease_has_ended(
    suite: Suite,
    asker: Asker,
    owner: psycopg.Connection[Any],
    clock: Ticking,
    caplog: pytest.LogCaptureFixture,
) -> None:
    with forbidden(owner, "runs", "status = 'running'"):
        run = await ask(suite, asker)
        assert await read_end(run) == ("failed", "internal_error")
    assert f"run {run.run_id} could not be closed" in caplog.text
    assert stored_runs(owner) == [("running", None, 0)]
    with pytest.raises(ConversationBusyError):
        await ask(suite, asker, "help again")
    clock.ahead = dt.timedelta(minutes=1)
    assert await read_end(await ask(suite, asker, "help again")) == ("completed", None)
    assert [run[:2] for run in stored_runs(owner)] == [("lost", "run_lost"), ("completed", None)]


async def test_a_database_that_stays_away_does_not_keep_readers_waiting(
    suite: Suite,
    asker: Asker,
    postgres: Postgres,
    database_name: str,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    # As many tries as ever, with shorter waits between them.
    waits = tuple(wait / 100 for wait in closing.STORE_RETRIES)
    monkeypatch.setattr(closing, "STORE_RETRIES", waits)
    run = await ask(suite, asker)
    postgres.execute(
        f'ALTER DATABASE "{database_name}" ALLOW_CONNECTIONS false',
        f"SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"  # noqa: S608  # our name
        f" WHERE datname = '{database_name}'",
    )
    assert await read_end(run) == ("failed", "internal_error")
    assert caplog.text.count(f"storing run {run.run_id} is tried again") == len(waits)
    assert f"run {run.run_id} could not be closed" in caplog.text


async def test_what_was_closed_by_somebody_else_is_told_as_lost(
    suite: Suite, asker: Asker, owner: psycopg.Connection[Any]
) -> None:
    run = await ask(suite, asker)
    owner.execute("UPDATE runs SET status = 'lost', finished_at = now()")
    assert await read_end(run) == ("lost", "run_lost")
    assert stored_runs(owner) == [("lost", None, 0)]


# --- afterwards ---


async def test_events_are_forgotten_in_time_and_the_answer_is_told_from_its_message(
    suite: Suite, asker: Asker, owner: psycopg.Connection[Any], clock: Ticking
) -> None:
    request = Ask(text="help", client_id="q1")
    run = await suite.runs.start(asker, CONVERSATION, request, agent=DEFAULT_AGENT)
    assert await read_end(run) == ("completed", None)
    rescuer = Rescuer(suite)
    [stored] = owner.execute("SELECT max(last_seq) FROM run_events").fetchall()
    assert stored == (len(run.log),)

    await rescuer.prune()
    followed = await suite.runs.start(asker, CONVERSATION, request, agent=DEFAULT_AGENT)
    assert [event async for event in followed.log.read()] == [
        event async for event in run.log.read()
    ]
    clock.ahead = dt.timedelta(minutes=16)
    await rescuer.prune()
    assert owner.execute("SELECT FROM run_events").fetchall() == []
    replayed = await suite.runs.start(asker, CONVERSATION, request, agent=DEFAULT_AGENT)
    assert await read_end(replayed) == ("completed", None)
    assert await text_of(replayed.log) == await text_of(run.log)
    last = f"{run.log.key}:1"
    assert await suite.runs.find_by_event(asker.user_id, run.conversation_id, last) is None


async def test_nobody_is_told_of_events_that_are_not_stored(
    suite: Suite, asker: Asker, owner: psycopg.Connection[Any]
) -> None:
    run = await ask(suite, asker)
    assert await read_end(run) == ("completed", None)
    owner.execute("LISTEN run_events")
    batch = Batch(run_id=run.run_id, first_seq=len(run.log) + 1, chunks=[b"{}"])
    async with suite.database.service_session() as session:
        assert await append_events(session, new_id(), [batch]) == set()
    owner.execute("NOTIFY run_events, 'the end'")
    assert [each.payload for each in owner.notifies(stop_after=1)] == ["the end"]


async def test_what_a_notification_says_never_ends_the_listening(
    suite: Suite, asker: Asker, owner: psycopg.Connection[Any], caplog: pytest.LogCaptureFixture
) -> None:
    async def is_taken() -> bool:
        # Again and again: it may not listen yet.
        owner.execute("NOTIFY run_stops, 'no id of a run'")
        return caplog.text.count("a notification could not be taken") > 1

    await eventually(is_taken)


async def test_a_service_that_fails_is_started_again(
    settings: Settings, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    is_working = asyncio.Event()
    tries = iter([ValueError("unexpected"), None])

    async def rescue(_: Rescuer) -> None:
        if error := next(tries, None):
            raise error
        is_working.set()

    monkeypatch.setattr(Rescuer, "rescue", rescue)
    often = settings.model_copy(update={"lease_seconds": 0.1})
    async with open_suite(often, database_url), asyncio.timeout(30):
        await is_working.wait()


async def text_of(log: RunLog) -> str:
    return Transcript([orjson.loads(event.data) async for event in log.read()]).text


async def test_lost_runs_are_closed_though_nobody_asks(
    suite: Suite, asker: Asker, owner: psycopg.Connection[Any], clock: Ticking
) -> None:
    with forbidden(owner, "runs", "status = 'running'"):
        assert await read_end(await ask(suite, asker)) == ("failed", "internal_error")
    rescuer = Rescuer(suite)
    await rescuer.rescue()
    assert [run[0] for run in stored_runs(owner)] == ["running"], "its lease has not ended"
    clock.ahead = dt.timedelta(minutes=1)
    await asyncio.gather(rescuer.rescue(), rescuer.rescue())
    assert [run[:2] for run in stored_runs(owner)] == [("lost", "run_lost")]
    [(rows, ends)] = owner.execute(
        "SELECT count(*), count(*) FILTER (WHERE is_last) FROM run_events"
    ).fetchall()
    assert (rows >= 1, ends) == (True, 1)
