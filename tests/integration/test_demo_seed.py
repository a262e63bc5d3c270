"""Seeding the demo creator: once, again, on another day, and from two processes."""

import asyncio
import datetime as dt
import subprocess
import sys
from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import delete, func, literal_column, select, text, update

from core.clock import Clock
from domain.accounts import authenticate
from domain.analytics.growth import Period, report_growth
from domain.demo import DEMO_EMAIL, DEMO_PASSWORD, build_demo, seed_demo
from storage.connections import list_connections
from storage.database import Database
from storage.metrics import METRIC_COLUMNS, lock_metrics
from storage.models import (
    AudienceSnapshot,
    ContentPost,
    Conversation,
    DailyMetric,
    Goal,
    Metric,
    Platform,
    PlatformConnection,
    User,
)
from storage.users import find_user

NOON = dt.datetime(2026, 11, 20, 12, tzinfo=dt.UTC)
TODAY = NOON.date()
TABLES = (User, PlatformConnection, DailyMetric, ContentPost, AudienceSnapshot, Goal)


def clock_at(moment: dt.datetime) -> Clock:
    return lambda: moment


def days_later(days: int) -> Clock:
    return clock_at(NOON + dt.timedelta(days=days))


async def demo_user(database: Database) -> User:
    async with database.service_session() as session:
        return (await session.scalars(select(User).where(User.email == DEMO_EMAIL))).one()


async def snapshot(database: Database) -> list[list[str]]:
    """Return every row of the demo creator, with the transaction that wrote it."""
    user = await demo_user(database)
    async with database.user_session(user.id) as session:
        return [
            sorted(
                repr(row)
                for row in await session.execute(
                    select(literal_column("xmin::text"), *table.__table__.columns)
                )
            )
            for table in TABLES
        ]


async def assert_stored(database: Database, today: dt.date, platforms: set[Platform]) -> None:
    """Check that the days and posts of these accounts are the year that ends on that day."""
    creator = build_demo(today)
    user = await demo_user(database)
    async with database.user_session(user.id) as session:
        ids = {
            Platform(row.platform): row.id
            for row in await list_connections(session)
            if row.username == creator.accounts[Platform(row.platform)]
        }
        for platform in platforms:
            days = (
                await session.scalars(
                    select(DailyMetric)
                    .where(DailyMetric.connection_id == ids[platform])
                    .order_by(DailyMetric.date)
                )
            ).all()
            expected = [day for day in creator.days if day.platform is platform]
            assert [(day.date, day.status, known_values(day)) for day in days] == [
                (day.date, day.status, known(day.values)) for day in expected
            ]
        posts = (await session.scalars(select(ContentPost))).all()
        assert {post_key(post, platform_of(ids, post)) for post in posts} >= {
            post_key(post, post.platform) for post in creator.posts if post.platform in platforms
        }
        told = await session.scalars(
            select(AudienceSnapshot).where(
                AudienceSnapshot.connection_id.in_(ids[platform] for platform in platforms)
            )
        )
        assert by_day(
            (ids[each.platform], each) for each in creator.audiences if each.platform in platforms
        ) == by_day((each.connection_id, each) for each in told)


def known(values: Mapping[Metric, int | None]) -> dict[Metric, int]:
    return {metric: value for metric, value in values.items() if value is not None}


def known_values(day: DailyMetric) -> dict[Metric, int]:
    values = {metric: getattr(day, column.key) for metric, column in METRIC_COLUMNS.items()}
    return known(values | {Metric(name): value for name, value in day.metrics.items()})


def by_day(audiences: Iterable[tuple[UUID, Any]]) -> dict[tuple[Any, ...], dict[str, float]]:
    """Return shares by account, dimension and day."""
    return {(id_, each.dimension, each.date): each.shares for id_, each in audiences}


def platform_of(ids: Mapping[Platform, UUID], post: ContentPost) -> Platform:
    (platform,) = [name for name, connection in ids.items() if connection == post.connection_id]
    return platform


