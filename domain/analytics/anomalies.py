"""Unusual days and weeks of the creator's accounts."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlalchemy.ext.asyncio import AsyncSession

from domain.analytics.growth import Period, known_series
from domain.analytics.metrics import MEANINGS
from domain.analytics.outliers import NEIGHBOUR_WEEKS, WEEK, Outlier, outliers, week_outliers
from storage import metrics as metric_queries
from storage.models import Metric

__all__ = [
    "Outlier",
    "UnusualDay",
    "UnusualTimes",
    "UnusualWeek",
    "changes",
    "report_unusual_times",
    "unusual_times",
]


@dataclass(frozen=True, kw_only=True)
class UnusualDay(Outlier):
    """An outlier of one account's metric; for followers, of their daily change."""

    platform: str
    account: str
    metric: Metric


@dataclass(frozen=True, kw_only=True)
class UnusualWeek(UnusualDay):
    """The total of seven days from `date`; for followers, their change over these days."""

    @property
    def end(self) -> dt.date:
        """Return the last of the seven days."""
        return self.date + dt.timedelta(days=WEEK - 1)


@dataclass(frozen=True, kw_only=True)
class UnusualTimes:
    """What is unusual, each list with the farthest first."""

    days: list[UnusualDay] = field(default_factory=list)
    weeks: list[UnusualWeek] = field(default_factory=list)


async def report_unusual_times(
    session: AsyncSession,
    metric: Metric,
    period: Period,
    *,
    platform: str | None = None,
    account: str | None = None,
) -> UnusualTimes:
    """Return the days and weeks of the period that are far from their neighbours.

    For followers the change is examined, since a level always resembles its neighbours.
    """
    margin = dt.timedelta(days=(NEIGHBOUR_WEEKS + 1) * WEEK)
    values = await metric_queries.list_daily_values(
        session,
        metric,
        period.start - margin,
        period.end + margin,
        platform=platform,
        account=account,
    )
    is_stock = MEANINGS[metric].is_stock
    times = UnusualTimes()
    for (name, of_account), series in known_series(values).items():
        daily = changes(series) if is_stock else series
        days, weeks = unusual_times(daily, period, is_signed=is_stock)
        times.days.extend(
            UnusualDay(platform=name, account=of_account, metric=metric, **vars(day))
            for day in days
        )
        times.weeks.extend(
            UnusualWeek(platform=name, account=of_account, metric=metric, **vars(week))
            for week in weeks
        )
    times.days.sort(key=lambda day: -abs(day.score))
    times.weeks.sort(key=lambda week: -abs(week.score))
    return times


def changes(series: Mapping[dt.date, int]) -> dict[dt.date, int]:
    """Return the difference to the day before, for the days where both are known."""
    day = dt.timedelta(days=1)
    return {
        date: value - series[date - day] for date, value in series.items() if date - day in series
    }


def unusual_times(
    series: Mapping[dt.date, int], period: Period, *, is_signed: bool = False
) -> tuple[list[Outlier], list[Outlier]]:
    """Return the period's unusual days and weeks, the farthest first, without repeating itself.

    A low week says all about the low days in it. A high week with a high day in it is the echo
    of that day, and left out.
    """
    days = outliers(series, period, is_signed=is_signed)
    weeks = [
        week
        for week in week_outliers(series, period, is_signed=is_signed)
        if week.score < 0 or not any(day.score > 0 for day in days if _is_within(day, week))
    ]
    low = [week for week in weeks if week.score < 0]
    days = [day for day in days if day.score > 0 or not any(_is_within(day, week) for week in low)]
    return days, weeks


def _is_within(day: Outlier, week: Outlier) -> bool:
    return week.date <= day.date < week.date + dt.timedelta(days=WEEK)
