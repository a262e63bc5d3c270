"""The events of a run: an append-only log, read by any number of readers.

Events are the chunks of the AI SDK's UI message stream, version 1
(https://ai-sdk.dev/docs/ai-sdk-ui/stream-protocol), with consecutive numbers. A log never waits
for a reader, and readers come and go. The process that answers writes the log (`log_writer`);
others fill a copy of it from the database (`log_follower`).
"""

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import orjson

from storage.run_events import Batch

# Ends the ids of the events that told that a run was lost: see `RunLog.id_of`.
LOST_MARK = ".lost"


@dataclass(frozen=True, slots=True)
class Event:
    """One chunk of a run; `seq` counts from 1 without gaps, `data` is the chunk's JSON."""

    seq: int
    type: str
    data: bytes


class RunLog:
    """The events of one run, in order; kept in memory for readers that come late.

    A run that pauses closes its log and opens it again: `resumed_at` is the last event before.
    `stored` counts the events that the database has; `is_sealed` tells that the transaction
    which closes the run stores the rest. `lost_after` is the last event of a run whose process
    went away; what follows was written by another.
    """

    def __init__(self, run_id: UUID) -> None:
        """Open an empty log."""
        self.run_id = run_id
        self.is_closed = False
        self.is_sealed = False
        self.stored = 0
        self.resumed_at = 0
        self.lost_after: int | None = None
        self._events: list[Event] = []
        self._news = asyncio.Event()

    @property
    def key(self) -> str:
        """The run's part of an event id: the random end of its UUIDv7."""
        return key_of(self.run_id)

    def __len__(self) -> int:
        """Return the number of events so far, which is the last event's `seq`."""
        return len(self._events)

    def append(self, chunk: Mapping[str, Any]) -> None:
        """Add a chunk and wake the readers."""
        self._append(str(chunk["type"]), _encode(chunk))

    def fill(self, after: int, chunks: Iterable[bytes]) -> None:
        """Add stored chunks behind an event; those that are here already are left out."""
        for seq, data in enumerate(chunks, after + 1):
            if seq > len(self):
                self._append(orjson.loads(data)["type"], data)
        self.stored = len(self)

    def unstored(self) -> Batch:
        """Return the events that the database does not have."""
        chunks = [event.data for event in self._events[self.stored :]]
        return Batch(run_id=self.run_id, first_seq=self.stored + 1, chunks=chunks)

    def seal(self, ending: Iterable[Mapping[str, Any]]) -> Batch:
        """Return all that is to be stored with these chunks as the end, which is not told yet."""
        self.is_sealed = True
        batch = self.unstored()
        return Batch(
            run_id=batch.run_id,
            first_seq=batch.first_seq,
            chunks=[*batch.chunks, *(_encode(chunk) for chunk in ending)],
        )

    def close(self) -> None:
        """Add nothing more, and let the readers end."""
        self.is_closed = True
        self._news.set()

    def reopen(self) -> None:
        """Let the run go on."""
        self.resumed_at = len(self)
        self.is_closed = self.is_sealed = False

    def id_of(self, event: Event) -> str:
        """Return an event's id, with which a reader comes back: `<key of the run>:<seq>`.

        A lost run may have told its readers more than was stored, under the numbers that now
        belong to its ending. The ids of the ending are therefore marked.
        """
        is_ending = self.lost_after is not None and event.seq > self.lost_after
        return f"{self.key}:{event.seq}{LOST_MARK if is_ending else ''}"

    def position_of(self, event_id: str) -> int:
        """Return behind which event a reader goes on whose last one was this."""
        number = event_id.partition(":")[2].removesuffix(LOST_MARK)
        position = int(number) if number.isascii() and number.isdigit() else 0
        if self.lost_after is None or event_id.endswith(LOST_MARK):
            return position
        return min(position, self.lost_after)

    async def wait_closed(self) -> None:
        """Return when nothing more will be added."""
        async for _ in self.read(len(self)):
            pass

    async def read(self, after: int = 0) -> AsyncIterator[Event]:
        """Yield the events behind `after` as they come, until the log is closed."""
        position, was_lost = after, self.lost_after is not None
        while True:
            if self.lost_after is not None and not was_lost:
                position, was_lost = min(position, self.lost_after), True
            while position < len(self):
                position += 1
                yield self._events[position - 1]
            if self.is_closed:
                return
            self._news.clear()
            await self._news.wait()

    def _append(self, kind: str, data: bytes) -> None:
        self._events.append(Event(len(self) + 1, kind, data))
        self._news.set()


def key_of(run_id: UUID) -> str:
    """Return the eight characters by which event ids name a run."""
    return run_id.hex[-8:]


def _encode(chunk: Mapping[str, Any]) -> bytes:
    # Copied: orjson's own result keeps the kilobytes of its buffer alive.
    return bytes(memoryview(orjson.dumps(chunk)))
