"""What outside engines send back: every message that is forged, late, repeated or out of order."""

import datetime as dt
from collections.abc import AsyncIterator
from uuid import UUID

import httpx
import orjson
import pytest
from standardwebhooks import Webhook

from core.clock import utc_now
from core.settings import Settings
from domain.jobs import cancel_job
from storage.jobs import get_job, list_attempts
from storage.models import JobStatus, new_id
from tests.engine_server import ScriptedEngine, scripted_engine
from tests.engine_world import (
    CALLBACK_SECRET,
    SIGNING_SECRET,
    WEBHOOK_SECRET,
    World,
    engine_world,
    signed,
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
        callback_secret=CALLBACK_SECRET,
    ) as world:
        yield world


def outcome(response: httpx.Response) -> str:
    assert response.status_code == 200, response.text
    told: str = response.json()["outcome"]
    return told


def code(response: httpx.Response) -> tuple[int, str]:
    assert response.headers["content-type"] == "application/problem+json"
    return response.status_code, response.json()["code"]


async def plans(world: World) -> int:
    return len((await world.client.get("/api/plans")).json()["items"])


# --- as it should be ---


async def test_an_engine_tells_how_far_it_is_and_what_came_of_it(world: World) -> None:
    job_id = await world.begin()
    told = await world.call_back(
        job_id, "progress", progress=40, stage="writing", message="Writing the second week."
    )
    assert outcome(told) == "accepted"
    job = await world.load(job_id)
    assert (job.status, job.progress, job.stage) == ("running", 40, "writing")
    assert job.message == "Writing the second week."

    done = await world.call_back(job_id, "completed", result=await world.plan(job_id))
    assert outcome(done) == "accepted"
    shown = (await world.client.get(f"/api/jobs/{job_id}")).json()
    assert (shown["status"], shown["progress"]) == ("completed", 100)
    plan = (await world.client.get(f"/api/plans/{shown['result']['plan_id']}")).json()
    assert plan["model"] == "scripted"
    assert len(plan["items"]) == 8


async def test_an_engine_that_cannot_do_it_fails_the_job(world: World) -> None:
    job_id = await world.begin()
    error = {"code": "quota", "message": "The model at 10.0.0.7 is away."}
    assert outcome(await world.call_back(job_id, "failed", error=error)) == "accepted"
    job = await world.load(job_id)
    assert (job.status, job.error_code) == ("failed", "engine_failed")
    assert "10.0.0.7" not in (job.error or "")  # what engines say is for operators


async def test_what_may_be_tried_again_is_a_new_attempt_with_a_delivery_of_its_own(
    world: World, engine: ScriptedEngine
) -> None:
    job_id = await world.begin()
    error = {"message": "busy", "retryable": True}
    assert outcome(await world.call_back(job_id, "failed", error=error)) == "accepted"
    assert (await world.load(job_id)).status == "queued"
    assert await world.hand_over(job_id)
    await world.deliver(job_id)
    assert [each.data["attempt"] for each in engine.received] == [1, 2]
    assert engine.received[0].headers["webhook-id"] != engine.received[1].headers["webhook-id"]

    late = await world.call_back(job_id, "failed", attempt=1, error={"message": "busy again"})
    assert outcome(late) == "ignored"
    plan = await world.plan(job_id)
    assert outcome(await world.call_back(job_id, "completed", attempt=1, result=plan)) == "ignored"
    done = await world.call_back(job_id, "completed", attempt=2, result=plan)
    assert outcome(done) == "accepted"
    assert (await world.load(job_id)).status == "completed"


async def test_a_shared_secret_does_for_engines_that_cannot_sign(world: World) -> None:
    job_id = await world.begin()
    body = orjson.dumps({"job_id": job_id, "attempt": 1, "event": "progress", "progress": 5})
    headers = {"X-Callback-Secret": CALLBACK_SECRET}
    assert outcome(await world.send(job_id, body, headers)) == "accepted"
    assert outcome(await world.send(job_id, body, headers)) == "duplicate"


# --- forged and late ---


