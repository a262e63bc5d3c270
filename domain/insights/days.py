"""Whether a day that has just ended is unlike the eight weeks before it.

A day is judged by what came before it alone, so that its verdict is final: looked at again on the
next morning, it is the same test and no second chance to be wrong.
"""

import datetime as dt
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
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
class DayVerdict:
    """A day's value, the median of the days before, and the chance that it is just noise."""

    date: dt.date
    value: int
    usual: float
    p: float
    days: int


def judge_day(
    series: Mapping[dt.date, int], date: dt.date, *, is_signed: bool
) -> DayVerdict | None:
    """Return how unlike its past a day is; null when the day, or too much before it, is unknown.

    Counts have to be far off both as a logarithm and as a root, where noise of every level is
    alike; differences, which may be negative, on a scale that has room for long tails.
    """
    days = [date - dt.timedelta(days=step) for step in range(1, WINDOW_DAYS + 1)]
    near = {day: series[day] for day in days if day in series}
    same = sum(day.weekday() == date.weekday() for day in near)
    if date not in series or len(near) < MIN_DAYS or same < MIN_SAME_WEEKDAY:
        return None
    usual = median(near.values())
    scales = _signed_scales(near, usual) if is_signed else _count_scales(usual)
    p = max(_chance(series[date], near, date, scale, least) for scale, least in scales)
    return DayVerdict(date=date, value=series[date], usual=usual, p=p, days=len(near))


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


def _chance(
    value: float, near: Mapping[dt.date, int], date: dt.date, scale: Scale, least: float
) -> float:
    weekdays: dict[int, list[float]] = {}
    for day, other in near.items():
        weekdays.setdefault(day.weekday(), []).append(scale(other))
    usual = {weekday: median(others) for weekday, others in weekdays.items()}
    rest = [other - usual[weekday] for weekday, others in weekdays.items() for other in others]
    own = len(weekdays[date.weekday()])
    # Medians of their own take something of each weekday's spread away.
    taken = len(rest) / (len(rest) - len(weekdays))
    spread = max(robust_spread(sorted(rest)) * math.sqrt(taken), least)
    spread *= math.sqrt(1 + MEDIAN_VARIANCE / own)
    return student_p((scale(value) - usual[date.weekday()]) / spread, EFFICIENCY * len(rest))
