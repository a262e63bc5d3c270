"""Turns for imports: they wait here, and not in a transaction, where each holds a connection."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID
from weakref import WeakValueDictionary

MAX_AT_ONCE = 2


class ImportTurns:
    """One import per user at a time, and few in all, so that imports never take the whole pool."""

    def __init__(self) -> None:
        self._places = asyncio.Semaphore(MAX_AT_ONCE)
        self._users: WeakValueDictionary[UUID, asyncio.Lock] = WeakValueDictionary()

    @asynccontextmanager
    async def turn(self, user_id: UUID) -> AsyncIterator[None]:
        """Wait for the user's turn, then for a place."""
        lock = self._users.setdefault(user_id, asyncio.Lock())
        async with lock, self._places:
            yield
