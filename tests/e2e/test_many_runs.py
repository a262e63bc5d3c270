"""Two hundred answers at once, with ten database connections."""

import time
from collections.abc import AsyncIterator

import anyio
import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import create_engine, text
from sqlalchemy.pool import NullPool

from core.settings import Settings
from graph.suite import Suite
from storage.database import Database
from storage.models import Tier
from storage.provision import LOGIN
from tests.conftest import SignUp
from tests.e2e.scripted_model import ScriptedModel, gate, says
from tests.e2e.streams import asking
from tests.e2e.waiting import eventually
from tests.tiers import put_on_tier

RUNS = 200
POOL_SIZE = 10
LISTENERS = 1
PATHS = ("/api/me", "/api/conversations", "/api/connections", "/api/limits")
PROMPT_SECONDS = 5


@pytest.fixture
def settings(settings: Settings, model: ScriptedModel) -> Settings:
    own = {"database_pool_size": POOL_SIZE, "run_jobs": False}
    return model.answers(settings).model_copy(update=own)


@pytest.fixture
async def client(
    sign_up: SignUp, database: Database, api_url: str
) -> AsyncIterator[httpx.AsyncClient]:
    """Return a client that opens as many connections as it likes, of somebody who may ask a lot."""
    creator = await sign_up()
    await put_on_tier(database, creator.user_id, Tier.BUSINESS)
    await database.close()  # only the server's connections are to be counted
    limits = httpx.Limits(max_connections=None)
    headers = {"Authorization": creator.headers["Authorization"]}
    async with httpx.AsyncClient(
        base_url=api_url, headers=headers, limits=limits, timeout=60, trust_env=False
    ) as client:
        yield client


def states(owner_url: str) -> list[str]:
    """Return what each connection of the server to its database is doing."""
    found = text(
        "SELECT state FROM pg_stat_activity"
        " WHERE datname = current_database() AND usename = :login AND state IS NOT NULL"
    )
    with create_engine(owner_url, poolclass=NullPool).connect() as connection:
        return list(connection.scalars(found, {"login": LOGIN}))


async def test_two_hundred_runs_that_wait_for_the_model_cost_no_connection(
    client: httpx.AsyncClient, model: ScriptedModel, app: FastAPI, owner_url: str
) -> None:
    await model.follow(says("Wait. ", gate("go"), "Done."))
    suite: Suite = app.state.suite
    waiting = anyio.Semaphore(0)
    texts: list[str] = []

    async def converse(place: int) -> None:
        async with asking(client, f"Question {place}", id=f"c{place}") as answer:
            await answer.read_until("Wait. ")
            waiting.release()
            texts.append((await answer.read_all()).text)

    async def is_no_connection_used() -> bool:
        is_free = suite.database.engine.pool.checkedout() == 0  # type: ignore[attr-defined]  # a QueuePool
        return is_free and set(states(owner_url)) == {"idle"}

    async with anyio.create_task_group() as conversations:
        for place in range(RUNS):
            conversations.start_soon(converse, place)
        for _ in range(RUNS):
            await waiting.acquire()
        await eventually(is_no_connection_used)
        assert len(states(owner_url)) <= POOL_SIZE + LISTENERS
        for path in PATHS:
            asked = time.monotonic()
            assert (await client.get(path)).status_code == 200
            assert time.monotonic() - asked < PROMPT_SECONDS
        await model.open("go")
    assert texts == ["Wait. Done."] * RUNS
    assert await model.stats() == {"started": RUNS, "finished": RUNS, "aborted": 0}
