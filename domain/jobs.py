"""Jobs: long work that a user asks for, is told about, and may cancel or ask for again."""

import datetime as dt
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from pydantic import BaseModel
from sqlalchemy.ext.asyncio import AsyncSession

from core.clock import local_date, local_midnight
from core.errors import ConflictError
from domain.tiers import PLAN_KINDS, TIERS, TierLimitReachedError
from storage import jobs as job_queries
from storage.jobs import OPEN, count_created, get_job
from storage.models import Job, JobStatus
from storage.queue import defer_job
from storage.usage import add_usage, get_tier


class JobLimitReachedError(TierLimitReachedError):
    """All jobs of this sort that your day has are used."""

    code = "job_limit_reached"


class JobNotOpenError(ConflictError):
    """This job has ended already."""

    code = "job_not_open"


class JobNotFailedError(ConflictError):
    """Only a job that failed or was cancelled can be tried again."""

    code = "job_not_failed"


class JobRetriesUsedError(ConflictError):
    """This job was tried again as often as it can be: ask for a new one."""

    code = "job_retries_used"


class JobKindGoneError(ConflictError):
    """Jobs of this kind are not done any more."""

    code = "job_kind_gone"


# A retry costs nothing of a day's limits, and may cost as much as a new job.
MAX_RETRIES = 5


async def _accept(_session: AsyncSession, _input: Any, _today: dt.date) -> None:
    """Find nothing wrong."""


@dataclass(frozen=True, kw_only=True)
class JobKind:
    """What jobs of a kind need, and how long and how often they are tried.

    `check` raises an `InvalidError` for what the input's schema cannot tell, such as a platform
    that is not connected; it is told the creator's day, and names the input's `field`. `waits` are
    those before the second attempt, the third, and so on; a job that failed as often as there are
    waits, and once more, has failed for good. An attempt ends after `timeout`, or when it has had
    nothing to report for `stage_timeout`. Jobs of an `is_daily` kind are asked for by schedules,
    and by their users once a day, in a way of its own.
    """

    name: str
    title: str
    input: type[BaseModel]
    queue: str = "default"
    is_daily: bool = False
    check: Callable[[AsyncSession, Any, dt.date], Awaitable[None]] = _accept
    timeout: dt.timedelta = dt.timedelta(minutes=15)
    stage_timeout: dt.timedelta = dt.timedelta(minutes=10)
    waits: tuple[dt.timedelta, ...] = (dt.timedelta(minutes=1), dt.timedelta(minutes=5))

    @property
    def max_attempts(self) -> int:
        """Return how often a job is tried."""
        return len(self.waits) + 1


async def create_job(
    session: AsyncSession,
    user_id: UUID,
    kind: JobKind,
    job_input: BaseModel,
    *,
    job_id: UUID,
    timezone: str,
    now: dt.datetime,
) -> Job:
    """Store a job and put it into the queue, both or neither; the same id again finds the first.

    Raises what the kind's `check` raises, and `JobLimitReachedError`.
    """
    await add_usage(session, user_id, local_date(now, timezone))  # the same id takes its turn
    if found := await session.get(Job, job_id):
        return found
    await check_job(session, user_id, kind, job_input, timezone=timezone, now=now)
    job = Job(
        id=job_id,
        user_id=user_id,
        kind=kind.name,
        input=job_input.model_dump(mode="json"),
        attempt_limit=kind.max_attempts,
        retries=0,
        usage_date=local_date(now, timezone),
        created_at=now,
    )
    session.add(job)
    await session.flush()
    await defer_job(session, job.id, queue=kind.queue, turn=job.retries)
    return job


async def check_job(
    session: AsyncSession,
    user_id: UUID,
    kind: JobKind,
    job_input: BaseModel,
    *,
    timezone: str,
    now: dt.datetime,
) -> None:
    """Raise what `create_job` would raise now."""
    await kind.check(session, job_input, local_date(now, timezone))
    await _check_limit(session, user_id, kind, timezone=timezone, now=now)


async def cancel_job(session: AsyncSession, job_id: UUID, now: dt.datetime) -> Job:
    """Cancel an open job; its worker hears of it. Raises `JobNotOpenError`."""
    job = await get_job(session, job_id, is_locked=True)
    if job.status not in OPEN:
        raise JobNotOpenError
    await job_queries.cancel(session, job, now)
    return job


async def retry_job(
    session: AsyncSession,
    job_id: UUID,
    kinds: Mapping[str, JobKind],
    *,
    max_retries: int | None = MAX_RETRIES,
) -> Job:
    """Queue a job again that failed or was cancelled; it is no new job to the limits of a day.

    Raises `JobNotFailedError`, `JobRetriesUsedError`, `JobKindGoneError`.
    """
    job = await get_job(session, job_id, is_locked=True)
    if job.status not in {JobStatus.FAILED, JobStatus.CANCELLED}:
        raise JobNotFailedError
    if max_retries is not None and job.retries >= max_retries:
        raise JobRetriesUsedError
    kind = kinds.get(job.kind)
    if kind is None:
        raise JobKindGoneError
    await job_queries.queue_again(session, job, attempts=kind.max_attempts)
    await defer_job(session, job.id, queue=kind.queue, turn=job.retries)
    return job


async def _check_limit(
    session: AsyncSession, user_id: UUID, kind: JobKind, *, timezone: str, now: dt.datetime
) -> None:
    """Refuse what goes beyond the day's jobs; nobody else can take the same until the commit."""
    today = local_date(now, timezone)
    await add_usage(session, user_id, today)  # locks the day
    began = local_midnight(today, timezone)
    plans, others = await count_created(session, user_id, today, PLAN_KINDS, midnight=began)
    included = TIERS[await get_tier(session, user_id)]
    if kind.name in PLAN_KINDS:
        used, limit, what = plans, included.plans_a_day, "plans"
    else:
        used, limit, what = others, included.other_jobs_a_day, "jobs"
    if used >= limit:
        midnight = local_midnight(today + dt.timedelta(days=1), timezone)
        raise JobLimitReachedError(
            f"All {limit:,} {what} of your day are used. There are new ones from "
            f"{midnight:%H:%M} on {midnight.day} {midnight:%B %Y} ({timezone}).",
            retry_after=(midnight - now).total_seconds(),
            limit=limit,
            used=used,
            resets_at=midnight,
        )
