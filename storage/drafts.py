"""Queries over drafts: posts that are written and not published."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from storage.models import Draft

DRAFTS_LOCK = 0x0D12_AF75  # any number that every release agrees on


async def lock_drafts(session: AsyncSession, user_id: UUID) -> None:
    """Wait until nobody else saves drafts for this user, and keep them out to the commit."""
    # Two users with the same key only wait for each other.
    key = user_id.int % 2**31
    await session.execute(select(func.pg_advisory_xact_lock(DRAFTS_LOCK, key)))


async def list_drafts(session: AsyncSession, *, limit: int) -> Sequence[Draft]:
    """Return the drafts of the session's user, the last changed first."""
    statement = select(Draft).order_by(Draft.updated_at.desc(), Draft.id.desc()).limit(limit)
    return (await session.scalars(statement)).all()


async def count_drafts(session: AsyncSession) -> int:
    """Return how many drafts the session's user has."""
    return await session.scalar(select(func.count()).select_from(Draft)) or 0


async def find_draft(session: AsyncSession, draft_id: UUID) -> Draft | None:
    """Return the draft with this id."""
    return await session.get(Draft, draft_id)
