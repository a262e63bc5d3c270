"""Jobs over HTTP: what is asked for is checked before anything is kept; the rest is told."""

import datetime as dt
import json
from typing import Any
from uuid import UUID

import anyio
import httpx
import pytest
from fastapi import FastAPI
from httpx import AsyncClient as Client
from sqlalchemy import func, select

from api.job_models import ASKED_KINDS, INPUT_EXAMPLES, KINDS
from core.clock import utc_now
from domain.jobs import create_job
from domain.tiers import TIERS
from jobs.handlers import HANDLERS
from jobs.worker import working
from storage.database import Database
from storage.jobs import Fence, begin_attempt, end_job, report
from storage.models import AttemptStatus, DailyUsage, Job, JobStatus, Tier, new_id
from tests.conftest import (
    PASSWORD,
    Creator,
)
from tests.e2e.waiting import PATIENCE_SECONDS
from tests.integration.test_accounts import code
from tests.integration.test_creating import CALENDAR

ONBOARDING: dict[str, Any] = {
    "kind": "onboarding",
    "input": INPUT_EXAMPLES["onboarding"] | {"start": "2126-12-01"},  # long after any run of this
}
Event = dict[str, Any]


async def ask(creator: Client, **fields: object) -> Event:
    """Ask for an onboarding plan, which needs no figures."""
    response = await creator.post("/api/jobs", json=ONBOARDING | fields)
    assert response.status_code == 202, response.text
    job: Event = response.json()
    return job


def fence_of(job: Job) -> Fence:
    return Fence(user_id=job.user_id, job_id=job.id, attempt=job.attempts)


async def fail(database: Database, job: Event) -> None:
    """Let the job fail for good, as a worker does."""
    async with database.service_session() as session:
        row = await session.get_one(Job, job["id"])
        begun = await begin_attempt(session, row.id, {row.kind}, "a worker", utc_now())
        assert begun
        assert await end_job(
            session, fence_of(begun), JobStatus.FAILED, utc_now(), attempt=AttemptStatus.FAILED,
            detail="ValueError('secret detail')", error="It did not work.", error_code="job_failed",
        )  # fmt: skip


# --- asking ---


async def test_what_is_asked_for_is_queued_and_kept(creator: Creator) -> None:
    job = await ask(creator)
    assert (job["status"], job["progress"], job["attempts"]) == ("queued", 0, [])
    assert (job["kind"], job["title"]) == ("onboarding", KINDS["onboarding"].title)
    assert job["input"]["niche"] == "quiet indie folk"
    assert (await creator.get(f"/api/jobs/{job['id']}")).json() == job
    listed = (await creator.get("/api/jobs")).json()["items"]
    assert [each["id"] for each in listed] == [job["id"]]
    assert "input" not in listed[0]


CALENDAR_INPUT = CALENDAR["input"]


@pytest.mark.parametrize(
    ("kind", "wrong", "field"),
    [
        ("content_calendar", {"end": "2126-11-30"}, "body.input.end"),
        ("content_calendar", {"end": "2128-01-05"}, "body.input.end"),
        ("content_calendar", {"start": "9999-12-01", "end": "9999-12-31"}, "body.input.end"),
        ("onboarding", {"start": "9999-12-31"}, "body.input.start"),
        ("content_calendar", {"posts_per_week": 0}, "body.input.posts_per_week"),
        ("content_calendar", {"posts_per_week": "many"}, "body.input.posts_per_week"),
        ("content_calendar", {"goal": None}, "body.input.goal"),
        ("content_calendar", {"goal": "\ud800"}, "body"),
        ("content_calendar", {"platforms": []}, "body.input.platforms"),
        ("content_calendar", {"platforms": ["myspace"]}, "body.input.platforms.0"),
        ("content_calendar", {"user_id": "mine"}, "body.input.user_id"),
        ("content_calendar", None, "body.input"),
        ("nothing", {}, "body.kind"),
    ],
)
async def test_what_cannot_be_done_names_its_field_and_leaves_nothing(
    creator: Creator, database: Database, kind: str, wrong: dict[str, Any] | None, field: str
) -> None:
    asked = {"kind": kind} | ({} if wrong is None else {"input": CALENDAR_INPUT | wrong})
    content = json.dumps(asked)
    refused = await creator.post(
        "/api/jobs", content=content, headers={"Content-Type": "application/json"}
    )
    assert code(refused) == (422, "validation_failed")
    assert field in [error["field"] for error in refused.json()["errors"]], refused.text
    await assert_nothing_is_left(creator, database)


async def test_a_platform_that_is_not_connected_is_named(
    creator: Creator, database: Database
) -> None:
    refused = await creator.post("/api/jobs", json=CALENDAR, headers={"Idempotency-Key": "x"})
    assert code(refused) == (400, "platform_not_connected")
    assert refused.json()["field"] == "body.input.platforms"
    assert "instagram" in refused.json()["detail"]
    await assert_nothing_is_left(creator, database)


