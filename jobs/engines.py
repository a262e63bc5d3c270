"""Which engine gets a job, and what is done when it does not answer."""

import asyncio
import datetime as dt
import logging
from collections.abc import Mapping
from uuid import UUID

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession

from core.engine_settings import Engine
from core.settings import InvalidSettingsError, Settings
from domain.engines import DeliveryNotReplayableError, EngineSilentError
from domain.jobs import JobKind, retry_job
from graph.resources import Resources
from jobs.execution import Handler, fail_attempt
from storage.deliveries import find_newest, get_delivery, list_silent, lock_open_job
from storage.jobs import OPEN, Fence, begin_attempt, get_job
from storage.models import DeliveryStatus, Job, JobStatus, WebhookDelivery, new_id
from storage.queue import defer_delivery, defer_job

logger = logging.getLogger(__name__)

WATCH_SECONDS = 20.0


def check_engines(settings: Settings, handlers: Mapping[str, Handler]) -> None:
    """Raise `InvalidSettingsError` where a kind of jobs could not be done as it is set."""
    for kind, engine in settings.engines.by_kind.items():
        if kind not in handlers:
            raise InvalidSettingsError(
                f"JOB_ENGINES: there are no jobs of the kind {kind}; use {', '.join(handlers)}"
            )
        if engine is Engine.WEBHOOK and handlers[kind].outside is None:
            raise InvalidSettingsError(f"JOB_ENGINES: {kind} cannot be done by webhook")


async def hand_over(
    session: AsyncSession,
    job_id: UUID,
    handlers: Mapping[str, Handler],
    settings: Settings,
    now: dt.datetime,
) -> bool:
    """Give a job to the engine of its kind, once; False where a worker is to do it.

    With a webhook an attempt begins here, so that the engine may answer before it has been told
    that we heard it. With QStash it begins when the message comes back.
    """
    job = await lock_open_job(session, job_id, handlers.keys())
    if job is None or job.engine == Engine.WORKER:
        return False
    if job.answer_due_at is not None:  # by another run of this task
        return True
    engine = settings.engines.by_kind.get(job.kind, Engine.WORKER)
    if engine is Engine.WORKER:
        return False
    if engine is Engine.WEBHOOK:
        await begin_attempt(session, job.id, handlers.keys(), engine, now)
        await session.refresh(job)
    delivery = WebhookDelivery(
        id=new_id(),
        user_id=job.user_id,
        job_id=job.id,
        attempt=job.attempts,
        engine=engine,
        created_at=now,
    )
    session.add(delivery)
    job.engine, job.answer_due_at = engine, now + settings.engines.silence
    await session.flush()
    await defer_delivery(session, delivery.id, job.id)
    return True


async def fall_back(session: AsyncSession, job: Job, kind: JobKind) -> None:
    """Take an open job from its engine and let the workers do it."""
    job.engine, job.answer_due_at = Engine.WORKER, None
    await session.flush()
    await defer_job(session, job.id, queue=kind.queue, turn=job.retries)


async def keep_watching(resources: Resources, handlers: Mapping[str, Handler]) -> None:
    """Look for engines that say nothing, until cancelled."""
    seconds = min(WATCH_SECONDS, resources.settings.engines.silence.total_seconds() / 4)
    while True:
        await asyncio.sleep(seconds)
        try:
            await watch_engines(resources, handlers)
        except (SQLAlchemyError, OSError):
            logger.warning("silent engines could not be looked for; trying again", exc_info=True)


async def watch_engines(resources: Resources, handlers: Mapping[str, Handler]) -> None:
    """Find jobs whose engine says nothing: a worker does those of QStash, the others fail.

    Each has a transaction of its own: one that cannot be ended holds up none of the others.
    """
    now = resources.clock()
    kinds = {name: handler.kind for name, handler in handlers.items()}
    async with resources.database.service_session() as session:
        job_ids = await list_silent(session, kinds, now)
    for job_id in job_ids:
        try:
            async with resources.database.service_session() as session:
                await _end_silence(session, job_id, kinds, now)
        except SQLAlchemyError:
            logger.exception("job %s: its silent engine cannot be given up", job_id)


async def _end_silence(
    session: AsyncSession, job_id: UUID, kinds: Mapping[str, JobKind], now: dt.datetime
) -> None:
    job = await lock_open_job(session, job_id, kinds)
    if job is None or job.answer_due_at is None or job.answer_due_at >= now:
        return  # it was heard of just now, or another server was first
    logger.error("job %s: the engine %s has not been heard of for too long", job.id, job.engine)
    delivery = await find_newest(session, job)
    if delivery is not None:
        delivery.status = DeliveryStatus.SILENT
    kind = kinds[job.kind]
    if job.engine == Engine.QSTASH:
        await fall_back(session, job, kind)
        return
    fence = Fence(user_id=job.user_id, job_id=job.id, attempt=job.attempts)
    await fail_attempt(session, job, fence, kind, EngineSilentError(), now, is_final=True)


async def replay_delivery(
    session: AsyncSession,
    delivery_id: UUID,
    kinds: Mapping[str, JobKind],
    settings: Settings,
    now: dt.datetime,
) -> WebhookDelivery:
    """Send a delivery again, with the same id; a job that had ended is tried anew instead.

    Raises `DeliveryNotFoundError`, `DeliveryNotReplayableError`, `JobKindGoneError`.
    """
    delivery = await get_delivery(session, delivery_id)
    job = await get_job(session, delivery.job_id, is_locked=True)
    await session.refresh(delivery)
    newest = await find_newest(session, job)
    if newest is not delivery or delivery.status == DeliveryStatus.PENDING:
        raise DeliveryNotReplayableError
    if job.status in {JobStatus.FAILED, JobStatus.CANCELLED}:
        await retry_job(session, job.id, kinds, max_retries=None)
    elif job.status in OPEN and job.answer_due_at is not None:
        delivery.status, delivery.tries = DeliveryStatus.PENDING, 0
        job.answer_due_at = now + settings.engines.silence
        await session.flush()
        await defer_delivery(session, delivery.id, job.id)
    else:
        raise DeliveryNotReplayableError
    return delivery
