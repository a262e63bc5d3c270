"""Jobs that are sent to outside engines: sent once, tried again, given up, watched, replayed."""

import asyncio
import datetime as dt
import logging
from collections.abc import AsyncIterator
from dataclasses import replace
from email.utils import format_datetime
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError
from standardwebhooks import Webhook

from core.clock import utc_now
from core.settings import InvalidSettingsError, Settings
from graph.resources import Resources
from graph.suite import Suite
from jobs.delivery import WAITS, deliver
from jobs.engines import check_engines, watch_engines
from jobs.execution import Handler
from jobs.handlers import HANDLERS
from jobs.rescue import rescue
from jobs.worker import build_app, working
from storage.models import Job, WebhookDelivery
from tests.conftest import Postgres, SealedEngineSettings, SealedSettings
from tests.e2e.waiting import PATIENCE_SECONDS
from tests.engine_server import ScriptedEngine, scripted_engine
from tests.engine_world import (
    SIGNING_SECRET,
    WEBHOOK_SECRET,
    World,
    engine_world,
)


@pytest.fixture
async def engine() -> AsyncIterator[ScriptedEngine]:
    async with scripted_engine() as engine:
        yield engine


@pytest.fixture
async def world(
    settings: Settings, database_url: str, engine: ScriptedEngine
) -> AsyncIterator[World]:
    async with engine_world(
        settings,
        database_url,
        job_engines="onboarding=webhook",
        webhook_engine_url=engine.url,
        webhook_signing_secret=SIGNING_SECRET,
        webhook_secret=WEBHOOK_SECRET,
    ) as world:
        yield world


async def due_in(world: World, delivery: WebhookDelivery) -> float:
    """Return the seconds until a delivery is tried again."""
    statement = text(
        "SELECT extract(epoch FROM max(scheduled_at) - now()) FROM procrastinate_jobs"
        " WHERE task_name = 'deliver' AND args->>'delivery_id' = :id"
    )
    async with world.suite.database.service_session() as session:
        return float(await session.scalar(statement, {"id": str(delivery.id)}) or 0)


def later(suite: Suite, minutes: float) -> Suite:
    return replace(suite, clock=lambda: utc_now() + dt.timedelta(minutes=minutes))


async def make_admin(world: World) -> None:
    user_id = (await world.client.get("/api/me")).json()["id"]
    async with world.suite.database.service_session() as session:
        statement = text("UPDATE users SET role = 'admin' WHERE id = :id")
        await session.execute(statement, {"id": user_id})


# --- sent ---


async def test_a_job_is_sent_once_with_all_that_the_engine_needs(
    world: World, engine: ScriptedEngine
) -> None:
    job_id = await world.submit()
    assert await world.hand_over(job_id)
    assert await world.hand_over(job_id)  # the task may run twice
    delivery = await world.deliver(job_id)
    await world.deliver(job_id)
    [request] = engine.received
    assert request.path == "/webhook/dream-suite-onboarding"
    assert Webhook(SIGNING_SECRET).verify(request.raw, request.headers)
    assert request.headers["x-webhook-secret"] == WEBHOOK_SECRET
    assert request.headers["idempotency-key"] == request.headers["webhook-id"] == str(delivery.id)
    assert request.body["type"] == "job.onboarding"
    data = request.data
    assert (data["job_id"], data["attempt"]) == (str(job_id), 1)
    assert data["callback_url"] == f"{world.client.base_url}/api/callbacks/jobs/{job_id}".replace(
        "//api", "/api"
    )
    assert data["input"]["goal"] == "Be heard by more people"
    assert len(data["slots"]) == 8
    assert {"brand", "figures", "times", "goals"} <= data["evidence"].keys()
    assert (delivery.status, delivery.tries, delivery.status_code) == ("delivered", 1, 200)
    assert (await world.load(job_id)).status == "running"


async def test_a_kind_that_is_not_named_is_left_to_the_workers(
    settings: Settings, database_url: str
) -> None:
    async with engine_world(settings, database_url) as world:
        job_id = await world.submit()
        assert not await world.hand_over(job_id)
        assert await world.deliveries(job_id) == []


