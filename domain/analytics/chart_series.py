"""Series for charts: one value for each day of a period, null where it is unknown.

A sum over accounts is null on a day on which one of them is unknown. What is counted per day adds
the accounts that had begun by that day; a level adds all of them, since a level that rises when an
account is connected would pass for growth.
"""

import datetime as dt
from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby

from domain.analytics.growth import Period
from domain.analytics.metrics import MEANINGS
from domain.analytics.series import Place
from storage.account_days import AccountDays
from storage.models import DayStatus, Metric

PRELIMINARY = DayStatus.PRELIMINARY.value


@dataclass(frozen=True, kw_only=True)
class ChartSeries:
    """A place's value on each day of a period; `before` is that of the day before it.

    `preliminary` are the known days that are still being counted.
    """

    values: Sequence[int | None]
    before: int | None = None
    preliminary: Sequence[dt.date] = field(default_factory=tuple)

    @property
    def changes(self) -> list[int | None]:
        """Return the difference to the day before; null when either day is unknown."""
        return [
            None if value is None or before is None else value - before
            for before, value in zip((self.before, *self.values), self.values, strict=False)
        ]


@dataclass(frozen=True, kw_only=True)
class _Days:
    """An account's known values by day, of the period and of the day before it."""

    place: Place
    first: dt.date
    values: Mapping[dt.date, int]
    preliminary: frozenset[dt.date]


def list_dates(period: Period) -> list[dt.date]:
    """Return the days of a period, in order."""
    return [period.start + dt.timedelta(days=n) for n in range(period.days)]


def build_chart_series(
    accounts: Sequence[AccountDays], metric: Metric, period: Period
) -> dict[Place, ChartSeries]:
    """Return the series of accounts that have begun, of their platforms, and of all together.

    Unique counts (reach, listeners) are not summed over platforms: the people overlap.
    """
    dates = [period.start - dt.timedelta(days=1), *list_dates(period)]
    meaning = MEANINGS[metric]
    begun = [
        _known_days(account, metric, dates)
        for account in accounts
        if metric in account.known and account.known[metric][0] <= period.end
    ]
    series = {days.place: _sum([days], dates, is_level=True) for days in begun}
    platforms = [
        (name, list(group)) for name, group in groupby(begun, key=lambda days: days.place.platform)
    ]
    for name, members in platforms:
        series[Place(platform=name)] = _sum(members, dates, is_level=meaning.is_stock)
    if len(platforms) > 1 and not meaning.is_unique:
        series[Place()] = _sum(begun, dates, is_level=meaning.is_stock)
    return series


def _known_days(account: AccountDays, metric: Metric, dates: Sequence[dt.date]) -> _Days:
    first, last = bisect_left(account.dates, dates[0]), bisect_right(account.dates, dates[-1])
    days = account.dates[first:last]
    values = zip(days, account.values[metric][first:last], strict=True)
    statuses = zip(days, account.statuses[first:last], strict=True)
    return _Days(
        place=Place(platform=account.platform, account=account.account),
        first=account.known[metric][0],
        values={date: value for date, value in values if value is not None},
        preliminary=frozenset(date for date, status in statuses if status == PRELIMINARY),
    )


def _sum(accounts: Sequence[_Days], dates: Sequence[dt.date], *, is_level: bool) -> ChartSeries:
    if len(accounts) == 1:
        values = [accounts[0].values.get(date) for date in dates]
    else:
        values = [_sum_of_day(accounts, date, is_level=is_level) for date in dates]
    preliminary = frozenset[dt.date]().union(*(days.preliminary for days in accounts))
    return ChartSeries(
        values=values[1:],
        before=values[0],
        preliminary=[
            date
            for date, value in zip(dates[1:], values[1:], strict=True)
            if date in preliminary and value is not None
        ],
    )


def _sum_of_day(accounts: Sequence[_Days], date: dt.date, *, is_level: bool) -> int | None:
    total, counted = 0, False
    for days in accounts:
        value = days.values.get(date)
        if value is not None:
            total, counted = total + value, True
        elif is_level or days.first <= date:
            return None
    return total if counted else None
