"""Queries over sign-ins; they need a service session."""

import datetime as dt
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from storage.models import User, UserSession


async def create_session(
    session: AsyncSession, user_id: UUID, *, token_hash: bytes, expires_at: dt.datetime
) -> UserSession:
    sign_in = UserSession(user_id=user_id, token_hash=token_hash, expires_at=expires_at)
    session.add(sign_in)
    await session.flush()
    return sign_in


async def find_session(
    session: AsyncSession, token_hash: bytes, *, now: dt.datetime
) -> tuple[User, UUID] | None:
    """Return whose sign-in this is, and its id; None when it is unknown or has expired."""
    statement = (
        select(User, UserSession.id)
        .join(UserSession, UserSession.user_id == User.id)
        .where(UserSession.token_hash == token_hash, UserSession.expires_at > now)
    )
    row = (await session.execute(statement)).one_or_none()
    return (row[0], row[1]) if row else None


async def delete_expired(session: AsyncSession, now: dt.datetime) -> int:
    """Delete the sign-ins that have expired; return how many."""
    deleted = await session.scalars(
        delete(UserSession).where(UserSession.expires_at <= now).returning(UserSession.id)
    )
    return len(deleted.all())


async def delete_session(session: AsyncSession, session_id: UUID) -> None:
    """End a sign-in; ending it twice is no error."""
    await session.execute(delete(UserSession).where(UserSession.id == session_id))
