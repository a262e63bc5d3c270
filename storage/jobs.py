"""Queries over jobs: long work, its attempts, and who may still write about it."""

import datetime as dt
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import and_, delete, exists, func, or_, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncSession

from core.errors import NotFoundError
from storage.models import AttemptStatus, Job, JobAttempt, JobStatus, PlanVersion

OPEN = (JobStatus.QUEUED, JobStatus.RUNNING)
# Tells every worker the id of a job that its user has cancelled.
CANCELS_CHANNEL = "job_cancels"


class JobNotFoundError(NotFoundError):
    """There is no such job."""

    code = "job_not_found"


@dataclass(frozen=True, kw_only=True)
class Fence:
    """An attempt at a job: it may write as long as it is the newest, and the job is running."""

    user_id: UUID
    job_id: UUID
    attempt: int


async def get_job(session: AsyncSession, job_id: UUID, *, is_locked: bool = False) -> Job:
    """Return the job with this id."""
    job = await session.get(Job, job_id, with_for_update=is_locked or None)
    if job is None:
        raise JobNotFoundError
    return job


async def list_jobs(
    session: AsyncSession,
    *,
    statuses: Collection[JobStatus] = tuple(JobStatus),
    kind: str | None = None,
    user_id: UUID | None = None,
    before: tuple[dt.datetime, UUID] | None = None,
    with_scheduled: bool = True,
    limit: int,
) -> Sequence[Job]:
    """Return jobs, newest first; `before` is a cursor. Ids of those of a chat tell no time.

    `with_scheduled` are those that a schedule asked for, too.
    """
    place = tuple_(Job.created_at, Job.id)
    query = select(Job).where(Job.status.in_(statuses)).order_by(place.desc()).limit(limit)
    if kind is not None:
        query = query.where(Job.kind == kind)
    if user_id is not None:
        query = query.where(Job.user_id == user_id)
    if not with_scheduled:
        query = query.where(Job.batch_id.is_(None))
    if before is not None:
        query = query.where(place < before)
    return (await session.scalars(query)).all()


async def list_jobs_by_id(session: AsyncSession, job_ids: Iterable[UUID]) -> Sequence[Job]:
    """Return those of these jobs that there are."""
    return (await session.scalars(select(Job).where(Job.id.in_(list(job_ids))))).all()


async def list_attempts(session: AsyncSession, job_id: UUID) -> Sequence[JobAttempt]:
    """Return the attempts at a job, oldest first."""
    found = await session.scalars(
        select(JobAttempt).where(JobAttempt.job_id == job_id).order_by(JobAttempt.number)
    )
    return found.all()


async def begin_attempt(
    session: AsyncSession, job_id: UUID, kinds: Collection[str], worker: str, now: dt.datetime
) -> Job | None:
    """Begin the next attempt at an open job; None if it is not open any more, or of another kind.

    An attempt that still seems to run has lost its worker, or loses its right to write now.
    """
    job: Job | None = await session.scalar(
        update(Job)
        .where(Job.id == job_id, Job.status.in_(OPEN), Job.kind.in_(kinds))
        .values(
            status=JobStatus.RUNNING,
            attempts=Job.attempts + 1,
            started_at=func.coalesce(Job.started_at, now),
        )
        .returning(Job)
    )
    if job is None:
        return None
    await _end_attempts(session, job_id, AttemptStatus.LOST, now)
    attempt = JobAttempt(
        job_id=job_id, number=job.attempts, user_id=job.user_id, worker=worker, started_at=now
    )
    session.add(attempt)
    await session.flush()
    return job


async def has_turn(session: AsyncSession, job_id: UUID, turn: int) -> bool:
    """Tell whether a job was asked for again just so often: earlier tasks of it are void."""
    return await session.scalar(select(Job.retries).where(Job.id == job_id)) == turn


async def may_write(session: AsyncSession, fence: Fence) -> bool:
    """Tell whether an attempt is the newest of a running job."""
    job = await session.get(Job, fence.job_id)
    return job is not None and (job.attempts, job.status) == (fence.attempt, JobStatus.RUNNING)


async def report(
    session: AsyncSession, fence: Fence, *, stage: str, progress: int, message: str
) -> bool:
    """Tell how far an attempt has come, never less far than before; False if it may not."""
    return await _write(
        session,
        fence,
        stage=stage,
        progress=func.greatest(Job.progress, progress),
        message=message,
    )


