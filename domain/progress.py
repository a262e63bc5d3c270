"""How far a goal is: progress, pace and projection, from the known days of its metric.

A level (followers) counts from the goal's start value; what is counted per day (views) counts
as the total since the goal's first day. A day on which one of the goal's accounts is unknown is
unknown.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from math import ceil

from storage.metrics import DailyValue
from storage.models import Goal

MILESTONES = (25, 50, 75, 100)
# Pace is measured over the last four weeks, and its range over each of them.
PACE_DAYS = 28
WEEK = 7
# A projection further away than this says nothing.
MAX_PROJECTED_DAYS = 5 * 365


@dataclass(frozen=True, kw_only=True)
class Projection:
    """When the goal is reached at the pace of the last four weeks, and of single weeks in them.

    `latest` is null when the slowest week went no step towards the target.
    """

    expected: dt.date
    earliest: dt.date
    latest: dt.date | None


@dataclass(frozen=True, kw_only=True)
class Progress:
    """Where a goal stands on its last known day; all of it null where nothing is known."""

    goal: Goal
    day: dt.date | None = None
    current: int | None = None
    observations: int = 0
    pace: float | None = None
    pace_days: int = 0
    projection: Projection | None = None
    reached: Mapping[int, tuple[dt.date, int]] = field(default_factory=dict)

    @property
    def percent(self) -> float | None:
        """100 · (current − start) / (target − start), below 0 when it went the other way."""
        if self.current is None:
            return None
        return percent_of(self.goal, self.current)

    @property
    def remaining(self) -> int | None:
        """What is left to the target, negative on the way down; 0 when it is reached."""
        if self.current is None:
            return None
        left = self.goal.target_value - self.current
        return left if left * _direction(self.goal) > 0 else 0

    @property
    def needed(self) -> float | None:
        """What each day from the last known one to the due date has to bring."""
        if self.remaining is None or self.day is None or self.goal.due_date is None:
            return None
        days = (self.goal.due_date - self.day).days
        return self.remaining / days if days > 0 else None

    @property
    def is_on_track(self) -> bool | None:
        """Whether the expected day is no later than the due one; null where either is unknown."""
        if self.remaining == 0:
            return True
        if self.goal.due_date is None or self.pace is None:
            return None
        return self.projection is not None and self.projection.expected <= self.goal.due_date


def percent_of(goal: Goal, value: int) -> float:
    """Return how much of the way from start to target a value is."""
    return 100 * (value - goal.start_value) / (goal.target_value - goal.start_value)


def measure(goal: Goal, series: Mapping[dt.date, int]) -> Progress:
    """Return the goal's progress from its values by day, which may begin before the goal does."""
    if not series:
        return Progress(goal=goal)
    day = max(series)
    pace, pace_days = _pace(series, day)
    current = series[day]
    return Progress(
        goal=goal,
        day=day,
        current=current,
        observations=len(series),
        pace=pace,
        pace_days=pace_days,
        projection=_project(goal, series, day, pace),
        reached=_reached(goal, series),
    )


def levels(values: Sequence[DailyValue], accounts: int) -> dict[dt.date, int]:
    """Return the sum of all accounts' levels on each day on which every one is known."""
    return _sums(values, accounts)


def totals(values: Sequence[DailyValue], accounts: int, start: dt.date) -> dict[dt.date, int]:
    """Return what has been counted since `start`, on each known day; unknown days add nothing."""
    daily = {day: value for day, value in _sums(values, accounts).items() if day >= start}
    days = sorted(daily)
    return dict(zip(days, accumulate(daily[day] for day in days), strict=True))


def _sums(values: Sequence[DailyValue], accounts: int) -> dict[dt.date, int]:
    known: dict[dt.date, list[int]] = {}
    for value in values:
        if value.value is not None:
            known.setdefault(value.date, []).append(value.value)
    return {day: sum(known[day]) for day in sorted(known) if len(known[day]) == accounts}


def _direction(goal: Goal) -> int:
    return 1 if goal.target_value > goal.start_value else -1


def _reached(goal: Goal, series: Mapping[dt.date, int]) -> dict[int, tuple[dt.date, int]]:
    """Return the first day of the goal on which each milestone was reached, and its value."""
    reached: dict[int, tuple[dt.date, int]] = {}
    for day in sorted(series):
        if day < goal.start_date:
            continue
        done = percent_of(goal, series[day])
        for percent in MILESTONES:
            if done >= percent and percent not in reached:
                reached[percent] = (day, series[day])
    return reached


def _pace(series: Mapping[dt.date, int], day: dt.date) -> tuple[float | None, int]:
    """Return the change per day over the last four weeks, or what of them is known."""
    since = day - dt.timedelta(days=PACE_DAYS)
    first = min((known for known in series if known >= since), default=day)
    days = (day - first).days
    return ((series[day] - series[first]) / days, days) if days >= WEEK else (None, days)


def _project(
    goal: Goal, series: Mapping[dt.date, int], day: dt.date, pace: float | None
) -> Projection | None:
    left = goal.target_value - series[day]
    expected = _days_to(left, pace)
    if expected is None or left * _direction(goal) <= 0:
        return None
    ends = [day - dt.timedelta(days=WEEK * week) for week in range(PACE_DAYS // WEEK)]
    begins = [end - dt.timedelta(days=WEEK) for end in ends]
    weekly = [
        (series[end] - series[begin]) / WEEK
        for begin, end in zip(begins, ends, strict=True)
        if begin in series and end in series
    ]
    found = [days for step in weekly if (days := _days_to(left, step)) is not None]
    latest = max(found) if found and len(found) == len(weekly) else None
    return Projection(
        expected=day + dt.timedelta(days=expected),
        earliest=day + dt.timedelta(days=min([*found, expected])),
        latest=day + dt.timedelta(days=max(latest, expected)) if latest is not None else None,
    )


def _days_to(left: int, pace: float | None) -> int | None:
    """Return the days that are left at a pace; null when it leads away, or too far."""
    if not pace or left / pace <= 0 or left / pace > MAX_PROJECTED_DAYS:
        return None
    return ceil(left / pace)
