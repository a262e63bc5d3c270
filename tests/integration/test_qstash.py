"""Jobs that go through QStash: published, delivered back, done once, and done without it."""

import asyncio
import datetime as dt
from collections.abc import AsyncIterator, Awaitable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

import httpx
import pytest
from qstash import Receiver
from sqlalchemy import text

from core.settings import Settings
from jobs.callbacks import JobBusyError, take_delivery
from jobs.engines import watch_engines
from jobs.execution import Attempt, Outcome, execute
from jobs.handlers import HANDLERS
from storage.deliveries import get_delivery
from storage.jobs import list_attempts
from storage.models import JobStatus, new_id
from tests.e2e.waiting import eventually
from tests.engine_server import QStash, qstash
from tests.engine_world import CURRENT_KEY, NEXT_KEY, TOKEN, World, engine_world
from tests.integration.test_deliveries import later

PATH = "/api/webhooks/qstash/onboarding"


@dataclass(frozen=True, kw_only=True)
class QStashWorld(World):
    """A server whose jobs go through a QStash."""

    qstash: QStash

    async def attempts(self, job_id: UUID) -> list[str]:
        async with self.suite.database.service_session() as session:
            return [attempt.status for attempt in await list_attempts(session, job_id)]

    async def send(  # type: ignore[override]  # to another address
        self, body: bytes, headers: dict[str, str], *, path: str = PATH
    ) -> httpx.Response:
        url = f"{str(self.client.base_url).rstrip('/')}{path}"
        sent = {
            "Content-Type": "application/json",
            "Upstash-Message-Id": str(new_id()),
            "Upstash-Signature": self.qstash.sign(url, body),
        } | headers
        async with httpx.AsyncClient(trust_env=False) as client:
            return await client.post(url, content=body, headers=sent)

    async def do_by_worker(self, job_id: UUID) -> None:
        """Do what the task does that a worker finds."""
        if not await self.hand_over(job_id):
            await execute(self.suite, HANDLERS, job_id, "worker")


def open_world(
    settings: Settings, database_url: str, server: QStash, **changes: Any
) -> AbstractAsyncContextManager[World]:
    engines = {
        "job_engines": "onboarding=qstash",
        "qstash_url": server.url,
        "qstash_token": TOKEN,
        "qstash_current_signing_key": CURRENT_KEY,
        "qstash_next_signing_key": NEXT_KEY,
    }
    return engine_world(settings, database_url, **(engines | changes))


@pytest.fixture
async def world(settings: Settings, database_url: str) -> AsyncIterator[QStashWorld]:
    async with (
        qstash(TOKEN, CURRENT_KEY) as server,
        open_world(settings, database_url, server) as world,
    ):
        yield QStashWorld(suite=world.suite, client=world.client, qstash=server)


def outcome(response: httpx.Response) -> str:
    assert response.status_code == 200, response.text
    told: str = response.json()["outcome"]
    return told


# --- published, delivered, done ---


async def test_a_job_is_published_and_done_when_it_is_delivered(world: QStashWorld) -> None:
    job_id = await world.begin()
    [message] = world.qstash.published
    [delivery] = await world.deliveries(job_id)
    job = await world.load(job_id)
    assert message.path == f"{world.suite.settings.public_url}{PATH}"
    assert message.headers["upstash-deduplication-id"] == str(delivery.id)
    assert message.headers["upstash-timeout"] == "960s"
    assert message.headers["upstash-retries"] == "3"
    assert message.headers["upstash-flow-control-value"] == "parallelism=4"
    assert message.body == {"job_id": str(job_id), "delivery_id": str(delivery.id)}
    assert (job.status, job.external_id) == ("queued", "msg_0")

    assert outcome(await world.qstash.deliver()) == "accepted"
    job = await world.load(job_id)
    assert job.status == "completed"
    assert await world.attempts(job_id) == ["completed"]
    assert (await world.client.get("/api/plans")).json()["items"]


async def test_a_worker_publishes_and_the_server_does_the_job(
    settings: Settings, database_url: str
) -> None:
    async with (
        qstash(TOKEN, NEXT_KEY) as server,  # the keys were rotated
        open_world(settings, database_url, server, has_worker=True) as world,
    ):
        job_id = await world.submit()

        async def is_published() -> bool:
            return bool(server.published)

        await eventually(is_published)
        assert outcome(await server.deliver()) == "accepted"
        assert (await world.load(job_id)).status == "completed"


def test_our_fake_signs_as_the_sdk_verifies() -> None:
    body, url = b'{"job_id":"x"}', "https://a.b/api/webhooks/qstash/onboarding"
    token = QStash(token=TOKEN, key=CURRENT_KEY).sign(url, body)
    Receiver(current_signing_key=CURRENT_KEY, next_signing_key=NEXT_KEY).verify(
        signature=token, body=body.decode(), url=url
    )


