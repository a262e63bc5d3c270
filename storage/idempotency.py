"""Queries over idempotency keys."""

import datetime as dt
import hashlib
from uuid import UUID

from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from storage.models import IdempotencyKey


async def lock_key(session: AsyncSession, user_id: UUID, route: str, key: str) -> bool:
    """Keep others from this key to the end of the transaction; False if somebody else does."""
    digest = hashlib.sha256(f"{user_id} {route} {key}".encode()).digest()
    lock = int.from_bytes(digest[:8], signed=True)
    return bool(await session.scalar(select(func.pg_try_advisory_xact_lock(lock))))


async def find_key(
    session: AsyncSession, route: str, key: str, *, since: dt.datetime
) -> IdempotencyKey | None:
    """Return what the session's user was answered since then."""
    return await session.scalar(
        select(IdempotencyKey).where(
            IdempotencyKey.route == route,
            IdempotencyKey.key == key,
            IdempotencyKey.created_at > since,
        )
    )


async def write_key(
    session: AsyncSession,
    user_id: UUID,
    route: str,
    key: str,
    *,
    body_hash: bytes,
    status: int,
    answer: bytes,
    now: dt.datetime,
) -> None:
    """Remember what was answered; it takes the place of one that has expired."""
    told = {"body_hash": body_hash, "status": status, "answer": answer, "created_at": now}
    await session.execute(
        insert(IdempotencyKey)
        .values(user_id=user_id, route=route, key=key, **told)
        .on_conflict_do_update(index_elements=["user_id", "route", "key"], set_=told)
    )


async def delete_keys(session: AsyncSession, before: dt.datetime) -> None:
    """Forget the answers before this moment, in a service session."""
    await session.execute(delete(IdempotencyKey).where(IdempotencyKey.created_at <= before))
