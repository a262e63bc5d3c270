"""Queries over daily metrics: what each account counted, per day and per period."""

import datetime as dt
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVarTuple
from uuid import UUID

from sqlalchemy import BigInteger, ColumnElement, Select, and_, delete, func, select
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.ext.asyncio import AsyncSession

from storage.imported_rows import (
    ImportedValue,
    WrittenRows,
    analyze_rows,
    copy_rows,
    imported_rows,
)
from storage.imported_values import merge_values
from storage.models import DailyMetric, DayStatus, Metric, PlatformConnection

Row = TypeVarTuple("Row")

# Metrics with a column of their own; the others are keys of `DailyMetric.metrics`.
METRIC_COLUMNS = {
    Metric.FOLLOWERS: DailyMetric.follower_count,
    Metric.ENGAGEMENT: DailyMetric.engagement_total,
    Metric.POSTS: DailyMetric.content_count,
    Metric.REACH: DailyMetric.reach,
    Metric.VIEWS: DailyMetric.views,
    Metric.WATCH_TIME_MINUTES: DailyMetric.watch_time_minutes,
}


@dataclass(frozen=True, kw_only=True)
class AccountPeriod:
    """One account's metric over a period of days, both ends included; null is unknown.

    `first_known` and `last_known` look at all days, the rest only at the period's. `before` is
    the value of the day before the period.
    """

    platform: str
    account: str
    first_known: dt.date | None
    last_known: dt.date | None
    before: int | None
    start_date: dt.date | None
    start: int | None
    end_date: dt.date | None
    end: int | None
    total: int | None
    observations: int
    is_preliminary: bool


@dataclass(frozen=True, kw_only=True)
class DailyValue:
    """One account's value of a metric on one day; null is unknown."""

    platform: str
    account: str
    date: dt.date
    value: int | None
    status: str


@dataclass(frozen=True, kw_only=True)
class Coverage:
    """An account, and the days for which anything is stored about it."""

    connection_id: UUID
    platform: str
    account: str
    source: str
    status: str
    first_date: dt.date | None
    last_date: dt.date | None
    days: int


async def list_account_periods(
    session: AsyncSession,
    metric: Metric,
    start: dt.date,
    end: dt.date,
    *,
    platform: str | None = None,
    account: str | None = None,
) -> list[AccountPeriod]:
    """Return one row for each account, by platform and name, also where nothing is known."""
    value, day = metric_value(metric), DailyMetric.date
    known = value.is_not(None)
    inside = and_(known, day.between(start, end))
    # Index [1] is the first element of a PostgreSQL array, the earliest or latest day's value.
    earliest = func.array_agg(aggregate_order_by(value, day)).filter(inside)
    latest = func.array_agg(aggregate_order_by(value, day.desc())).filter(inside)
    statement = (
        select(
            PlatformConnection.platform,
            PlatformConnection.username.label("account"),
            func.min(day).filter(known).label("first_known"),
            func.max(day).filter(known).label("last_known"),
            func.max(value).filter(day == start - dt.timedelta(days=1)).label("before"),
            func.min(day).filter(inside).label("start_date"),
            earliest[1].label("start"),
            func.max(day).filter(inside).label("end_date"),
            latest[1].label("end"),
            func.sum(value).filter(inside).cast(BigInteger).label("total"),
            func.count(value).filter(inside).label("observations"),
            func.coalesce(
                func.bool_or(DailyMetric.status == DayStatus.PRELIMINARY).filter(inside), False
            ).label("is_preliminary"),
        )
        .outerjoin(DailyMetric, DailyMetric.connection_id == PlatformConnection.id)
        .group_by(PlatformConnection.id)
    )
    rows = await session.execute(_of_account(statement, platform, account))
    return [AccountPeriod(**row) for row in rows.mappings()]


