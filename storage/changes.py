"""What the database tells every process when a user's rows change: see migration 0008."""

from dataclasses import dataclass
from uuid import UUID

CHANGES_CHANNEL = "changes"


@dataclass(frozen=True, slots=True)
class Change:
    """A thing of a user that is new, different or gone; read it to know."""

    user_id: UUID
    kind: str
    id: UUID


def parse_change(payload: str) -> Change:
    """Return what a notification tells."""
    user_id, kind, name = payload.split()
    return Change(UUID(user_id), kind, UUID(name))
