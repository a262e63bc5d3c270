"""What becomes of an answer when its server is told to stop, or dies, in the middle of it."""

import asyncio
import re
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import httpx
import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.pool import NullPool

from core.settings import Settings
from storage.database import Database
from tests.conftest import Creator
from tests.e2e.scripted_model import ScriptedModel, gate, says
from tests.e2e.servers import client_of
from tests.e2e.streams import ask, asking, question, returning
from tests.e2e.test_server import end, read_greeting, started
from tests.e2e.trees import load_tree
from tests.e2e.waiting import eventually


@pytest.fixture
def settings(settings: Settings, model: ScriptedModel) -> Settings:
    return model.answers(settings)


@contextmanager
def other_server(
    folder: Path, database_url: str, model: ScriptedModel, **environment: str
) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Run a server of the same database and model in a process of its own."""
    environment |= {
        "DATABASE_URL": database_url,
        "CHAT_MODEL": "openai:scripted",
        "CHAT_BASE_URL": model.base_url,
        "RUN_JOBS": "false",  # other tests leave some, which would ask the model, too
    }
    with started(folder / "data", **environment) as process:
        url = re.search(r"http://\S+:\d+", read_greeting(process))
        assert url
        yield process, url[0]


def expire_leases(owner_url: str, creator: Creator) -> None:
    """Let pass the time after which other processes take a silent one for dead."""
    engine = create_engine(owner_url, poolclass=NullPool)
    with engine.begin() as connection:
        connection.execute(
            text("UPDATE runs SET lease_until = now() - interval '1 ms' WHERE user_id = :id"),
            {"id": creator.user_id},
        )


async def test_a_server_told_to_stop_keeps_what_it_said_and_ends_the_model_call(
    creator: Creator, model: ScriptedModel, database: Database, database_url: str, tmp_path: Path
) -> None:
    await model.follow(says("One, ", gate("never"), "two."))
    with other_server(tmp_path, database_url, model, STOP_SECONDS="0") as (process, url):
        async with client_of(creator, url) as client, asking(client, "Count", id="c") as answer:
            await answer.read_until("One, ")
            process.send_signal(signal.SIGTERM)
            await answer.read_all()
            assert answer.of_type("error")[0]["code"] == "server_stopped"
            assert answer.finish["status"] == "failed"
        code, errors = end(process)
    tree = await load_tree(database, creator.user_id, "c")
    assert code == 0
    assert "Traceback" not in errors
    assert tree.path == ["Count", "One, "]
    assert tree.statuses == [("failed", "server_stopped")]
    await eventually(model.was_aborted)


async def test_a_server_told_to_stop_lets_answers_finish(
    creator: Creator, model: ScriptedModel, database: Database, database_url: str, tmp_path: Path
) -> None:
    await model.follow(says("One, ", gate("told to stop"), "two."))
    with other_server(tmp_path, database_url, model) as (process, url):
        async with client_of(creator, url) as client, asking(client, "Count", id="c") as answer:
            await answer.read_until("One, ")
            process.send_signal(signal.SIGTERM)
            await eventually(partial(is_closed_to_newcomers, url))
            rest = asyncio.create_task(answer.read_all())
            done, _ = await asyncio.wait([rest], timeout=1)
            assert not done, "the stream was cut though its answer may go on"
            await model.open("told to stop")
            assert (await rest).text == "One, two."
        code, _ = end(process)
    tree = await load_tree(database, creator.user_id, "c")
    assert code == 0
    assert tree.statuses == [("completed", None)]


async def test_a_server_told_to_stop_lets_answers_finish_that_nobody_reads(
    creator: Creator, model: ScriptedModel, database: Database, database_url: str, tmp_path: Path
) -> None:
    await model.follow(says("One, ", gate("told to stop"), "two."))
    with other_server(tmp_path, database_url, model) as (process, url):
        async with client_of(creator, url) as client, asking(client, "Count", id="c") as answer:
            await answer.read_until("One, ")
        process.send_signal(signal.SIGTERM)
        await eventually(partial(is_closed_to_newcomers, url))
        await asyncio.sleep(1)
        await model.open("told to stop")
        code, _ = end(process)
    tree = await load_tree(database, creator.user_id, "c")
    assert code == 0
    assert tree.statuses == [("completed", None)]
    assert tree.path == ["Count", "One, two."]


async def test_an_answer_that_begins_while_the_server_stops_is_told_its_end(
    creator: Creator, model: ScriptedModel, database_url: str, owner_url: str, tmp_path: Path
) -> None:
    await model.follow(says("One, ", gate("never")), to="Count")
    await model.follow(says("Hello."))
    await ask(creator, "Hi", id="c")
    engine = create_engine(owner_url, poolclass=NullPool)

    async def is_waited_for() -> bool:
        waiting = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
        with engine.connect() as watching:
            found = text(f"{waiting} AND datname = current_database()")
            return bool(watching.scalar(found))

    with other_server(tmp_path, database_url, model, STOP_SECONDS="3") as (process, url):
        async with client_of(creator, url) as client:
            with engine.begin() as connection:
                lock = "SELECT FROM conversations WHERE user_id = :id FOR UPDATE"
                connection.execute(text(lock), {"id": creator.user_id})
                late = asyncio.create_task(ask(client, "Count", id="c"))
                await eventually(is_waited_for)
                process.send_signal(signal.SIGTERM)
                await eventually(partial(is_closed_to_newcomers, url))
            answer = await late
        code, _ = end(process)
    assert code == 0
    assert answer.text == "One, "
    assert answer.of_type("error")[0]["code"] == "server_stopped"


async def is_closed_to_newcomers(url: str) -> bool:
    try:
        async with httpx.AsyncClient() as client:
            await client.get(f"{url}/healthz")
    except httpx.ConnectError:
        return True
    return False


async def test_a_run_whose_server_was_killed_is_closed_as_lost_by_the_next_question(
    creator: Creator,
    model: ScriptedModel,
    database: Database,
    database_url: str,
    owner_url: str,
    tmp_path: Path,
) -> None:
    await model.follow(says("One, ", gate("never")), to="Count")
    await model.follow(says("Hello."))
    with other_server(tmp_path, database_url, model) as (process, url):
        async with (
            client_of(creator, url) as client,
            asking(client, question("Count", "q1"), id="c"),
            returning(creator, "c") as elsewhere,
        ):
            await elsewhere.read_until("One, ")  # it is stored
            process.kill()

    body = {"message": "Hi", "id": "c"}
    assert (await creator.post("/api/chat", json=body)).status_code == 409, "it may still live"
    expire_leases(owner_url, creator)
    assert (await ask(creator, "Hi", id="c")).text == "Hello."
    tree = await load_tree(database, creator.user_id, "c")
    assert tree.statuses == [("lost", "run_lost"), ("completed", None)]
    assert tree.path == ["Count", "One, ", "Hi", "Hello."]


async def test_a_lost_run_can_be_asked_for_and_answered_again(
    creator: Creator,
    model: ScriptedModel,
    database: Database,
    database_url: str,
    owner_url: str,
    tmp_path: Path,
) -> None:
    await model.follow(says("One, ", gate("never")))
    with other_server(tmp_path, database_url, model) as (process, url):
        async with (
            client_of(creator, url) as client,
            asking(client, question("Count", "q1"), id="c") as answer,
        ):
            await answer.read_until("One, ")
            process.kill()
    expire_leases(owner_url, creator)
    await model.follow(says("One, two."))
    again = await ask(creator, question("Count", "q1"), id="c")
    assert again.of_type("error")[0]["code"] == "run_lost"
    assert again.finish["status"] == "lost"
    regenerated = await ask(creator, None, id="c", trigger="regenerate-message")
    assert regenerated.text == "One, two."
    tree = await load_tree(database, creator.user_id, "c")
    assert tree.statuses == [("lost", "run_lost"), ("completed", None)]
    assert tree.path == ["Count", "One, two."]