async def test_a_message_that_is_delivered_twice_is_done_once(world: QStashWorld) -> None:
    job_id = await world.begin()
    first, second = await asyncio.gather(world.qstash.deliver(), world.qstash.deliver())
    assert sorted([outcome(first), outcome(second)]) == ["accepted", "duplicate"]
    assert outcome(await world.qstash.deliver(retried=1)) == "ignored"
    assert await world.attempts(job_id) == ["completed"]


async def test_a_failed_attempt_is_published_anew(world: QStashWorld) -> None:
    job_id = await world.begin()
    async with world.suite.database.service_session() as session:
        job = await session.get(type(await world.load(job_id)), job_id)
        assert job
        job.input = job.input | {"start": "no date"}  # it fails, and nobody knows why
    assert outcome(await world.qstash.deliver()) == "accepted"
    assert (await world.load(job_id)).status == "queued"
    assert await world.hand_over(job_id)
    await world.deliver(job_id)
    assert len(world.qstash.published) == 2
    assert outcome(await world.qstash.deliver(0, retried=1)) == "ignored"  # the older message
    assert outcome(await world.qstash.deliver(1)) == "accepted"
    assert await world.attempts(job_id) == ["failed", "failed"]


# --- broken off ---


async def test_while_a_delivery_is_worked_on_another_one_waits(
    world: QStashWorld, settings: Settings
) -> None:
    job_id = await world.begin()
    async with world.suite.database.service_session() as session:
        await session.execute(
            text(
                "UPDATE jobs SET status = 'running', attempts = 1,"
                " answer_due_at = now() + '40 s' WHERE id = :id"
            ),
            {"id": job_id},
        )
    busy = await world.qstash.deliver(retried=1)
    assert (busy.status_code, busy.json()["code"]) == (503, "job_busy")
    assert busy.headers["Retry-After"] == "60"
    # Whoever was at it has gone away.
    async with world.suite.database.service_session() as session:
        statement = text("UPDATE jobs SET answer_due_at = now() - interval '1 s' WHERE id = :id")
        await session.execute(statement, {"id": job_id})
    assert outcome(await world.qstash.deliver(retried=1)) == "accepted"
    assert (await world.load(job_id)).status == "completed"


async def test_a_delivery_keeps_its_job_for_as_long_as_it_works(world: QStashWorld) -> None:
    settings = world.suite.settings.model_copy(update={"job_stall_seconds": 1})
    suite = replace(world.suite, settings=settings)
    begun, gate = asyncio.Event(), asyncio.Event()

    async def wait(_attempt: Attempt) -> Outcome:
        begun.set()
        await gate.wait()
        return Outcome(result={})

    handlers = {"onboarding": replace(HANDLERS["onboarding"], run=wait)}
    job_id = await world.begin()
    [delivery] = await world.deliveries(job_id)

    def deliver(message_id: str) -> Awaitable[str]:
        return take_delivery(suite, handlers, "onboarding", job_id, delivery.id, message_id)

    working = asyncio.ensure_future(deliver("msg_0 0"))
    await begun.wait()
    first = (await world.load(job_id)).answer_due_at
    assert first

    async def is_kept_beyond_its_first_lease() -> bool:
        due = (await world.load(job_id)).answer_due_at
        return due is not None and due > first + dt.timedelta(seconds=1)

    await eventually(is_kept_beyond_its_first_lease)
    await watch_engines(suite, handlers)
    with pytest.raises(JobBusyError):
        await deliver("msg_0 1")
    gate.set()
    assert await working == "accepted"
    assert await world.attempts(job_id) == ["completed"]


# --- forged ---


async def test_a_forged_delivery_gets_401_and_does_nothing(world: QStashWorld) -> None:
    job_id = await world.begin()
    [message] = world.qstash.published
    sign, url = world.qstash.sign, message.path
    for headers in (
        {"Upstash-Signature": ""},
        {"Upstash-Signature": "x"},
        {"Upstash-Signature": sign(url, b"another body")},
        {"Upstash-Signature": sign(url.replace("onboarding", "other"), message.raw)},
        {"Upstash-Signature": sign(url.replace("127.0.0.1", "localhost"), message.raw)},
        {"Upstash-Signature": sign(url, message.raw, exp=1)},
        {"Upstash-Signature": sign(url, message.raw, nbf=4102444800)},
        {"Upstash-Signature": sign(url, message.raw, iss="Someone")},
        {"Upstash-Signature": QStash(token="", key="guessed" * 6).sign(url, message.raw)},
    ):
        response = await world.qstash.deliver(headers=headers)
        assert response.status_code == 401, headers
        assert response.json()["code"] == "invalid_signature"
    assert await world.attempts(job_id) == []


async def test_without_qstash_nobody_is_believed(settings: Settings, database_url: str) -> None:
    async with engine_world(settings, database_url) as world:
        response = await world.client.post(PATH, json={})
        assert response.status_code == 401


# --- what must not be tried again ---


