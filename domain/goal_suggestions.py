"""Which goals would fit: how far each account gets at its pace, and a round number on the way.

The pace is the one that `domain/progress.py` holds goals against, so whoever sets such a goal is
on track. An account that does not grow gets a small first step up instead.
"""

import datetime as dt
import math
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from domain.analytics.forecast import MAX_AGE_DAYS, MAX_HORIZON_DAYS
from domain.analytics.metrics import MEANINGS
from domain.goals import InvalidGoalError, find_accounts, goal_title
from domain.milestones import LOOKBACK, build_series, goal_accounts
from domain.progress import Series, pace_of, recent_steps
from storage.connections import list_connections
from storage.goals import list_goals
from storage.metrics import list_daily_values
from storage.models import Goal, Metric, Platform, PlatformConnection

DEFAULT_DAYS = 30
# A number is rounded by at most this part of what the pace brings.
ROUNDING_SHARE = 0.1
FIRST_STEP_SHARE = 0.01


@dataclass(frozen=True, kw_only=True)
class Fit:
    """What some days of an account lead to; null where they tell too little, as `obstacle` says.

    `pace` is the change per day in the last `pace_days` known days, up to `day`. `current` is the
    level on that day, or 0 for what is counted from today on.
    """

    day: dt.date | None = None
    current: int | None = None
    pace: float | None = None
    pace_days: int = 0
    expected: int | None = None
    target: int | None = None
    obstacle: str | None = None


@dataclass(frozen=True, kw_only=True)
class GoalSuggestion:
    """What fits one account; `has_namesakes` is whether others share its platform."""

    metric: Metric
    platform: Platform
    account: str
    has_namesakes: bool
    has_goal: bool
    due_date: dt.date
    fit: Fit

    @property
    def sentence(self) -> str | None:
        """Return what sets this goal when it is said; null where none is suggested."""
        if self.fit.target is None or self.has_goal:
            return None
        title = goal_title(self.metric, self.fit.target, self.platform)
        whose = f" for @{self.account.removeprefix('@')}" if self.has_namesakes else ""
        return f"Set a goal of {title}{whose} by {self.due_date.day} {self.due_date:%B %Y}"


async def suggest_goals(
    session: AsyncSession,
    *,
    today: dt.date,
    metric: Metric = Metric.FOLLOWERS,
    platform: Platform | None = None,
    account: str | None = None,
    due_date: dt.date | None = None,
) -> list[GoalSuggestion]:
    """Return what fits each account, the largest first; raises InvalidGoalError."""
    due = due_date or today + dt.timedelta(days=DEFAULT_DAYS)
    last = today + dt.timedelta(days=MAX_HORIZON_DAYS)
    if not today < due <= last:
        raise InvalidGoalError(
            f"A pace tells about the days after today, {today}, up to {last}.", field="due_date"
        )
    connections = await list_connections(session)
    accounts = find_accounts(connections, platform, account)
    values = await list_daily_values(session, metric, today - LOOKBACK, today)
    goals = [goal for goal in await list_goals(session, status="active") if goal.metric == metric]
    found = [
        GoalSuggestion(
            metric=metric,
            platform=Platform(each.platform),
            account=each.username,
            has_namesakes=sum(each.platform == one.platform for one in connections) > 1,
            has_goal=any(_is_about(goal, each, connections) for goal in goals),
            due_date=due,
            fit=fit_goal(build_series(metric, values, [each], today), metric, today, due),
        )
        for each in accounts
    ]
    return sorted(found, key=lambda one: -(one.fit.expected or 0))


def fit_goal(series: Series, metric: Metric, today: dt.date, due: dt.date) -> Fit:
    """Return where a series gets by the due date, and the number on the way that fits a goal."""
    is_level = MEANINGS[metric].is_stock
    steps = recent_steps(series.steps)
    day = steps[-1].day if steps else max(series.values, default=None)
    if day is None:
        return Fit(obstacle="nothing of the last four weeks is known")
    current = series.values[day] if is_level else 0
    pace = pace_of(steps)
    if (today - day).days > MAX_AGE_DAYS:
        return Fit(day=day, current=current, obstacle=f"the last known day is {day}")
    if pace is None:
        return Fit(day=day, current=current, obstacle="it takes more than a week of known days")
    expected = max(0, math.floor(current + pace * (due - (day if is_level else today)).days))
    if not is_level and expected == 0:
        return Fit(day=day, current=current, obstacle="nothing came in the last four weeks")
    return Fit(
        day=day,
        current=current,
        pace=pace,
        pace_days=sum(step.days for step in steps),
        expected=expected,
        target=_target(current, expected),
    )


def _target(current: int, expected: int) -> int:
    """Return a round number below the expected one; a first step up where that is no higher."""
    if expected > current:
        step = _round_step(expected - current)
        return expected // step * step
    least = max(1, math.ceil(FIRST_STEP_SHARE * current))
    step = _round_step(least)
    return math.ceil((current + least) / step) * step


def _round_step(gain: int) -> int:
    """Return the largest of 1, 5, 10, 50, … that is a small part of what is won."""
    most = max(1.0, ROUNDING_SHARE * gain)
    ten: int = 10 ** math.floor(math.log10(most))
    return 5 * ten if 5 * ten <= most else ten


def _is_about(
    goal: Goal, account: PlatformConnection, connections: Sequence[PlatformConnection]
) -> bool:
    """Tell whether a goal is an account's own, and not one on all accounts together."""
    accounts = goal_accounts(goal, connections)
    return account in accounts and (goal.platform is not None or len(accounts) == 1)
