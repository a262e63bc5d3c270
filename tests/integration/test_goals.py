"""Goals in the database: setting, changing, milestones once, and only for their owner."""

import asyncio
import datetime as dt
from collections.abc import Sequence
from io import BytesIO
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, select, text

from domain.goals import (
    MAX_ACTIVE_GOALS,
    GoalNotFoundError,
    GoalPlan,
    InvalidGoalError,
    TooManyGoalsError,
    create_goal,
    get_goal,
    plan_goal,
    update_goal,
)
from domain.imports import ImportFile, import_file
from domain.milestones import record_milestones
from domain.progress import Progress
from storage.database import Database
from storage.models import Goal, GoalMilestone, Metric, Platform, new_id
from tests.conftest import create_user
from tests.e2e.waiting import eventually

TODAY = dt.date(2026, 4, 10)


def after(days: int) -> dt.date:
    return TODAY + dt.timedelta(days=days)


class GoalKeeper:
    """A new creator, what is imported for them, and their goals."""

    def __init__(self, database: Database, user_id: UUID) -> None:
        self.database = database
        self.user_id = user_id

    async def add(self, *rows: str, today: dt.date = TODAY) -> None:
        content = "\n".join(("platform,account,date,metric,value", *rows))
        file = ImportFile(BytesIO(content.encode()), today=today, timezone="UTC")
        async with self.database.user_session(self.user_id) as session:
            await import_file(session, self.user_id, file)

    async def followers(self, *values: tuple[int, int], account: str = "ida") -> None:
        """Import levels of Instagram, by days after today."""
        rows = [f"instagram,{account},{after(n)},followers,{value}" for n, value in values]
        await self.add(*rows, today=after(max(n for n, _ in values) + 1))

    async def plan(self, target: int, metric: Metric = Metric.FOLLOWERS, **named: Any) -> GoalPlan:
        async with self.database.user_session(self.user_id) as session:
            return await plan_goal(
                session, today=TODAY, metric=metric, target_value=target, **named
            )

    async def set_goal(self, target: int, metric: Metric = Metric.FOLLOWERS, **named: Any) -> UUID:
        plan = await self.plan(target, metric, **named)
        async with self.database.user_session(self.user_id) as session:
            goal = await create_goal(session, self.user_id, plan, goal_id=new_id(), today=TODAY)
            return goal.id

    async def change(self, goal_id: UUID, today: dt.date = TODAY, **named: Any) -> Goal:
        async with self.database.user_session(self.user_id) as session:
            return await update_goal(session, self.user_id, goal_id, today=today, **named)

    async def track(self, days: int) -> list[Progress]:
        async with self.database.user_session(self.user_id) as session:
            return await record_milestones(session, after(days))

    async def milestones(self) -> list[tuple[int, dt.date, int]]:
        async with self.database.user_session(self.user_id) as session:
            found = await session.scalars(select(GoalMilestone).order_by(GoalMilestone.percent))
            return [(each.percent, each.reached_on, each.value) for each in found]

    async def status(self, goal_id: UUID) -> str:
        async with self.database.user_session(self.user_id) as session:
            return (await get_goal(session, goal_id)).status


async def new_keeper(database: Database) -> GoalKeeper:
    user = await create_user(database)
    return GoalKeeper(database, user.id)


@pytest.fixture
async def keeper(database: Database) -> GoalKeeper:
    keeper = await new_keeper(database)
    await keeper.followers((-1, 990), (0, 1000))
    return keeper


# --- setting ---


async def test_a_goal_starts_at_the_last_known_level(keeper: GoalKeeper) -> None:
    plan = await keeper.plan(2000, platform=Platform.INSTAGRAM, due_date=after(30))
    assert (plan.start_value, plan.start_day) == (1000, TODAY)
    assert plan.title == "2,000 followers on Instagram"


async def test_a_goal_on_a_total_starts_at_nothing(keeper: GoalKeeper) -> None:
    await keeper.add(f"instagram,ida,{after(-1)},views,70")
    plan = await keeper.plan(500, Metric.VIEWS)
    assert (plan.start_value, plan.start_day, plan.title) == (0, TODAY, "500 views")


async def test_a_youtube_goal_is_about_subscribers(keeper: GoalKeeper) -> None:
    await keeper.add(f"youtube,ida,{TODAY},followers,70")
    plan = await keeper.plan(1500, platform=Platform.YOUTUBE)
    assert plan.title == "1,500 subscribers on YouTube"


async def test_without_a_platform_a_goal_is_about_all_accounts(keeper: GoalKeeper) -> None:
    await keeper.add(f"youtube,ida,{TODAY},followers,70")
    plan = await keeper.plan(2000)
    assert (plan.start_value, plan.platform, plan.connection_id) == (1070, None, None)


async def test_an_account_is_found_by_its_name_alone(keeper: GoalKeeper) -> None:
    await keeper.followers((0, 5), account="side")
    plan = await keeper.plan(20, account="@Side")
    assert (plan.start_value, plan.platform) == (5, Platform.INSTAGRAM)
    assert plan.connection_id


