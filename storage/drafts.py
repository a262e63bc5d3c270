"""Queries over drafts: posts that are written and not published."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from storage.models import Draft


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
