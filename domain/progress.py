"""How far a goal is: progress, pace and projection, from the known days of its metric.

- A level (followers) counts from the goal's start value. What is counted per day (views) counts
  as the total since the goal's first day, so such a goal starts at 0.
- A day on which one of the goal's accounts is unknown is unknown: it adds nothing to a total.
- The days after the due one still show where the goal stands, but reach nothing any more.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field
from itertools import accumulate, pairwise
from math import ceil

from storage.metrics import DailyValue
from storage.models import DayStatus, Goal

MILESTONES = (25, 50, 75, 100)
# Pace is that of the last four weeks, and its range that of the weeks in them.
PACE_DAYS = 28
WEEK = 7
WEEKS = PACE_DAYS // WEEK
# A week of which less is known has no pace of its own.
MIN_DAYS_OF_WEEK = 4
MIN_WEEKS = 2
# A projection further away than this says nothing.
MAX_PROJECTED_DAYS = 5 * 365


@dataclass(frozen=True, kw_only=True)
class Step:
    """What changed up to a known day, in the days since the one known before."""

    day: dt.date
    change: int
    days: int


@dataclass(frozen=True, kw_only=True)
class Series:
    """A goal's value on each known day, and its steps; steps may begin before the goal does."""

    values: Mapping[dt.date, int] = field(default_factory=dict)
    steps: Sequence[Step] = ()
    preliminary: Set[dt.date] = frozenset()
    missing_days: int = 0


@dataclass(frozen=True, kw_only=True)
class Projection:
    """When the goal is reached at the pace of the last four weeks, and of single weeks in them.

    `earliest` is that of the fastest week and null when fewer than two weeks are known;
    `latest` is that of the slowest, and also null when it led nowhere.
    """

    expected: dt.date
    earliest: dt.date | None
    latest: dt.date | None


@dataclass(frozen=True, kw_only=True)
class Progress:
    """Where a goal stands on its last known day; all of it null where nothing is known.

    `pace` is the change per day in the last `pace_days` known days, and `week_paces` are those of
    the single weeks in them.
    """

    goal: Goal
    account: str | None = None
    day: dt.date | None = None
    current: int | None = None
    observations: int = 0
    missing_days: int = 0
    is_preliminary: bool = False
    is_due_known: bool = False
    pace: float | None = None
    pace_days: int = 0
    pace_end: dt.date | None = None
    week_paces: Sequence[float] = ()
    projection: Projection | None = None
    reached: Mapping[int, tuple[dt.date, int]] = field(default_factory=dict)

    @property
    def percent(self) -> float | None:
        """100 · (current − start) / (target − start), below 0 when it went the other way."""
        return None if self.current is None else percent_of(self.goal, self.current)

    @property
    def remaining(self) -> int | None:
        """What is left to the target, negative on the way down; 0 when it is reached."""
        return None if self.current is None else _left(self.goal, self.current)

    @property
    def needed(self) -> float | None:
        """What each day after the last known one has to bring, up to the due one."""
        if self.remaining is None or self.day is None or self.goal.due_date is None:
            return None
        days = (self.goal.due_date - self.day).days
        return self.remaining / days if days > 0 else None

    @property
    def is_on_track(self) -> bool | None:
        """Whether the expected day is no later than the due one; null where either is unknown."""
        if self.goal.status in {"reached", "missed"} or self.remaining == 0:
            return self.goal.status != "missed"
        if self.goal.due_date is None or self.pace is None:
            return None
        return self.projection is not None and self.projection.expected <= self.goal.due_date


def percent_of(goal: Goal, value: int) -> float:
    """Return how much of the way from start to target a value is."""
    return 100 * (value - goal.start_value) / (goal.target_value - goal.start_value)


def measure(goal: Goal, series: Series, account: str | None = None) -> Progress:
    """Return the goal's progress; `account` is the name of the one that it is about, if any."""
    if not series.values:
        return Progress(goal=goal, account=account)
    day = max(series.values)
    current = series.values[day]
    recent = recent_steps(series.steps)
    pace, weeks = pace_of(recent), _weeks(recent)
    return Progress(
        goal=goal,
        account=account,
        day=day,
        current=current,
        observations=len(series.values),
        missing_days=series.missing_days,
        is_preliminary=day in series.preliminary,
        is_due_known=goal.due_date in series.values.keys() - series.preliminary,
        pace=pace,
        pace_days=sum(step.days for step in recent),
        pace_end=recent[-1].day if recent else None,
        week_paces=weeks,
        projection=_project(day, _left(goal, current), pace, weeks),
        reached=_reached(goal, series.values),
    )


