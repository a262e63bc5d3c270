"""Sends jobs to outside engines, and tries again where that may help."""

import datetime as dt
import logging
import random
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession

from core.engine_settings import Engine
from domain.engines import EngineRefusedError, EngineUnreachableError
from domain.signatures import sign
from graph.resources import Resources
from jobs.engines import fall_back
from jobs.execution import Handler, fail_attempt
from platforms.qstash import Message, publish
from platforms.webhook import Answer, post
from storage.deliveries import find_newest, get_delivery, lock_open_job, was_heard
from storage.jobs import Fence
from storage.models import DeliveryStatus, Job, WebhookDelivery
from storage.queue import defer_delivery

logger = logging.getLogger(__name__)

SEND_TIMEOUT = dt.timedelta(seconds=20)
# Before the second try, the third, and so on; an engine that is away for an hour loses no job.
WAITS = tuple(dt.timedelta(seconds=seconds) for seconds in (5, 30, 120, 600, 1200, 1800))
JITTER = 0.2
# How much longer QStash waits for our answer than a job may take.
MARGIN = dt.timedelta(minutes=1)


@dataclass(frozen=True, kw_only=True)
class Parcel:
    """A delivery that is on its way."""

    resources: Resources
    handler: Handler
    job: Job
    delivery: WebhookDelivery

    @property
    def fence(self) -> Fence:
        """The attempt that the delivery is for."""
        return Fence(user_id=self.job.user_id, job_id=self.job.id, attempt=self.delivery.attempt)


async def deliver(resources: Resources, handlers: Mapping[str, Handler], delivery_id: UUID) -> None:
    """Try to send a pending delivery once; afterwards it is sent, waits, or has failed."""
    async with resources.database.service_session() as session:
        parcel = await _pick_up(session, resources, handlers, delivery_id)
    if parcel is None:
        return
    try:
        body = parcel.delivery.body or await _write_body(parcel)
    except (SQLAlchemyError, OSError):
        raise  # the database was away: the task is tried again
    except Exception as error:  # as in `execute`: the creator is told now, not after a silence
        logger.exception("delivery %s: its body could not be written", delivery_id)
        async with resources.database.service_session() as session:
            await _fail(
                session, await get_delivery(session, delivery_id), parcel, error, repr(error)
            )
        return
    async with resources.database.service_session() as session:
        delivery = await get_delivery(session, delivery_id)
        delivery.body = body
        delivery.tries, delivery.tried_at = delivery.tries + 1, resources.clock()
    message_id = None
    if parcel.delivery.engine == Engine.QSTASH:
        answer, message_id = await _publish(parcel, body)
    else:
        answer = await _send(parcel, body)
    async with resources.database.service_session() as session:
        await _note(session, parcel, answer, message_id)


async def _pick_up(
    session: AsyncSession,
    resources: Resources,
    handlers: Mapping[str, Handler],
    delivery_id: UUID,
) -> Parcel | None:
    """Return what has to be sent, if it still has to."""
    delivery = await session.get(WebhookDelivery, delivery_id)
    if delivery is None or delivery.status != DeliveryStatus.PENDING:  # or its account is gone
        return None
    job = await lock_open_job(session, delivery.job_id, handlers.keys())
    if job is None or not await _is_wanted(session, job, delivery):
        await _withdraw(session, delivery, "The job was not waiting for this any more.")
        return None
    handler = handlers[job.kind]
    if resources.settings.engines.by_kind.get(job.kind) != delivery.engine:
        await _withdraw(session, delivery, "JOB_ENGINES has changed meanwhile.")
        await fall_back(session, job, handler.kind)
        return None
    if await was_heard(session, delivery):  # it answered slowly, but it has the job
        delivery.status = DeliveryStatus.DELIVERED
        return None
    return Parcel(resources=resources, handler=handler, job=job, delivery=delivery)


async def _withdraw(session: AsyncSession, delivery: WebhookDelivery, reason: str) -> None:
    """End a delivery; one that was never sent leaves nothing behind for operators to look into."""
    if delivery.tries:
        delivery.status, delivery.detail = DeliveryStatus.FAILED, reason
    else:
        await session.delete(delivery)


async def _is_wanted(session: AsyncSession, job: Job, delivery: WebhookDelivery) -> bool:
    newest = await find_newest(session, job)
    return (
        newest is delivery
        and job.attempts == delivery.attempt
        and job.engine == delivery.engine
        and job.answer_due_at is not None
    )


