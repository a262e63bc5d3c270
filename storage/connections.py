"""Queries over platform connections: the accounts of a creator."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from storage.models import PlatformConnection


async def list_connections(session: AsyncSession) -> Sequence[PlatformConnection]:
    """Return every account of the session's user, oldest first."""
    statement = select(PlatformConnection).order_by(
        PlatformConnection.connected_at, PlatformConnection.id
    )
    return (await session.scalars(statement)).all()


async def create_connections(
    session: AsyncSession, connections: Sequence[PlatformConnection]
) -> None:
    """Store new accounts."""
    session.add_all(connections)
    await session.flush()
