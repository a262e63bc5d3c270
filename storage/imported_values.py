"""Storing daily metrics that are imported, where some of them may be known already."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Over,
    Text,
    Update,
    and_,
    case,
    func,
    literal,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute, aliased

from storage.imported_rows import IMPORTED_VALUES, WrittenRows, merge_rows, numbered_connections
from storage.models import DailyMetric, Metric, PlatformConnection

T = TypeVar("T")

MetricColumns = Mapping[Metric, InstrumentedAttribute[int | None]]


async def merge_values(
    session: AsyncSession, connections: Sequence[UUID], columns: MetricColumns
) -> WrittenRows:
    """Insert or correct the days of the imported values; account n is the n-th connection.

    `columns` are the metrics with a column of their own. Metrics that are not imported keep what
    is stored, and a day that would stay the same is not written. Follower changes follow.
    Needs the lock: it reads what is stored and writes it back with what is new.
    """
    written = await _merge(session, connections, columns)
    if written.inserted or written.updated:
        await _update_follower_changes(session, connections)
    return written


async def _merge(
    session: AsyncSession, connections: Sequence[UUID], columns: MetricColumns
) -> WrittenRows:
    """Store the imported values, and count the days."""
    given, accounts = IMPORTED_VALUES.c, numbered_connections(connections)
    pairs = func.jsonb_object_agg(given.metric, given.value).filter(given.metric.is_not(None))
    days = (
        select(
            accounts.c.connection_id,
            given.date,
            func.min(given.status).label("status"),
            func.coalesce(pairs, literal({}, JSONB)).label("named"),
        )
        .join(accounts, accounts.c.account == given.account)
        .group_by(accounts.c.connection_id, given.date)
        .cte("days")
    )
    stored = aliased(DailyMetric)
    values = _merged_values(days.c.named, stored, columns)
    statement = insert(DailyMetric).from_select(
        ["connection_id", "date", "user_id", "platform", "status", *values],
        select(
            days.c.connection_id,
            days.c.date,
            PlatformConnection.user_id,
            PlatformConnection.platform,
            days.c.status,
            *values.values(),
        )
        .join(PlatformConnection, PlatformConnection.id == days.c.connection_id)
        .outerjoin(
            stored,
            and_(stored.connection_id == days.c.connection_id, stored.date == days.c.date),
        ),
    )
    return await merge_rows(
        session,
        days,
        statement,
        key=["connection_id", "date"],
        names=("status", *values),
        stamp="collected_at",
    )


def _merged_values(
    named: ColumnElement[Any], stored: type[DailyMetric], columns: MetricColumns
) -> dict[str, ColumnElement[Any]]:
    """Return what a day will have: the metrics that are named, and for the others the stored."""
    values: dict[str, ColumnElement[Any]] = {
        column.key: case(
            (named.has_key(metric.value), named[metric.value].astext.cast(BigInteger)),
            else_=getattr(stored, column.key),
        )
        for metric, column in columns.items()
    }
    own_columns = literal([metric.value for metric in columns], ARRAY(Text))
    others = named.op("-", return_type=JSONB())(own_columns)
    # An unknown value has no key, as an unknown column is null.
    kept = func.coalesce(stored.metrics, literal({}, JSONB))
    values["metrics"] = func.jsonb_strip_nulls(kept.op("||", return_type=JSONB())(others))
    return values


async def _update_follower_changes(session: AsyncSession, connections: Sequence[UUID]) -> None:
    """Recompute the changes of the days with imported followers, and of the days after."""
    given, accounts = IMPORTED_VALUES.c, numbered_connections(connections)
    span = select(
        func.min(given.date).label("first"),
        func.max(given.date).label("last"),
        func.array_agg(accounts.c.connection_id.distinct()).label("connection_ids"),
    )
    span = span.join(accounts, accounts.c.account == given.account)
    found = (await session.execute(span.where(given.metric == Metric.FOLLOWERS))).one()
    if found.first is not None:
        await session.execute(_follower_changes(found.connection_ids, found.first, found.last))


def _follower_changes(connection_ids: Sequence[UUID], first: dt.date, last: dt.date) -> Update:
    """Build the statement that recomputes the changes of days and of the day after the last."""
    # One pass over the accounts' days: joining each day to the one before goes wrong on a table
    # whose statistics do not know of the rows that this transaction inserted.
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
            DailyMetric.connection_id.in_(connection_ids),
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
