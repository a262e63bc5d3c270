"""One attempt at a job: it may be the second at the same time, and only the newest may write."""

import asyncio
import datetime as dt
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from core.errors import AppError
from domain.jobs import JobKind
from domain.notifications import notify_job_end
from graph.resources import Resources
from storage.jobs import Fence, begin_attempt, end_job, report
from storage.models import AttemptStatus, Job, JobStatus
from storage.queue import defer_job

logger = logging.getLogger(__name__)

DETAIL_LENGTH = 2000


class FencedError(Exception):
    """This attempt may not write any more: there is a newer one, or the job was cancelled."""


class FinalJobError(AppError):
    """This cannot be done, and trying again would not help."""

    code = "job_failed"


class JobFailedError(AppError):
    """Something went wrong on our side, also when it was tried again. Try it again later."""

    code = "job_failed"


class JobTimeoutError(AppError):
    """This took too long, also when it was tried again. Ask for less, or try it again later."""

    code = "job_timeout"


class JobCrashedError(AppError):
    """The work stopped in the middle several times. It was given up: try it again later."""

    code = "job_crashed"


@dataclass(frozen=True, kw_only=True)
class Attempt:
    """What a handler works with: the job, and the way to tell how far it has come."""

    resources: Resources
    kind: JobKind
    job: Job
    fence: Fence
    stage: asyncio.Timeout

    async def report(self, stage: str, progress: int, message: str) -> None:
        """Tell stage, percent and a sentence for the user. Raises `FencedError`."""
        if not self.stage.expired():
            seconds = self.kind.stage_timeout.total_seconds()
            self.stage.reschedule(asyncio.get_running_loop().time() + seconds)
        async with self.resources.database.service_session() as session:
            if not await report(
                session, self.fence, stage=stage, progress=progress, message=message
            ):
                raise FencedError


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What a handler has to show: the result for the user, and what it cost.

    `store` writes rows of its own, in the transaction that completes the job.
    """

    result: Mapping[str, Any]
    model_tokens: int | None = None
    store: Callable[[AsyncSession], Awaitable[None]] | None = None


@dataclass(frozen=True, kw_only=True)
class OutsideWork:
    """How an engine of somebody else does jobs of a kind.

    `brief` returns all that it is told. `accept` makes an outcome of the job's input, what the
    engine was told, and what it sends back, which may be anything: it raises an
    `UnprocessableError` for what cannot be.
    """

    brief: Callable[[Resources, Job], Awaitable[dict[str, Any]]]
    accept: Callable[[Job, Mapping[str, Any], Mapping[str, Any]], Outcome]


@dataclass(frozen=True, kw_only=True)
class Handler:
    """How jobs of a kind are done. It may run twice, also at the same time.

    Without `outside`, only engines that bring the work back to us can do them.
    """

    kind: JobKind
    run: Callable[[Attempt], Awaitable[Outcome]]
    outside: OutsideWork | None = None


async def execute(
    resources: Resources, handlers: Mapping[str, Handler], job_id: UUID, worker: str
) -> None:
    """Try an open job once: complete it, fail it, or let it wait for its next attempt.

    One of a kind that only workers of another release know is left to them: `rescue` sees to it.

    Cancelled by the user, it leaves the job as it is; cancelled by a worker that stops, it puts
    the job back into the queue.
    """
    database, clock = resources.database, resources.clock
    async with database.service_session() as session:
        job = await begin_attempt(session, job_id, handlers.keys(), worker, clock())
    if job is None:
        return
    kind = handlers[job.kind].kind
    attempt = Attempt(
        resources=resources,
        kind=kind,
        job=job,
        fence=Fence(user_id=job.user_id, job_id=job.id, attempt=job.attempts),
        stage=asyncio.timeout(kind.stage_timeout.total_seconds()),
    )
    if job.attempts > job.attempt_limit:
        await _fail(attempt, JobCrashedError())
        return
    try:
        async with asyncio.timeout(kind.timeout.total_seconds()), attempt.stage:
            outcome = await handlers[job.kind].run(attempt)
        await _complete(attempt, outcome)
    except FencedError:
        logger.info("job %s: attempt %d has no say any more", job.id, job.attempts)
    except asyncio.CancelledError:
        await _requeue(attempt)
        raise
    except Exception as error:  # whatever it is, the creator is told, or the job tried again
        logger.exception("job %s: attempt %d failed", job.id, job.attempts)
        await _fail(attempt, error)


async def _complete(attempt: Attempt, outcome: Outcome) -> None:
    database, clock = attempt.resources.database, attempt.resources.clock
    async with database.service_session() as session:
        await complete_attempt(session, attempt.fence, outcome, clock())


async def complete_attempt(
    session: AsyncSession, fence: Fence, outcome: Outcome, now: dt.datetime
) -> None:
    """End an attempt and its job with what came of it. Raises `FencedError`."""
    has_ended = await end_job(
        session,
        fence,
        JobStatus.COMPLETED,
        now,
        attempt=AttemptStatus.COMPLETED,
        progress=100,
        result=dict(outcome.result),
        model_tokens=outcome.model_tokens,
    )
    if not has_ended:
        raise FencedError
    if outcome.store:
        await outcome.store(session)
    await notify_job_end(session, fence.job_id)


async def _requeue(attempt: Attempt) -> None:
    """Let another worker begin where this one stopped; a cancelled job is not open any more."""
    database, clock = attempt.resources.database, attempt.resources.clock
    async with database.service_session() as session:
        if await end_job(
            session,
            attempt.fence,
            JobStatus.QUEUED,
            clock(),
            attempt=AttemptStatus.INTERRUPTED,
            attempt_limit=attempt.job.attempt_limit + 1,  # it is not the job's fault
        ):
            job = attempt.job
            await defer_job(session, job.id, queue=attempt.kind.queue, turn=job.retries)


async def _fail(attempt: Attempt, error: Exception) -> None:
    database, clock = attempt.resources.database, attempt.resources.clock
    async with database.service_session() as session:
        await fail_attempt(session, attempt.job, attempt.fence, attempt.kind, error, clock())


async def fail_attempt(
    session: AsyncSession,
    job: Job,
    fence: Fence,
    kind: JobKind,
    error: Exception,
    now: dt.datetime,
    *,
    is_final: bool = False,
    detail: str | None = None,
) -> None:
    """Let the job wait for its next attempt, or fail it with a sentence for the user."""
    is_final |= isinstance(error, FinalJobError | JobCrashedError)
    left, turn = job.attempt_limit - fence.attempt, job.retries
    detail = (detail or repr(error))[:DETAIL_LENGTH]
    if not is_final and left > 0:
        if await end_job(
            session,
            fence,
            JobStatus.QUEUED,
            now,
            attempt=AttemptStatus.FAILED,
            detail=detail,
            message="It did not work, and will be tried again.",
        ):
            (wait, *_) = kind.waits[-left:] or (dt.timedelta(),)
            await defer_job(session, fence.job_id, queue=kind.queue, turn=turn, due=now + wait)
        return
    told = _told(error)
    if await end_job(
        session,
        fence,
        JobStatus.FAILED,
        now,
        attempt=AttemptStatus.FAILED,
        detail=detail,
        error=told.detail,
        error_code=told.code,
    ):
        await notify_job_end(session, fence.job_id)


def _told(error: Exception) -> AppError:
    match error:
        case AppError():
            return error
        case TimeoutError():
            return JobTimeoutError()
        case _:
            return JobFailedError()