def post_key(post: Any, platform: Platform) -> tuple[Any, ...]:
    assert post.platform == platform
    return (
        platform, post.platform_post_id, post.post_type, post.caption, post.posted_at, post.likes,
        post.comments, post.shares, post.saves, post.views, post.plays, post.reach,
    )  # fmt: skip


async def test_the_demo_creator_can_sign_in_and_has_her_year(database: Database) -> None:
    await seed_demo(database, clock_at(NOON))
    signed_in = await authenticate(
        database,
        email=DEMO_EMAIL,
        password=DEMO_PASSWORD,
        expires_at=NOON + dt.timedelta(days=1),
    )
    assert (signed_in.user.role, signed_in.user.timezone, signed_in.user.locale) == (
        "user",
        "Europe/Berlin",
        "en",
    )
    await assert_stored(database, TODAY, set(Platform))
    async with database.user_session(signed_in.user.id) as session:
        connections = await list_connections(session)
        assert {(row.platform, row.source, row.status) for row in connections} == {
            (platform.value, "import", "active") for platform in Platform
        }
        counts = [
            await session.scalar(select(func.count()).select_from(table))
            for table in (PlatformConnection, DailyMetric, ContentPost, Goal)
        ]
        assert counts == [4, 4 * 366, 400, 2]


async def test_follower_changes_are_differences_to_the_day_before(database: Database) -> None:
    await seed_demo(database, clock_at(NOON))
    await seed_demo(database, days_later(3))
    user = await demo_user(database)
    async with database.user_session(user.id) as session:
        days = (await session.scalars(select(DailyMetric))).all()
    by_day = {(day.connection_id, day.date): day for day in days}
    unknown = 0
    for day in days:
        before = by_day.get((day.connection_id, day.date - dt.timedelta(days=1)))
        if before is None or before.follower_count is None or day.follower_count is None:
            assert day.follower_change_24h is None
            unknown += 1
        else:
            assert day.follower_change_24h == day.follower_count - before.follower_count
    assert unknown == 5  # each account's first day, and Spotify's today


async def test_seeding_again_on_the_same_day_writes_nothing(database: Database) -> None:
    await seed_demo(database, clock_at(NOON))
    before = await snapshot(database)
    await seed_demo(database, clock_at(NOON + dt.timedelta(hours=9)))
    assert await snapshot(database) == before


async def test_the_demo_creator_has_the_tokens_of_whoever_runs_the_suite(
    database: Database,
) -> None:
    for _ in range(2):  # created, and found on the tier of an older release
        await seed_demo(database, clock_at(NOON))
        async with database.service_session() as session:
            user = await find_user(session, DEMO_EMAIL)
            assert user
            assert user.tier == "business"
            user.tier = "free"


async def test_a_demo_of_an_older_release_gets_its_audience_once(database: Database) -> None:
    await seed_demo(database, clock_at(NOON))
    before = await snapshot(database)
    user = await demo_user(database)
    async with database.user_session(user.id) as session:
        await session.execute(delete(AudienceSnapshot))
    await seed_demo(database, clock_at(NOON))
    await assert_stored(database, TODAY, set(Platform))
    after = await snapshot(database)
    assert [rows == old for rows, old in zip(after, before, strict=True)].count(False) == 1
    await seed_demo(database, clock_at(NOON))
    assert await snapshot(database) == after


async def test_a_clock_that_is_behind_writes_nothing(database: Database) -> None:
    await seed_demo(database, clock_at(NOON))
    before = await snapshot(database)
    await seed_demo(database, days_later(-2))
    assert await snapshot(database) == before


