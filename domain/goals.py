"""Goals: setting and changing them.

A goal on a level (followers) starts at the last known level. A goal on what is counted per day
(views) is about the total from the day it is set, and starts at 0.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from core.errors import ConflictError, InvalidError, NotFoundError
from domain.analytics.metrics import MEANINGS
from domain.milestones import LOOKBACK, build_series
from storage import goals as goal_queries
from storage.connections import list_connections
from storage.metrics import list_daily_values
from storage.models import Goal, Metric, Platform, PlatformConnection

MAX_ACTIVE_GOALS = 50
MAX_TARGET = 10**12
MAX_YEARS = 5
TITLE_LENGTH = 120


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
    connection_id: UUID | None
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
    """Return the goal as it would be stored.

    With a platform it is about one account; without, about all that are connected by now.
    Raises InvalidGoalError, TooManyGoalsError.
    """
    await _check_limit(session)
    _check_due(due_date, today)
    accounts = _choose(await list_connections(session), platform, account)
    meaning = MEANINGS[metric]
    if meaning.is_unique and len(accounts) > 1:
        raise InvalidGoalError(
            f"The {meaning.label} of several accounts overlap and have no sum: name a platform."
        )
    values = await list_daily_values(session, metric, today - LOOKBACK, today)
    series = build_series(metric, values, accounts, today)
    if not series.steps and not series.values:
        raise InvalidGoalError(
            f"No {meaning.label} of the last {LOOKBACK.days} days are known there, so progress "
            "could not be told."
        )
    start_day, start_value = today, 0
    if meaning.is_stock:
        start_day = max(series.values)
        start_value = series.values[start_day]
    _check_target(target_value, start_value, metric)
    is_one = platform is not None or account is not None
    place = Platform(accounts[0].platform) if is_one else None
    return GoalPlan(
        title=_clean(title) or goal_title(metric, target_value, place),
        metric=metric,
        platform=place,
        connection_id=accounts[0].id if is_one else None,
        start_value=start_value,
        start_day=start_day,
        target_value=target_value,
        due_date=due_date,
    )


async def create_goal(
    session: AsyncSession, user_id: UUID, plan: GoalPlan, *, goal_id: UUID, today: dt.date
) -> Goal:
    """Store a planned goal; the same id again returns the goal that is there.

    Raises TooManyGoalsError, also when others set goals at the same moment.
    """
    await goal_queries.lock_goals(session, user_id)
    if found := await goal_queries.find_goal(session, goal_id, is_locked=True):
        return found
    await _check_limit(session)
    goal = Goal(
        id=goal_id,
        user_id=user_id,
        title=plan.title,
        metric=plan.metric,
        platform=plan.platform,
        connection_id=plan.connection_id,
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
    goal: Goal,
    today: dt.date,
    *,
    target_value: int | None = None,
    due_date: dt.date | None = None,
    title: str | None = None,
    status: str | None = None,
) -> None:
    """Raise InvalidGoalError when the goal cannot be changed like this."""
    _check_due(due_date, today)
    if title is not None and not _clean(title):
        raise InvalidGoalError("A goal needs a title.")
    if target_value is not None:
        _check_target(target_value, goal.start_value, Metric(goal.metric))
    is_overdue = goal.due_date is not None and goal.due_date < today and due_date is None
    if is_overdue and "active" in (status, _status_after(goal, target_value, due_date)):
        raise InvalidGoalError(f"It was due on {goal.due_date}: give it a new due date too.")


async def update_goal(
    session: AsyncSession,
    user_id: UUID,
    goal_id: UUID,
    *,
    today: dt.date,
    target_value: int | None = None,
    due_date: dt.date | None = None,
    title: str | None = None,
    status: str | None = None,
) -> Goal:
    """Change what is given; another target begins the milestones anew.

    A goal that had ended is active again when it gets another target or due date. Raises
    GoalNotFoundError, InvalidGoalError, TooManyGoalsError.
    """
    await goal_queries.lock_goals(session, user_id)
    goal = await get_goal(session, goal_id, is_locked=True)
    check_change(
        goal, today, target_value=target_value, due_date=due_date, title=title, status=status
    )
    status = status or _status_after(goal, target_value, due_date) or goal.status
    if status == "active" and goal.status != "active":
        await _check_limit(session)
    if target_value is not None and target_value != goal.target_value:
        await goal_queries.delete_milestones(session, [goal.id])
        goal.title = _renamed(goal, target_value)
        goal.target_value = target_value
    goal.due_date = due_date or goal.due_date
    goal.title = _clean(title) or goal.title
    goal.status = status
    await session.flush()
    return goal


async def delete_goal(session: AsyncSession, goal_id: UUID) -> None:
    """Delete the goal with its milestones; raises GoalNotFoundError."""
    if not await goal_queries.delete_goal(session, goal_id):
        raise GoalNotFoundError


def _status_after(goal: Goal, target_value: int | None, due_date: dt.date | None) -> str | None:
    """Return the status that follows from what is changed, if any does."""
    is_moved = target_value is not None or due_date is not None
    return "active" if is_moved and goal.status in {"reached", "missed"} else None


async def _check_limit(session: AsyncSession) -> None:
    if await goal_queries.count_active_goals(session) >= MAX_ACTIVE_GOALS:
        raise TooManyGoalsError


def find_accounts(
    connections: Sequence[PlatformConnection], platform: Platform | None, account: str | None
) -> list[PlatformConnection]:
    """Return the accounts of a platform, of a name, or all; raises InvalidGoalError for none."""
    found = [
        each
        for each in connections
        if platform in (None, each.platform)
        and (account is None or _name(account) == _name(each.username))
    ]
    if not found:
        names = ", ".join(f"{each.username} on {each.platform}" for each in connections) or "none"
        raise InvalidGoalError(f"There is no such account. Connected: {names}.")
    return found


def _choose(
    connections: Sequence[PlatformConnection], platform: Platform | None, account: str | None
) -> list[PlatformConnection]:
    """Return the one account that is meant, or all of them when none is named."""
    found = find_accounts(connections, platform, account)
    if len(found) > 1 and platform:
        names = ", ".join(each.username for each in found)
        raise InvalidGoalError(f"There are several accounts on {platform}; name one of {names}.")
    if len(found) > 1 and account:
        raise InvalidGoalError(f"{account} is on several platforms: name one.")
    return found


def _name(account: str) -> str:
    return account.strip().removeprefix("@").casefold()


def _check_due(due_date: dt.date | None, today: dt.date) -> None:
    if due_date is None:
        return
    if due_date <= today:
        raise InvalidGoalError(f"The due date has to be after today, {today}.", field="due_date")
    if due_date > today + dt.timedelta(days=MAX_YEARS * 365):
        raise InvalidGoalError(
            f"The due date is more than {MAX_YEARS} years away.", field="due_date"
        )


def _check_target(target: int, start: int, metric: Metric) -> None:
    label = MEANINGS[metric].label
    if not 0 <= target <= MAX_TARGET:
        raise InvalidGoalError(
            "The target has to be between 0 and a trillion.", field="target_value"
        )
    if target == start:
        raise InvalidGoalError(
            f"The target of {target} {label} is where it stands today.", field="target_value"
        )


def _clean(title: str | None) -> str:
    """Return a title in one line; empty when there is none."""
    return " ".join((title or "").split())[:TITLE_LENGTH]


def goal_title(metric: Metric, target: int, platform: Platform | None) -> str:
    """Return how a goal is called that has no name of its own."""
    label = MEANINGS[metric].label
    if platform is None:
        return f"{target:,} {label}"
    if platform is Platform.YOUTUBE:
        label = "subscribers" if metric is Metric.FOLLOWERS else label
        return f"{target:,} {label} on YouTube"
    return f"{target:,} {label} on {platform.title()}"


def _renamed(goal: Goal, target: int) -> str:
    """Return the title for another target; one that the creator chose stays."""
    metric, platform = Metric(goal.metric), Platform(goal.platform) if goal.platform else None
    is_ours = goal.title == goal_title(metric, goal.target_value, platform)
    return goal_title(metric, target, platform) if is_ours else goal.title