async def test_a_job_that_an_engine_has_is_no_orphan(world: World) -> None:
    job_id = await world.begin()
    other = await world.submit()
    async with world.suite.database.service_session() as session:
        await session.execute(text("DELETE FROM procrastinate_jobs WHERE task_name = 'run_job'"))
    app = build_app(world.suite.database.url)
    async with app.open_async():
        await rescue(app, world.suite.database, HANDLERS, stall_seconds=60)
    async with world.suite.database.service_session() as session:
        statement = text(
            "SELECT args->>'job_id' FROM procrastinate_jobs WHERE task_name = 'run_job'"
        )
        assert (await session.scalars(statement)).all() == [str(other)]
    assert (await world.load(job_id)).status == "running"


# --- tried again ---


async def test_what_may_heal_is_tried_again_later_and_later(
    world: World, engine: ScriptedEngine
) -> None:
    engine.answers = [(503, {}), (500, {}), (429, {})]
    job_id = await world.submit()
    await world.hand_over(job_id)
    for number in range(3):
        delivery = await world.deliver(job_id)
        assert (delivery.status, delivery.tries) == ("pending", number + 1)
        wait = WAITS[number].total_seconds()
        assert 0.7 * wait < await due_in(world, delivery) < 1.3 * wait
    delivery = await world.deliver(job_id)
    assert (delivery.status, delivery.tries, delivery.status_code) == ("delivered", 4, 200)
    assert len({request.headers["webhook-id"] for request in engine.received}) == 1
    assert len({request.raw for request in engine.received}) == 1
    assert all(Webhook(SIGNING_SECRET).verify(each.raw, each.headers) for each in engine.received)


@pytest.mark.parametrize(
    ("header", "least", "most"),
    [
        ("120", 100, 140),
        ("a date", 1500, 1900),
        ("999999999999", 3500, 3700),
        ("soon", 3, 8),
        ("Fri, 01 Jan 2027 00:00:00 +99999999999999999999", 3, 8),
    ],
)
async def test_retry_after_is_waited_for_up_to_an_hour(
    world: World, engine: ScriptedEngine, header: str, least: float, most: float
) -> None:
    if header == "a date":
        header = format_datetime(utc_now() + dt.timedelta(minutes=30), usegmt=True)
    engine.answers = [(429, {"Retry-After": header})]
    delivery = (await world.deliveries(await world.begin()))[-1]
    assert least < await due_in(world, delivery) < most
    # Its silence counts from then.
    job = await world.load(delivery.job_id)
    assert job.answer_due_at
    assert job.answer_due_at > utc_now() + dt.timedelta(seconds=least)


async def test_an_engine_that_stays_away_fails_the_job_in_the_end(
    world: World, engine: ScriptedEngine
) -> None:
    engine.answers = [(503, {})] * 20
    job_id = await world.begin()
    for _ in WAITS:
        assert (await world.load(job_id)).status == "running"
        await world.deliver(job_id)
    job = await world.load(job_id)
    assert (job.status, job.error_code) == ("failed", "engine_unreachable")
    assert len(engine.received) == 1 + len(WAITS)


async def test_an_engine_that_nobody_listens_for_is_tried_again(
    settings: Settings, database_url: str
) -> None:
    async with engine_world(
        settings,
        database_url,
        job_engines="onboarding=webhook",
        webhook_engine_url="http://127.0.0.1:1/webhook",
        webhook_signing_secret=SIGNING_SECRET,
    ) as world:
        [delivery] = await world.deliveries(await world.begin())
        assert (delivery.status, delivery.status_code) == ("pending", None)
        assert "ConnectError" in (delivery.detail or "")


async def test_an_engine_that_calls_back_has_the_job_whatever_it_answered(
    world: World, engine: ScriptedEngine
) -> None:
    engine.answers = [(504, {})]
    job_id = await world.begin()
    await world.call_back(job_id, "progress", progress=10)
    delivery = await world.deliver(job_id)
    assert delivery.status == "delivered"
    assert len(engine.received) == 1


# --- given up ---


