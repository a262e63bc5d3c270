"""Several metrics over a period, from one reading of the creator's days.

The numbers are those of `growth.py` and `comparison.py`, which agents' tools read one metric at a
time.
"""

import datetime as dt
from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy.ext.asyncio import AsyncSession

from core.errors import NotFoundError
from domain.analytics.chart_series import ChartSeries, build_chart_series
from domain.analytics.comparison import ComparisonReport, compare
from domain.analytics.growth import Growth, Measurement, Period, Report, build_growth, build_report
from domain.analytics.metrics import MEANINGS
from domain.analytics.series import Place
from storage.account_days import AccountDays, list_account_days
from storage.connections import list_connections
from storage.metrics import AccountPeriod, DailyValue
from storage.models import DayStatus, Metric


class AccountNotFoundError(NotFoundError):
    """You have no such account; GET /api/connections lists yours."""

    code = "account_not_found"


@dataclass(frozen=True, kw_only=True)
class MetricOverview:
    """One metric: its values, for followers their growth, and against the earlier period.

    `series` and `series_before` have a series for each place that has data.
    """

    metric: Metric
    report: Report[Measurement]
    growth: Report[Growth] | None = None
    comparison: ComparisonReport | None = None
    series: Mapping[Place, ChartSeries] = field(default_factory=dict)
    series_before: Mapping[Place, ChartSeries] = field(default_factory=dict)

    @property
    def notes(self) -> list[str]:
        """Return what is missing and why, each sentence once."""
        parts = (self.report, self.growth, self.comparison)
        return list(dict.fromkeys(note for part in parts if part for note in part.notes))


@dataclass(frozen=True, kw_only=True)
class Overview:
    """The accounts that were asked for, and each metric of theirs."""

    accounts: Sequence[AccountDays]
    metrics: Sequence[MetricOverview]


async def report_overview(
    session: AsyncSession,
    metrics: Sequence[Metric],
    period: Period,
    before: Period | None = None,
    *,
    if_known: Sequence[Metric] = (),
    platform: str | None = None,
    account: str | None = None,
) -> Overview:
    """Return the metrics over the period, and against an earlier one if it is given.

    Those of `if_known` are added if any of the accounts has ever known them. Raises
    AccountNotFoundError when the named account is not the creator's.
    """
    # Growth begins at the close of the day before.
    first = (before or period).start - dt.timedelta(days=1)
    accounts = await list_account_days(
        session, [*metrics, *if_known], first, period.end, platform=platform, account=account
    )
    if account and not accounts:
        raise AccountNotFoundError
    known = [metric for metric in if_known if any(metric in each.known for each in accounts)]
    return Overview(
        accounts=accounts,
        metrics=[
            _metric_overview(accounts, metric, period, before, has_sums=account is None)
            for metric in (*metrics, *known)
        ],
    )


async def check_account(
    session: AsyncSession, account: str, *, platform: str | None = None
) -> None:
    """Raise AccountNotFoundError unless the creator has an account of this name."""
    found = await list_connections(session)
    if not any(each.username == account and platform in (None, each.platform) for each in found):
        raise AccountNotFoundError


def account_period(account: AccountDays, metric: Metric, period: Period) -> AccountPeriod:
    """Return what `storage.metrics.list_account_periods` does, from days that are read already."""
    dates, values = account.dates, account.values[metric]
    first, last = bisect_left(dates, period.start), bisect_right(dates, period.end)
    known = [place for place in range(first, last) if values[place] is not None]
    has_day_before = first > 0 and dates[first - 1] == period.start - dt.timedelta(days=1)
    first_known, last_known = account.known.get(metric, (None, None))
    return AccountPeriod(
        platform=account.platform,
        account=account.account,
        first_known=first_known,
        last_known=last_known,
        before=values[first - 1] if has_day_before else None,
        start_date=dates[known[0]] if known else None,
        start=values[known[0]] if known else None,
        end_date=dates[known[-1]] if known else None,
        end=values[known[-1]] if known else None,
        total=sum(values[place] or 0 for place in known) if known else None,
        observations=len(known),
        is_preliminary=any(account.statuses[place] == DayStatus.PRELIMINARY for place in known),
    )


def _metric_overview(
    accounts: Sequence[AccountDays],
    metric: Metric,
    period: Period,
    before: Period | None,
    *,
    has_sums: bool,
) -> MetricOverview:
    rows = [account_period(account, metric, period) for account in accounts]
    is_stock = MEANINGS[metric].is_stock
    values = _daily_values(accounts, metric, period) if is_stock else ()
    comparison = None
    if before:
        rows_before = [account_period(account, metric, before) for account in accounts]
        comparison = compare(rows, rows_before, metric, period, before, has_sums=has_sums)
    return MetricOverview(
        metric=metric,
        report=build_report(metric, rows, values, period, has_sums=has_sums),
        growth=build_growth(rows, period, has_sums=has_sums) if is_stock else None,
        comparison=comparison,
        series=build_chart_series(accounts, metric, period),
        series_before=build_chart_series(accounts, metric, before) if before else {},
    )


def _daily_values(
    accounts: Sequence[AccountDays], metric: Metric, period: Period
) -> list[DailyValue]:
    return [
        DailyValue(
            platform=account.platform,
            account=account.account,
            date=date,
            value=value,
            status=status,
        )
        for account in accounts
        for date, value, status in zip(
            account.dates, account.values[metric], account.statuses, strict=True
        )
        if period.start <= date <= period.end
    ]
