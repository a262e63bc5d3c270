"""Trends: whether a metric really moves in one direction, week by week, or only seems to.

Weeks are seven days in a row, counted back from the last known day; a week with an unknown day
is left out. Followers are a level, and levels wander: what is examined is whether their weekly
change is clearly not zero. Everything else is examined as weekly totals.
"""

import datetime as dt
import math
from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from statistics import NormalDist, fmean, median

from sqlalchemy.ext.asyncio import AsyncSession

from domain.analytics.growth import Period
from domain.analytics.metrics import MEANINGS
from domain.analytics.series import Place, SeriesOf, list_series, place_name
from storage.models import DayStatus, Metric

WEEK = 7
MIN_WEEKS = 8
# A claim is wrong by chance for one in a hundred creators, however many series are examined.
ALPHA = 0.01
# A move of less than this over the whole period is no trend, however steady it is.
LEAST_PERCENT = 3.0
# What a creator had "at first" and "lately" is an average over up to four weeks.
END_WEEKS = 4


@dataclass(frozen=True, kw_only=True)
class Trend:
    """A clear move up or down between two days; all of it null where none is clear.

    `per_week` is the typical weekly change of followers, or the change of a total from week to
    week. `first` and `last` are followers on the days around the weeks, or the weekly averages of
    the first and the last (up to four) weeks; `percent` is the change between them.
    """

    place: Place
    start: dt.date
    end: dt.date
    weeks: int
    per_week: float | None = None
    first: float | None = None
    last: float | None = None

    @property
    def is_clear(self) -> bool:
        """Tell whether there is a trend at all."""
        return self.per_week is not None

    @property
    def end_days(self) -> int:
        """Return over how many days the first and the last weekly averages are taken."""
        return WEEK * min(END_WEEKS, self.weeks // 2)

    @property
    def percent(self) -> float | None:
        """Return 100 · (last − first) / first; null when it began with nothing."""
        if self.first is None or self.last is None or self.first <= 0:
            return None
        return 100 * (self.last - self.first) / self.first


@dataclass(frozen=True, kw_only=True)
class TrendReport:
    """A trend, clear or not, of every series that has enough weeks."""

    trends: list[Trend] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


async def report_trends(
    session: AsyncSession,
    metric: Metric,
    period: Period,
    *,
    platform: str | None = None,
    account: str | None = None,
) -> TrendReport:
    """Return the trends of the period; days that are still being counted are left out."""
    day_before = period.start - dt.timedelta(days=1 if MEANINGS[metric].is_stock else 0)
    found = await list_series(
        session,
        metric,
        Period(start=day_before, end=period.end),
        platform=platform,
        account=account,
        without=DayStatus.PRELIMINARY,
    )
    report = find_trends(found.parts, is_level=MEANINGS[metric].is_stock)
    return TrendReport(trends=report.trends, notes=[*found.notes, *report.notes])


def find_trends(parts: Sequence[SeriesOf], *, is_level: bool) -> TrendReport:
    """Return the trend of each series, judged the more strictly the more of them there are."""
    report = TrendReport()
    for part in parts:
        weeks = weekly_changes(part.values) if is_level else weekly_totals(part.values)
        name = place_name(part.place)
        if len(weeks) < MIN_WEEKS:
            report.notes.append(f"{name}: too few fully known weeks for a trend")
            continue
        if is_level:
            trend = _level_trend(part, weeks, ALPHA / len(parts))
        else:
            trend = _total_trend(part, weeks, ALPHA / len(parts))
        report.trends.append(trend)
        if not trend.is_clear:
            report.notes.append(f"{name}: no clear trend")
    return report


def weekly_totals(values: Mapping[dt.date, int]) -> dict[dt.date, int]:
    """Return the totals of known weeks by their last day, the oldest first."""
    last = max(values, default=None)
    if last is None:
        return {}
    weeks: dict[int, list[int]] = {}
    for day, value in values.items():
        weeks.setdefault((last - day).days // WEEK, []).append(value)
    return {
        last - dt.timedelta(days=WEEK * ago): sum(known)
        for ago, known in sorted(weeks.items(), reverse=True)
        if len(known) == WEEK
    }


def weekly_changes(levels: Mapping[dt.date, int]) -> dict[dt.date, int]:
    """Return the changes over weeks whose ends are known, by their last day, oldest first."""
    week = dt.timedelta(days=WEEK)
    changes = {
        last: levels[last] - levels[last - week]
        for last in _week_ends(levels)
        if last in levels and last - week in levels
    }
    return dict(sorted(changes.items()))


def mann_kendall_p(values: Sequence[float]) -> float:
    """Return the two-sided p-value of the Mann-Kendall test for a monotonic trend.

    Mann, "Nonparametric Tests Against Trend" (1945), with the variance correction for
    autocorrelated values of Hamed and Rao, "A modified Mann-Kendall trend test for autocorrelated
    data" (1998), equation 14. The correction is never let below 1, and only the autocorrelations
    of ranks that are significant at 5 % count, as they advise.
    """
    count = len(values)
    score = sum((after > before) - (after < before) for before, after in combinations(values, 2))
    ties = [values.count(value) for value in set(values)]
    variance = (
        count * (count - 1) * (2 * count + 5) - sum(t * (t - 1) * (2 * t + 5) for t in ties)
    ) / 18
    if variance <= 0:
        return 1.0
    slope = theil_sen_slope(list(enumerate(values)))
    rest = _ranks([value - slope * place for place, value in enumerate(values)])
    correction = 1 + 2 / (count * (count - 1) * (count - 2)) * sum(
        (count - lag) * (count - lag - 1) * (count - lag - 2) * correlation
        for lag in range(1, count - 2)
        if abs(correlation := _autocorrelation(rest, lag)) > 1.96 / math.sqrt(count)
    )
    z = max(0, abs(score) - 1) / math.sqrt(variance * max(1.0, correction))
    return 2 * (1 - NormalDist().cdf(z))


def theil_sen_slope(points: Sequence[tuple[float, float]]) -> float:
    """Return the median of the slopes between all pairs of points.

    Sen, "Estimates of the Regression Coefficient Based on Kendall's Tau" (1968).
    """
    return median((y2 - y1) / (x2 - x1) for (x1, y1), (x2, y2) in combinations(points, 2))


def mean_differs_p(values: Sequence[float]) -> float:
    """Return the two-sided p-value for a mean of zero, of values that may be autocorrelated.

    The variance of the mean is that of Newey and West, "A Simple, Positive Semi-Definite,
    Heteroskedasticity and Autocorrelation Consistent Covariance Matrix" (1987), with their lag of
    4 (n / 100)^(2/9), and not below that of independent values. The quotient is compared with
    Student's t of n − 1 degrees of freedom, as Wallace (1959) brings it near a normal one.
    """
    count = len(values)
    mean = fmean(values)
    rest = [value - mean for value in values]
    plain = sum(value * value for value in rest)
    lags = int(4 * (count / 100) ** (2 / 9))
    robust = plain + 2 * sum(
        (1 - lag / (lags + 1)) * sum(a * b for a, b in zip(rest, rest[lag:], strict=False))
        for lag in range(1, lags + 1)
    )
    error = math.sqrt(max(plain, robust) / count / (count - 1))
    if error == 0:
        return 0.0 if mean else 1.0
    freedom = count - 1
    t = abs(mean) / error
    z = (8 * freedom + 1) / (8 * freedom + 3) * math.sqrt(freedom * math.log1p(t * t / freedom))
    return 2 * (1 - NormalDist().cdf(z))


def _level_trend(part: SeriesOf, weeks: Mapping[dt.date, int], alpha: float) -> Trend:
    ends = list(weeks)
    before = ends[0] - dt.timedelta(days=WEEK)
    first, last = part.values[before], part.values[ends[-1]]
    trend = Trend(
        place=part.place,
        start=before + dt.timedelta(days=1),
        end=ends[-1],
        weeks=len(weeks),
        per_week=fmean(weeks.values()),
        first=first,
        last=last,
    )
    is_clear = mean_differs_p(list(weeks.values())) <= alpha
    return trend if is_clear and _is_material(trend) else _unclear(trend)


def _total_trend(part: SeriesOf, weeks: Mapping[dt.date, int], alpha: float) -> Trend:
    ends, totals = list(weeks), list(weeks.values())
    slope = theil_sen_slope([((end - ends[0]).days / WEEK, weeks[end]) for end in ends])
    trend = Trend(
        place=part.place,
        start=ends[0] - dt.timedelta(days=WEEK - 1),
        end=ends[-1],
        weeks=len(weeks),
        per_week=slope,
        first=fmean(totals[: min(END_WEEKS, len(totals) // 2)]),
        last=fmean(totals[-min(END_WEEKS, len(totals) // 2) :]),
    )
    is_clear = slope != 0 and mann_kendall_p(totals) <= alpha
    return trend if is_clear and _is_material(trend) else _unclear(trend)


def _is_material(trend: Trend) -> bool:
    """Tell whether both ends agree with the trend, and are far enough apart."""
    move = (trend.last or 0) - (trend.first or 0)
    agrees = move * (trend.per_week or 0) > 0
    return agrees and (trend.percent is None or abs(trend.percent) >= LEAST_PERCENT)


def _unclear(trend: Trend) -> Trend:
    return Trend(place=trend.place, start=trend.start, end=trend.end, weeks=trend.weeks)


def _week_ends(values: Mapping[dt.date, int]) -> list[dt.date]:
    """Return the last days of weeks, back from the last known day."""
    if not values:
        return []
    first, last = min(values), max(values)
    return [last - dt.timedelta(days=step) for step in range(0, (last - first).days + 1, WEEK)]


def _ranks(values: Sequence[float]) -> list[float]:
    """Return each value's place in their order; equal ones share the average of theirs."""
    ordered = sorted(values)
    return [(bisect_left(ordered, value) + bisect_right(ordered, value)) / 2 for value in values]


def _autocorrelation(values: Sequence[float], lag: int) -> float:
    mean = fmean(values)
    rest = [value - mean for value in values]
    power = sum(value * value for value in rest)
    products = sum(a * b for a, b in zip(rest, rest[lag:], strict=False))
    return products / power if power else 0.0
