"""Goals: setting and changing them, and recording what they have reached."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from core.errors import ConflictError, InvalidError, NotFoundError
from domain.metrics import MEANINGS
from domain.progress import MILESTONES, PACE_DAYS, Progress, levels, measure, totals
from storage import goals as goal_queries
from storage.metrics import Coverage, list_coverage, list_daily_values
from storage.models import Goal, Metric, Platform

MAX_ACTIVE_GOALS = 50
MAX_TARGET = 10**12
MAX_YEARS = 5
TITLE_LENGTH = 120
# How far back a level may lie to be where a goal starts.
START_DAYS = 31


class InvalidGoalError(InvalidError):
    """This goal makes no sense."""

    code = "invalid_goal"


class TooManyGoalsError(ConflictError):
    """There are 50 active goals already: archive one first."""

    code = "too_many_goals"


class GoalNotFoundError(NotFoundError):
    """There is no such goal."""

    code = "goal_not_found"


@dataclass(frozen=True, kw_only=True)
class GoalPlan:
    """A goal that is checked and could be stored; `start_day` is that of the start value."""

    title: str
    metric: Metric
    platform: Platform | None
    connection: Coverage | None
    start_value: int
    start_day: dt.date
    target_value: int
    due_date: dt.date | None


async def plan_goal(
    session: AsyncSession,
    *,
    today: dt.date,
    metric: Metric,
    target_value: int,
    platform: Platform | None = None,
    account: str | None = None,
    due_date: dt.date | None = None,
    title: str | None = None,
) -> GoalPlan:
    """Return the goal as it would be stored: it starts at the last known level, or at 0.

    Raises InvalidGoalError, TooManyGoalsError.
    """
    active = await goal_queries.list_goals(session, status="active")
    if len(active) >= MAX_ACTIVE_GOALS:
        raise TooManyGoalsError
    _check_due(due_date, today)
    accounts = _accounts(await list_coverage(session), platform, account)
    start_day, start_value = today, 0
    if MEANINGS[metric].is_stock:
        since = today - dt.timedelta(days=START_DAYS)
        values = await list_daily_values(
            session, metric, since, today, platform=platform, account=account
        )
        known = levels(values, len({(value.platform, value.account) for value in values}))
        if not known:
            raise InvalidGoalError(
                f"The {MEANINGS[metric].label} of the last {START_DAYS} days are unknown, "
                "so there is nothing to start from."
            )
        start_day = max(known)
        start_value = known[start_day]
    _check_target(target_value, start_value, metric)
    return GoalPlan(
        title=_title(title, metric, target_value, platform),
        metric=metric,
        platform=platform,
        connection=accounts[0] if account else None,
        start_value=start_value,
        start_day=start_day,
        target_value=target_value,
        due_date=due_date,
    )


async def create_goal(
    session: AsyncSession, user_id: UUID, plan: GoalPlan, *, goal_id: UUID, today: dt.date
) -> Goal:
    """Store a planned goal; the same id again returns the goal that is there."""
    if found := await goal_queries.find_goal(session, goal_id):
        return found
    goal = Goal(
        id=goal_id,
        user_id=user_id,
        title=plan.title,
        metric=plan.metric,
        platform=plan.platform,
        connection_id=plan.connection.connection_id if plan.connection else None,
        start_value=plan.start_value,
        target_value=plan.target_value,
        start_date=today,
        due_date=plan.due_date,
        status="active",
    )
    await goal_queries.create_goals(session, [goal])
    return goal


async def get_goal(session: AsyncSession, goal_id: UUID, *, is_locked: bool = False) -> Goal:
    """Return the goal with this id; raises GoalNotFoundError."""
    goal = await goal_queries.find_goal(session, goal_id, is_locked=is_locked)
    if goal is None:
        raise GoalNotFoundError
    return goal


def check_change(
    goal: Goal, today: dt.date, target_value: int | None, due_date: dt.date | None
) -> None:
    """Raise InvalidGoalError when the goal cannot have this target or due date."""
    _check_due(due_date, today)
    if target_value is not None:
        _check_target(target_value, goal.start_value, Metric(goal.metric))


async def update_goal(
    session: AsyncSession,
    goal_id: UUID,
    *,
    today: dt.date,
    target_value: int | None = None,
    due_date: dt.date | None = None,
    title: str | None = None,
    status: str | None = None,
) -> Goal:
    """Change what is given; raises GoalNotFoundError, InvalidGoalError."""
    goal = await get_goal(session, goal_id, is_locked=True)
    check_change(goal, today, target_value, due_date)
    if due_date is not None:
        goal.due_date = due_date
    if target_value is not None:
        goal.target_value = target_value
    if title is not None:
        goal.title = title.strip()[:TITLE_LENGTH] or goal.title
    if status is not None:
        goal.status = status
    elif target_value is not None and goal.status in {"reached", "missed"}:
        goal.status = "active"
    await session.flush()
    return goal


async def track_goals(
    session: AsyncSession, today: dt.date, goals: Sequence[Goal]
) -> list[Progress]:
    """Return the progress of each goal; milestones and ends of active goals are recorded.

    A goal is missed when its due day is over, known, and did not reach the target.
    """
    accounts = {account.connection_id: account for account in await list_coverage(session)}
    tracked = []
    for goal in goals:
        account = accounts.get(goal.connection_id) if goal.connection_id else None
        progress = measure(goal, await _series(session, goal, account, today))
        if goal.status == "active":
            await goal_queries.write_milestones(session, goal, progress.reached)
            _end(goal, progress, today)
        tracked.append(progress)
    await session.flush()
    return tracked


async def _series(
    session: AsyncSession, goal: Goal, account: Coverage | None, today: dt.date
) -> dict[dt.date, int]:
    """Return the goal's value on each known day: a level's, four weeks back before its start."""
    metric, is_stock = Metric(goal.metric), MEANINGS[Metric(goal.metric)].is_stock
    back = dt.timedelta(days=PACE_DAYS if is_stock else 0)
    values = await list_daily_values(
        session,
        metric,
        goal.start_date - back,
        today,
        platform=account.platform if account else goal.platform,
        account=account.account if account else None,
    )
    accounts = len({(value.platform, value.account) for value in values if value.value is not None})
    return levels(values, accounts) if is_stock else totals(values, accounts, goal.start_date)


def _end(goal: Goal, progress: Progress, today: dt.date) -> None:
    is_over = goal.due_date is not None and goal.due_date < today
    if MILESTONES[-1] in progress.reached:
        goal.status = "reached"
    elif is_over and progress.day and goal.due_date and progress.day >= goal.due_date:
        goal.status = "missed"


def _accounts(
    coverage: Sequence[Coverage], platform: Platform | None, account: str | None
) -> list[Coverage]:
    found = [
        each
        for each in coverage
        if platform in (None, each.platform) and account in (None, each.account)
    ]
    if not found:
        names = ", ".join(f"{each.account} on {each.platform}" for each in coverage) or "none"
        raise InvalidGoalError(f"There is no such account. Connected: {names}.")
    if account and len(found) > 1:
        raise InvalidGoalError(f"{account} is on several platforms: name one.")
    return found


def _check_due(due_date: dt.date | None, today: dt.date) -> None:
    if due_date is None:
        return
    if due_date <= today:
        raise InvalidGoalError(f"The due date has to be after today, {today}.")
    if due_date > today + dt.timedelta(days=MAX_YEARS * 365):
        raise InvalidGoalError(f"The due date is more than {MAX_YEARS} years away.")


def _check_target(target: int, start: int, metric: Metric) -> None:
    label = MEANINGS[metric].label
    if not 0 <= target <= MAX_TARGET:
        raise InvalidGoalError("The target has to be between 0 and a trillion.")
    if target == start:
        raise InvalidGoalError(f"The target of {target} {label} is where it stands today.")
    if target < start and not MEANINGS[metric].is_stock:
        raise InvalidGoalError(f"A total of {label} cannot shrink.")


def _title(title: str | None, metric: Metric, target: int, platform: Platform | None) -> str:
    if title and title.strip():
        return " ".join(title.split())[:TITLE_LENGTH]
    where = f" on {platform.name.title()}" if platform else ""
    return f"{target:,} {MEANINGS[metric].label}{where}"