async def end_job(
    session: AsyncSession,
    fence: Fence,
    status: JobStatus,
    now: dt.datetime,
    *,
    attempt: AttemptStatus,
    detail: str | None = None,
    **values: Any,
) -> bool:
    """End an attempt, with the job, or with the job queued again; False if it may not."""
    values["answer_due_at"] = None
    if status not in OPEN:
        values["completed_at"] = now
    if not await _write(session, fence, status=status, **values):
        return False
    await _end_attempts(session, fence.job_id, attempt, now, detail)
    return True


async def cancel(session: AsyncSession, job: Job, now: dt.datetime) -> None:
    """Cancel an open job."""
    job.status, job.completed_at = JobStatus.CANCELLED, now
    await session.flush()
    await _end_attempts(session, job.id, AttemptStatus.CANCELLED, now)
    await session.execute(select(func.pg_notify(CANCELS_CHANNEL, str(job.id))))


async def cancel_all(session: AsyncSession, user_id: UUID, now: dt.datetime) -> None:
    """Cancel every open job of a user."""
    statement = select(Job).where(Job.user_id == user_id, Job.status.in_(OPEN)).with_for_update()
    for job in (await session.scalars(statement)).all():
        await cancel(session, job, now)


async def queue_again(session: AsyncSession, job: Job, *, attempts: int) -> None:
    """Let a job that has ended be tried so many times more."""
    job.status, job.completed_at = JobStatus.QUEUED, None
    job.stage, job.progress, job.message, job.error, job.error_code = None, 0, None, None, None
    job.attempt_limit = job.attempts + attempts
    job.retries += 1
    job.engine, job.external_id, job.answer_due_at = None, None, None
    await session.flush()


async def delete_ended(session: AsyncSession, before: dt.datetime, *, limit: int) -> int:
    """Delete jobs without a plan that ended before this moment; return how many."""
    has_ended = Job.completed_at < before
    has_plan = exists().where(PlanVersion.job_id == Job.id)
    found = select(Job.id).where(has_ended, ~has_plan).limit(limit)
    # Asked again of a row that has changed meanwhile: it may have been tried again.
    deleted = await session.scalars(
        delete(Job).where(Job.id.in_(found), has_ended).returning(Job.id)
    )
    return len(deleted.all())


async def count_created(
    session: AsyncSession,
    user_id: UUID,
    day: dt.date,
    kinds: Collection[str],
    *,
    midnight: dt.datetime,
) -> tuple[int, int]:
    """Return how many jobs of these kinds, and of others, the user has asked for on a day.

    It is the day that their calendar showed then: in another time zone it does not begin anew.
    `midnight` is when it began, for jobs that do not know theirs.
    """
    is_of_day = or_(
        Job.usage_date == day, and_(Job.usage_date.is_(None), Job.created_at >= midnight)
    )
    row = await session.execute(
        select(
            func.count().filter(Job.kind.in_(kinds)), func.count().filter(Job.kind.not_in(kinds))
        ).where(Job.user_id == user_id, is_of_day, Job.batch_id.is_(None))
    )
    of_kinds, others = row.one()
    return of_kinds, others


async def count_by_status(
    session: AsyncSession, statuses: Collection[JobStatus] = tuple(JobStatus)
) -> Mapping[tuple[str, str], int]:
    """Return how many jobs there are of each kind and status."""
    rows = await session.execute(
        select(Job.kind, Job.status, func.count())
        .where(Job.status.in_(statuses))
        .group_by(Job.kind, Job.status)
    )
    return {(kind, status): count for kind, status, count in rows}


async def _write(session: AsyncSession, fence: Fence, **values: Any) -> bool:
    written = await session.scalar(
        update(Job)
        .where(
            Job.id == fence.job_id,
            Job.attempts == fence.attempt,
            Job.status == JobStatus.RUNNING,
        )
        .values(values)
        .returning(Job.id)
    )
    return written is not None


async def _end_attempts(
    session: AsyncSession,
    job_id: UUID,
    status: AttemptStatus,
    now: dt.datetime,
    detail: str | None = None,
) -> None:
    await session.execute(
        update(JobAttempt)
        .where(JobAttempt.job_id == job_id, JobAttempt.status == AttemptStatus.RUNNING)
        .values(status=status, ended_at=now, error=detail)
    )


async def find_job(session: AsyncSession, job_id: UUID) -> Job | None:
    """Return the job with this id."""
    return await session.get(Job, job_id)
