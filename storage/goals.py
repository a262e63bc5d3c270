"""Queries over goals."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from storage.models import Goal


async def list_goals(session: AsyncSession) -> Sequence[Goal]:
    """Return every goal of the session's user, oldest first."""
    return (await session.scalars(select(Goal).order_by(Goal.created_at, Goal.id))).all()


async def create_goals(session: AsyncSession, goals: Sequence[Goal]) -> None:
    """Store new goals."""
    session.add_all(goals)
    await session.flush()