@pytest.mark.parametrize(
    ("named", "message"),
    [
        ({"target": 1000}, "where it stands today"),
        ({"target": -1}, "between 0 and a trillion"),
        ({"target": 10**13}, "between 0 and a trillion"),
        ({"target": 2000, "due_date": TODAY}, "after today"),
        ({"target": 2000, "due_date": after(-1)}, "after today"),
        ({"target": 2000, "due_date": after(1826)}, "more than 5 years"),
        ({"target": 2000, "platform": Platform.SPOTIFY}, "Connected: ida on instagram"),
        ({"target": 2000, "account": "nobody"}, "There is no such account"),
        ({"target": 2000, "metric": Metric.STREAMS}, "No streams of the last 31 days are known"),
    ],
)
async def test_what_makes_no_sense_is_refused(
    keeper: GoalKeeper, named: dict[str, Any], message: str
) -> None:
    with pytest.raises(InvalidGoalError, match=message):
        await keeper.plan(**named)


async def test_a_platform_with_several_accounts_needs_the_account(keeper: GoalKeeper) -> None:
    await keeper.followers((0, 5), account="side")
    with pytest.raises(InvalidGoalError, match="name one of ida, side"):
        await keeper.plan(2000, platform=Platform.INSTAGRAM)


async def test_reach_of_several_platforms_has_no_sum(keeper: GoalKeeper) -> None:
    await keeper.add(f"youtube,ida,{TODAY},reach,70", f"instagram,ida,{TODAY},reach,70")
    with pytest.raises(InvalidGoalError, match="overlap"):
        await keeper.plan(2000, Metric.REACH)


async def test_the_same_id_sets_one_goal(keeper: GoalKeeper) -> None:
    plan, goal_id = await keeper.plan(2000), new_id()

    async def create() -> UUID:
        async with keeper.database.user_session(keeper.user_id) as session:
            goal = await create_goal(session, keeper.user_id, plan, goal_id=goal_id, today=TODAY)
            return goal.id

    assert await asyncio.gather(*(create() for _ in range(4))) == [goal_id] * 4
    assert len(await keeper.track(0)) == 1


async def test_goals_set_at_the_same_moment_cannot_pass_the_limit(keeper: GoalKeeper) -> None:
    plan = await keeper.plan(2000)

    async def create() -> None:
        async with keeper.database.user_session(keeper.user_id) as session:
            await create_goal(session, keeper.user_id, plan, goal_id=new_id(), today=TODAY)

    for _ in range(MAX_ACTIVE_GOALS - 1):
        await create()
    results = await asyncio.gather(*(create() for _ in range(3)), return_exceptions=True)
    refused = [result for result in results if result is not None]
    assert [type(error) for error in refused] == [TooManyGoalsError] * 2
    with pytest.raises(TooManyGoalsError):
        await keeper.plan(2000)


# --- milestones ---


async def test_a_milestone_is_recorded_once_and_stays(keeper: GoalKeeper) -> None:
    await keeper.set_goal(2000, due_date=after(60))
    await keeper.followers((1, 1240), (2, 1260))
    await keeper.track(2)
    first = [(25, after(2), 1260)]
    assert await keeper.milestones() == first
    await keeper.followers((1, 1255), (2, 1100), (3, 1000))  # corrected, and fallen
    (progress,) = await keeper.track(3)
    assert progress.current == 1000
    assert await keeper.milestones() == first


async def test_sessions_at_the_same_moment_record_milestones_once(keeper: GoalKeeper) -> None:
    goal_id = await keeper.set_goal(2000, due_date=after(60))
    await keeper.followers((1, 1300), (2, 1600), (3, 2100))
    await asyncio.gather(*(keeper.track(3) for _ in range(6)))
    assert await keeper.milestones() == [
        (25, after(1), 1300),
        (50, after(2), 1600),
        (75, after(3), 2100),
        (100, after(3), 2100),
    ]
    assert await keeper.status(goal_id) == "reached"


async def test_milestones_wait_for_another_target(keeper: GoalKeeper) -> None:
    goal_id = await keeper.set_goal(2000, due_date=after(60))
    await keeper.followers((1, 1600))
    async with keeper.database.user_session(keeper.user_id) as session:
        await update_goal(session, keeper.user_id, goal_id, today=TODAY, target_value=3000)
        own_pid = await session.scalar(select(func.pg_backend_pid()))
        tracking = asyncio.create_task(keeper.track(1))
        blocked = text("SELECT count(*) FROM pg_locks WHERE :pid = ANY(pg_blocking_pids(pid))")

        async def is_waiting() -> bool:
            return bool(await session.scalar(blocked, {"pid": own_pid}))

        await eventually(is_waiting)
    await tracking
    assert await keeper.milestones() == [(25, after(1), 1600)]


