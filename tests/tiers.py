"""Putting a user on another tier, as whoever runs the suite would."""

from uuid import UUID

from sqlalchemy import update

from storage.database import Database
from storage.models import Tier, User


async def put_on_tier(database: Database, user_id: UUID, tier: Tier) -> None:
    async with database.service_session() as session:
        await session.execute(update(User).where(User.id == user_id).values(tier=tier))
