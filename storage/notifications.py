"""Queries over notifications."""

import datetime as dt
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import delete, func, select, tuple_, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from core.errors import NotFoundError
from storage.models import Notification, NotificationType


class NotificationNotFoundError(NotFoundError):
    """There is no such notification."""

    code = "notification_not_found"


async def create_notification(session: AsyncSession, user_id: UUID, **fields: Any) -> bool:
    """Store a notification, unless there is one of its cause already; returns whether it did."""
    created = await session.scalar(
        insert(Notification)
        .values(user_id=user_id, **fields)
        .on_conflict_do_nothing(index_elements=[Notification.user_id, Notification.cause])
        .returning(Notification.id)
    )
    return created is not None


async def list_notifications(
    session: AsyncSession,
    *,
    limit: int,
    now: dt.datetime,
    kind: NotificationType | None = None,
    is_unread: bool | None = None,
    before: tuple[dt.datetime, UUID] | None = None,
) -> Sequence[Notification]:
    """Return notifications that are neither dismissed nor expired, the newest first.

    `before` is where the previous page ended.
    """
    place = tuple_(Notification.created_at, Notification.id)
    statement = (
        select(Notification)
        .where(Notification.is_dismissed.is_(False), Notification.expires_at > now)
        .order_by(place.desc())
        .limit(limit)
    )
    if kind:
        statement = statement.where(Notification.type == kind)
    if is_unread is not None:
        statement = statement.where(Notification.is_read.is_not(is_unread))
    if before:
        statement = statement.where(place < before)
    return (await session.scalars(statement)).all()


async def count_unread(session: AsyncSession, now: dt.datetime) -> int:
    """Return how many of the user's notifications are unread and still listed."""
    found = await session.scalar(
        select(func.count()).where(
            Notification.is_read.is_(False),
            Notification.is_dismissed.is_(False),
            Notification.expires_at > now,
        )
    )
    return found or 0


async def mark_notification(
    session: AsyncSession, notification_id: UUID, *, is_dismissed: bool = False
) -> Notification:
    """Note that a notification was read, or dismissed as well.

    Raises `NotificationNotFoundError`.
    """
    found = await session.get(Notification, notification_id, with_for_update=True)
    if found is None:
        raise NotificationNotFoundError
    found.is_read = True
    found.is_dismissed = found.is_dismissed or is_dismissed
    await session.flush()
    return found


async def mark_all_read(session: AsyncSession) -> int:
    """Note that the user has read all; returns how many were unread."""
    marked = await session.scalars(
        update(Notification)
        .where(Notification.is_read.is_(False))
        .values(is_read=True)
        .returning(Notification.id)
        .execution_options(synchronize_session=False)
    )
    return len(marked.all())


async def delete_expired(session: AsyncSession, now: dt.datetime) -> None:
    """Forget what has expired, in a service session."""
    await session.execute(delete(Notification).where(Notification.expires_at <= now))