async def _write_body(parcel: Parcel) -> dict[str, Any]:
    """Return what is sent: of a webhook all that the work needs, of QStash an id alone."""
    resources, job, delivery = parcel.resources, parcel.job, parcel.delivery
    if delivery.engine == Engine.QSTASH:
        return {"job_id": str(job.id), "delivery_id": str(delivery.id)}
    assert parcel.handler.outside, "check_engines"
    brief = await parcel.handler.outside.brief(resources, job)
    return {
        "type": f"job.{job.kind}",
        "timestamp": resources.clock().isoformat(),
        "data": {
            "job_id": str(job.id),
            "attempt": delivery.attempt,
            "idempotency_key": str(delivery.id),
            "callback_url": f"{resources.settings.public_url}/api/callbacks/jobs/{job.id}",
            **brief,
        },
    }


async def _send(parcel: Parcel, body: Mapping[str, Any]) -> Answer:
    engines = parcel.resources.settings.engines
    message_id, raw = str(parcel.delivery.id), orjson.dumps(body, option=orjson.OPT_SORT_KEYS)
    headers = {"Content-Type": "application/json", "Idempotency-Key": message_id}
    if engines.signing_keys:
        now = parcel.resources.clock()
        headers |= sign(engines.signing_keys, message_id, raw, now)
    if engines.webhook_secret:
        headers["X-Webhook-Secret"] = engines.webhook_secret.get_secret_value()
    assert engines.webhook_engine_url, "checked by the settings"
    url = engines.webhook_engine_url.replace("{kind}", parcel.job.kind)
    return await post(url, raw, headers, patience=SEND_TIMEOUT)


async def _publish(parcel: Parcel, body: Mapping[str, Any]) -> tuple[Answer, str | None]:
    settings, kind = parcel.resources.settings, parcel.handler.kind
    assert settings.engines.qstash_token, "checked by the settings"
    message = Message(
        destination=f"{settings.public_url}/api/webhooks/qstash/{kind.name}",
        body=orjson.dumps(body),
        deduplication_id=str(parcel.delivery.id),
        timeout=kind.timeout + MARGIN,
        flow=f"dreamsuite-{kind.name}",
        parallelism=settings.job_concurrency,
    )
    token = settings.engines.qstash_token.get_secret_value()
    return await publish(settings.engines.qstash_url, token, message)


async def _note(
    session: AsyncSession, parcel: Parcel, answer: Answer, message_id: str | None
) -> None:
    """Write down how a try went; the engine may have answered to the job meanwhile."""
    resources = parcel.resources
    now, silence = resources.clock(), resources.settings.engines.silence
    job = await lock_open_job(session, parcel.job.id, [parcel.job.kind])
    delivery = await get_delivery(session, parcel.delivery.id)
    delivery.status_code, delivery.detail = answer.status, answer.detail
    is_wanted = job is not None and await _is_wanted(session, job, delivery)
    if answer.is_success or await was_heard(session, delivery):
        delivery.status = DeliveryStatus.DELIVERED
        if job is not None and is_wanted:
            job.external_id = message_id
            job.answer_due_at = now + silence
    elif job is None or not is_wanted:
        delivery.status = DeliveryStatus.FAILED
    elif delivery.engine == Engine.WEBHOOK and answer.may_heal and delivery.tries <= len(WAITS):
        due = now + max(_spread(WAITS[delivery.tries - 1]), answer.retry_after or dt.timedelta())
        job.answer_due_at = due + silence
        await defer_delivery(session, delivery.id, job.id, due=due)
    else:
        error = EngineUnreachableError() if answer.may_heal else EngineRefusedError()
        logger.error("job %s: the engine %s answered %s", job.id, delivery.engine, answer.status)
        await _fail(session, delivery, parcel, error, f"answered {answer.status}: {answer.detail}")


async def _fail(
    session: AsyncSession,
    delivery: WebhookDelivery,
    parcel: Parcel,
    error: Exception,
    detail: str,
) -> None:
    """Give a delivery up: a worker does a job that QStash does not take, others fail."""
    kind, now = parcel.handler.kind, parcel.resources.clock()
    delivery.status = DeliveryStatus.FAILED
    if delivery.engine == Engine.WEBHOOK:  # whatever is wrong there, another attempt would meet it
        await fail_attempt(
            session, parcel.job, parcel.fence, kind, error, now, is_final=True, detail=detail
        )
        return
    job = await lock_open_job(session, delivery.job_id, [kind.name])
    if job is not None and await _is_wanted(session, job, delivery):
        await fall_back(session, job, kind)


def _spread(wait: dt.timedelta) -> dt.timedelta:
    """Keep deliveries that failed together from coming back together."""
    return wait * random.uniform(1 - JITTER, 1 + JITTER)  # noqa: S311  # no secret