def level_series(values: Iterable[DailyValue], start: dt.date) -> Series:
    """Return the sum of the accounts' levels on each day on which every one is known.

    Accounts whose level was not known by `start` are left out: they would pass for growth.
    """
    by_account = _known(values)
    begun = {account: days for account, days in by_account.items() if min(days) <= start}
    counted = begun or by_account
    levels = {
        day: sum(days[day].value or 0 for days in counted.values())
        for day in sorted({day for days in counted.values() for day in days})
        if all(day in days for days in counted.values())
    }
    steps = [
        Step(day=day, change=levels[day] - levels[before], days=(day - before).days)
        for before, day in pairwise(levels)
    ]
    return Series(values=levels, steps=steps, preliminary=_preliminary(counted.values()))


def total_series(values: Iterable[DailyValue], start: dt.date) -> Series:
    """Return what was counted from `start` on, up to each known day.

    An account counts from its first known day. A day that is not over yet is in the total, but
    is no step: it would pass for a slow one.
    """
    by_account = _known(values)
    first = {account: min(days) for account, days in by_account.items()}
    counts: dict[dt.date, int] = {}
    for day in sorted({day for days in by_account.values() for day in days}):
        begun = [days for account, days in by_account.items() if first[account] <= day]
        if all(day in days for days in begun):
            counts[day] = sum(days[day].value or 0 for days in begun)
    preliminary = _preliminary(by_account.values())
    since = [day for day in counts if day >= start]
    missing_days = (since[-1] - start).days + 1 - len(since) if since else 0
    return Series(
        values=dict(zip(since, accumulate(counts[day] for day in since), strict=True)),
        steps=[
            Step(day=day, change=count, days=1)
            for day, count in counts.items()
            if day not in preliminary
        ],
        preliminary=preliminary,
        missing_days=missing_days,
    )


AccountDays = Mapping[dt.date, DailyValue]


def _known(values: Iterable[DailyValue]) -> dict[tuple[str, str], dict[dt.date, DailyValue]]:
    known: dict[tuple[str, str], dict[dt.date, DailyValue]] = defaultdict(dict)
    for value in values:
        if value.value is not None:
            known[value.platform, value.account][value.date] = value
    return known


def _preliminary(accounts: Iterable[AccountDays]) -> frozenset[dt.date]:
    return frozenset(
        day
        for days in accounts
        for day, value in days.items()
        if value.status == DayStatus.PRELIMINARY
    )


def _left(goal: Goal, current: int) -> int:
    left = goal.target_value - current
    is_upwards = goal.target_value > goal.start_value
    return max(left, 0) if is_upwards else min(left, 0)


def _reached(goal: Goal, values: Mapping[dt.date, int]) -> dict[int, tuple[dt.date, int]]:
    """Return the first day of the goal on which each milestone was reached, and its value."""
    reached: dict[int, tuple[dt.date, int]] = {}
    for day in sorted(values):
        if goal.start_date <= day <= (goal.due_date or day):
            done = percent_of(goal, values[day])
            for percent in MILESTONES:
                if done >= percent:
                    reached.setdefault(percent, (day, values[day]))
    return reached


def recent_steps(steps: Sequence[Step]) -> list[Step]:
    """Return the steps that lie inside of the last four weeks."""
    if not steps:
        return []
    since = steps[-1].day - dt.timedelta(days=PACE_DAYS)
    return [step for step in steps if step.day - dt.timedelta(days=step.days) >= since]


def pace_of(steps: Sequence[Step], min_days: int = WEEK) -> float | None:
    """Return the change per day; null when fewer days than these are known."""
    days = sum(step.days for step in steps)
    return sum(step.change for step in steps) / days if days >= min_days else None


def _weeks(recent: Sequence[Step]) -> list[float]:
    """Return the pace of each of the four weeks of which enough is known."""
    weeks: list[list[Step]] = [[] for _ in range(WEEKS)]
    for step in recent:
        weeks[(recent[-1].day - step.day).days // WEEK].append(step)
    paces = (pace_of(week, MIN_DAYS_OF_WEEK) for week in weeks)
    return [pace for pace in paces if pace is not None]


def _project(
    day: dt.date, left: int, pace: float | None, weeks: Sequence[float]
) -> Projection | None:
    expected = _reach(day, left, pace)
    if expected is None:
        return None
    if len(weeks) < MIN_WEEKS:
        return Projection(expected=expected, earliest=None, latest=None)
    days = [_reach(day, left, week) for week in weeks]
    found = [each for each in days if each]
    return Projection(
        expected=expected,
        earliest=min([*found, expected]),
        latest=max([*found, expected]) if len(found) == len(days) else None,
    )


def _reach(day: dt.date, left: int, pace: float | None) -> dt.date | None:
    """Return the day on which nothing is left; null when the pace leads away, or too far."""
    if not left or not pace or not 0 < left / pace <= MAX_PROJECTED_DAYS:
        return None
    return day + dt.timedelta(days=ceil(left / pace))