async def test_another_target_begins_the_milestones_anew(keeper: GoalKeeper) -> None:
    goal_id = await keeper.set_goal(2000, platform=Platform.INSTAGRAM)
    await keeper.followers((1, 2000))
    await keeper.track(1)
    assert await keeper.status(goal_id) == "reached"
    changed = await keeper.change(goal_id, after(1), target_value=5000)
    assert (changed.status, changed.title) == ("active", "5,000 followers on Instagram")
    await keeper.track(1)
    assert await keeper.milestones() == [(25, after(1), 2000)]


async def test_an_account_that_is_connected_later_is_no_progress(keeper: GoalKeeper) -> None:
    await keeper.set_goal(2000)
    await keeper.followers((-1, 900), (0, 900), (1, 950), account="side")
    await keeper.followers((1, 1010))
    (progress,) = await keeper.track(1)
    assert progress.current == 1010


# --- ends ---


@pytest.mark.parametrize(
    ("levels", "status"),
    [
        ([(1, 1900), (2, 2000)], "reached"),
        ([(1, 1900), (2, 1999)], "missed"),
        ([(1, 1900), (2, 1999), (3, 2500)], "missed"),
        ([(1, 2000), (2, 1500)], "reached"),
        ([(1, 1900), (3, 1950)], "active"),
        ([(1, 1900)], "active"),
    ],
    ids=["on the day", "short of it", "too late", "before", "day unknown", "not yet known"],
)
async def test_how_a_goal_ends_when_its_due_day_is_over(
    keeper: GoalKeeper, levels: Sequence[tuple[int, int]], status: str
) -> None:
    goal_id = await keeper.set_goal(2000, due_date=after(2))
    await keeper.followers(*levels)
    await keeper.track(9)
    assert await keeper.status(goal_id) == status


async def test_a_due_day_imported_while_it_ran_decides_nothing(keeper: GoalKeeper) -> None:
    goal_id = await keeper.set_goal(2000, due_date=after(2))
    await keeper.add(f"instagram,ida,{after(2)},followers,1500", today=after(2))
    for days in (2, 3):
        await keeper.track(days)
        assert await keeper.status(goal_id) == "active"
    await keeper.followers((2, 1500))
    await keeper.track(3)
    assert await keeper.status(goal_id) == "missed"


# --- changing ---


async def test_a_missed_goal_gets_more_time(keeper: GoalKeeper) -> None:
    goal_id = await keeper.set_goal(2000, due_date=after(2))
    await keeper.followers((2, 1500))
    await keeper.track(3)
    with pytest.raises(InvalidGoalError, match="new due date"):
        await keeper.change(goal_id, after(3), status="active")
    with pytest.raises(InvalidGoalError, match="new due date"):
        await keeper.change(goal_id, after(3), target_value=1800)
    changed = await keeper.change(goal_id, after(3), due_date=after(30))
    assert (changed.status, changed.due_date) == ("active", after(30))
    await keeper.track(3)
    assert await keeper.status(goal_id) == "active"


async def test_a_title_of_the_creators_own_stays(keeper: GoalKeeper) -> None:
    goal_id = await keeper.set_goal(2000, title="  Two\nthousand  ")
    changed = await keeper.change(goal_id, target_value=3000)
    assert (changed.title, changed.target_value) == ("Two thousand", 3000)
    assert (await keeper.change(goal_id, title="Three")).title == "Three"
    with pytest.raises(InvalidGoalError, match="needs a title"):
        await keeper.change(goal_id, title=" \n ")


async def test_an_archived_goal_records_nothing_until_it_is_back(keeper: GoalKeeper) -> None:
    goal_id = await keeper.set_goal(2000)
    await keeper.change(goal_id, status="archived")
    await keeper.followers((1, 1500))
    assert await keeper.track(1) == []
    assert await keeper.milestones() == []
    await keeper.change(goal_id, status="active")
    await keeper.track(1)
    assert [percent for percent, *_ in await keeper.milestones()] == [25, 50]


async def test_bringing_goals_back_cannot_pass_the_limit(keeper: GoalKeeper) -> None:
    archived = await keeper.set_goal(2000)
    await keeper.change(archived, status="archived")
    for _ in range(MAX_ACTIVE_GOALS):
        await keeper.set_goal(2000)
    with pytest.raises(TooManyGoalsError):
        await keeper.change(archived, status="active")


# --- isolation ---


async def test_another_users_goal_is_not_there(keeper: GoalKeeper) -> None:
    goal_id = await keeper.set_goal(2000)
    other = await new_keeper(keeper.database)
    with pytest.raises(GoalNotFoundError):
        await other.change(goal_id, target_value=3000)
    await keeper.followers((1, 1500))
    assert await other.track(1) == []
    await keeper.track(1)
    assert len(await keeper.milestones()) == 2
    assert await other.milestones() == []


async def test_a_goal_goes_with_its_milestones(keeper: GoalKeeper) -> None:
    goal_id = await keeper.set_goal(2000)
    await keeper.followers((1, 1500))
    await keeper.track(1)
    async with keeper.database.user_session(keeper.user_id) as session:
        await session.delete(await get_goal(session, goal_id))
    assert await keeper.milestones() == []
