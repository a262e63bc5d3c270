"""Queries over daily jobs: whose turn it is, and the batches in which schedules ask for them.

All but `create_daily_jobs` and `find_daily_job` need a service session.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Date,
    Text,
    Uuid,
    bindparam,
    column,
    delete,
    exists,
    func,
    literal,
    null,
    or_,
    select,
    text,
    update,
)
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from core.errors import NotFoundError
from storage.models import (
    ContentPost,
    DailyMetric,
    Job,
    JobBatch,
    JobStatus,
    User,
    UserSession,
    new_id,
)

# Each step looks up the next zone in the index on it: as many steps as there are zones.
_TIME_ZONES = text(
    """
    WITH RECURSIVE zones AS (
        SELECT min(timezone) AS timezone FROM users
        UNION ALL
        SELECT (SELECT min(users.timezone) FROM users WHERE users.timezone > zones.timezone)
        FROM zones WHERE zones.timezone IS NOT NULL
    )
    SELECT timezone FROM zones WHERE timezone IS NOT NULL
    """
)


class BatchNotFoundError(NotFoundError):
    """There is no such batch."""

    code = "batch_not_found"


@dataclass(frozen=True, kw_only=True)
class Turn:
    """A user, and the day of their own calendar that they may have a job of."""

    user_id: UUID
    day: dt.date
    is_active: bool = True


@dataclass(frozen=True, kw_only=True)
class BatchState:
    """How the jobs of a batch stand; `finished_at` is null until the last one has ended."""

    counts: Mapping[JobStatus, int]
    finished_at: dt.datetime | None


async def list_time_zones(session: AsyncSession) -> Sequence[str]:
    """Return the time zones in which users are."""
    return (await session.scalars(_TIME_ZONES)).all()


async def take_turns(
    session: AsyncSession, mornings: Mapping[str, dt.date], *, active_since: dt.datetime, limit: int
) -> list[Turn]:
    """Return users whose morning has come and was not seen to; the commit sees to it.

    `mornings` has the day of each time zone where it has come. Nobody else gets the same users
    meanwhile.
    """
    zones = bindparam("zones", list(mornings), ARRAY(Text))
    days = bindparam("days", list(mornings.values()), ARRAY(Date))
    morning = (
        func.unnest(zones, days)
        .table_valued(column("timezone", Text), column("day", Date))
        .render_derived()
    )
    due = (
        select(User.id, morning.c.day)
        .join(morning, User.timezone == morning.c.timezone)
        .where(User.insights_date < morning.c.day)
        .limit(limit)
        .with_for_update(of=User, key_share=True, skip_locked=True)
        .cte("due")
    )
    taken = await session.execute(
        update(User)
        .where(User.id == due.c.id)
        .values(insights_date=due.c.day)
        .returning(User.id, due.c.day, _is_active(active_since))
        .execution_options(synchronize_session=False)
    )
    return [Turn(user_id=row[0], day=row[1], is_active=row[2]) for row in taken]


async def list_users_after(
    session: AsyncSession, after: UUID | None, *, active_since: dt.datetime, limit: int
) -> Sequence[tuple[UUID, str, bool]]:
    """Return id, time zone and whether they are active of the next users, by id.

    They cannot be deleted before the transaction ends.
    """
    query = (
        select(User.id, User.timezone, _is_active(active_since))
        .order_by(User.id)
        .limit(limit)
        .with_for_update(of=User, read=True, key_share=True)
    )
    if after is not None:
        query = query.where(User.id > after)
    return [(row[0], row[1], row[2]) for row in await session.execute(query)]


async def create_batch(session: AsyncSession, kind: str, trigger: str, now: dt.datetime) -> UUID:
    """Begin a batch, and return its id."""
    batch = JobBatch(kind=kind, trigger=trigger, created_at=now)
    session.add(batch)
    await session.flush()
    return batch.id


async def create_daily_jobs(
    session: AsyncSession,
    kind: str,
    turns: Sequence[Turn],
    *,
    attempts: int,
    now: dt.datetime,
    batch_id: UUID | None = None,
) -> Sequence[UUID]:
    """Store a job for each, with its `date` as input, but for those who have one of that day.

    Returns the ids of the new ones; their tasks are still to be queued.
    """
    turns = sorted(turns, key=lambda turn: turn.user_id)  # who wait for each other do so in turn
    asked = (
        func.unnest(
            bindparam("ids", [new_id() for _ in turns], ARRAY(Uuid)),
            bindparam("users", [turn.user_id for turn in turns], ARRAY(Uuid)),
            bindparam("days", [turn.day for turn in turns], ARRAY(Date)),
        )
        .table_valued(column("id", Uuid), column("user_id", Uuid), column("day", Date))
        .render_derived()
    )
    values = {
        "id": asked.c.id,
        "user_id": asked.c.user_id,
        "kind": literal(kind),
        "input": func.jsonb_build_object("date", asked.c.day),
        "attempt_limit": literal(attempts),
        "local_date": asked.c.day,
        "usage_date": asked.c.day if batch_id is None else null(),
        "batch_id": literal(batch_id, Uuid),
        "created_at": literal(now),
    }
    created = await session.scalars(
        insert(Job)
        .from_select(list(values), select(*values.values()))
        .on_conflict_do_nothing(
            index_elements=[Job.user_id, Job.kind, Job.local_date],
            index_where=Job.local_date.is_not(None),
        )
        .returning(Job.id)
    )
    return created.all()


async def find_daily_job(
    session: AsyncSession, user_id: UUID, kind: str, day: dt.date
) -> Job | None:
    """Return a user's job of a local day; nobody else changes it until the commit."""
    found: Job | None = await session.scalar(
        select(Job)
        .where(Job.user_id == user_id, Job.kind == kind, Job.local_date == day)
        .with_for_update()
    )
    return found


