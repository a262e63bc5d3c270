"""What outside engines send back: word of a webhook's job, and the jobs that QStash delivers."""

import asyncio
import datetime as dt
import logging
import os
import socket
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from uuid import UUID

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession

from core import metrics
from core.engine_settings import Engine
from core.errors import UnavailableError
from domain.engines import (
    Completion,
    EngineFailedError,
    Failure,
    InvalidResultError,
    Progress,
    Reception,
)
from graph.resources import Resources
from jobs.execution import (
    FencedError,
    Handler,
    Outcome,
    complete_attempt,
    execute,
    fail_attempt,
)
from storage.deliveries import find_newest, lock_open_job, receive, renew_lease
from storage.jobs import Fence, JobNotFoundError, get_job, report
from storage.models import Job, JobStatus

logger = logging.getLogger(__name__)

# The stage of a job whose engine names none.
STARTED = "started"


class JobBusyError(UnavailableError):
    """This job is being worked on at this moment."""

    code = "job_busy"


async def take_callback(
    resources: Resources,
    handlers: Mapping[str, Handler],
    fence_of: tuple[UUID, int],
    message_id: str,
    message: Progress | Completion | Failure,
) -> Reception:
    """Let a message of an engine, about an attempt at a job, have its effect once.

    What nobody waits for any more is ignored. Raises `JobNotFoundError`, `InvalidResultError`.
    """
    job_id, attempt = fence_of
    outcome = None
    if isinstance(message, Completion):
        outcome = await _check_result(resources, handlers, fence_of, message)
    now = resources.clock()
    async with resources.database.service_session() as session:
        job = await get_job(session, job_id, is_locked=True)
        is_awaited = job.kind in handlers and _is_awaited(job, attempt)
        if is_awaited:  # what was told before is a sign of life, too
            job.answer_due_at = now + resources.settings.engines.silence
            await session.flush()
        if not await receive(session, job, Engine.WEBHOOK, message_id, attempt, now):
            reception: Reception = "duplicate"
        elif not is_awaited:
            reception = "ignored"
        else:
            fence = Fence(user_id=job.user_id, job_id=job.id, attempt=attempt)
            reception = await _apply(session, job, fence, handlers[job.kind], message, outcome, now)
    metrics.ENGINE_MESSAGES.labels(Engine.WEBHOOK, reception).inc()
    return reception


async def take_delivery(
    resources: Resources,
    handlers: Mapping[str, Handler],
    kind: str,
    job_id: UUID,
    delivery_id: UUID,
    message_id: str,
) -> Reception:
    """Do the job that QStash delivers, here and now; it is over when this returns.

    A job that fails is tried again as always: it is published anew. Raises `JobNotFoundError`,
    and `JobBusyError` where another delivery is at it.
    """
    lease = dt.timedelta(seconds=resources.settings.job_stall_seconds)
    async with resources.database.service_session() as session:
        job = await get_job(session, job_id, is_locked=True)
        if job.kind != kind or kind not in handlers:
            raise JobNotFoundError
        now = resources.clock()
        if not await receive(session, job, Engine.QSTASH, message_id, job.attempts, now):
            reception: Reception = "duplicate"
        elif not await _is_delivered(session, job, delivery_id):
            reception = "ignored"
        else:
            reception = "accepted"
            if job.status == JobStatus.RUNNING and job.answer_due_at and job.answer_due_at > now:
                raise JobBusyError(retry_after=lease.total_seconds())
            job.answer_due_at = now + lease
    metrics.ENGINE_MESSAGES.labels(Engine.QSTASH, reception).inc()
    if reception == "accepted":
        worker = f"{Engine.QSTASH}:{socket.gethostname()}:{os.getpid()}"
        async with _leased(resources, job_id, lease):
            await execute(resources, handlers, job_id, worker)
    return reception


def _is_awaited(job: Job, attempt: int) -> bool:
    return (job.status, job.attempts, job.engine) == (JobStatus.RUNNING, attempt, Engine.WEBHOOK)


async def _is_delivered(session: AsyncSession, job: Job, delivery_id: UUID) -> bool:
    """Tell whether this is the delivery that an open job waits for."""
    if await lock_open_job(session, job.id, [job.kind]) is None:
        return False
    newest = await find_newest(session, job)
    has_job = job.engine == Engine.QSTASH and job.answer_due_at is not None
    return has_job and newest is not None and newest.id == delivery_id


async def _check_result(
    resources: Resources,
    handlers: Mapping[str, Handler],
    fence_of: tuple[UUID, int],
    message: Completion,
) -> Outcome | None:
    """Return what a result comes to; null where nobody waits for it. It may take a moment."""
    job_id, attempt = fence_of
    async with resources.database.service_session() as session:
        job = await get_job(session, job_id)
        delivery = await find_newest(session, job)
    handler = handlers.get(job.kind)
    if handler is None or handler.outside is None or not _is_awaited(job, attempt):
        return None
    if delivery is None or delivery.body is None:
        raise InvalidResultError("The job has not been sent to any engine yet.")
    told = delivery.body["data"]
    return await asyncio.to_thread(handler.outside.accept, job, told, message.result)


async def _apply(
    session: AsyncSession,
    job: Job,
    fence: Fence,
    handler: Handler,
    message: Progress | Completion | Failure,
    outcome: Outcome | None,
    now: dt.datetime,
) -> Reception:
    match message:
        case Progress():
            if message.progress < job.progress:  # came late, or another attempt was further
                return "ignored"
            await report(
                session,
                fence,
                stage=message.stage or job.stage or STARTED,
                progress=message.progress,
                message=message.message or job.message or "Somebody is at it.",
            )
        case Completion():
            if outcome is None:
                return "ignored"
            with suppress(FencedError):  # the job is locked, and was found to be awaited
                await complete_attempt(session, fence, outcome, now)
        case Failure(error=fault):
            logger.error("job %s: the engine could not do it; its attempt says why", job.id)
            await fail_attempt(
                session,
                job,
                fence,
                handler.kind,
                EngineFailedError(),
                now,
                is_final=not fault.retryable,
                detail=f"{fault.code or 'failed'}: {fault.message}",
            )
    return "accepted"


@asynccontextmanager
async def _leased(resources: Resources, job_id: UUID, lease: dt.timedelta) -> AsyncIterator[None]:
    """Tell others during the block that somebody is at the job."""

    async def keep() -> None:
        while True:
            await asyncio.sleep(lease.total_seconds() / 4)
            with suppress(SQLAlchemyError, OSError):  # the next time, perhaps
                async with resources.database.service_session() as session:
                    await renew_lease(session, job_id, resources.clock() + lease)

    keeper = asyncio.create_task(keep(), name=f"lease of job {job_id}")
    try:
        yield
    finally:
        keeper.cancel()
