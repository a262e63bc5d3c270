"""Queries over users and their passwords; most functions need a service session."""

import datetime as dt
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import delete, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from storage.models import ApiKey, Password, Role, Tier, User, UserSession


@dataclass(frozen=True, kw_only=True)
class Credentials:
    """A user, and the hash that their password must match."""

    user: User
    password_hash: str


async def create_user(
    session: AsyncSession, *, email: str, password_hash: str, timezone: str, locale: str
) -> User | None:
    """Add a user with a password; None when the e-mail is taken."""
    statement = (
        insert(User)
        .values(email=email, timezone=timezone, locale=locale)
        .on_conflict_do_nothing(index_elements=[User.email])
        .returning(User)
    )
    user = await session.scalar(statement)
    if user is not None:
        session.add(Password(user_id=user.id, hash=password_hash))
        await session.flush()
    return user


async def find_user(session: AsyncSession, email: str) -> User | None:
    return await session.scalar(select(User).where(User.email == email))


async def get_user(session: AsyncSession, user_id: UUID) -> User:
    """Return the user, who is known to exist; also in a session of their own."""
    return await session.get_one(User, user_id)


async def find_credentials(session: AsyncSession, email: str) -> Credentials | None:
    statement = (
        select(User, Password.hash)
        .join(Password, Password.user_id == User.id)
        .where(User.email == email)
    )
    row = (await session.execute(statement)).one_or_none()
    return Credentials(user=row[0], password_hash=row[1]) if row else None


async def find_password_hash(session: AsyncSession, user_id: UUID) -> str | None:
    return await session.scalar(select(Password.hash).where(Password.user_id == user_id))


async def end_sign_ins(session: AsyncSession, user_id: UUID) -> None:
    """Delete the user's sessions and API keys."""
    await session.execute(delete(UserSession).where(UserSession.user_id == user_id))
    await session.execute(delete(ApiKey).where(ApiKey.user_id == user_id))


async def lock_user(session: AsyncSession, user_id: UUID) -> None:
    """Keep new rows from belonging to the user, to the end of the transaction."""
    await session.execute(select(User.id).where(User.id == user_id).with_for_update())


async def delete_user(session: AsyncSession, user_id: UUID) -> None:
    """Delete the user, and with them every row that belongs to them."""
    await session.execute(delete(User).where(User.id == user_id))


async def replace_password_hash(
    session: AsyncSession, user_id: UUID, *, old: str, new: str
) -> None:
    """Store the hash anew, unless the password was changed meanwhile."""
    await session.execute(
        update(Password).where(Password.user_id == user_id, Password.hash == old).values(hash=new)
    )


async def set_tier(session: AsyncSession, user_id: UUID, tier: Tier) -> None:
    await session.execute(update(User).where(User.id == user_id).values(tier=tier))


async def set_role(session: AsyncSession, user_id: UUID, role: Role) -> None:
    await session.execute(update(User).where(User.id == user_id).values(role=role))


async def update_profile(
    session: AsyncSession,
    user_id: UUID,
    *,
    timezone: str,
    locale: str,
    brand: dict[str, Any] | None,
) -> None:
    """Change what users may change about themselves."""
    await session.execute(
        update(User).where(User.id == user_id).values(timezone=timezone, locale=locale, brand=brand)
    )


async def read_preferences(session: AsyncSession, user_id: UUID) -> dict[str, Any] | None:
    """Return what the user wants to be told otherwise than usual."""
    return await session.scalar(select(User.notification_preferences).where(User.id == user_id))


async def lock_preferences(session: AsyncSession, user_id: UUID) -> dict[str, Any] | None:
    """Return them as `read_preferences` does; nobody else changes them until the commit."""
    return await session.scalar(
        select(User.notification_preferences)
        .where(User.id == user_id)
        .with_for_update(key_share=True)
    )


async def write_preferences(
    session: AsyncSession, user_id: UUID, preferences: dict[str, Any]
) -> None:
    await session.execute(
        update(User).where(User.id == user_id).values(notification_preferences=preferences)
    )


async def find_by_id(session: AsyncSession, user_id: UUID) -> User | None:
    """Return the user with this id, in a service session."""
    return await session.get(User, user_id)


async def verify_email(session: AsyncSession, user_id: UUID, now: dt.datetime) -> None:
    """Note when the address was first known to be the user's."""
    await session.execute(
        update(User)
        .where(User.id == user_id)
        .values(email_verified_at=func.coalesce(User.email_verified_at, now))
    )


async def write_password_hash(session: AsyncSession, user_id: UUID, password_hash: str) -> None:
    await session.execute(
        update(Password).where(Password.user_id == user_id).values(hash=password_hash)
    )


async def end_sessions(session: AsyncSession, user_id: UUID, *, but: UUID | None = None) -> None:
    """End the user's sign-ins, all or all but one; API keys go on."""
    ending = delete(UserSession).where(UserSession.user_id == user_id)
    await session.execute(ending.where(UserSession.id != but) if but else ending)