@pytest.mark.parametrize("status", [301, 302, 307, 400, 401, 403, 404, 410, 422])
async def test_what_will_not_heal_fails_the_job_at_once(
    world: World, engine: ScriptedEngine, status: int, caplog: pytest.LogCaptureFixture
) -> None:
    engine.answers = [(status, {"Location": "/elsewhere"})]
    with caplog.at_level(logging.ERROR):
        job_id = await world.begin()
    job = await world.load(job_id)
    assert (job.status, job.error_code) == ("failed", "engine_refused")
    assert f"answered {status}" in caplog.text
    [delivery] = await world.deliveries(job_id)
    assert (delivery.status, delivery.status_code) == ("failed", status)
    assert len(engine.received) == 1  # no redirect is followed


async def test_what_an_engine_cannot_be_told_fails_the_job_at_once(
    world: World, engine: ScriptedEngine
) -> None:
    job_id = await world.submit()
    await world.hand_over(job_id)
    [delivery] = await world.deliveries(job_id)
    await deliver(later(world.suite, 60 * 24 * 400), HANDLERS, delivery.id)
    job = await world.load(job_id)
    assert (job.status, job.error_code) == ("failed", "job_failed")
    assert "the period is over" in (job.error or "")
    assert engine.received == []


async def test_a_delivery_outlives_an_outage_of_the_database(
    world: World, engine: ScriptedEngine
) -> None:
    failures = [OSError("connection lost"), OperationalError("SELECT 1", {}, Exception())]
    handler = HANDLERS["onboarding"]
    assert handler.outside
    brief = handler.outside.brief

    async def fail_twice(suite: Resources, job: Job) -> dict[str, Any]:
        if failures:
            raise failures.pop()
        return await brief(suite, job)

    handlers = {"onboarding": replace(handler, outside=replace(handler.outside, brief=fail_twice))}
    job_id = await world.submit()
    async with working(world.suite, handlers):
        await asyncio.wait_for(engine.arrived.wait(), PATIENCE_SECONDS)
    assert failures == []
    assert (await world.load(job_id)).status == "running"


async def test_servers_whose_clocks_differ_agree_which_delivery_counts(
    world: World, engine: ScriptedEngine
) -> None:
    job_id = await world.begin()
    [first] = await world.deliveries(job_id)
    ahead = UUID(int=first.id.int + (3_600_000 << 80))  # of a server that is an hour ahead
    async with world.suite.database.service_session() as session:
        statement = text("UPDATE webhook_deliveries SET id = :ahead WHERE id = :id")
        await session.execute(statement, {"id": first.id, "ahead": ahead})
    await world.client.post(f"/api/jobs/{job_id}/cancel")
    await world.client.post(f"/api/jobs/{job_id}/retry")
    assert await world.hand_over(job_id)
    [second] = [each for each in await world.deliveries(job_id) if each.id != ahead]
    await deliver(world.suite, HANDLERS, second.id)
    assert [each.data["attempt"] for each in engine.received] == [1, 2]


async def test_a_cancelled_job_is_not_sent(world: World, engine: ScriptedEngine) -> None:
    job_id = await world.submit()
    await world.hand_over(job_id)
    await world.client.post(f"/api/jobs/{job_id}/cancel")
    [delivery] = await world.deliveries(job_id)
    await deliver(world.suite, HANDLERS, delivery.id)
    await deliver(world.suite, HANDLERS, delivery.id)
    assert (await world.deliveries(job_id), engine.received) == ([], [])


async def test_a_kind_that_is_set_back_to_the_workers_is_done_by_them(
    settings: Settings, database_url: str
) -> None:
    engines: dict[str, Any] = {
        "webhook_engine_url": "http://127.0.0.1:1/",
        "webhook_signing_secret": SIGNING_SECRET,
    }
    async with engine_world(
        settings, database_url, job_engines="onboarding=webhook", **engines
    ) as world:
        job_id = await world.submit()
        await world.hand_over(job_id)
        unset = world.suite.settings.model_copy(update={"engines": SealedEngineSettings()})
        changed = replace(world.suite, settings=unset)
        [delivery] = await world.deliveries(job_id)
        await deliver(changed, HANDLERS, delivery.id)
        assert (await world.load(job_id)).engine == "worker"
        assert not await world.hand_over(job_id)


