"""When the suite works for each creator by itself: once a day, in the morning where they are."""

import datetime as dt
from collections.abc import Iterable
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from core.clock import local_date
from domain.jobs import JobKind, check_job, retry_job
from storage.models import Job, JobStatus
from storage.queue import ASKED, defer_job
from storage.schedules import Turn, create_daily_jobs, find_daily_job

# Who has no numbers of so many days, and has not signed in, is let alone.
ACTIVE = dt.timedelta(days=30)


def has_struck(now: dt.datetime, hour: int, timezone: str) -> bool:
    """Tell whether the clocks of a time zone have shown this hour today.

    An hour that they skip strikes when they go on after it; one that they show twice strikes the
    first time, and is not taken back.
    """
    zone = ZoneInfo(timezone)
    local = now.astimezone(zone)
    first = dt.datetime.combine(local.date(), dt.time(hour), zone)
    return local.hour >= hour or now >= first.astimezone(dt.UTC)


def find_mornings(now: dt.datetime, hour: int, timezones: Iterable[str]) -> dict[str, dt.date]:
    """Return the local day of each time zone where this hour has struck today."""
    return {
        timezone: local_date(now, timezone)
        for timezone in timezones
        if has_struck(now, hour, timezone)
    }


async def ask_for_today(
    session: AsyncSession, user_id: UUID, kind: JobKind, *, timezone: str, now: dt.datetime
) -> Job:
    """Return the user's job of today, queued if there was none; one that failed is tried again.

    Only one that was not there counts. Raises `JobLimitReachedError`, `JobRetriesUsedError`.
    """
    today = local_date(now, timezone)
    if found := await find_daily_job(session, user_id, kind.name, today):
        return await _unless_failed(session, found, kind)
    day = kind.input.model_validate({"date": today})
    await check_job(session, user_id, kind, day, timezone=timezone, now=now)
    turn = Turn(user_id=user_id, day=today)
    created = await create_daily_jobs(
        session, kind.name, [turn], attempts=kind.max_attempts, now=now
    )
    for job_id in created:
        await defer_job(session, job_id, queue=kind.queue, turn=0, priority=ASKED)
    # A schedule may have been faster.
    job = await find_daily_job(session, user_id, kind.name, today)
    assert job
    return job


async def _unless_failed(session: AsyncSession, job: Job, kind: JobKind) -> Job:
    if job.status in {JobStatus.FAILED, JobStatus.CANCELLED}:
        return await retry_job(session, job.id, {kind.name: kind})
    return job