@pytest.mark.parametrize(
    "asked",
    [
        CALENDAR | {"input": CALENDAR["input"] | {"start": "2025-12-01", "end": "2025-12-31"}},
        ONBOARDING | {"input": ONBOARDING["input"] | {"start": "2025-12-01"}},
    ],
)
async def test_days_that_are_over_are_not_planned(
    creator: Creator, database: Database, asked: dict[str, Any]
) -> None:
    refused = await creator.post("/api/jobs", json=asked)
    assert code(refused) == (400, "period_over")
    assert refused.json()["field"] == "body.input.start"
    assert "2025-12-" in refused.json()["detail"]
    await assert_nothing_is_left(creator, database)


async def test_a_plan_does_not_begin_on_a_day_that_is_over(
    creator: Creator, database: Database
) -> None:
    """Its end is to come: a part of the plan would be posts that nobody can make any more."""
    start = str(utc_now().date() - dt.timedelta(days=2))
    asked = ONBOARDING | {"input": ONBOARDING["input"] | {"start": start}}
    refused = await creator.post("/api/jobs", json=asked)
    assert code(refused) == (400, "period_over")
    assert refused.json()["field"] == "body.input.start"
    assert start in refused.json()["detail"]
    await assert_nothing_is_left(creator, database)


@pytest.mark.parametrize(
    ("body", "field", "message"),
    [
        (b"{", "body", "This is no JSON"),
        (b'{"input": {}}', "body.kind", "Field required"),
        (b'{"kind": "x"}', "body.kind", "one of 'content_calendar', 'onboarding'"),
    ],
)
async def test_what_cannot_be_read_is_told_in_words(
    creator: Creator, body: bytes, field: str, message: str
) -> None:
    refused = await creator.post(
        "/api/jobs", content=body, headers={"Content-Type": "application/json"}
    )
    [error] = refused.json()["errors"]
    assert error["field"] == field
    assert message in error["message"]


async def assert_nothing_is_left(creator: Creator, database: Database) -> None:
    assert (await creator.get("/api/jobs")).json()["items"] == []
    limits = (await creator.get("/api/limits")).json()
    assert (limits["plans"]["used"], limits["jobs"]["used"]) == (0, 0)
    async with database.user_session(creator.user_id) as session:
        for table in (Job, DailyUsage):
            assert await session.scalar(select(func.count()).select_from(table)) == 0


def test_every_kind_has_an_example() -> None:
    assert INPUT_EXAMPLES.keys() == ASKED_KINDS.keys()


# --- limits ---


async def test_a_days_plans_are_counted_and_a_retry_is_not_another(
    creator: Creator, database: Database
) -> None:
    limit = TIERS[Tier.FREE].plans_a_day
    jobs = [await ask(creator) for _ in range(limit)]
    refused = await creator.post("/api/jobs", json=ONBOARDING)
    assert code(refused) == (429, "job_limit_reached")
    assert (refused.json()["used"], refused.json()["limit"]) == (limit, limit)
    await fail(database, jobs[0])
    again = await creator.post(f"/api/jobs/{jobs[0]['id']}/retry")
    assert (again.status_code, again.json()["status"]) == (200, "queued")
    assert (await creator.get("/api/limits")).json()["plans"]["used"] == limit
    assert code(await creator.post("/api/jobs", json=ONBOARDING))[0] == 429


# --- what becomes of it ---


async def test_a_failed_job_tells_why_but_not_its_detail(
    creator: Creator, database: Database
) -> None:
    job = await ask(creator)
    await fail(database, job)
    answer = await creator.get(f"/api/jobs/{job['id']}")
    told = answer.json()
    assert (told["status"], told["error_code"]) == ("failed", "job_failed")
    assert [(each["number"], each["status"]) for each in told["attempts"]] == [(1, "failed")]
    assert "secret" not in answer.text
    assert "worker" not in answer.text


async def test_an_open_job_is_cancelled_and_tried_again(creator: Creator) -> None:
    path = f"/api/jobs/{(await ask(creator))['id']}"
    assert code(await creator.post(f"{path}/retry")) == (409, "job_not_failed")
    cancelled = (await creator.post(f"{path}/cancel")).json()
    assert cancelled["status"] == "cancelled"
    assert cancelled["completed_at"]
    assert code(await creator.post(f"{path}/cancel")) == (409, "job_not_open")
    again = (await creator.post(f"{path}/retry")).json()
    assert (again["status"], again["completed_at"]) == ("queued", None)


