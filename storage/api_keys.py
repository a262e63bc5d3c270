"""Queries over API keys."""

import datetime as dt
from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import delete, func, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncSession

from core.errors import NotFoundError
from storage.models import ApiKey, User

# How exactly the last use of a key is known: more exactly, each request would write.
USE_PRECISION = dt.timedelta(minutes=1)


class ApiKeyNotFoundError(NotFoundError):
    """There is no such API key."""

    code = "api_key_not_found"


async def lock_api_keys(session: AsyncSession, user_id: UUID) -> None:
    """Wait until nobody else makes keys for this user, and keep them out to the commit."""
    await session.execute(select(User.id).where(User.id == user_id).with_for_update(key_share=True))


async def count_api_keys(session: AsyncSession) -> int:
    """Return how many keys the session's user has."""
    return await session.scalar(select(func.count()).select_from(ApiKey)) or 0


async def create_api_key(session: AsyncSession, key: ApiKey) -> None:
    session.add(key)
    await session.flush()


async def list_api_keys(
    session: AsyncSession, *, limit: int, before: tuple[dt.datetime, UUID] | None = None
) -> Sequence[ApiKey]:
    """Return keys, the newest first; `before` is where the previous page ended."""
    place = tuple_(ApiKey.created_at, ApiKey.id)
    statement = select(ApiKey).order_by(place.desc()).limit(limit)
    if before:
        statement = statement.where(place < before)
    return (await session.scalars(statement)).all()


async def delete_api_key(session: AsyncSession, key_id: UUID) -> None:
    """Revoke a key. Raises `ApiKeyNotFoundError`."""
    statement = delete(ApiKey).where(ApiKey.id == key_id).returning(ApiKey.id)
    if await session.scalar(statement) is None:
        raise ApiKeyNotFoundError


async def use_api_key(session: AsyncSession, key_hash: bytes, *, now: dt.datetime) -> User | None:
    """Return whose key this is, in a service session, and note that it was used."""
    statement = select(User, ApiKey).join(ApiKey, ApiKey.user_id == User.id)
    row = (await session.execute(statement.where(ApiKey.key_hash == key_hash))).one_or_none()
    if row is None:
        return None
    user, key = row
    if key.last_used_at is None or key.last_used_at < now - USE_PRECISION:
        await session.execute(update(ApiKey).where(ApiKey.id == key.id).values(last_used_at=now))
    return user
