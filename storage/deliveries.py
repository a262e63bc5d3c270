"""Queries over what is sent to outside engines, and what they send back."""

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from uuid import UUID

from sqlalchemy import func, null, select, tuple_, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import defer

from core.engine_settings import Engine
from core.errors import NotFoundError
from storage.jobs import OPEN
from storage.models import (
    DeliveryStatus,
    InboundDelivery,
    Job,
    JobStatus,
    WebhookDelivery,
)


class DeliveryNotFoundError(NotFoundError):
    """There is no such delivery."""

    code = "delivery_not_found"


async def lock_open_job(session: AsyncSession, job_id: UUID, kinds: Collection[str]) -> Job | None:
    """Return an open job of these kinds, which nobody else changes until the transaction ends."""
    query = select(Job).where(Job.id == job_id, Job.status.in_(OPEN), Job.kind.in_(kinds))
    job: Job | None = await session.scalar(query.with_for_update())
    return job


async def get_delivery(session: AsyncSession, delivery_id: UUID) -> WebhookDelivery:
    """Return the delivery with this id."""
    delivery = await session.get(WebhookDelivery, delivery_id)
    if delivery is None:
        raise DeliveryNotFoundError
    return delivery


async def find_newest(session: AsyncSession, job: Job) -> WebhookDelivery | None:
    """Return the delivery of a job that counts, if it was ever handed over."""
    query = (
        select(WebhookDelivery)
        .where(WebhookDelivery.user_id == job.user_id, WebhookDelivery.job_id == job.id)
        # Ids alone are in the order of creation only as far as the clocks of all servers agree.
        .order_by(WebhookDelivery.attempt.desc(), WebhookDelivery.id.desc())
        .limit(1)
    )
    delivery: WebhookDelivery | None = await session.scalar(query)
    return delivery


async def list_deliveries(
    session: AsyncSession,
    *,
    statuses: Collection[DeliveryStatus] = tuple(DeliveryStatus),
    job_id: UUID | None = None,
    before: tuple[dt.datetime, UUID] | None = None,
    limit: int,
) -> Sequence[WebhookDelivery]:
    """Return deliveries without their bodies, newest first; `before` is a cursor."""
    place = tuple_(WebhookDelivery.created_at, WebhookDelivery.id)
    query = (
        select(WebhookDelivery)
        .where(WebhookDelivery.status.in_(statuses))
        .order_by(place.desc())
        .limit(limit)
        .options(defer(WebhookDelivery.body, raiseload=True))
    )
    if job_id is not None:
        query = query.where(WebhookDelivery.job_id == job_id)
    if before is not None:
        query = query.where(place < before)
    return (await session.scalars(query)).all()


async def count_since(session: AsyncSession, since: dt.datetime) -> Mapping[tuple[str, str], int]:
    """Return how many deliveries were made since then, by engine and status."""
    # Ids are UUIDv7: they begin with the milliseconds of their time.
    first = UUID(int=int(since.timestamp() * 1000) << 80)
    rows = await session.execute(
        select(WebhookDelivery.engine, WebhookDelivery.status, func.count())
        .where(WebhookDelivery.id >= first)
        .group_by(WebhookDelivery.engine, WebhookDelivery.status)
    )
    return {(engine, status): count for engine, status, count in rows}


async def receive(
    session: AsyncSession,
    job: Job,
    engine: Engine,
    message_id: str,
    attempt: int,
    now: dt.datetime,
) -> bool:
    """Note a message about a job; False if it came before."""
    row = {
        "engine": engine,
        "message_id": message_id,
        "user_id": job.user_id,
        "job_id": job.id,
        "attempt": attempt,
        "received_at": now,
    }
    statement = insert(InboundDelivery).values(row).on_conflict_do_nothing()
    noted = await session.scalar(statement.returning(InboundDelivery.message_id))
    return noted is not None


async def was_heard(session: AsyncSession, delivery: WebhookDelivery) -> bool:
    """Tell whether the engine has said anything about the attempt since the last try to send it.

    What is sent again by an operator has no try yet.
    """
    if not delivery.tries or delivery.tried_at is None:
        return False
    query = select(InboundDelivery.message_id).where(
        InboundDelivery.user_id == delivery.user_id,
        InboundDelivery.job_id == delivery.job_id,
        InboundDelivery.engine == delivery.engine,
        InboundDelivery.attempt == delivery.attempt,
        InboundDelivery.received_at >= delivery.tried_at,
    )
    return await session.scalar(query.limit(1)) is not None


async def renew_lease(session: AsyncSession, job_id: UUID, until: dt.datetime) -> None:
    """Tell that a job which QStash delivered is being worked on."""
    await session.execute(
        update(Job)
        .where(
            Job.id == job_id,
            Job.status == JobStatus.RUNNING,
            Job.engine == Engine.QSTASH,
            Job.answer_due_at.is_not(None),
        )
        .values(answer_due_at=until)
    )


async def list_silent(
    session: AsyncSession, kinds: Collection[str], now: dt.datetime
) -> Sequence[UUID]:
    """Return open jobs of these kinds whose engine should have been heard of by now."""
    query = select(Job.id).where(Job.status.in_(OPEN), Job.kind.in_(kinds), Job.answer_due_at < now)
    return (await session.scalars(query.order_by(Job.answer_due_at))).all()


async def forget_bodies(session: AsyncSession, *, ended_before: dt.datetime) -> None:
    """Forget what was sent about jobs that ended before then, in a service session.

    Nobody reads it any more: a job that is asked for again is written about anew.
    """
    await session.execute(
        update(WebhookDelivery)
        .where(
            WebhookDelivery.body.is_not(None),
            Job.user_id == WebhookDelivery.user_id,
            Job.id == WebhookDelivery.job_id,
            Job.completed_at < ended_before,
        )
        .values(body=null())
        .execution_options(synchronize_session=False)
    )
