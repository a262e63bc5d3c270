"""Who listens in this process to what changes for a user."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from uuid import UUID

from storage.changes import Change, parse_change

# Who is this far behind has to read everything anew.
MAX_PENDING = 1000


class Subscription:
    """The changes that somebody has not heard yet; the same change twice is one."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self.is_behind = False
        self._pending: dict[Change, None] = {}
        self._news = asyncio.Event()
        self._is_closed = False

    def add(self, change: Change) -> None:
        """Take a change."""
        if len(self._pending) >= MAX_PENDING:
            self.is_behind = True
        else:
            self._pending[change] = None
        self._news.set()

    def close(self) -> None:
        """End it."""
        self._is_closed = True
        self._news.set()

    async def read(self, *, pause_seconds: float) -> AsyncIterator[Change | None]:
        """Yield changes as they come, and null when there was none for so long."""
        while not self._is_closed and not self.is_behind:
            if not self._pending:
                self._news.clear()
                try:
                    async with asyncio.timeout(pause_seconds):
                        await self._news.wait()
                except TimeoutError:
                    yield None
                continue
            change = next(iter(self._pending))
            del self._pending[change]
            yield change


class Changes:
    """Passes what the database tells on to those who listen here."""

    def __init__(self) -> None:
        """Begin with nobody."""
        self._subscriptions: defaultdict[UUID, set[Subscription]] = defaultdict(set)

    def hear(self, payload: str) -> None:
        """Take a notification of `CHANGES_CHANNEL`."""
        change = parse_change(payload)
        for subscription in self._subscriptions.get(change.user_id, ()):
            subscription.add(change)

    @contextmanager
    def subscribe(self, user_id: UUID) -> Iterator[Subscription]:
        """Listen to a user's changes for the length of the block."""
        subscription = Subscription()
        self._subscriptions[user_id].add(subscription)
        try:
            yield subscription
        finally:
            self._subscriptions[user_id].discard(subscription)
            if not self._subscriptions[user_id]:
                del self._subscriptions[user_id]

    def close(self) -> None:
        """Let everybody go: the process ends."""
        for subscriptions in self._subscriptions.values():
            for subscription in subscriptions:
                subscription.close()
