"""Queries over posts: what a creator published."""

from collections.abc import Collection, Sequence
from uuid import UUID

from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncSession

from storage.models import ContentPost


async def create_posts(session: AsyncSession, posts: Sequence[ContentPost]) -> None:
    """Store new posts."""
    session.add_all(posts)
    await session.flush()


async def delete_posts(session: AsyncSession, connection_ids: Collection[UUID]) -> None:
    """Delete every post of these accounts."""
    await session.execute(delete(ContentPost).where(ContentPost.connection_id.in_(connection_ids)))