def forged(body: bytes) -> dict[str, dict[str, str]]:
    """Return headers that do not prove anything."""
    old = utc_now() - dt.timedelta(minutes=6)
    ahead = utc_now() + dt.timedelta(minutes=6)

    def at(moment: dt.datetime) -> dict[str, str]:
        return {
            "webhook-id": "msg_1",
            "webhook-timestamp": str(int(moment.timestamp())),
            "webhook-signature": Webhook(SIGNING_SECRET).sign("msg_1", moment, body.decode()),
        }

    other = Webhook("whsec_YW5vdGhlciBzZWNyZXQgb2YgMzIgYnl0ZXMgbGVuZ3Ro")
    good = signed(body, "msg_1")
    return {
        "nothing": {},
        "another shared secret": {"X-Callback-Secret": "guessed"},
        "an empty shared secret": {"X-Callback-Secret": ""},
        "our own outgoing secret": {"X-Callback-Secret": WEBHOOK_SECRET},
        "another body": signed(body + b" ", "msg_1"),
        "another id": good | {"webhook-id": "msg_2"},
        "another time": good | {"webhook-timestamp": str(int(utc_now().timestamp()) + 1)},
        "another secret": good
        | {"webhook-signature": other.sign("msg_1", utc_now(), body.decode())},
        "no id": {name: value for name, value in good.items() if name != "webhook-id"},
        "late": at(old),
        "from the future": at(ahead),
        "a bad signature beside the shared secret": good
        | {"webhook-signature": "v1,AAAA", "X-Callback-Secret": CALLBACK_SECRET},
    }


@pytest.mark.parametrize("name", forged(b"{}"))
async def test_a_forged_or_late_message_gets_401_and_changes_nothing(
    world: World, name: str
) -> None:
    job_id = await world.begin()
    body = orjson.dumps(
        {"job_id": job_id, "attempt": 1, "event": "failed", "error": {"message": "forged"}}
    )
    response = await world.send(job_id, body, forged(body)[name])
    assert code(response) == (401, "invalid_signature")
    assert (await world.load(job_id)).status == "running"


async def test_without_an_engine_nobody_is_believed(settings: Settings, database_url: str) -> None:
    async with engine_world(settings, database_url) as world:
        job_id = await world.submit()
        body = orjson.dumps({"job_id": job_id, "attempt": 1, "event": "progress", "progress": 5})
        for headers in (signed(body, "msg_1"), {"X-Callback-Secret": ""}, {}):
            assert code(await world.send(job_id, body, headers)) == (401, "invalid_signature")


# --- replayed and out of order ---


async def test_a_replayed_message_has_no_second_effect(world: World) -> None:
    job_id = await world.begin()
    body = orjson.dumps(
        {"job_id": job_id, "attempt": 1, "event": "failed",
         "error": {"message": "busy", "retryable": True}}
    )  # fmt: skip
    headers = signed(body, "msg_once")
    assert outcome(await world.send(job_id, body, headers)) == "accepted"
    assert outcome(await world.send(job_id, body, headers)) == "duplicate"
    assert (await world.load(job_id)).status == "queued"
    again = {"webhook-id": "msg_once"} | signed(body, "msg_once")
    assert outcome(await world.send(job_id, body, again)) == "duplicate"


async def test_progress_that_comes_late_does_not_go_back(world: World) -> None:
    job_id = await world.begin()
    assert outcome(await world.call_back(job_id, "progress", progress=60, stage="b")) == "accepted"
    assert outcome(await world.call_back(job_id, "progress", progress=40, stage="a")) == "ignored"
    job = await world.load(job_id)
    assert (job.progress, job.stage) == (60, "b")


async def test_progress_after_the_end_changes_nothing(world: World) -> None:
    job_id = await world.begin()
    plan = await world.plan(job_id)
    assert outcome(await world.call_back(job_id, "completed", result=plan)) == "accepted"
    assert outcome(await world.call_back(job_id, "progress", progress=99)) == "ignored"
    job = await world.load(job_id)
    assert (job.status, job.progress) == ("completed", 100)