# --- silent ---


async def test_a_silent_engine_fails_the_job_and_alerts_the_operator(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    job_id = await world.begin()
    await watch_engines(later(world.suite, 29), HANDLERS)
    assert (await world.load(job_id)).status == "running"
    with caplog.at_level(logging.ERROR):
        await watch_engines(later(world.suite, 31), HANDLERS)
    job = await world.load(job_id)
    assert (job.status, job.error_code) == ("failed", "engine_silent")
    assert f"job {job_id}" in caplog.text
    [delivery] = await world.deliveries(job_id)
    assert delivery.status == "silent"
    metrics = (await world.client.get("/metrics")).text
    assert 'dreamsuite_engine_deliveries{engine="webhook",status="silent"} 1.0' in metrics
    assert 'dreamsuite_engine_deliveries{engine="webhook",status="failed"} 0.0' in metrics


async def test_a_job_that_cannot_be_ended_holds_up_no_other(
    world: World, postgres: Postgres, database_name: str
) -> None:
    stuck, other = await world.begin(), await world.begin()
    postgres.execute(
        "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'refused'; END $$",
        "CREATE TRIGGER refuse BEFORE UPDATE ON jobs FOR EACH ROW "
        f"WHEN (NEW.id = '{stuck}') EXECUTE FUNCTION refuse()",
        database=database_name,
    )
    await watch_engines(later(world.suite, 31), HANDLERS)
    assert (await world.load(stuck)).status == "running"
    assert (await world.load(other)).status == "failed"


async def test_an_engine_that_speaks_is_not_silent(world: World) -> None:
    job_id = await world.begin()
    async with world.suite.database.service_session() as session:
        statement = text("UPDATE jobs SET answer_due_at = now() + '1 s' WHERE id = :id")
        await session.execute(statement, {"id": job_id})
    await world.call_back(job_id, "progress", progress=10)
    await watch_engines(later(world.suite, 29), HANDLERS)
    assert (await world.load(job_id)).status == "running"


# --- seen and replayed by administrators ---


async def test_deliveries_are_for_administrators(world: World) -> None:
    job_id = await world.begin()
    [delivery] = await world.deliveries(job_id)
    assert (await world.client.get("/api/admin/deliveries")).status_code == 403
    replay = f"/api/admin/deliveries/{delivery.id}/replay"
    assert (await world.client.post(replay)).status_code == 403
    await make_admin(world)
    shown = (await world.client.get(f"/api/admin/deliveries?job_id={job_id}")).json()["items"]
    assert [each["id"] for each in shown] == [str(delivery.id)]
    assert (await world.client.get("/api/admin/deliveries?status=silent")).json()["items"] == []


async def test_deliveries_are_listed_page_by_page(world: World) -> None:
    await make_admin(world)
    ids = [str((await world.deliveries(await world.begin()))[0].id) for _ in range(2)]
    found: list[str] = []
    cursor = None
    while len(found) < len(ids):
        params = {"limit": 1} | ({"cursor": cursor} if cursor else {})
        page = (await world.client.get("/api/admin/deliveries", params=params)).json()
        found += [each["id"] for each in page["items"]]
        cursor = page["next"]
    assert (found, cursor) == (ids[::-1], None)
    async with world.suite.database.service_session() as session:
        statement = text("UPDATE webhook_deliveries SET created_at = now() WHERE id = :id")
        await session.execute(statement, {"id": ids[0]})  # its id is of a clock that is behind
    page = (await world.client.get("/api/admin/deliveries")).json()
    assert [each["id"] for each in page["items"]] == ids
    assert (await world.client.get("/api/admin/deliveries?cursor=x")).status_code == 400


async def replay(world: World, delivery_id: UUID) -> int:
    response = await world.client.post(f"/api/admin/deliveries/{delivery_id}/replay")
    return response.status_code


async def test_a_delivery_is_replayed_with_its_id(world: World, engine: ScriptedEngine) -> None:
    await make_admin(world)
    job_id = await world.begin()
    [delivery] = await world.deliveries(job_id)
    assert await replay(world, delivery.id) == 200
    assert await replay(world, delivery.id) == 409  # it is on its way
    await world.deliver(job_id)
    first, second = engine.received
    assert first.headers["webhook-id"] == second.headers["webhook-id"]
    assert first.raw == second.raw


async def test_a_job_that_an_engine_has_lost_is_sent_to_it_again(
    world: World, engine: ScriptedEngine
) -> None:
    await make_admin(world)
    job_id = await world.begin()
    await world.call_back(job_id, "progress", progress=10)
    [delivery] = await world.deliveries(job_id)
    assert await replay(world, delivery.id) == 200
    engine.answers = [(503, {})]
    assert (await world.deliver(job_id)).status == "pending"  # it is still starting
    assert (await world.deliver(job_id)).status == "delivered"
    assert len(engine.received) == 3


async def test_the_delivery_of_a_failed_job_is_replayed_as_another_attempt(
    world: World, engine: ScriptedEngine
) -> None:
    await make_admin(world)
    engine.answers = [(404, {})]
    job_id = await world.begin()
    [delivery] = await world.deliveries(job_id)
    assert await replay(world, delivery.id) == 200
    assert await world.hand_over(job_id)
    await world.deliver(job_id)
    assert [each.data["attempt"] for each in engine.received] == [1, 2]
    assert (await world.load(job_id)).status == "running"
    assert await replay(world, delivery.id) == 409  # there is a newer one


async def test_the_delivery_of_a_completed_job_is_not_replayed(world: World) -> None:
    await make_admin(world)
    job_id = await world.begin()
    await world.call_back(job_id, "completed", result=await world.plan(job_id))
    [delivery] = await world.deliveries(job_id)
    assert await replay(world, delivery.id) == 409


# --- settings ---


@pytest.mark.parametrize(
    ("given", "missing"),
    [
        ({"job_engines": "onboarding=webhook"}, "WEBHOOK_ENGINE_URL"),
        (
            {"job_engines": "onboarding=webhook", "webhook_engine_url": "https://a.b"},
            "WEBHOOK_SECRET",
        ),
        (
            {
                "job_engines": "onboarding=webhook",
                "webhook_engine_url": "https://a.b",
                "webhook_secret": "x",
            },
            "CALLBACK_SECRET",
        ),
        ({"job_engines": "onboarding=qstash"}, "QSTASH_TOKEN"),
        ({"job_engines": "onboarding=qstash", "qstash_token": "x"}, "QSTASH_CURRENT_SIGNING_KEY"),
        ({"job_engines": "onboarding=fax"}, "webhook"),
        ({"job_engines": "onboarding"}, "webhook"),
        ({"webhook_signing_secret": "weak"}, "whsec_"),
        ({"callback_secret": "too short to be"}, "at least 16"),
        ({"callback_secret": "lång enough to be a secret"}, "ASCII"),
        ({"webhook_secret": "two\nlines"}, "ASCII"),
        ({"qstash_token": "töken"}, "ASCII"),
    ],
)
def test_an_engine_that_could_not_work_is_refused(given: dict[str, str], missing: str) -> None:
    with pytest.raises(ValueError, match=missing):
        SealedEngineSettings(**given)  # type: ignore[arg-type]  # pydantic parses them


def test_an_engine_has_to_reach_the_server() -> None:
    engines = SealedEngineSettings(
        job_engines="onboarding=webhook",
        webhook_engine_url="https://a.b",
        webhook_signing_secret=SIGNING_SECRET,
    )
    with pytest.raises(ValueError, match="PUBLIC_URL"):
        SealedSettings(engines=engines)
    settings = SealedSettings(engines=engines, public_url="https://c.d")
    check_engines(settings, HANDLERS)
    for handlers in ({}, {"onboarding": without_outside(HANDLERS["onboarding"])}):
        with pytest.raises(InvalidSettingsError, match="onboarding"):
            check_engines(settings, handlers)


def without_outside(handler: Handler) -> Handler:
    return replace(handler, outside=None)
