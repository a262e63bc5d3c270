"""What the suite asks for by itself: a job for each active user and local day.

Users are taken page by page, each page in a transaction of its own: memory stays flat, and who is
stopped in the middle can begin again.
"""

import datetime as dt
from collections.abc import Sequence
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from core.clock import local_date
from domain.jobs import JobKind
from domain.schedules import ACTIVE, find_mornings
from graph.resources import Resources
from storage.models import JobBatch
from storage.queue import defer_jobs
from storage.schedules import (
    Turn,
    add_to_batch,
    create_batch,
    create_daily_jobs,
    end_queueing,
    list_time_zones,
    list_users_after,
    take_turns,
)

PAGE = 1000
CRON, SCHEDULE = "cron", "schedule"


async def queue_mornings(resources: Resources, kind: JobKind) -> JobBatch | None:
    """Ask for the job of each user whose morning has come since it was looked last.

    Any number of schedulers may do this at once. Returns nothing where there was nobody.
    """
    settings, clock, database = resources.settings, resources.clock, resources.database
    async with database.service_session() as session:
        zones = await list_time_zones(session)
    mornings = find_mornings(clock(), settings.insights_hour, zones)
    batch = None
    while True:
        now = clock()
        async with database.service_session() as session:
            turns = await take_turns(session, mornings, active_since=now - ACTIVE, limit=PAGE)
            if not turns:
                break
            if batch is None:
                batch = await create_batch(session, kind.name, SCHEDULE, now)
            await _queue(session, kind, batch, turns, now)
    if batch is None:
        return None
    async with database.service_session() as session:
        return await end_queueing(session, batch, clock())


async def queue_everybody(resources: Resources, kind: JobKind) -> JobBatch:
    """Ask for today's job of every active user who has none yet, whatever their clocks show."""
    clock, database = resources.clock, resources.database
    async with database.service_session() as session:
        batch = await create_batch(session, kind.name, CRON, clock())
    after = None
    while True:
        now = clock()
        async with database.service_session() as session:
            users = await list_users_after(session, after, active_since=now - ACTIVE, limit=PAGE)
            if not users:
                return await end_queueing(session, batch, now)
            turns = [
                Turn(user_id=user_id, day=local_date(now, timezone), is_active=is_active)
                for user_id, timezone, is_active in users
            ]
            await _queue(session, kind, batch, turns, now)
            after = users[-1][0]


async def _queue(
    session: AsyncSession, kind: JobKind, batch_id: UUID, turns: Sequence[Turn], now: dt.datetime
) -> None:
    """Queue the jobs of a page of users, and count what became of each."""
    active = [turn for turn in turns if turn.is_active]
    created = await create_daily_jobs(
        session, kind.name, active, attempts=kind.max_attempts, now=now, batch_id=batch_id
    )
    await defer_jobs(session, created, queue=kind.queue)
    await add_to_batch(
        session,
        batch_id,
        queued=len(created),
        already=len(active) - len(created),
        skipped=len(turns) - len(active),
    )
