"""Whose insights are made, and when: once per user and local day, whoever asks."""

import asyncio
import datetime as dt
from collections.abc import AsyncIterator
from dataclasses import replace
from uuid import UUID

import pytest
from sqlalchemy import func, select, text, update

from core.settings import Settings
from domain.jobs import JobLimitReachedError, cancel_job
from domain.schedules import ask_for_today
from domain.tiers import TIERS
from graph.suite import Suite, open_suite
from jobs.insights import INSIGHTS
from jobs.pruning import prune_rows
from jobs.schedules import queue_everybody, queue_mornings
from storage.models import (
    ContentPost,
    DailyMetric,
    Job,
    JobBatch,
    JobStatus,
    PlatformConnection,
    Tier,
    User,
    UserSession,
    new_id,
)
from storage.queue import read_queue
from storage.schedules import get_batch, list_time_zones, read_batch
from tests.conftest import new_email

NOW = dt.datetime(2026, 11, 21, 7, tzinfo=dt.UTC)
TODAY, YESTERDAY = dt.date(2026, 11, 21), dt.date(2026, 11, 20)
ZONES = ("UTC", "Pacific/Chatham", "America/Los_Angeles")


@pytest.fixture
async def suite(settings: Settings, database_url: str) -> AsyncIterator[Suite]:
    async with open_suite(settings, database_url, clock=lambda: NOW) as suite:
        yield suite


def later(suite: Suite, now: dt.datetime) -> Suite:
    return replace(suite, clock=lambda: now)


async def create_users(
    suite: Suite, count: int = 1, *, timezone: str = "UTC", signed_in: dt.datetime | None = NOW
) -> list[UUID]:
    """Create users whose last morning was yesterday's."""
    ids = [new_id() for _ in range(count)]
    async with suite.database.service_session() as session:
        session.add_all(
            User(
                id=user_id,
                email=new_email(),
                timezone=timezone,
                tier=Tier.BUSINESS,
                insights_date=YESTERDAY,
            )
            for user_id in ids
        )
        await session.flush()
        if signed_in:
            session.add_all(
                UserSession(
                    user_id=user_id,
                    token_hash=new_id().bytes,
                    created_at=signed_in,
                    expires_at=NOW + dt.timedelta(days=30),
                )
                for user_id in ids
            )
    return ids


async def read_jobs(suite: Suite) -> list[tuple[UUID, dt.date | None]]:
    async with suite.database.service_session() as session:
        rows = await session.execute(select(Job.user_id, Job.local_date).order_by(Job.id))
        return [(row[0], row[1]) for row in rows]


async def count_tasks(suite: Suite) -> int:
    query = "SELECT count(DISTINCT args->>'job_id') FROM procrastinate_jobs"
    async with suite.database.service_session() as session:
        return int((await session.execute(text(query))).scalar_one())


# --- our own schedule ---


async def test_each_creators_morning_is_seen_to_once(suite: Suite) -> None:
    here, chatham, _ = [(await create_users(suite, timezone=zone))[0] for zone in ZONES]
    batch = await queue_mornings(suite, INSIGHTS)
    assert batch
    assert (batch.trigger, batch.queued, batch.already, batch.skipped) == ("schedule", 2, 0, 0)
    assert batch.queued_at == NOW
    expected = {(here, TODAY), (chatham, TODAY)}
    assert set(await read_jobs(suite)) == expected
    for minutes in (5, 10):
        tick = later(suite, NOW + dt.timedelta(minutes=minutes))
        assert await queue_mornings(tick, INSIGHTS) is None
    assert set(await read_jobs(suite)) == expected
    assert await count_tasks(suite) == 2


async def test_a_morning_that_was_missed_is_seen_to_the_same_day(suite: Suite) -> None:
    await create_users(suite)
    assert await queue_mornings(later(suite, NOW.replace(hour=23, minute=55)), INSIGHTS)


async def test_who_travels_has_one_job_of_each_day_of_theirs(suite: Suite) -> None:
    await create_users(suite, timezone="Pacific/Chatham")
    moment = dt.datetime(2026, 11, 20, 0, tzinfo=dt.UTC)
    flights = {
        dt.datetime(2026, 11, 20, 18, tzinfo=dt.UTC): "Pacific/Pago_Pago",  # a day back
        dt.datetime(2026, 11, 22, 12, tzinfo=dt.UTC): "Pacific/Chatham",
    }
    while moment < dt.datetime(2026, 11, 24, tzinfo=dt.UTC):
        if zone := flights.get(moment):
            async with suite.database.service_session() as session:
                await session.execute(update(User).values(timezone=zone))
        await queue_mornings(later(suite, moment), INSIGHTS)
        moment += dt.timedelta(hours=1)
    days = [day for _, day in await read_jobs(suite)]
    # The 22nd was theirs for an hour only, and before six.
    assert days == [dt.date(2026, 11, day) for day in (21, 23, 24)]


