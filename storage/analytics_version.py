"""The version of all that analytics reads of a user: another one after each change."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from storage.models import AnalyticsVersion


async def find_analytics_version(session: AsyncSession) -> UUID | None:
    """Return the version of the session's user; None when they have never had any data.

    Read it before the data: then an answer may be newer than its version, never older.
    """
    return await session.scalar(select(AnalyticsVersion.version))