@pytest.mark.parametrize("days", [1, 400])
async def test_on_a_later_day_her_year_ends_then(database: Database, days: int) -> None:
    await seed_demo(database, clock_at(NOON))
    await seed_demo(database, days_later(days))
    today = TODAY + dt.timedelta(days=days)
    await assert_stored(database, today, set(Platform))
    user = await demo_user(database)
    async with database.user_session(user.id) as session:
        assert await session.scalar(select(func.count()).select_from(ContentPost)) == 400
        goals = (await session.scalars(select(Goal).order_by(Goal.title))).all()
    expected = sorted(build_demo(today).goals, key=lambda goal: goal.title)
    assert [(goal.title, goal.start_value, goal.start_date, goal.due_date) for goal in goals] == [
        (goal.title, goal.start_value, goal.start_date, goal.due_date) for goal in expected
    ]


async def test_today_is_the_creators_own_day(database: Database) -> None:
    # 23:30 UTC is 00:30 of the next day in Berlin, and still noon in Honolulu.
    late = clock_at(dt.datetime(2026, 11, 20, 23, 30, tzinfo=dt.UTC))
    await seed_demo(database, late)
    await assert_stored(database, dt.date(2026, 11, 21), set(Platform))
    user = await demo_user(database)
    async with database.user_session(user.id) as session:
        await session.execute(update(User).values(timezone="Pacific/Honolulu"))
    before = await snapshot(database)
    await seed_demo(database, clock_at(dt.datetime(2026, 11, 22, 9, tzinfo=dt.UTC)))
    assert await snapshot(database) == before
    await seed_demo(database, clock_at(dt.datetime(2026, 11, 22, 11, tzinfo=dt.UTC)))
    await assert_stored(database, dt.date(2026, 11, 22), set(Platform))


async def test_a_later_day_leaves_what_the_user_did(database: Database) -> None:
    await seed_demo(database, clock_at(NOON))
    user = await demo_user(database)
    async with database.user_session(user.id) as session:
        await session.execute(update(User).values(locale="de"))
        imported = PlatformConnection(
            user_id=user.id,
            platform="instagram",
            platform_account="second",
            username="second",
            source="import",
        )
        session.add(imported)
        await session.flush()
        session.add_all(
            [
                Conversation(user_id=user.id, title="Mine"),
                DailyMetric(
                    connection_id=imported.id,
                    user_id=user.id,
                    platform="instagram",
                    date=dt.date(2020, 1, 1),
                    follower_count=7,
                ),
                ContentPost(
                    user_id=user.id,
                    connection_id=imported.id,
                    platform="instagram",
                    platform_post_id="1",
                    posted_at=NOON,
                ),
                Goal(
                    user_id=user.id,
                    title="Mine",
                    metric="followers",
                    start_value=0,
                    target_value=10,
                    start_date=TODAY,
                    due_date=TODAY,
                ),
            ]
        )
    await seed_demo(database, days_later(1))
    assert (await demo_user(database)).locale == "de"
    async with database.user_session(user.id) as session:
        assert (await session.scalars(select(Conversation.title))).all() == ["Mine"]
        of_import = DailyMetric.connection_id == imported.id
        assert (
            await session.scalars(select(DailyMetric.follower_count).where(of_import))
        ).all() == [7]
        of_import = ContentPost.connection_id == imported.id
        assert await session.scalar(select(func.count()).where(of_import)) == 1
        own = (await session.scalars(select(Goal).where(Goal.title == "Mine"))).one()
        assert (own.start_date, own.due_date) == (TODAY, TODAY)


async def test_a_goal_of_hers_that_was_changed_does_not_move(database: Database) -> None:
    await seed_demo(database, clock_at(NOON))
    user = await demo_user(database)
    due = dt.date(2027, 6, 1)
    async with database.user_session(user.id) as session:
        await session.execute(update(Goal).where(Goal.platform == "youtube").values(due_date=due))
    await seed_demo(database, days_later(1))
    async with database.user_session(user.id) as session:
        rows = await session.execute(select(Goal.platform, Goal.due_date))
        dates = {tuple(row) for row in rows}
    assert dates == {("youtube", due), ("instagram", TODAY + dt.timedelta(days=43))}


