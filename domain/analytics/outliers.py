"""Outliers of a daily series: days and weeks that are far from what surrounds them.

Counts are compared on a logarithmic scale, where a quiet account and a loud one vary alike, and
on that of a square root, where counting noise is the same at every level; what is unusual has to
be so on both, and beyond what counting alone explains. Differences, which may be negative, are
compared on a logarithmic scale on either side of their median.
"""

import datetime as dt
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from domain.analytics.growth import Period
from domain.analytics.spread import (
    COUNTING_SPREAD,
    PERCENTILE,
    PERCENTILE_Z,
    anscombe,
    middle,
    percentile,
    robust_spread,
)

# Iglewicz and Hoaglin, "How to Detect and Handle Outliers" (1993): the modified z-score
# 0.6745 (x - median) / MAD. They suggest 3.5; a year of four platforms is some thousand days
# and as many overlapping weeks, so we ask for more.
UNUSUAL_Z = 5.0
UNUSUAL_WEEK_Z = 6.0
# A day is compared with the known days up to four weeks before and after it.
NEIGHBOUR_DAYS = 28
NEIGHBOURS = {
    step: dt.timedelta(days=step) for step in range(-NEIGHBOUR_DAYS, NEIGHBOUR_DAYS + 1) if step
}
MIN_NEIGHBOURS = 14
# With so many known days of its weekday around it, a day is compared with them alone, too.
MIN_SAME_WEEKDAY = 3
# A week is compared with the known weeks, begun on any day, up to nine weeks before and after.
WEEK = 7
NEIGHBOUR_WEEKS = 9
WEEK_STARTS = {
    step: dt.timedelta(days=step)
    for step in range(-NEIGHBOUR_WEEKS * WEEK, NEIGHBOUR_WEEKS * WEEK + 1)
    if abs(step) >= WEEK
}
MIN_NEIGHBOUR_WEEKS = 8 * WEEK
# Below this share of the level, and this many in one day, a difference is no news.
LEAST_SHARE = 0.01
# How many spreads beyond the median a difference has to be to count half as much again.
SOFTENING = 6.0


@dataclass(frozen=True, kw_only=True)
class Outlier:
    """A day far from its neighbours; `typical` is their median, `score` the modified z-score."""

    date: dt.date
    value: int
    typical: float
    score: float
    neighbours: int


def outliers(
    series: Mapping[dt.date, int], period: Period, *, is_signed: bool = False
) -> list[Outlier]:
    """Return the period's days whose modified z-score among their neighbours is large.

    A day is far from all days around it and from those of its weekday. A day with fewer than
    `MIN_NEIGHBOURS` known neighbours is not judged.
    """
    found = []
    for date, value in series.items():
        if not period.start <= date <= period.end:
            continue
        near = _near(series, date, NEIGHBOURS)
        if len(near) < MIN_NEIGHBOURS:
            continue
        typical = median(near.values())
        score = _score(value, typical, near, is_signed=is_signed)
        if score:
            found.append(
                Outlier(date=date, value=value, typical=typical, score=score, neighbours=len(near))
            )
    return sorted(found, key=lambda day: (-abs(day.score), day.date))


def week_outliers(
    series: Mapping[dt.date, int], period: Period, *, is_signed: bool = False
) -> list[Outlier]:
    """Return the period's seven days in a row whose total is far from those around them.

    It has to be so without its most extreme day, too, which may be an outlier of its own. Of
    weeks that overlap only the farthest is returned.
    """
    totals = _week_totals(series)
    found = []
    for date, value in totals.items():
        if date < period.start or _after(date, WEEK - 1) > period.end:
            continue
        near = _near(totals, date, WEEK_STARTS)
        if len(near) < MIN_NEIGHBOUR_WEEKS:
            continue
        typical = median(near.values())
        if value == typical:
            continue
        calmer = _without_extreme(series, date, is_high=value > typical)
        score = _score(calmer, typical, near, is_signed=is_signed, is_week=True)
        if (score > 0) == (value > typical) and score:
            found.append(
                Outlier(date=date, value=value, typical=typical, score=score, neighbours=len(near))
            )
    farthest: list[Outlier] = []
    for week in sorted(found, key=lambda week: (-abs(week.score), week.date)):
        if all(abs((week.date - other.date).days) >= WEEK for other in farthest):
            farthest.append(week)
    return farthest


def _after(date: dt.date, days: int) -> dt.date:
    return date + dt.timedelta(days=days)