async def test_jobs_are_listed_by_when_they_were_asked_for_whatever_their_ids(
    creator: Creator, database: Database
) -> None:
    kind = KINDS["onboarding"]
    asked = kind.input.model_validate(ONBOARDING["input"])
    # As in chats, where ids come from the call that asks.
    ids = [UUID(digit * 8 + new_id().hex[8:]) for digit in "f5"]
    for number, job_id in enumerate(ids):
        async with database.user_session(creator.user_id) as session:
            now = utc_now() + dt.timedelta(seconds=number)
            await create_job(
                session, creator.user_id, kind, asked, job_id=job_id, timezone="UTC", now=now
            )
    first = (await creator.get("/api/jobs", params={"limit": 1})).json()
    second = await creator.get("/api/jobs", params={"cursor": first["next"]})
    listed = [job["id"] for job in first["items"] + second.json()["items"]]
    assert listed == [str(job_id) for job_id in reversed(ids)]


async def test_jobs_are_listed_by_status_and_kind(creator: Creator) -> None:
    first, second = [await ask(creator) for _ in range(2)]
    await creator.post(f"/api/jobs/{first['id']}/cancel")

    async def ids(**params: object) -> list[str]:
        query = httpx.QueryParams(params)  # type: ignore[arg-type]  # lists as well
        response = await creator.get("/api/jobs", params=query)
        return [job["id"] for job in response.json()["items"]]

    assert await ids() == [second["id"], first["id"]]
    assert await ids(status="cancelled") == [first["id"]]
    assert await ids(status=["queued", "cancelled"]) == [second["id"], first["id"]]
    assert await ids(kind="onboarding", status="queued") == [second["id"]]
    assert await ids(kind="content_calendar") == []
    assert code(await creator.get("/api/jobs?status=lost")) == (422, "validation_failed")


async def test_a_job_of_a_kind_that_is_gone_can_be_read_but_not_tried_again(
    creator: Creator, database: Database
) -> None:
    row = Job(
        id=new_id(), user_id=creator.user_id, kind="horoscope", status=JobStatus.FAILED, input={},
        attempt_limit=1,
    )  # fmt: skip
    async with database.user_session(creator.user_id) as session:
        session.add(row)
    assert (await creator.get(f"/api/jobs/{row.id}")).json()["title"] == "horoscope"
    assert code(await creator.post(f"/api/jobs/{row.id}/retry")) == (409, "job_kind_gone")


# --- following ---


async def read_events(response: httpx.Response) -> list[Event]:
    """Return the events of a stream to its end."""
    with anyio.fail_after(PATIENCE_SECONDS):
        lines = [line async for line in response.aiter_lines()]
    assert {line for line in lines if line.startswith("event:")} <= {"event: job"}
    return [json.loads(line.removeprefix("data: ")) for line in lines if line.startswith("data:")]


async def test_a_plan_is_followed_from_its_order_to_its_result(
    creator: Creator, app: FastAPI
) -> None:
    path = f"/api/jobs/{(await ask(creator))['id']}"
    stream = creator.stream("GET", f"{path}/events")
    async with stream as response, working(app.state.suite, HANDLERS):
        told = await read_events(response)
    assert [event["status"] for event in (told[0], told[-1])] == ["queued", "completed"]
    progress = [event["progress"] for event in told]
    assert progress == sorted(progress)
    assert len({event["stage"] for event in told}) > 2
    assert told[-1]["result"]["plan_id"]
    assert told[-1] == (await creator.get(path)).json()


async def test_who_comes_after_the_end_is_told_the_end(creator: Creator) -> None:
    job = await ask(creator)
    await creator.post(f"/api/jobs/{job['id']}/cancel")
    async with creator.stream("GET", f"/api/jobs/{job['id']}/events") as stream:
        assert [event["status"] for event in await read_events(stream)] == ["cancelled"]


async def test_what_is_reported_is_told_once_each(creator: Creator, database: Database) -> None:
    job = await ask(creator)
    async with creator.stream("GET", f"/api/jobs/{job['id']}/events") as stream:
        lines = stream.aiter_lines()

        async def next_event() -> Event:
            with anyio.fail_after(PATIENCE_SECONDS):
                async for line in lines:
                    if line.startswith("data: "):
                        event: Event = json.loads(line.removeprefix("data: "))
                        return event
            raise AssertionError

        assert (await next_event())["status"] == "queued"
        async with database.service_session() as session:
            begun = await begin_attempt(session, job["id"], {"onboarding"}, "w", utc_now())
            assert begun
        assert (await next_event())["attempts"][0]["status"] == "running"
        await ask(creator)  # another job is nothing to tell here
        for percent in (30, 60):
            async with database.service_session() as session:
                await report(session, fence_of(begun), stage="s", progress=percent, message="m")
            assert (await next_event())["progress"] == percent


async def test_signing_out_ends_the_stream(creator: Creator) -> None:
    job = await ask(creator)
    body = {"email": creator.email, "password": PASSWORD}
    token = (await creator.post("/api/auth/login", json=body)).json()["token"]
    phone = {"Authorization": f"Bearer {token}"}
    path = f"/api/jobs/{job['id']}/events"
    async with creator.stream("GET", path, headers=phone) as stream:
        assert (await creator.post("/api/auth/logout", headers=phone)).status_code == 204
        assert len(await read_events(stream)) <= 1
