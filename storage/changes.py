"""Tells every process what has changed for a user: only whose, what kind of thing, and which."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

CHANGES_CHANNEL = "changes"


@dataclass(frozen=True, slots=True)
class Change:
    """A thing of a user that is new, different or gone; read it to know."""

    user_id: UUID
    kind: str
    id: UUID


async def tell_change(session: AsyncSession, change: Change) -> None:
    """Tell it when the transaction commits."""
    payload = f"{change.user_id} {change.kind} {change.id}"
    await session.execute(select(func.pg_notify(CHANGES_CHANNEL, payload)))


def parse_change(payload: str) -> Change:
    """Return what a notification tells."""
    user_id, kind, name = payload.split()
    return Change(UUID(user_id), kind, UUID(name))