def _near(
    series: Mapping[dt.date, int], date: dt.date, steps: Mapping[int, dt.timedelta]
) -> dict[int, int]:
    """Return the known values at these distances from a day, by distance."""
    return {step: series[day] for step, away in steps.items() if (day := date + away) in series}


def _week_totals(series: Mapping[dt.date, int]) -> dict[dt.date, int]:
    """Return the sums of seven known days in a row, by their first day."""
    weeks = {}
    for date in series:
        days = [series.get(_after(date, step)) for step in range(WEEK)]
        known = [value for value in days if value is not None]
        if len(known) == WEEK:
            weeks[date] = sum(known)
    return weeks


def _without_extreme(series: Mapping[dt.date, int], date: dt.date, *, is_high: bool) -> int:
    """Return the week's total, were its most extreme day like the next most extreme one."""
    days = sorted((series[_after(date, step)] for step in range(WEEK)), reverse=is_high)
    return sum(days) - days[0] + days[1]


@dataclass(frozen=True, kw_only=True)
class _Scale:
    """A value and its neighbours, by their distance in days, on a scale; higher is farther."""

    value: float
    near: Mapping[int, float]
    least: float


def _score(
    value: int,
    typical: float,
    near: Mapping[int, int],
    *,
    is_signed: bool,
    is_week: bool = False,
) -> float:
    """Return the smallest modified z-score of all comparisons; 0 when it is a usual one."""
    ordered = sorted(near.values())
    if percentile(ordered, PERCENTILE) <= value <= percentile(ordered, 1 - PERCENTILE):
        return 0.0  # as close as most; it would come out the same below, but later
    sign = 1 if value > typical else -1
    if is_signed:
        scales = [_outwards(value, typical, near, sign)]
    else:
        # Totals of seven days have no long tails: their root only tells what counting explains.
        counted = dict.fromkeys(near, typical) if is_week else near
        scales = [_roots(value, counted, sign), _logarithms(value, near, sign)]
    least = UNUSUAL_WEEK_Z if is_week else UNUSUAL_Z
    smallest = math.inf
    for scale in scales:
        for score in _scores(scale, has_weekdays=not is_week):
            if score <= least:
                return 0.0
            smallest = min(smallest, score)
    return sign * smallest


def _roots(value: int, near: Mapping[int, float], sign: int) -> _Scale:
    roots = {step: sign * anscombe(other) for step, other in near.items()}
    return _Scale(value=sign * anscombe(value), near=roots, least=COUNTING_SPREAD)


def _logarithms(value: int, near: Mapping[int, int], sign: int) -> _Scale:
    logarithms = {step: sign * math.log1p(other) for step, other in near.items()}
    return _Scale(value=sign * math.log1p(value), near=logarithms, least=LEAST_SHARE)


def _outwards(value: int, typical: float, near: Mapping[int, int], sign: int) -> _Scale:
    distances = {step: sign * (other - typical) for step, other in near.items()}
    # The side on which the value does not lie: a long tail on its own side is no yardstick.
    inner = sorted(max(-distance, 0) for distance in distances.values())
    least = max(1.0, math.sqrt(abs(typical)), LEAST_SHARE * abs(typical))
    unit = SOFTENING * max(percentile(inner, 1 - 2 * PERCENTILE) / PERCENTILE_Z, least)

    def scale(distance: float) -> float:
        return math.log1p(max(distance / unit, -0.9))

    return _Scale(
        value=scale(sign * (value - typical)),
        near={step: scale(distance) for step, distance in distances.items()},
        least=math.log1p(least / unit),
    )


def _scores(scale: _Scale, *, has_weekdays: bool) -> Iterator[float]:
    """Return the modified z-scores among all neighbours and among those of the same weekday."""
    yield _modified_z(scale.value, list(scale.near.values()), scale.least)
    if not has_weekdays:
        return
    weekdays: dict[int, list[float]] = {}
    for step, other in scale.near.items():
        weekdays.setdefault(step % WEEK, []).append(other)
    if len(weekdays.get(0, ())) >= MIN_SAME_WEEKDAY:
        usual = {weekday: median(others) for weekday, others in weekdays.items()}
        rest = [other - usual[step % WEEK] for step, other in scale.near.items()]
        yield _modified_z(scale.value - usual[0], rest, scale.least)


def _modified_z(value: float, near: Sequence[float], least: float) -> float:
    """Return the distance from the median in spreads, of which none is below `least`."""
    ordered = sorted(near)
    return (value - middle(ordered)) / max(robust_spread(ordered), least)
