"""Everything that charts need of a creator's days, in one statement."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import Select, Subquery, bindparam, func, select
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.ext.asyncio import AsyncSession

from storage.metrics import metric_value
from storage.models import KNOWN_BITS, DailyMetric, Metric, PlatformConnection


@dataclass(frozen=True, kw_only=True)
class AccountDays:
    """One account's stored days of a period, oldest first, as columns of one length.

    A value is null where it is unknown. `known` has the first and the last day on which any
    metric is known, of all days and not only of the period's; no key where none is.
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
    statement = select_account_days(
        tuple(metrics), of_platform=platform is not None, of_account=account is not None
    )
    parameters = {"start": start, "end": end, "platform": platform, "account": account}
    rows = await session.execute(statement, parameters)
    return [_account_days(row, metrics) for row in rows]


@cache  # to put it together takes longer than to run it
def select_account_days(
    metrics: tuple[Metric, ...], *, of_platform: bool, of_account: bool
) -> Select[*tuple[Any, ...]]:
    """Select platform, name and source; which metrics are known from when to when; the columns.

    Both halves are grouped before they are joined: two passes over the days of one user, whatever
    the planner expects of a join. The first, over all days, needs no more than an index.
    """
    spans, columns = _spans(), _columns(metrics)
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


def _spans() -> Subquery:
    """Select of each account which metrics are known from when to when."""
    known = (
        select(
            DailyMetric.connection_id,
            DailyMetric.known_metrics,
            func.min(DailyMetric.date).label("first"),
            func.max(DailyMetric.date).label("last"),
        )
        .group_by(DailyMetric.connection_id, DailyMetric.known_metrics)
        .subquery()
    )
    return (
        select(
            known.c.connection_id,
            *(
                func.array_agg(each)
                for each in (known.c.known_metrics, known.c.first, known.c.last)
            ),
        )
        .group_by(known.c.connection_id)
        .subquery()
    )


def _columns(metrics: Sequence[Metric]) -> Subquery:
    """Select of each account the days of the period, as columns."""
    return (
        select(
            DailyMetric.connection_id,
            *(
                func.array_agg(aggregate_order_by(each, DailyMetric.date))
                for each in (
                    DailyMetric.date,
                    DailyMetric.status,
                    *(metric_value(metric) for metric in metrics),
                )
            ),
        )
        .where(DailyMetric.date.between(bindparam("start"), bindparam("end")))
        .group_by(DailyMetric.connection_id)
        .subquery()
    )


def _account_days(row: Sequence[Any], metrics: Sequence[Metric]) -> AccountDays:
    platform, account, source, masks, firsts, lasts, dates, statuses, *values = row
    return AccountDays(
        platform=platform,
        account=account,
        source=source,
        known=_known(list(zip(masks, firsts, lasts, strict=True)) if masks else []),
        dates=dates or (),
        statuses=statuses or (),
        values={metric: column or () for metric, column in zip(metrics, values, strict=True)},
    )


def _known(
    spans: Sequence[tuple[int, dt.date, dt.date]],
) -> dict[Metric, tuple[dt.date, dt.date]]:
    """Return the first and last day of each metric, from those of each set of metrics."""
    known = {}
    for bit, metric in enumerate(KNOWN_BITS):
        own = [(first, last) for mask, first, last in spans if mask >> bit & 1]
        if own:
            known[metric] = min(first for first, _ in own), max(last for _, last in own)
    return known
