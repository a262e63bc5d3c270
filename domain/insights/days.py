"""Whether a day that has just ended is unlike the eight weeks before it.

A day is judged by what came before it alone, so that its verdict is final: looked at again on the
next morning, it is the same test and no second chance to be wrong.
"""

import datetime as dt
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from statistics import median

from domain.analytics.spread import COUNTING_SPREAD, anscombe, robust_spread
from domain.insights.chances import student_p

WEEK = 7
WINDOW_DAYS = 8 * WEEK
MIN_DAYS = 6 * WEEK
MIN_SAME_WEEKDAY = 4
# What a median of n costs in variance beside a mean of n (π / 2).
MEDIAN_VARIANCE = math.pi / 2
# How much of what is known of the spread of n days is left when it is measured this robustly.
EFFICIENCY = 0.5
# Differences are compared on a scale that bends at this many spreads.
SOFTENING = 2.5
# The least spread of a logarithm that is believed.
LEAST_SHARE = 0.01


@dataclass(frozen=True, kw_only=True)
class Day:
    """A day's value, and those of the days before that are known, the newest first."""

    date: dt.date
    value: int
    before: Mapping[dt.date, int]

    @cached_property
    def usual(self) -> float:
        """The median of the days before."""
        return median(self.before.values())

    def chance(self, *, is_signed: bool) -> float:
        """Return how likely it is that being unlike the days before is just noise.

        Counts have to be far off both as a logarithm and as a root, where noise of every level is
        alike; differences, which may be negative, on a scale that has room for long tails.
        """
        scales = _signed_scales(self.before, self.usual) if is_signed else _count_scales(self.usual)
        return max(_chance(self, scale, least) for scale, least in scales)


def find_day(series: Mapping[dt.date, int], date: dt.date) -> Day | None:
    """Return a day that can be judged; null when it, or too much before it, is unknown."""
    if date not in series:
        return None
    days = [date - dt.timedelta(days=step) for step in range(1, WINDOW_DAYS + 1)]
    before = {day: series[day] for day in days if day in series}
    same = sum(day in before for day in days[WEEK - 1 :: WEEK])
    if len(before) < MIN_DAYS or same < MIN_SAME_WEEKDAY:
        return None
    return Day(date=date, value=series[date], before=before)


Scale = Callable[[float], float]


def _count_scales(usual: float) -> list[tuple[Scale, float]]:
    counting = COUNTING_SPREAD / math.sqrt(max(usual, 1))
    return [
        (anscombe, COUNTING_SPREAD),
        (lambda value: math.log1p(max(value, 0)), max(LEAST_SHARE, counting)),
    ]


def _signed_scales(near: Mapping[dt.date, int], usual: float) -> list[tuple[Scale, float]]:
    unit = SOFTENING * max(robust_spread(sorted(near.values())), math.sqrt(abs(usual)), 1.0)
    return [(lambda value: math.asinh((value - usual) / unit), math.asinh(1 / SOFTENING) / 2)]


def _chance(day: Day, scale: Scale, least: float) -> float:
    weekdays: dict[int, list[float]] = {}
    for other, value in day.before.items():
        weekdays.setdefault(other.weekday(), []).append(scale(value))
    usual = {weekday: median(others) for weekday, others in weekdays.items()}
    rest = [other - usual[weekday] for weekday, others in weekdays.items() for other in others]
    own = len(weekdays[day.date.weekday()])
    # Medians of their own take something of each weekday's spread away.
    taken = len(rest) / (len(rest) - len(weekdays))
    spread = max(robust_spread(sorted(rest)) * math.sqrt(taken), least)
    spread *= math.sqrt(1 + MEDIAN_VARIANCE / own)
    score = (scale(day.value) - usual[day.date.weekday()]) / spread
    return student_p(score, EFFICIENCY * len(rest))