async def test_accounts_that_were_removed_or_signed_in_to_are_left_alone(
    database: Database,
) -> None:
    await seed_demo(database, clock_at(NOON))
    user = await demo_user(database)
    async with database.user_session(user.id) as session:
        of_platform = PlatformConnection.platform
        await session.execute(delete(PlatformConnection).where(of_platform == "facebook"))
        await session.execute(
            update(PlatformConnection).where(of_platform == "youtube").values(source="oauth")
        )
    await seed_demo(database, days_later(1))
    async with database.user_session(user.id) as session:
        platform, last_day = DailyMetric.platform, func.max(DailyMetric.date)
        rows = await session.execute(select(platform, last_day).group_by(platform))
        last_days = {tuple(row) for row in rows}
    tomorrow = TODAY + dt.timedelta(days=1)
    assert last_days == {("instagram", tomorrow), ("spotify", tomorrow), ("youtube", TODAY)}
    await assert_stored(database, tomorrow, {Platform.INSTAGRAM, Platform.SPOTIFY})


PROGRAM = """
import asyncio, datetime, sys
from domain.demo import seed_demo
from storage.database import Database

async def main() -> None:
    database = Database(sys.argv[1])
    moment = datetime.datetime.fromisoformat(sys.argv[2])
    print("ready", flush=True)
    sys.stdin.readline()
    await seed_demo(database, lambda: moment)
    await database.close()

asyncio.run(main())
"""


def seed_in_processes(url: str, moment: dt.datetime, number: int) -> None:
    """Seed from several processes, which start together once all of them are ready."""
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", PROGRAM, url, moment.isoformat()],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(number)
    ]
    for process in processes:
        assert process.stdout
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        assert process.stdin
        process.stdin.write("go\n")
        process.stdin.flush()
    for process in processes:
        _, errors = process.communicate(timeout=60)
        assert process.returncode == 0, errors


async def test_processes_that_seed_at_once_make_one_demo_creator(
    database: Database, database_url: str
) -> None:
    await asyncio.to_thread(seed_in_processes, database_url, NOON, 2)
    await assert_stored(database, TODAY, set(Platform))
    tomorrow = NOON + dt.timedelta(days=1)
    await asyncio.to_thread(seed_in_processes, database_url, tomorrow, 2)
    await assert_stored(database, tomorrow.date(), set(Platform))
    user = await demo_user(database)
    async with database.user_session(user.id) as session:
        counts = [
            await session.scalar(select(func.count()).select_from(table))
            for table in (PlatformConnection, DailyMetric, ContentPost, Goal)
        ]
    assert counts == [4, 4 * 366, 400, 2]


async def test_renewing_waits_for_whoever_writes_her_metrics(database: Database) -> None:
    await seed_demo(database, clock_at(NOON))
    user = await demo_user(database)
    async with database.user_session(user.id) as session:
        await lock_metrics(session, user.id)
        renewing = asyncio.create_task(seed_demo(database, days_later(1)))
        async with asyncio.timeout(30):
            while not await is_somebody_waiting(database):
                assert not renewing.done()
                await asyncio.sleep(0.01)
    await renewing
    await assert_stored(database, TODAY + dt.timedelta(days=1), set(Platform))


async def is_somebody_waiting(database: Database) -> bool:
    statement = text(
        "SELECT count(*) FROM pg_locks JOIN pg_database ON pg_database.oid = pg_locks.database "
        "WHERE datname = current_database() AND locktype = 'advisory' AND NOT granted"
    )
    async with database.service_session() as session:
        return bool(await session.scalar(statement))


async def test_the_suites_own_analytics_find_the_fastest_growing_platform(
    database: Database,
) -> None:
    await seed_demo(database, clock_at(NOON))
    user = await demo_user(database)
    period = Period(start=dt.date(2026, 10, 1), end=dt.date(2026, 10, 31))
    async with database.user_session(user.id) as session:
        report = await report_growth(session, period)
    percents = {part.platform: part.percent or 0 for part in report.platforms}
    assert max(percents, key=lambda name: percents[name]) == "youtube"
    assert percents["facebook"] < 0
    assert not report.notes
