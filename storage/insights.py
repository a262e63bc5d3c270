"""Queries over insights."""

import datetime as dt
from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import or_, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from core.errors import NotFoundError
from storage.models import Insight, InsightType, Priority


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
