"""Everything that charts need of a creator's days, in one statement."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import Select, bindparam, func, select
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.ext.asyncio import AsyncSession

from storage.metrics import metric_value
from storage.models import DailyMetric, Metric, PlatformConnection


@dataclass(frozen=True, kw_only=True)
class AccountDays:
    """One account's stored days of a period, oldest first, as columns of one length.

    A value is null where it is unknown. `known` has the first and the last day on which a metric
    is known, of all days and not only of the period's; no key where none is.
    """

    platform: str
    account: str
    source: str
    known: Mapping[Metric, tuple[dt.date, dt.date]]
    dates: Sequence[dt.date]
    statuses: Sequence[str]
    values: Mapping[Metric, Sequence[int | None]]


async def list_account_days(
    session: AsyncSession,
    metrics: Sequence[Metric],
    start: dt.date,
    end: dt.date,
    *,
    platform: str | None = None,
    account: str | None = None,
) -> list[AccountDays]:
    """Return every account by platform and name, also those without a day in the period."""
    statement = _select_days(
        tuple(metrics), of_platform=platform is not None, of_account=account is not None
    )
    parameters = {"start": start, "end": end, "platform": platform, "account": account}
    rows = await session.execute(statement, parameters)
    return [_account_days(row, metrics) for row in rows]


@cache  # to put it together takes longer than to run it
def _select_days(
    metrics: tuple[Metric, ...], *, of_platform: bool, of_account: bool
) -> Select[*tuple[Any, ...]]:
    """Select platform, name and source; first and last known day of each metric; the columns.

    Both halves are grouped before they are joined: two passes over the days of one user, whatever
    the planner expects of a join.
    """
    known = select(DailyMetric.connection_id)
    days = select(DailyMetric.connection_id).where(
        DailyMetric.date.between(bindparam("start"), bindparam("end"))
    )
    for each in (DailyMetric.date, DailyMetric.status):
        days = days.add_columns(func.array_agg(aggregate_order_by(each, DailyMetric.date)))
    for metric in metrics:
        value = metric_value(metric)
        for end in (func.min, func.max):
            known = known.add_columns(end(DailyMetric.date).filter(value.is_not(None)))
        days = days.add_columns(func.array_agg(aggregate_order_by(value, DailyMetric.date)))
    spans = known.group_by(DailyMetric.connection_id).subquery()
    columns = days.group_by(DailyMetric.connection_id).subquery()
    statement = (
        select(
            PlatformConnection.platform,
            PlatformConnection.username,
            PlatformConnection.source,
            *list(spans.c)[1:],
            *list(columns.c)[1:],
        )
        .outerjoin(spans, spans.c.connection_id == PlatformConnection.id)
        .outerjoin(columns, columns.c.connection_id == PlatformConnection.id)
        .order_by(PlatformConnection.platform, PlatformConnection.username)
    )
    if of_platform:
        statement = statement.where(PlatformConnection.platform == bindparam("platform"))
    if of_account:
        statement = statement.where(PlatformConnection.username == bindparam("account"))
    return statement


def _account_days(row: Sequence[Any], metrics: Sequence[Metric]) -> AccountDays:
    platform, account, source, *rest = row
    ends, (dates, statuses, *values) = rest[: 2 * len(metrics)], rest[2 * len(metrics) :]
    return AccountDays(
        platform=platform,
        account=account,
        source=source,
        known={
            metric: (first, last)
            for metric, first, last in zip(metrics, ends[::2], ends[1::2], strict=True)
            if first is not None
        },
        dates=dates or (),
        statuses=statuses or (),
        values={metric: column or () for metric, column in zip(metrics, values, strict=True)},
    )
