"""What a creator's numbers say over a period: levels, totals, growth.

Rules that all functions keep:
- Unknown is null and never zero. A sum over accounts is null when one of them is unknown.
- An account counts from its first known day: connecting a second account is no growth.
- Growth over a period starts from the close of the day before it, so that adjacent periods add
  up. When that day is unknown it starts from the first known day inside the period, never from
  an older one: what changed during a gap belongs to no period.
- A day is the platform's calendar day, as stored.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby
from typing import Generic, TypeVar

from sqlalchemy.ext.asyncio import AsyncSession

from core.errors import InvalidError
from domain.analytics.metrics import MEANINGS
from storage import metrics as metric_queries
from storage.metrics import AccountPeriod, DailyValue
from storage.models import Metric


class InvalidPeriodError(InvalidError):
    """The period ends before it starts."""

    code = "invalid_period"


@dataclass(frozen=True, kw_only=True)
class Period:
    """Calendar days from `start` to `end`, both included."""

    start: dt.date
    end: dt.date

    def __post_init__(self) -> None:
        """Refuse a period that ends before it starts."""
        if self.end < self.start:
            raise InvalidPeriodError

    @property
    def days(self) -> int:
        """Number of days."""
        return (self.end - self.start).days + 1


@dataclass(frozen=True, kw_only=True)
class Measurement:
    """A level or a total of one account, of one platform (`account` null) or of all (both null).

    `start` to `end` are the days that were really counted; `missing_days` is how many of the
    asked days are unknown.
    """

    platform: str | None
    account: str | None
    value: int | None
    start: dt.date
    end: dt.date
    observations: int
    missing_days: int = 0
    is_preliminary: bool = False


@dataclass(frozen=True, kw_only=True)
class Growth:
    """A change of followers between two known days; all of it null where unknown."""

    platform: str | None
    account: str | None
    start_date: dt.date | None = None
    start: int | None = None
    end_date: dt.date | None = None
    end: int | None = None
    observations: int = 0
    is_preliminary: bool = False

    @property
    def change(self) -> int | None:
        """The followers won, or lost if negative."""
        return None if self.start is None or self.end is None else self.end - self.start

    @property
    def percent(self) -> float | None:
        """100 · change / start; null when it started from nothing."""
        return None if self.change is None or not self.start else 100 * self.change / self.start


Row = TypeVar("Row", bound="Measurement | Growth")


@dataclass(frozen=True, kw_only=True)
class Report(Generic[Row]):
    """Accounts, their platforms' sums, and the sum of all; notes say what is missing and why.

    Asked for one account, a report has no sums: they would pass for the whole platform's.
    """

    accounts: list[Row] = field(default_factory=list)
    platforms: list[Row] = field(default_factory=list)
    total: Row | None = None
    notes: list[str] = field(default_factory=list)

    def parts(self) -> list[Row]:
        """Return the total, then each platform and its accounts if it has several."""
        parts: list[Row] = [self.total] if self.total else []
        for platform in self.platforms:
            accounts = [part for part in self.accounts if part.platform == platform.platform]
            parts += [platform, *(accounts if len(accounts) > 1 else [])]
        return parts or list(self.accounts)


async def report_growth(
    session: AsyncSession,
    period: Period,
    *,
    platform: str | None = None,
    account: str | None = None,
) -> Report[Growth]:
    """Return how followers changed over the period; empty when no account reports followers."""
    rows = await metric_queries.list_account_periods(
        session, Metric.FOLLOWERS, period.start, period.end, platform=platform, account=account
    )
    return build_growth(rows, period, has_sums=account is None)


def build_growth(
    rows: Sequence[AccountPeriod], period: Period, *, has_sums: bool = True
) -> Report[Growth]:
    """Return the growth of accounts from their followers over the period."""
    counted, notes = _counted(rows, Metric.FOLLOWERS, period)
    accounts = [account_growth(row, period) for row in counted]
    platforms = [
        sum_growth(list(group), platform=name)
        for name, group in groupby(accounts, key=lambda growth: growth.platform)
        if has_sums
    ]
    return Report(
        accounts=accounts,
        platforms=platforms,
        total=sum_growth(platforms, platform=None) if len(platforms) > 1 else None,
        notes=notes + _growth_notes(accounts, period),
    )


async def report_metric(
    session: AsyncSession,
    metric: Metric,
    period: Period,
    *,
    platform: str | None = None,
    account: str | None = None,
) -> Report[Measurement]:
    """Return the metric's total over the period, or its last known level if it is a stock.

    Unique counts (reach, listeners) are not summed over platforms: the people overlap.
    """
    rows = await metric_queries.list_account_periods(
        session, metric, period.start, period.end, platform=platform, account=account
    )
    values: Sequence[DailyValue] = ()
    if MEANINGS[metric].is_stock:
        values = await metric_queries.list_daily_values(
            session, metric, period.start, period.end, platform=platform, account=account
        )
    return build_report(metric, rows, values, period, has_sums=account is None)


def build_report(
    metric: Metric,
    rows: Sequence[AccountPeriod],
    values: Sequence[DailyValue],
    period: Period,
    *,
    has_sums: bool = True,
) -> Report[Measurement]:
    """Return a metric's totals, or the last known levels; only a level needs the `values`."""
    counted, notes = _counted(rows, metric, period)
    if MEANINGS[metric].is_stock:
        report = levels(counted, values, period)
    else:
        report = totals(counted, period, has_total=not MEANINGS[metric].is_unique)
    if not has_sums:
        report = Report(accounts=report.accounts, notes=report.notes)
    return replace(report, notes=notes + report.notes)