async def list_daily_values(
    session: AsyncSession,
    metric: Metric,
    start: dt.date,
    end: dt.date,
    *,
    platform: str | None = None,
    account: str | None = None,
) -> list[DailyValue]:
    """Return the stored days by platform, account and date; a day without a row is left out."""
    statement = (
        select(
            PlatformConnection.platform,
            PlatformConnection.username.label("account"),
            DailyMetric.date,
            metric_value(metric).label("value"),
            DailyMetric.status,
        )
        .join(DailyMetric, DailyMetric.connection_id == PlatformConnection.id)
        .where(DailyMetric.date.between(start, end))
    )
    rows = await session.execute(
        _of_account(statement, platform, account).order_by(DailyMetric.date)
    )
    return [DailyValue(**row) for row in rows.mappings()]


async def list_coverage(session: AsyncSession) -> Sequence[Coverage]:
    """Return every account of the user with the days known of it, by platform and name."""
    statement = (
        select(
            PlatformConnection.id.label("connection_id"),
            PlatformConnection.platform,
            PlatformConnection.username.label("account"),
            PlatformConnection.source,
            PlatformConnection.status,
            func.min(DailyMetric.date).label("first_date"),
            func.max(DailyMetric.date).label("last_date"),
            func.count(DailyMetric.date).label("days"),
        )
        .outerjoin(DailyMetric, DailyMetric.connection_id == PlatformConnection.id)
        .group_by(PlatformConnection.id)
    )
    rows = await session.execute(_of_account(statement, None, None))
    return [Coverage(**row) for row in rows.mappings()]


def metric_value(metric: Metric) -> ColumnElement[int | None]:
    """Return the expression that reads a metric from a day; null is unknown."""
    column = METRIC_COLUMNS.get(metric)
    if column is not None:
        return column.expression
    extra: ColumnElement[int | None] = DailyMetric.metrics[metric.value].astext.cast(BigInteger)
    return extra


def _of_account(statement: Select[*Row], platform: str | None, account: str | None) -> Select[*Row]:
    if platform:
        statement = statement.where(PlatformConnection.platform == platform)
    if account:
        statement = statement.where(PlatformConnection.username == account)
    return statement.order_by(PlatformConnection.platform, PlatformConnection.username)


# --- writing ---

METRICS_LOCK = 0x3E71_21C5  # any number that every release agrees on


@dataclass(frozen=True, kw_only=True)
class DayValues:
    """What one account counted on one day; metrics that are not named keep what is stored."""

    connection_id: UUID
    date: dt.date
    status: DayStatus
    values: Mapping[Metric, int | None]


async def lock_metrics(session: AsyncSession, user_id: UUID) -> None:
    """Wait until nobody else writes this user's metrics and posts; keep them out to the commit."""
    # Two users with the same key only wait for each other.
    key = user_id.int % 2**31
    await session.execute(select(func.pg_advisory_xact_lock(METRICS_LOCK, key)))


async def write_days(session: AsyncSession, days: Iterable[DayValues]) -> WrittenRows:
    """Insert or correct days, each at most once, and the follower changes that follow from them.

    A day that already has these values and this status is not written again.
    """
    numbers: dict[UUID, int] = {}
    rows: list[ImportedValue] = []
    for line, day in enumerate(days, start=1):
        account = numbers.setdefault(day.connection_id, len(numbers) + 1)
        rows += [
            ImportedValue(line, account, day.date, metric, value, day.status)
            for metric, value in (day.values.items() or [(None, None)])
        ]
    async with imported_rows(session):
        await copy_rows(session, rows)
        await analyze_rows(session)
        return await merge_values(session, list(numbers), METRIC_COLUMNS)


async def delete_days_before(
    session: AsyncSession, connection_ids: Collection[UUID], date: dt.date
) -> None:
    """Delete what these accounts counted before a day."""
    await session.execute(
        delete(DailyMetric).where(
            DailyMetric.connection_id.in_(connection_ids), DailyMetric.date < date
        )
    )