async def test_who_is_new_has_their_first_morning_tomorrow(suite: Suite) -> None:
    async with suite.database.service_session() as session:
        user = User(email=new_email())
        session.add(user)
        await session.flush()
        session.add(
            UserSession(user_id=user.id, token_hash=new_id().bytes, expires_at=NOW, created_at=NOW)
        )
        await session.refresh(user)
        day = user.insights_date
    evening = dt.datetime.combine(day, dt.time(23), dt.UTC)
    assert await queue_mornings(later(suite, evening), INSIGHTS) is None
    # Signing in counts for thirty days.
    async with suite.database.service_session() as session:
        await session.execute(update(UserSession).values(created_at=evening))
    assert await queue_mornings(later(suite, evening + dt.timedelta(hours=8)), INSIGHTS)


async def test_schedulers_at_the_same_time_ask_for_each_user_once(
    suite: Suite, settings: Settings, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("jobs.schedules.PAGE", 7)
    users = await create_users(suite, 60)
    async with open_suite(settings, database_url, clock=lambda: NOW) as another:
        found = await asyncio.gather(
            queue_mornings(suite, INSIGHTS),
            queue_mornings(another, INSIGHTS),
            queue_everybody(suite, INSIGHTS),
            queue_everybody(another, INSIGHTS),
        )
    assert sorted(await read_jobs(suite)) == sorted((user_id, TODAY) for user_id in users)
    assert await count_tasks(suite) == 60
    batches = [batch for batch in found if batch]
    assert sum(batch.queued for batch in batches) == 60
    own = [batch for batch in batches if batch.trigger == "schedule"]
    assert sum(batch.queued + batch.already for batch in own) == 60
    crons = [batch for batch in batches if batch.trigger == "cron"]
    assert [batch.queued + batch.already for batch in crons] == [60, 60]


async def test_time_zones_are_listed_by_the_index(suite: Suite) -> None:
    for zone in (*ZONES, *ZONES):
        await create_users(suite, timezone=zone)
    async with suite.database.service_session() as session:
        assert sorted(await list_time_zones(session)) == sorted(ZONES)


async def test_nobody_anywhere_is_no_error(suite: Suite) -> None:
    assert await queue_mornings(suite, INSIGHTS) is None
    batch = await queue_everybody(suite, INSIGHTS)
    assert (batch.queued, batch.already, batch.skipped) == (0, 0, 0)
    async with suite.database.service_session() as session:
        assert (await read_batch(session, batch)).finished_at == batch.queued_at


# --- who is active ---


async def test_signing_in_numbers_or_posts_within_thirty_days_make_a_user_active(
    suite: Suite,
) -> None:
    recent, old = NOW - dt.timedelta(days=29), NOW - dt.timedelta(days=32)
    [signed_in] = await create_users(suite, signed_in=recent)
    await create_users(suite, signed_in=old)
    await create_users(suite, signed_in=None)
    expected = {signed_in}
    for moment in (recent, old):
        for table in (DailyMetric, ContentPost):
            [user_id] = await create_users(suite, signed_in=None)
            async with suite.database.service_session() as session:
                account = PlatformConnection(
                    user_id=user_id, platform="instagram", platform_account="a", username="a",
                    source="import",
                )  # fmt: skip
                session.add(account)
                await session.flush()
                common = {"user_id": user_id, "connection_id": account.id, "platform": "instagram"}
                session.add(
                    DailyMetric(**common, date=moment.date(), follower_count=1)
                    if table is DailyMetric
                    else ContentPost(**common, platform_post_id="p", posted_at=moment)
                )
            if moment is recent:
                expected.add(user_id)
    batch = await queue_everybody(suite, INSIGHTS)
    assert {user_id for user_id, _ in await read_jobs(suite)} == expected
    assert (batch.queued, batch.skipped) == (3, 4)


# --- an outside scheduler ---


async def test_a_batch_tells_who_was_queued_and_how_far_it_is(suite: Suite) -> None:
    users = await create_users(suite, 3)
    batch = await queue_everybody(suite, INSIGHTS)
    async with suite.database.service_session() as session:
        state = await read_batch(session, batch)
        assert (state.counts[JobStatus.QUEUED], state.finished_at) == (3, None)
        ended = NOW + dt.timedelta(minutes=3)
        await session.execute(
            update(Job)
            .where(Job.user_id.in_(users[:2]))
            .values(status=JobStatus.COMPLETED, completed_at=NOW)
        )
        assert (await read_batch(session, batch)).finished_at is None
        await session.execute(
            update(Job)
            .where(Job.user_id == users[2])
            .values(status=JobStatus.FAILED, completed_at=ended)
        )
        state = await read_batch(session, batch)
    assert state.finished_at == ended
    assert (state.counts[JobStatus.COMPLETED], state.counts[JobStatus.FAILED]) == (2, 1)


async def test_what_was_stopped_in_the_middle_is_made_whole_by_asking_again(
    suite: Suite, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("jobs.schedules.PAGE", 4)
    users = await create_users(suite, 10)
    calls = iter([NOW] * 3)

    def stop() -> dt.datetime:
        return next(calls)  # raises in the third page

    with pytest.raises(RuntimeError):
        await queue_everybody(replace(suite, clock=stop), INSIGHTS)
    async with suite.database.service_session() as session:
        [stopped] = (await session.scalars(select(JobBatch))).all()
        assert (stopped.queued, stopped.queued_at) == (8, None)
        assert (await read_batch(session, stopped)).finished_at is None
    batch = await queue_everybody(suite, INSIGHTS)
    assert (batch.queued, batch.already) == (2, 8)
    assert sorted(user_id for user_id, _ in await read_jobs(suite)) == sorted(users)


async def test_old_batches_are_forgotten_and_their_jobs_are_not(suite: Suite) -> None:
    await create_users(suite)
    await queue_everybody(suite, INSIGHTS)
    await prune_rows(later(suite, NOW + dt.timedelta(days=91)))
    async with suite.database.service_session() as session:
        assert await session.scalar(select(func.count()).select_from(JobBatch)) == 0
        assert await session.scalar(select(Job.batch_id)) is None


async def test_what_nobody_asked_for_does_not_count_as_waiting(suite: Suite) -> None:
    users = await create_users(suite, 2)
    async with suite.database.user_session(users[0]) as session:
        await ask_for_today(session, users[0], INSIGHTS, timezone="UTC", now=NOW)
    await queue_everybody(suite, INSIGHTS)
    query = "SELECT priority, count(*) FROM procrastinate_jobs GROUP BY 1 ORDER BY 1"
    async with suite.database.service_session() as session:
        assert [tuple(row) for row in await session.execute(text(query))] == [(-10, 1), (0, 1)]
        await session.execute(text("DELETE FROM procrastinate_jobs WHERE priority = 0"))
    async with suite.database.service_session() as session:
        assert (await read_queue(session, stall_seconds=60)).wait == dt.timedelta()


# --- oneself ---


async def ask(suite: Suite, user_id: UUID, timezone: str = "UTC") -> Job:
    async with suite.database.user_session(user_id) as session:
        return await ask_for_today(session, user_id, INSIGHTS, timezone=timezone, now=suite.clock())


async def test_asking_for_oneself_finds_what_the_schedule_asked_for(suite: Suite) -> None:
    [user_id] = await create_users(suite)
    await queue_mornings(suite, INSIGHTS)
    job = await ask(suite, user_id)
    assert job.batch_id
    assert await read_jobs(suite) == [(user_id, TODAY)]
    assert job.input == {"date": "2026-11-21"}


async def test_the_schedule_finds_what_a_user_asked_for(suite: Suite) -> None:
    [user_id] = await create_users(suite)
    await ask(later(suite, NOW.replace(hour=5)), user_id)
    batch = await queue_mornings(suite, INSIGHTS)
    assert batch
    assert (batch.queued, batch.already) == (0, 1)


async def test_asking_many_times_at_once_makes_one_job(suite: Suite) -> None:
    [user_id] = await create_users(suite)
    jobs = await asyncio.gather(*(ask(suite, user_id) for _ in range(6)))
    assert len({job.id for job in jobs}) == 1
    assert await count_tasks(suite) == 1


async def test_what_was_cancelled_is_tried_again(suite: Suite) -> None:
    [user_id] = await create_users(suite)
    job = await ask(suite, user_id)
    async with suite.database.user_session(user_id) as session:
        await cancel_job(session, job.id, NOW)
    again = await asyncio.gather(*(ask(suite, user_id) for _ in range(3)))
    assert {(each.id, each.status) for each in again} == {(job.id, JobStatus.QUEUED)}


async def test_only_what_users_ask_for_counts_against_their_limits(suite: Suite) -> None:
    limit = TIERS[Tier.FREE].other_jobs_a_day
    has_one_left, has_none_left = await create_users(suite, 2)
    async with suite.database.service_session() as session:
        await session.execute(update(User).values(tier=Tier.FREE))
        for user_id, count in ((has_one_left, limit - 1), (has_none_left, limit)):
            session.add_all(
                Job(user_id=user_id, kind="other", input={}, attempt_limit=1, created_at=NOW)
                for _ in range(count)
            )
    await queue_everybody(later(suite, NOW - dt.timedelta(days=1)), INSIGHTS)
    async with suite.database.service_session() as session:
        await session.execute(update(Job).where(Job.batch_id.is_not(None)).values(created_at=NOW))
    await ask(suite, has_one_left)
    with pytest.raises(JobLimitReachedError):
        await ask(suite, has_none_left)


async def test_a_batch_is_found_by_its_id(suite: Suite) -> None:
    batch = await queue_everybody(suite, INSIGHTS)
    async with suite.database.service_session() as session:
        assert (await get_batch(session, batch.id)).kind == INSIGHTS.name