async def test_what_cannot_be_done_is_not_to_be_tried_again(world: QStashWorld) -> None:
    await world.begin()
    good = world.qstash.published[0].raw
    ids = f'{{"job_id":"{new_id()}","delivery_id":"{new_id()}"}}'.encode()
    for body, path, headers in (
        (b"", PATH, {}),
        (b"{}", PATH, {}),
        (b'{"job_id":1}', PATH, {}),
        (ids, PATH, {}),
        (good, PATH.replace("onboarding", "content_calendar"), {}),
        (good, PATH.replace("onboarding", "nothing"), {}),
        (good, PATH, {"Upstash-Message-Id": ""}),
    ):
        response = await world.send(body, headers, path=path)
        assert (response.status_code, response.json()["code"]) == (489, "not_retryable")
        assert response.headers["Upstash-NonRetryable-Error"] == "true"


async def test_a_cancelled_job_is_not_done(world: QStashWorld) -> None:
    job_id = await world.begin()
    await world.client.post(f"/api/jobs/{job_id}/cancel")
    assert outcome(await world.qstash.deliver()) == "ignored"
    assert await world.attempts(job_id) == []


# --- without QStash ---


@pytest.mark.parametrize("refusal", [429, 402, 401, 400, 500])
async def test_a_message_that_is_refused_is_done_by_a_worker(
    world: QStashWorld, refusal: int
) -> None:
    world.qstash.refusal = refusal
    job_id = await world.begin()
    [delivery] = await world.deliveries(job_id)
    assert (delivery.status, delivery.status_code) == ("failed", refusal)
    await world.do_by_worker(job_id)
    assert (await world.load(job_id)).status == "completed"


async def test_without_qstash_a_worker_does_it(settings: Settings, database_url: str) -> None:
    nobody = QStash(token=TOKEN, key=CURRENT_KEY, url="http://127.0.0.1:1")
    async with open_world(settings, database_url, nobody, has_worker=True) as world:
        job = await world.wait_for(await world.submit(), JobStatus.COMPLETED)
        assert job.engine == "worker"


async def test_a_message_that_never_comes_is_done_by_a_worker(world: QStashWorld) -> None:
    job_id = await world.begin()
    await watch_engines(later(world.suite, 29), HANDLERS)
    assert (await world.load(job_id)).engine == "qstash"
    await watch_engines(later(world.suite, 31), HANDLERS)
    async with world.suite.database.service_session() as session:
        delivery = await get_delivery(session, (await world.deliveries(job_id))[0].id)
    assert delivery.status == "silent"
    await world.do_by_worker(job_id)
    assert (await world.load(job_id)).status == "completed"
    assert outcome(await world.qstash.deliver()) == "ignored"  # it comes after all
    assert await world.attempts(job_id) == ["completed"]


async def test_workers_look_for_messages_that_do_not_come(
    settings: Settings, database_url: str
) -> None:
    async with (
        qstash(TOKEN, CURRENT_KEY) as server,
        open_world(
            settings, database_url, server, has_worker=True, engine_silence_minutes=0.02
        ) as world,
    ):
        job = await world.wait_for(await world.submit(), JobStatus.COMPLETED)
        assert job.engine == "worker"
        assert len(server.published) == 1


async def test_a_job_that_is_asked_for_again_goes_through_qstash_again(world: QStashWorld) -> None:
    world.qstash.refusal = 429
    job_id = await world.begin()
    await world.client.post(f"/api/jobs/{job_id}/cancel")
    world.qstash.refusal = None
    await world.client.post(f"/api/jobs/{job_id}/retry")
    assert await world.hand_over(job_id)
    await world.deliver(job_id)
    assert outcome(await world.qstash.deliver()) == "accepted"
    assert (await world.load(job_id)).status == "completed"


async def test_what_is_asked_for_again_while_it_is_worked_on_is_done_once(
    world: QStashWorld,
) -> None:
    begun, gate = asyncio.Event(), asyncio.Event()
    run = HANDLERS["onboarding"].run

    async def wait(attempt: Attempt) -> Outcome:
        begun.set()
        await gate.wait()
        return await run(attempt)

    handlers = {"onboarding": replace(HANDLERS["onboarding"], run=wait)}
    job_id = await world.begin()
    [first] = await world.deliveries(job_id)
    working = asyncio.ensure_future(
        take_delivery(world.suite, handlers, "onboarding", job_id, first.id, "msg_0 0")
    )
    await begun.wait()
    await world.client.post(f"/api/jobs/{job_id}/cancel")
    await world.client.post(f"/api/jobs/{job_id}/retry")
    assert await world.hand_over(job_id)
    await world.deliver(job_id)
    assert outcome(await world.qstash.deliver(0, retried=1)) == "ignored"
    assert outcome(await world.qstash.deliver(1)) == "accepted"
    gate.set()
    assert await working == "accepted"  # it had no say any more
    assert await world.attempts(job_id) == ["cancelled", "completed"]
    assert len((await world.client.get("/api/plans")).json()["items"]) == 1
