"""Readiness and metrics of the queue: is anybody working, and is anything waiting too long?"""

import datetime as dt
from uuid import UUID

import httpx
import orjson
import pytest
from sqlalchemy import text

from api.app import create_app
from api.health import MAX_WAIT
from core.settings import Settings
from domain.accounts import create_account
from jobs.handlers import HANDLERS
from jobs.worker import working
from storage.database import Database
from storage.models import Job, new_id
from storage.queue import defer_job, defer_mail
from tests.conftest import new_client, new_email, serving
from tests.e2e.waiting import eventually
from tests.integration.test_http import assert_problem
from tests.metrics import scrape


async def part(client: httpx.AsyncClient) -> str | None:
    """Return what is not ready."""
    response = await client.get("/readyz")
    if response.status_code == 200:
        return None
    found: str = assert_problem(response, 503, "not_ready")["part"]
    return found


async def wait_for(client: httpx.AsyncClient, wanted: str | None) -> None:
    async def is_so() -> bool:
        return await part(client) == wanted

    await eventually(is_so)
    assert (await client.get("/healthz")).status_code == 200


async def test_the_server_is_not_ready_while_no_worker_gives_a_sign_of_life(
    settings: Settings, database_url: str, database: Database
) -> None:
    app = create_app(settings.model_copy(update={"job_stall_seconds": 3}), database_url)
    async with serving(app) as address, new_client(address) as client:
        assert await part(client) is None  # one may be about to start
        await wait_for(client, "workers")
        async with working(app.state.suite, HANDLERS):
            await wait_for(client, None)
            assert (await scrape(client)).get("workers") == 1
        await wait_for(client, "workers")
        # One that was killed leaves its row behind.
        async with database.service_session() as session:
            killed = "INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now() - :ago)"
            await session.execute(text(killed), {"ago": dt.timedelta(hours=1)})
        assert await part(client) == "workers"
        assert (await scrape(client)).get("workers") == 0


async def test_a_server_that_works_itself_is_ready(settings: Settings, database_url: str) -> None:
    app = create_app(settings.model_copy(update={"run_jobs": True}), database_url)
    async with serving(app) as address, new_client(address) as client:

        async def has_worker() -> bool:
            return (await scrape(client)).get("workers") == 1

        await eventually(has_worker)
        assert await part(client) is None


@pytest.mark.parametrize("is_scheduled", [False, True])
async def test_the_server_is_not_ready_while_a_job_has_been_due_for_too_long(
    settings: Settings, database_url: str, database: Database, *, is_scheduled: bool
) -> None:
    now = dt.datetime.now(dt.UTC)
    async with (
        serving(create_app(settings, database_url)) as address,
        new_client(address) as client,
    ):
        await defer(database, now + dt.timedelta(hours=1))
        assert await part(client) is None  # that one is not due yet
        await defer(database, now if is_scheduled else None)
        assert await part(client) is None
        await let_time_pass(database, MAX_WAIT)
        assert await part(client) == "jobs"
        wait = (await scrape(client)).get("job_wait_seconds")
        assert MAX_WAIT.total_seconds() < wait < MAX_WAIT.total_seconds() + 60
        async with database.service_session() as session:
            await session.execute(text("UPDATE procrastinate_jobs SET status = 'doing'"))
        assert await part(client) is None
        assert (await scrape(client)).get("job_wait_seconds") == 0


async def test_a_creator_who_asks_for_much_makes_no_server_unready(
    settings: Settings, database_url: str, database: Database
) -> None:
    first, second = await add_jobs(database, 2), await add_jobs(database, 1)
    await let_time_pass(database, MAX_WAIT)
    async with (
        serving(create_app(settings, database_url)) as address,
        new_client(address) as client,
    ):
        for job_id in (first[0], second[0]):
            assert await part(client) == "jobs"
            async with database.service_session() as session:
                await session.execute(
                    text("UPDATE procrastinate_jobs SET status = 'doing' WHERE args @> :task"),
                    {"task": orjson.dumps({"job_id": job_id}).decode()},
                )
        assert await part(client) is None  # what waits now is what its own user put before it


async def test_mails_that_wait_make_no_server_unready(
    settings: Settings, database_url: str, database: Database
) -> None:
    async with database.user_session(new_id()) as session:
        for due in (None, dt.datetime.now(dt.UTC)):
            await defer_mail(session, new_id(), due=due)
    await let_time_pass(database, 2 * MAX_WAIT)
    async with (
        serving(create_app(settings, database_url)) as address,
        new_client(address) as client,
    ):
        assert await part(client) is None


async def defer(database: Database, due: dt.datetime | None) -> None:
    async with database.user_session(new_id()) as session:
        await defer_job(session, new_id(), queue="plans", due=due)


async def add_jobs(database: Database, count: int) -> list[UUID]:
    """Queue jobs of a new user, the first one first."""
    async with database.service_session() as session:
        user = await create_account(
            session, email=new_email(), password_hash="unused", timezone="UTC", locale="en"
        )
        jobs = [
            Job(id=new_id(), user_id=user.id, kind="onboarding", input={}, attempt_limit=1)
            for _ in range(count)
        ]
        for job in jobs:
            session.add(job)
            await session.flush()
            await defer_job(session, job.id, queue="plans")
    return [job.id for job in jobs]


async def let_time_pass(database: Database, time: dt.timedelta) -> None:
    async with database.service_session() as session:
        for statement in (
            "UPDATE procrastinate_jobs SET scheduled_at = scheduled_at - :time",
            "UPDATE procrastinate_events SET at = at - :time",
        ):
            await session.execute(text(statement), {"time": time})


async def test_open_jobs_are_shown_by_kind_and_status(
    settings: Settings, database_url: str
) -> None:
    async with (
        serving(create_app(settings, database_url)) as address,
        new_client(address) as client,
    ):
        found = await scrape(client)
    kinds = {labels for name, labels in found.series if name == "dreamsuite_open_jobs"}
    assert kinds == {
        frozenset({("kind", kind), ("status", status)})
        for kind in HANDLERS
        for status in ("queued", "running")
    }