async def add_to_batch(
    session: AsyncSession, batch_id: UUID, *, queued: int, already: int, skipped: int
) -> None:
    """Count a page of users."""
    await session.execute(
        update(JobBatch)
        .where(JobBatch.id == batch_id)
        .values(
            queued=JobBatch.queued + queued,
            already=JobBatch.already + already,
            skipped=JobBatch.skipped + skipped,
        )
        .execution_options(synchronize_session=False)
    )


async def end_queueing(session: AsyncSession, batch_id: UUID, now: dt.datetime) -> JobBatch:
    """Note that a batch has been through all users, and return it."""
    batch = await get_batch(session, batch_id)
    batch.queued_at = now
    await session.flush()
    return batch


async def get_batch(session: AsyncSession, batch_id: UUID) -> JobBatch:
    """Return the batch with this id."""
    batch = await session.get(JobBatch, batch_id)
    if batch is None:
        raise BatchNotFoundError
    return batch


async def read_batch(session: AsyncSession, batch: JobBatch) -> BatchState:
    """Count the jobs of a batch as they stand now."""
    rows = (
        await session.execute(
            select(Job.status, func.count(), func.max(Job.completed_at))
            .where(Job.batch_id == batch.id)
            .group_by(Job.status)
        )
    ).all()
    counts = dict.fromkeys(JobStatus, 0) | {JobStatus(row[0]): row[1] for row in rows}
    is_open = batch.queued_at is None or counts[JobStatus.QUEUED] or counts[JobStatus.RUNNING]
    ends = [row[2] for row in rows if row[2]]
    return BatchState(
        counts=counts, finished_at=None if is_open else max(ends, default=batch.queued_at)
    )


async def delete_old_batches(session: AsyncSession, before: dt.datetime) -> None:
    """Forget batches; their jobs stay."""
    await session.execute(delete(JobBatch).where(JobBatch.created_at < before))


def _is_active(since: dt.datetime) -> ColumnElement[bool]:
    """Whether a user has signed in, or has numbers or posts, since then."""
    return or_(
        exists().where(UserSession.user_id == User.id, UserSession.created_at >= since),
        exists().where(DailyMetric.user_id == User.id, DailyMetric.date >= since.date()),
        exists().where(ContentPost.user_id == User.id, ContentPost.posted_at >= since),
    )
