"""Putting a user on another tier, as whoever runs the suite would."""

from uuid import UUID

from storage.database import Database
from storage.models import Tier
from storage.users import set_tier


async def put_on_tier(database: Database, user_id: UUID, tier: Tier) -> None:
    async with database.service_session() as session:
        await set_tier(session, user_id, tier)