def account_growth(row: AccountPeriod, period: Period) -> Growth:
    """Return one account's growth, from the day before the period where that is known."""
    start_date, start = row.start_date, row.start
    if row.before is not None:
        start_date, start = period.start - dt.timedelta(days=1), row.before
    unknown = Growth(platform=row.platform, account=row.account, observations=row.observations)
    if row.end_date is None or start_date == row.end_date:
        return unknown
    return replace(
        unknown,
        start_date=start_date,
        start=start,
        end_date=row.end_date,
        end=row.end,
        is_preliminary=row.is_preliminary,
    )


def sum_growth(parts: Sequence[Growth], *, platform: str | None) -> Growth:
    """Return the growth of several accounts together; unknown when one of them is."""
    observations = sum(part.observations for part in parts)
    starts = [part.start for part in parts if part.start is not None]
    ends = [part.end for part in parts if part.end is not None]
    if len(starts) < len(parts) or len(ends) < len(parts):
        return Growth(platform=platform, account=None, observations=observations)
    return Growth(
        platform=platform,
        account=None,
        start_date=min(part.start_date for part in parts if part.start_date),
        start=sum(starts),
        end_date=max(part.end_date for part in parts if part.end_date),
        end=sum(ends),
        observations=observations,
        is_preliminary=any(part.is_preliminary for part in parts),
    )


def totals(
    rows: Sequence[AccountPeriod], period: Period, *, has_total: bool
) -> Report[Measurement]:
    """Return the sums over the known days of the period."""
    accounts = [_account_total(row, period) for row in rows]
    platforms = [
        _sum_totals(list(group), platform=name)
        for name, group in groupby(accounts, key=lambda part: part.platform)
    ]
    notes = [
        f"{_name(row)}: counted from {row.first_known}, the first day with data"
        for row in rows
        if row.first_known and row.first_known > period.start
    ]
    notes += [
        f"{_name(part)}: {part.missing_days} of {part.missing_days + part.observations} days "
        "are unknown"
        for part in accounts
        if part.missing_days
    ]
    total = _sum_totals(platforms, platform=None) if has_total and len(platforms) > 1 else None
    return Report(accounts=accounts, platforms=platforms, total=total, notes=notes)


