"""Putting the demo creator into a database, and letting her year end today."""

import datetime as dt
from collections.abc import Mapping, Sequence
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from core.clock import Clock, local_date
from domain.accounts import hash_password
from domain.demo.audience import AUDIENCES
from domain.demo.creator import DemoCreator, DemoGoal, build_demo
from domain.demo.posts import TIMEZONE
from storage.audience import delete_snapshots, has_snapshots, write_snapshots
from storage.connections import create_connections
from storage.database import Database
from storage.goals import create_goals, delete_milestones, list_goals
from storage.metrics import (
    Coverage,
    DayValues,
    delete_days_before,
    list_coverage,
    lock_metrics,
    write_days,
)
from storage.models import (
    AudienceSnapshot,
    ContentPost,
    Goal,
    Platform,
    PlatformConnection,
    Tier,
    User,
    new_id,
)
from storage.posts import create_posts, delete_posts
from storage.users import create_user, find_user

DEMO_EMAIL = "demo@dreamsuite.local"
DEMO_PASSWORD = "dreamsuite"  # noqa: S105 - public on purpose, for a server on loopback only
LOCALE = "en"
TIER = Tier.BUSINESS  # she is asked by whoever runs the suite, with a model key of their own
BRAND = {
    "niche": "quiet indie folk, recorded in a kitchen and in stairwells",
    "voice": "warm and plain, in the first person, a little dry",
    "audience": "listeners from 20 to 35 who like lyrics and small rooms",
}


async def seed_demo(database: Database, clock: Clock) -> None:
    """Create the demo creator, or make her year end today; several processes may do so at once.

    When it already does, nothing is written. Otherwise the days, posts and audiences of her four
    accounts are replaced and her two goals move along, unless they were changed. All else that
    belongs to her, and an account that was removed or signed in to, stays as it is.
    """
    async with database.service_session() as session:
        user = await find_user(session, DEMO_EMAIL)
        if user and user.tier != TIER:  # created by an older release
            user.tier = TIER
    if user is None:
        await _create(database, clock)
    else:
        await _renew(database, user, clock)


async def _create(database: Database, clock: Clock) -> None:
    password_hash = await hash_password(DEMO_PASSWORD)
    creator = build_demo(local_date(clock(), TIMEZONE))
    async with database.service_session() as session:
        user = await create_user(
            session,
            email=DEMO_EMAIL,
            password_hash=password_hash,
            timezone=TIMEZONE,
            locale=LOCALE,
        )
        if user is None:
            return  # another process was faster
        user.brand = BRAND
        user.tier = TIER
        user.email_verified_at = clock()
        connections = [
            PlatformConnection(
                id=new_id(),
                user_id=user.id,
                platform=platform,
                platform_account=account,
                username=account,
                source="import",
            )
            for platform, account in creator.accounts.items()
        ]
        await create_connections(session, connections)
        ids = {Platform(connection.platform): connection.id for connection in connections}
        await _write_days(session, creator, ids)
        await _write_posts(session, creator, ids, user.id)
        await _write_audiences(session, creator, ids, user.id)
        await create_goals(session, [Goal(user_id=user.id, **vars(goal)) for goal in creator.goals])


async def _renew(database: Database, user: User, clock: Clock) -> None:
    today = local_date(clock(), user.timezone)
    async with database.user_session(user.id) as session:
        await lock_metrics(session, user.id)
        accounts = [account for account in await list_coverage(session) if _is_demo(account)]
        last_days = [account.last_date for account in accounts if account.last_date]
        ids = {Platform(account.platform): account.connection_id for account in accounts}
        if not last_days:
            return
        if min(last_days) >= today:
            if not await has_snapshots(session, ids.values()):  # created by an older release
                creator = build_demo(min(last_days))
                await _write_audiences(session, creator, ids, user.id)
            return
        creator = build_demo(today)
        await delete_days_before(session, ids.values(), creator.days[0].date)
        await _write_days(session, creator, ids)
        await delete_posts(session, ids.values())
        await _write_posts(session, creator, ids, user.id)
        await delete_snapshots(session, ids.values())
        await _write_audiences(session, creator, ids, user.id)
        await _move_goals(session, creator.goals, today - min(last_days))


def _is_demo(account: Coverage) -> bool:
    of_demo = AUDIENCES[Platform(account.platform)].account
    return account.source == "import" and account.account == of_demo


async def _write_days(
    session: AsyncSession, creator: DemoCreator, ids: Mapping[Platform, UUID]
) -> None:
    await write_days(
        session,
        [
            DayValues(
                connection_id=ids[day.platform],
                date=day.date,
                status=day.status,
                values=day.values,
            )
            for day in creator.days
            if day.platform in ids
        ],
    )


async def _write_posts(
    session: AsyncSession, creator: DemoCreator, ids: Mapping[Platform, UUID], user_id: UUID
) -> None:
    await create_posts(
        session,
        [
            ContentPost(user_id=user_id, connection_id=ids[post.platform], **vars(post))
            for post in creator.posts
            if post.platform in ids
        ],
    )


async def _write_audiences(
    session: AsyncSession, creator: DemoCreator, ids: Mapping[Platform, UUID], user_id: UUID
) -> None:
    await write_snapshots(
        session,
        [
            AudienceSnapshot(
                user_id=user_id,
                connection_id=ids[audience.platform],
                dimension=audience.dimension,
                date=audience.date,
                shares=audience.shares,
            )
            for audience in creator.audiences
            if audience.platform in ids
        ],
    )


async def _move_goals(session: AsyncSession, goals: Sequence[DemoGoal], by: dt.timedelta) -> None:
    """Let the goals that are still as they were written begin and end later."""
    written: dict[tuple[str, int, dt.date, dt.date | None], DemoGoal] = {
        (goal.title, goal.target_value, goal.start_date - by, goal.due_date - by): goal
        for goal in goals
    }
    for stored in await list_goals(session):
        key = (stored.title, stored.target_value, stored.start_date, stored.due_date)
        if goal := written.get(key):
            stored.start_value = goal.start_value
            stored.start_date = goal.start_date
            stored.due_date = goal.due_date
            stored.status = "active"
            await delete_milestones(session, [stored.id])