async def test_completed_then_failed_stays_completed(world: World) -> None:
    job_id = await world.begin()
    plan = await world.plan(job_id)
    assert outcome(await world.call_back(job_id, "completed", result=plan)) == "accepted"
    assert outcome(await world.call_back(job_id, "failed", error={"message": "x"})) == "ignored"
    assert outcome(await world.call_back(job_id, "completed", result=plan)) == "ignored"
    assert (await world.load(job_id)).status == "completed"
    assert await plans(world) == 1


async def test_failed_then_completed_stays_failed(world: World) -> None:
    job_id = await world.begin()
    plan = await world.plan(job_id)
    assert outcome(await world.call_back(job_id, "failed", error={"message": "x"})) == "accepted"
    assert outcome(await world.call_back(job_id, "completed", result=plan)) == "ignored"
    assert (await world.load(job_id)).status == "failed"
    assert await plans(world) == 0


async def test_completed_after_a_cancel_stays_cancelled(world: World) -> None:
    job_id = await world.begin()
    plan = await world.plan(job_id)
    cancelled = await world.client.post(f"/api/jobs/{job_id}/cancel")
    assert cancelled.status_code == 200
    assert outcome(await world.call_back(job_id, "progress", progress=50)) == "ignored"
    assert outcome(await world.call_back(job_id, "completed", result=plan)) == "ignored"
    assert (await world.load(job_id)).status == "cancelled"
    assert await plans(world) == 0


async def test_what_was_cancelled_and_asked_for_again_is_done_by_the_new_attempt_alone(
    world: World, engine: ScriptedEngine
) -> None:
    job_id = await world.begin()
    plan = await world.plan(job_id)
    await world.call_back(job_id, "progress", progress=70, stage="old")
    await world.client.post(f"/api/jobs/{job_id}/cancel")
    await world.client.post(f"/api/jobs/{job_id}/retry")
    assert outcome(await world.call_back(job_id, "completed", result=plan)) == "ignored"
    assert await world.hand_over(job_id)
    await world.deliver(job_id)
    assert [each.data["attempt"] for each in engine.received] == [1, 2]
    assert len({each.headers["webhook-id"] for each in engine.received}) == 2
    for event, fields in (
        ("progress", {"progress": 90}),
        ("failed", {"error": {"message": "x"}}),
        ("completed", {"result": plan}),
    ):
        assert outcome(await world.call_back(job_id, event, **fields)) == "ignored"
    job = await world.load(job_id)
    assert (job.status, job.progress, job.stage) == ("running", 0, None)
    done = await world.call_back(job_id, "completed", attempt=2, result=plan)
    assert outcome(done) == "accepted"
    assert await plans(world) == 1


async def test_what_is_told_again_word_for_word_is_a_sign_of_life(world: World) -> None:
    job_id = await world.begin()
    secret = {"X-Callback-Secret": CALLBACK_SECRET}
    body = orjson.dumps({"job_id": job_id, "attempt": 1, "event": "progress", "progress": 5})
    assert outcome(await world.send(job_id, body, secret)) == "accepted"
    async with world.suite.database.service_session() as session:
        (await get_job(session, job_id)).answer_due_at = utc_now()
    assert outcome(await world.send(job_id, body, secret)) == "duplicate"
    due = (await world.load(job_id)).answer_due_at
    assert due
    assert due > utc_now() + dt.timedelta(minutes=29)


