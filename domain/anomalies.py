"""Unusual days: those far from the weeks around them."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from statistics import median

from sqlalchemy.ext.asyncio import AsyncSession

from domain.analytics import Period, known_series
from domain.metrics import MEANINGS
from storage import metrics as metric_queries
from storage.models import Metric

# Iglewicz and Hoaglin, "How to Detect and Handle Outliers" (1993): modified z-score
# 0.6745 (x - median) / MAD. They suggest 3.5; a year of four platforms is some thousand days,
# so we ask for more.
MODIFIED_Z_FACTOR = 0.6745
UNUSUAL_Z = 6.0
# A day is compared with the known days up to four weeks before and after it.
NEIGHBOUR_DAYS = 28
NEIGHBOURS = [step for step in range(-NEIGHBOUR_DAYS, NEIGHBOUR_DAYS + 1) if step]
MIN_NEIGHBOURS = 14


@dataclass(frozen=True, kw_only=True)
class Outlier:
    """A day far from its neighbours; `typical` is their median, `score` the modified z-score."""

    date: dt.date
    value: int
    typical: float
    score: float
    neighbours: int


@dataclass(frozen=True, kw_only=True)
class UnusualDay(Outlier):
    """An outlier of one account's metric; for followers, of their daily change."""

    platform: str
    account: str
    metric: Metric


async def find_unusual_days(
    session: AsyncSession, metric: Metric, period: Period, *, platform: str | None = None
) -> list[UnusualDay]:
    """Return the days of the period that are far from their neighbours, the farthest first.

    For followers the daily change is examined, since a level always resembles its neighbours.
    """
    margin = dt.timedelta(days=NEIGHBOUR_DAYS + 1)
    values = await metric_queries.list_daily_values(
        session, metric, period.start - margin, period.end + margin, platform=platform
    )
    found: list[UnusualDay] = []
    for (name, account), series in known_series(values).items():
        daily = changes(series) if MEANINGS[metric].is_stock else series
        found += [
            UnusualDay(platform=name, account=account, metric=metric, **vars(day))
            for day in outliers(daily, period)
        ]
    return sorted(found, key=lambda day: -abs(day.score))


def changes(series: Mapping[dt.date, int]) -> dict[dt.date, int]:
    """Return the difference to the day before, for the days where both are known."""
    day = dt.timedelta(days=1)
    return {
        date: value - series[date - day] for date, value in series.items() if date - day in series
    }


def outliers(series: Mapping[dt.date, int], period: Period) -> list[Outlier]:
    """Return the period's days whose modified z-score among their neighbours is large.

    A day with fewer than `MIN_NEIGHBOURS` known neighbours is not judged. The MAD is at least
    1 % of the median and at least 1, so that a flat series does not make every ripple a news.
    """
    found = []
    for date, value in series.items():
        if not period.start <= date <= period.end:
            continue
        days = (date + dt.timedelta(days=step) for step in NEIGHBOURS)
        near = [series[day] for day in days if day in series]
        if len(near) < MIN_NEIGHBOURS:
            continue
        typical = median(near)
        spread = max(median(abs(other - typical) for other in near), abs(typical) / 100, 1)
        score = MODIFIED_Z_FACTOR * (value - typical) / spread
        if abs(score) > UNUSUAL_Z:
            found.append(
                Outlier(date=date, value=value, typical=typical, score=score, neighbours=len(near))
            )
    return found
