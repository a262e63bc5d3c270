"""The endpoint of an outside scheduler: its secret, its batches, and generating for oneself."""

from collections.abc import AsyncIterator

import httpx
import pytest
from pydantic import SecretStr
from sqlalchemy import select

from api.app import create_app
from core.settings import Settings
from graph.suite import Suite
from jobs.execution import execute
from jobs.handlers import HANDLERS
from storage.database import Database
from storage.models import Job, new_id
from tests.conftest import Creator, SignUp, new_client, new_email, serving
from tests.integration.test_accounts import code, register

SECRET = "a secret of the scheduler"
PATH = "/api/cron/generate-insights"


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return settings.model_copy(update={"cron_secret": SecretStr(SECRET), "login_attempts": 3})


@pytest.fixture
async def cron(api_url: str) -> AsyncIterator[httpx.AsyncClient]:
    """Return a client that has the secret."""
    async with new_client(api_url) as client:
        client.headers["Authorization"] = f"Bearer {SECRET}"
        yield client


# --- the secret ---


async def test_without_a_secret_there_is_nothing(settings: Settings, database_url: str) -> None:
    hidden = settings.model_copy(update={"cron_secret": None})
    async with serving(create_app(hidden, database_url)) as url, new_client(url) as client:
        for headers in ({}, {"Authorization": "Bearer None"}):
            for method in ("GET", "POST"):
                refused = await client.request(method, PATH, headers=headers)
                assert code(refused) == (404, "not_found")
                assert "CRON_SECRET" in refused.json()["detail"]


@pytest.mark.parametrize(
    "header",
    [None, "", SECRET, f"Basic {SECRET}", "Bearer", f"Bearer {SECRET}x",
     f"Bearer {SECRET[:-1]}", f"Bearer {SECRET.upper()}"],
)  # fmt: skip
async def test_without_the_secret_nothing_is_done(
    api: httpx.AsyncClient, database: Database, sign_up: SignUp, header: str | None
) -> None:
    await sign_up()
    headers = {} if header is None else {"Authorization": header}
    for path in (PATH, f"/api/cron/batches/{new_id()}"):
        refused = await api.get(path, headers=headers)
        assert code(refused) == (401, "unauthenticated")
    async with database.service_session() as session:
        assert (await session.scalars(select(Job))).all() == []


async def test_a_signed_in_user_is_no_scheduler(sign_up: SignUp) -> None:
    refused = await (await sign_up()).post(PATH)
    assert refused.status_code == 401


async def test_guessing_the_secret_is_stopped_and_knowing_it_is_not(
    api: httpx.AsyncClient, cron: httpx.AsyncClient
) -> None:
    for _ in range(5):
        assert (await cron.get(PATH)).status_code == 200
    guess = {"Authorization": "Bearer something else"}
    statuses = [(await api.get(PATH, headers=guess)).status_code for _ in range(4)]
    assert statuses == [401, 401, 401, 429]
    stopped = await cron.get(PATH)
    assert code(stopped) == (429, "too_many_attempts")
    assert int(stopped.headers["Retry-After"]) > 0
    await register(api, new_email())  # signing in is counted for itself


# --- batches ---


@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_a_batch_tells_what_it_queued_and_when_that_is_done(
    cron: httpx.AsyncClient, sign_up: SignUp, suite: Suite, database: Database, method: str
) -> None:
    creators = [await sign_up() for _ in range(3)]
    asked = (await creators[0].post("/api/insights/generate")).json()
    batch = (await cron.request(method, PATH)).json()
    assert (batch["kind"], batch["queued"], batch["already"], batch["skipped"]) == (
        "insights", 2, 1, 0,
    )  # fmt: skip
    told = (await cron.get(f"/api/cron/batches/{batch['id']}")).json()
    assert told.pop("jobs") == {
        "queued": 2, "running": 0, "completed": 0, "failed": 0, "cancelled": 0
    }  # fmt: skip
    assert told.pop("finished_at") is None
    assert told == batch
    async with database.service_session() as session:
        jobs = (await session.scalars(select(Job))).all()
    assert {job.user_id for job in jobs} == {creator.user_id for creator in creators}
    for job in jobs:
        await execute(suite, HANDLERS, job.id, "a worker")
    told = (await cron.get(f"/api/cron/batches/{batch['id']}")).json()
    assert told["jobs"]["completed"] == 2
    assert told["finished_at"]
    again = (await cron.request(method, PATH)).json()
    assert (again["queued"], again["already"]) == (0, 3)
    assert (await creators[0].get(f"/api/jobs/{asked['id']}")).json()["status"] == "completed"


async def test_an_unknown_batch_answers_404(cron: httpx.AsyncClient) -> None:
    unknown = await cron.get(f"/api/cron/batches/{new_id()}")
    assert code(unknown) == (404, "batch_not_found")


# --- oneself ---


async def test_generating_for_oneself_is_a_job_that_is_asked_for_once(creator: Creator) -> None:
    first = await creator.post("/api/insights/generate")
    assert first.status_code == 202
    job = first.json()
    assert (job["kind"], job["title"], job["status"]) == ("insights", "Insights", "queued")
    for headers in ({}, {"Idempotency-Key": "a key"}, {"Idempotency-Key": "a key"}):
        again = await creator.post("/api/insights/generate", headers=headers)
        assert (again.status_code, again.json()["id"]) == (202, job["id"])
    assert (await creator.get("/api/limits")).json()["jobs"]["used"] == 1
    assert [each["id"] for each in (await creator.get("/api/jobs")).json()["items"]] == [job["id"]]


async def test_what_a_schedule_asked_for_is_listed_only_by_its_kind(
    cron: httpx.AsyncClient, creator: Creator
) -> None:
    await cron.post(PATH)
    assert (await creator.get("/api/jobs")).json()["items"] == []
    [job] = (await creator.get("/api/jobs", params={"kind": "insights"})).json()["items"]
    assert (await creator.get(f"/api/jobs/{job['id']}")).status_code == 200
    assert (await creator.get("/api/limits")).json()["jobs"]["used"] == 0
    cancelled = await creator.post(f"/api/jobs/{job['id']}/cancel")
    assert cancelled.json()["status"] == "cancelled"
    again = (await creator.post("/api/insights/generate")).json()
    assert (again["id"], again["status"]) == (job["id"], "queued")


async def test_a_daily_job_cannot_be_asked_for_as_a_job(creator: Creator) -> None:
    body = {"kind": "insights", "input": {"date": "2026-11-21"}}
    refused = await creator.post("/api/jobs", json=body)
    assert refused.status_code == 422