async def test_an_engines_words_are_not_written_into_the_log(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    job_id = await world.begin()
    await world.call_back(job_id, "failed", error={"message": "x\n2026 ERROR a forged line"})
    assert (await world.load(job_id)).status == "failed"
    assert f"job {job_id}" in caplog.text
    assert "forged" not in caplog.text
    async with world.suite.database.service_session() as session:
        [attempt] = await list_attempts(session, job_id)
    assert "forged" in (attempt.error or "")


async def test_a_job_that_a_worker_does_takes_no_word_of_an_engine(
    settings: Settings, database_url: str
) -> None:
    async with engine_world(settings, database_url, webhook_signing_secret=SIGNING_SECRET) as world:
        job_id = await world.submit()
        assert outcome(await world.call_back(job_id, "progress", progress=50)) == "ignored"
        assert outcome(await world.call_back(job_id, "completed", result={})) == "ignored"
        assert (await world.load(job_id)).status == "queued"


# --- what cannot be ---


async def test_an_unknown_job_is_404(world: World) -> None:
    assert code(await world.call_back(new_id(), "progress", progress=5)) == (404, "job_not_found")


async def test_a_message_about_another_job_than_its_address_is_refused(world: World) -> None:
    job_id, other = await world.begin(), await world.begin()
    body = orjson.dumps({"job_id": other, "attempt": 1, "event": "progress", "progress": 5})
    assert code(await world.send(job_id, body, signed(body, "msg_x"))) == (422, "other_job")


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"event": "progress"}, "body.progress"),
        ({"event": "progress", "progress": 101}, "body.progress"),
        ({"event": "progress", "progress": -1}, "body.progress"),
        ({"event": "progress", "progress": 5, "message": "nul \0"}, "body"),
        ({"event": "completed"}, "body.result"),
        ({"event": "completed", "result": []}, "body.result"),
        ({"event": "failed"}, "body.error"),
        ({"event": "done", "result": {}}, "body.event"),
        ({"event": "progress", "progress": 5, "attempt": 0}, "body.attempt"),
        ({"event": "progress", "progress": 5, "attempt": 2**31}, "body.attempt"),
    ],
)
async def test_a_message_that_does_not_fit_is_refused_by_its_field(
    world: World, fields: dict[str, object], field: str
) -> None:
    job_id = await world.begin()
    body = orjson.dumps({"job_id": str(job_id), "attempt": 1} | fields)
    response = await world.send(job_id, body, signed(body, str(new_id())))
    assert code(response) == (422, "validation_failed")
    assert [error["field"] for error in response.json()["errors"]] == [field]


async def broken_plans(world: World, job_id: UUID) -> list[dict[str, object]]:
    """Return results that are no plans, and plans that break the rules."""
    good = (await world.plan(job_id))["plan"]
    first, *rest = good["items"]
    return [
        {},
        {"plan": None},
        {"plan": {"items": []}},
        {"plan": good | {"items": [first | {"platform": "myspace"}, *rest]}},
        {"plan": good | {"items": rest}},
        {"plan": good | {"items": [first | {"date": "2020-01-01"}, *rest]}},
        {"plan": good | {"items": [first | {"why": "It earns 4,711 likes."}, *rest]}},
        {"plan": good | {"items": [first | {"figure": "f9999", "no_figure_reason": None}, *rest]}},
    ]


async def test_a_result_that_breaks_the_rules_is_refused_and_may_be_mended(world: World) -> None:
    job_id = await world.begin()
    for result in await broken_plans(world, job_id):
        refused = await world.call_back(job_id, "completed", message_id="msg_same", result=result)
        assert code(refused) == (422, "invalid_result"), result
        assert refused.json()["field"] == "result.plan"
        assert (await world.load(job_id)).status == "running"
    plan = await world.plan(job_id)
    mended = await world.call_back(job_id, "completed", message_id="msg_same", result=plan)
    assert outcome(mended) == "accepted"
    assert await plans(world) == 1


async def test_a_body_that_is_too_large_is_refused(world: World) -> None:
    job_id = await world.begin()
    body = b'{"event":"completed","result":{"x":"%b"}}' % (b"x" * 1_000_000)
    response = await world.send(job_id, body, signed(body, "msg_large"))
    assert response.status_code == 413


async def test_cancelling_tells_the_engine_nothing(world: World, engine: ScriptedEngine) -> None:
    job_id = await world.begin()
    async with world.suite.database.service_session() as session:
        await cancel_job(session, job_id, utc_now())
    await world.deliver(job_id)
    assert len(engine.received) == 1
    assert (await world.load(job_id)).status == JobStatus.CANCELLED
