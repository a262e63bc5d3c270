"""The database pool, and sessions that are opened for somebody."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine

from storage.migrations.security import APP_ROLE, SERVICE_ROLE

# One statement opens a transaction for somebody; both settings end with the transaction.
_OPEN_SESSION = text(
    "SELECT set_config('role', :role, true), set_config('app.user_id', :user_id, true)"
)


class Database:
    """A pool of connections; hands out one transaction at a time, under one identity."""

    def __init__(self, url: str, *, pool_size: int = 10) -> None:
        """Take an SQLAlchemy URL of the login role; nothing connects until the first session."""
        self.url = url
        self.engine = create_async_engine(
            url,
            pool_size=pool_size,
            max_overflow=0,
            pool_pre_ping=True,
            pool_timeout=30,
            hide_parameters=True,  # they would be in logs
        )
        self._sessions = async_sessionmaker(self.engine, expire_on_commit=False)

    @asynccontextmanager
    async def user_session(self, user_id: UUID) -> AsyncIterator[AsyncSession]:
        """Open a transaction that sees and changes this user's rows only; commit at the end."""
        async with self._sessions.begin() as session:
            await session.execute(_OPEN_SESSION, {"role": APP_ROLE, "user_id": str(user_id)})
            yield session

    @asynccontextmanager
    async def service_session(self) -> AsyncIterator[AsyncSession]:
        """Open a transaction over all users' rows: for authentication, jobs and admin only."""
        async with self._sessions.begin() as session:
            await session.execute(_OPEN_SESSION, {"role": SERVICE_ROLE, "user_id": ""})
            yield session

    async def close(self) -> None:
        """Close every connection."""
        await self.engine.dispose()
