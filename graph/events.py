"""The events of a run: an append-only log, read by any number of readers.

Events are the chunks of the AI SDK's UI message stream, version 1
(https://ai-sdk.dev/docs/ai-sdk-ui/stream-protocol), with consecutive numbers. A log never waits
for a reader, and readers come and go.
"""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import orjson


@dataclass(frozen=True, slots=True)
class Event:
    """One chunk of a run; `seq` counts from 1 without gaps, `data` is the chunk's JSON."""

    seq: int
    type: str
    data: bytes


class RunLog:
    """The events of one run, in order; kept in memory for readers that come late.

    A run that pauses closes its log and opens it again: `resumed_at` is the last event before.
    """

    def __init__(self, run_id: UUID) -> None:
        """Open an empty log."""
        self.run_id = run_id
        self.is_closed = False
        self.resumed_at = 0
        self._events: list[Event] = []
        self._news = asyncio.Event()

    @property
    def key(self) -> str:
        """The run's part of an event id: the random end of its UUIDv7."""
        return self.run_id.hex[-8:]

    def __len__(self) -> int:
        """Return the number of events so far, which is the last event's `seq`."""
        return len(self._events)

    def append(self, chunk: dict[str, Any]) -> None:
        """Add a chunk and wake the readers."""
        # Copied: orjson's own result keeps the kilobytes of its buffer alive.
        data = bytes(memoryview(orjson.dumps(chunk)))
        self._events.append(Event(len(self) + 1, str(chunk["type"]), data))
        self._news.set()

    def close(self) -> None:
        """Add nothing more, and let the readers end."""
        self.is_closed = True
        self._news.set()

    def reopen(self) -> None:
        """Let the run go on."""
        self.resumed_at = len(self)
        self.is_closed = False

    async def read(self, after: int = 0) -> AsyncIterator[Event]:
        """Yield the events behind `after` as they come, until the log is closed."""
        position = after
        while True:
            while position < len(self):
                position += 1
                yield self._events[position - 1]
            if self.is_closed:
                return
            self._news.clear()
            await self._news.wait()