def levels(
    rows: Sequence[AccountPeriod], values: Sequence[DailyValue], period: Period
) -> Report[Measurement]:
    """Return the last known level of each account, and sums on the last day all are known."""
    accounts = [
        Measurement(
            platform=row.platform,
            account=row.account,
            value=row.end,
            start=row.end_date or period.start,
            end=row.end_date or period.end,
            observations=0 if row.end is None else 1,
            is_preliminary=row.is_preliminary,
        )
        for row in rows
    ]
    series = known_series(values)
    platforms = [
        _common_level(list(group), series, period, platform=name)
        for name, group in groupby(rows, key=lambda row: row.platform)
    ]
    has_total = len(platforms) > 1
    total = _common_level(rows, series, period, platform=None) if has_total else None
    notes = [
        f"{_name(part)}: last known on {part.end}"
        for part in accounts
        if part.value is not None and part.end < period.end
    ]
    notes += [
        f"{part.platform or 'all platforms'}: no sum, because the accounts have no known day "
        "in common in the period"
        for part in (*platforms, *([total] if total else []))
        if part.value is None
    ]
    return Report(accounts=accounts, platforms=platforms, total=total, notes=notes)


def known_series(values: Sequence[DailyValue]) -> dict[tuple[str, str], dict[dt.date, int]]:
    """Group the known values by platform and account."""
    series: dict[tuple[str, str], dict[dt.date, int]] = {}
    for value in values:
        if value.value is not None:
            series.setdefault((value.platform, value.account), {})[value.date] = value.value
    return series


def _counted(
    rows: Sequence[AccountPeriod], metric: Metric, period: Period
) -> tuple[list[AccountPeriod], list[str]]:
    """Leave out the accounts that had no data yet, and say why others have none."""
    counted, notes = [], []
    for row in rows:
        if row.first_known is None or row.last_known is None:
            notes.append(f"{_name(row)}: no {MEANINGS[metric].label} are known")
        elif row.first_known > period.end:
            notes.append(f"{_name(row)}: no data before {row.first_known}")
        else:
            counted.append(row)
            if row.last_known < period.start:
                notes.append(
                    f"{_name(row)}: no data in this period; the last known day is {row.last_known}"
                )
            elif not row.observations:
                notes.append(f"{_name(row)}: no data in this period")
    return counted, notes


def _growth_notes(accounts: Sequence[Growth], period: Period) -> list[str]:
    notes = []
    for growth in accounts:
        if growth.change is None and growth.observations:
            notes.append(
                f"{_name(growth)}: only one day of the period is known, so growth is unknown"
            )
        elif growth.start_date and growth.start_date >= period.start:
            notes.append(
                f"{_name(growth)}: counted from {growth.start_date}, "
                "the first known day in the period"
            )
        if growth.end_date and growth.end_date < period.end:
            notes.append(
                f"{_name(growth)}: counted to {growth.end_date}, the last known day in the period"
            )
    return notes


def _account_total(row: AccountPeriod, period: Period) -> Measurement:
    # Days before the account's first one are not missing: it was not followed yet.
    first = max(period.start, row.first_known or period.start)
    days = (period.end - first).days + 1
    return Measurement(
        platform=row.platform,
        account=row.account,
        value=row.total,
        start=row.start_date or first,
        end=row.end_date or period.end,
        observations=row.observations,
        missing_days=days - row.observations,
        is_preliminary=row.is_preliminary,
    )


def _sum_totals(parts: Sequence[Measurement], *, platform: str | None) -> Measurement:
    values = [part.value for part in parts if part.value is not None]
    return Measurement(
        platform=platform,
        account=None,
        value=sum(values) if len(values) == len(parts) else None,
        start=min(part.start for part in parts),
        end=max(part.end for part in parts),
        observations=sum(part.observations for part in parts),
        missing_days=sum(part.missing_days for part in parts),
        is_preliminary=any(part.is_preliminary for part in parts),
    )


def _common_level(
    rows: Sequence[AccountPeriod],
    series: Mapping[tuple[str, str], Mapping[dt.date, int]],
    period: Period,
    *,
    platform: str | None,
) -> Measurement:
    levels_of = [series.get((row.platform, row.account), {}) for row in rows]
    day = max(set.intersection(*(set(levels) for levels in levels_of)), default=None)
    return Measurement(
        platform=platform,
        account=None,
        value=None if day is None else sum(levels[day] for levels in levels_of),
        start=day or period.start,
        end=day or period.end,
        observations=0 if day is None else len(rows),
        is_preliminary=any(row.is_preliminary and row.end_date == day for row in rows),
    )


def _name(row: AccountPeriod | Measurement | Growth) -> str:
    return f"{row.platform} {row.account}" if row.account else str(row.platform)
