"""Queries over insights."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import func, or_, select, tuple_
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.ext.asyncio import AsyncSession

from core.errors import NotFoundError
from storage.metrics import metric_value
from storage.models import (
    DailyMetric,
    DayStatus,
    Insight,
    InsightType,
    Metric,
    PlatformConnection,
    Priority,
    User,
)

_LOCK = 0x1A51_6875  # any number that every release agrees on


class InsightNotFoundError(NotFoundError):
    """There is no such insight."""

    code = "insight_not_found"


async def list_insights(
    session: AsyncSession,
    *,
    limit: int,
    now: dt.datetime,
    kind: InsightType | None = None,
    priority: Priority | None = None,
    is_unread: bool | None = None,
    before: tuple[dt.datetime, UUID] | None = None,
) -> Sequence[Insight]:
    """Return insights that are neither dismissed nor expired, the newest first.

    `before` is where the previous page ended.
    """
    place = tuple_(Insight.generated_at, Insight.id)
    statement = (
        select(Insight)
        .where(
            Insight.is_dismissed.is_(False),
            or_(Insight.expires_at.is_(None), Insight.expires_at > now),
        )
        .order_by(place.desc())
        .limit(limit)
    )
    if kind:
        statement = statement.where(Insight.type == kind)
    if priority:
        statement = statement.where(Insight.priority == priority)
    if is_unread is not None:
        statement = statement.where(Insight.is_read.is_not(is_unread))
    if before:
        statement = statement.where(place < before)
    return (await session.scalars(statement)).all()


async def mark_insight(
    session: AsyncSession, insight_id: UUID, *, is_dismissed: bool = False
) -> Insight:
    """Note that an insight was read, or dismissed as well. Raises `InsightNotFoundError`."""
    insight = await session.get(Insight, insight_id)
    if insight is None:
        raise InsightNotFoundError
    insight.is_read = True
    insight.is_dismissed = insight.is_dismissed or is_dismissed
    await session.flush()
    return insight


@dataclass(frozen=True, kw_only=True)
class AccountDays:
    """An account's days that are known to their end, and what each metric was on them."""

    platform: str
    account: str
    dates: Sequence[dt.date]
    values: Mapping[Metric, Sequence[int | None]]


async def list_account_days(
    session: AsyncSession, metrics: Sequence[Metric], start: dt.date, end: dt.date
) -> list[AccountDays]:
    """Return all accounts that have final days, by platform and name; null is unknown."""
    account, day = (PlatformConnection.platform, PlatformConnection.username), DailyMetric.date
    statement = (
        select(
            *account,
            func.array_agg(aggregate_order_by(day, day)),
            *(func.array_agg(aggregate_order_by(metric_value(each), day)) for each in metrics),
        )
        .join(DailyMetric, DailyMetric.connection_id == PlatformConnection.id)
        .where(day.between(start, end), DailyMetric.status == DayStatus.FINAL)
        .group_by(*account)
        .order_by(*account)
    )
    return [
        AccountDays(
            platform=platform,
            account=name,
            dates=dates,
            values=dict(zip(metrics, values, strict=True)),
        )
        for platform, name, dates, *values in await session.execute(statement)
    ]


async def lock_insights(session: AsyncSession, user_id: UUID) -> bool:
    """Wait until nobody else writes this user's insights, and keep them out to the commit.

    Returns whether the user is still there, and keeps them from being deleted meanwhile.
    """
    # Two users with the same key only wait for each other.
    lock = func.pg_advisory_xact_lock(_LOCK, user_id.int % 2**31)
    user = select(User.id, lock).where(User.id == user_id)
    found = await session.execute(user.with_for_update(read=True, key_share=True))
    return found.first() is not None


async def list_told(session: AsyncSession, since: dt.date) -> dict[str, dt.date]:
    """Return the findings told since a local day, dismissed ones too, and when they were last."""
    rows = await session.execute(
        select(Insight.finding, func.max(Insight.local_date))
        .where(Insight.local_date >= since)
        .group_by(Insight.finding)
    )
    return {row[0]: row[1] for row in rows}


async def list_insights_of(session: AsyncSession, day: dt.date) -> Sequence[Insight]:
    """Return a local day's insights, the weightiest of each time that it was looked at first."""
    of_day = select(Insight).where(Insight.local_date == day)
    return (await session.scalars(of_day.order_by(Insight.id.desc()))).all()


async def create_insights(session: AsyncSession, insights: Sequence[Insight]) -> None:
    """Store insights."""
    session.add_all(insights)
    await session.flush()


async def list_insights_of_day(
    session: AsyncSession, user_id: UUID, day: dt.date
) -> Sequence[Insight]:
    """Return what a user was told on a day of their calendar and has not dismissed.

    The most important come first.
    """
    found = await session.scalars(
        select(Insight)
        .where(
            Insight.user_id == user_id,
            Insight.local_date == day,
            Insight.is_dismissed.is_(False),
        )
        .order_by(Insight.id.desc())
    )
    importance = list(reversed(Priority))
    return sorted(found, key=lambda insight: importance.index(Priority(insight.priority)))
