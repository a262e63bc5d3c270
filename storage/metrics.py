"""Queries over daily metrics: what each account counted, per day and per period."""

import datetime as dt
from collections.abc import Collection, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from typing import Any, TypeVar, TypeVarTuple
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Date,
    Over,
    Select,
    TableValuedAlias,
    Text,
    Update,
    Uuid,
    and_,
    case,
    column,
    delete,
    func,
    literal,
    literal_column,
    or_,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, aggregate_order_by, insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute
from sqlalchemy.sql.dml import ReturningInsert
from sqlalchemy.types import TypeEngine

from storage.models import DailyMetric, DayStatus, Metric, PlatformConnection

Row = TypeVarTuple("Row")
T = TypeVar("T")

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
    value, day = _value_of(metric), DailyMetric.date
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
            _value_of(metric).label("value"),
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


def _value_of(metric: Metric) -> ColumnElement[int | None]:
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
DAYS_PER_STATEMENT = 5_000


@dataclass(frozen=True, kw_only=True)
class DayValues:
    """What one account counted on one day; metrics that are not named keep what is stored."""

    connection_id: UUID
    date: dt.date
    status: DayStatus
    values: Mapping[Metric, int | None]


@dataclass(frozen=True, kw_only=True)
class WrittenDays:
    """How many rows a write inserted and changed."""

    inserted: int
    updated: int


async def lock_metrics(session: AsyncSession, user_id: UUID) -> None:
    """Wait until nobody else writes this user's metrics, and keep them out to the commit."""
    # Two users with the same key only wait for each other.
    key = user_id.int % 2**31
    await session.execute(select(func.pg_advisory_xact_lock(METRICS_LOCK, key)))


async def write_days(session: AsyncSession, days: Iterable[DayValues]) -> WrittenDays:
    """Insert or correct days, each at most once, and the follower changes that follow from them.

    A day that already has these values and this status is not written again.
    """
    alike: dict[frozenset[Metric], list[DayValues]] = {}
    for day in days:
        alike.setdefault(frozenset(day.values), []).append(day)
    inserted, updated = 0, 0
    changed_followers: list[tuple[UUID, dt.date]] = []
    for named, group in alike.items():
        group.sort(key=lambda day: (day.connection_id, day.date))
        for start in range(0, len(group), DAYS_PER_STATEMENT):
            statement = _upsert(named, group[start : start + DAYS_PER_STATEMENT])
            rows = (await session.execute(statement)).all()
            inserted += sum(row.is_new for row in rows)
            updated += sum(not row.is_new for row in rows)
            if Metric.FOLLOWERS in named:
                changed_followers += [(row.connection_id, row.date) for row in rows]
    if changed_followers:
        await session.execute(_follower_changes(changed_followers))
    return WrittenDays(inserted=inserted, updated=updated)


async def delete_days_before(
    session: AsyncSession, connection_ids: Collection[UUID], date: dt.date
) -> None:
    """Delete what these accounts counted before a day."""
    await session.execute(
        delete(DailyMetric).where(
            DailyMetric.connection_id.in_(connection_ids), DailyMetric.date < date
        )
    )


def _upsert(named: Set[Metric], days: Sequence[DayValues]) -> ReturningInsert[UUID, dt.date, bool]:
    """Build the statement for days that name the same metrics; it returns the changed ones."""
    columns = [metric for metric in METRIC_COLUMNS if metric in named]
    others = [metric for metric in Metric if metric in named and metric not in METRIC_COLUMNS]
    given = _unnest(
        connection_id=(Uuid(), [day.connection_id for day in days]),
        date=(Date(), [day.date for day in days]),
        status=(Text(), [day.status.value for day in days]),
        **{
            metric.value: (BigInteger(), [day.values[metric] for day in days])
            for metric in (*columns, *others)
        },
    )
    values: dict[str, ColumnElement[Any]] = {
        METRIC_COLUMNS[metric].key: given.c[metric.value] for metric in columns
    }
    if others:
        # An unknown value has no key, as an unknown column is null.
        pairs = [part for metric in others for part in (metric.value, given.c[metric.value])]
        values["metrics"] = func.jsonb_strip_nulls(func.jsonb_build_object(*pairs))
    statement = insert(DailyMetric).from_select(
        ["connection_id", "date", "user_id", "platform", "status", *values],
        select(
            given.c.connection_id,
            given.c.date,
            PlatformConnection.user_id,
            PlatformConnection.platform,
            given.c.status,
            *values.values(),
        ).join(PlatformConnection, PlatformConnection.id == given.c.connection_id),
    )
    new: dict[str, ColumnElement[Any]] = {
        name: statement.excluded[name] for name in ("status", *values)
    }
    if others:
        kept = DailyMetric.metrics.op("-")(literal([m.value for m in others], ARRAY(Text)))
        new["metrics"] = kept.op("||", return_type=JSONB())(new["metrics"])
    stored = DailyMetric.__table__.c
    return statement.on_conflict_do_update(
        index_elements=["connection_id", "date"],
        set_=new | {"collected_at": func.now()},
        where=or_(*(stored[name].is_distinct_from(value) for name, value in new.items())),
    ).returning(
        DailyMetric.connection_id,
        DailyMetric.date,
        # A row version that replaces another carries the lock of its conflict in xmax.
        (literal_column("daily_metrics.xmax") == literal_column("0")).label("is_new"),
    )


def _follower_changes(days: Sequence[tuple[UUID, dt.date]]) -> Update:
    """Build the statement that recomputes the changes of these days and of the days after."""
    # One pass over the accounts' days: joining each day to the one before goes wrong on a table
    # whose statistics do not know of the rows that this transaction inserted.
    first, last = min(date for _, date in days), max(date for _, date in days)
    change = DailyMetric.follower_count - _previous(DailyMetric.follower_count)
    is_next_day = _previous(DailyMetric.date) == DailyMetric.date - 1
    changes = (
        select(
            DailyMetric.connection_id,
            DailyMetric.date,
            DailyMetric.follower_change_24h.label("stored"),
            case((is_next_day, change)).label("change"),
        )
        .where(
            DailyMetric.connection_id.in_({connection_id for connection_id, _ in days}),
            DailyMetric.date.between(first - dt.timedelta(days=1), last + dt.timedelta(days=1)),
        )
        .subquery()
    )
    return (
        update(DailyMetric)
        .where(
            DailyMetric.connection_id == changes.c.connection_id,
            DailyMetric.date == changes.c.date,
            changes.c.date >= first,
            changes.c.change.is_distinct_from(changes.c.stored),
        )
        .values(follower_change_24h=changes.c.change)
        .execution_options(synchronize_session=False)
    )


def _previous(value: InstrumentedAttribute[T]) -> Over[T]:
    """Return the value of the account's stored day before."""
    return func.lag(value, type_=value.type).over(
        partition_by=DailyMetric.connection_id, order_by=DailyMetric.date
    )


def _unnest(**columns: tuple[TypeEngine[Any], Sequence[Any]]) -> TableValuedAlias:
    """Return arrays of equal length as the columns of a table."""
    arrays = [literal(values, ARRAY(type_)) for type_, values in columns.values()]
    names = [column(name, type_) for name, (type_, _) in columns.items()]
    return func.unnest(*arrays).table_valued(*names, name="given").render_derived()
