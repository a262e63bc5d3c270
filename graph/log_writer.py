"""Stores what this process's runs say, so that every other process can follow them."""

import asyncio
import logging
from collections.abc import Callable
from uuid import UUID

from sqlalchemy.exc import SQLAlchemyError

from graph.events import RunLog
from storage.database import Database
from storage.run_events import MAX_BATCHES, append_events

logger = logging.getLogger(__name__)

# How often new events are stored: readers elsewhere are this far behind, and 200 runs that speak
# cost ten statements a second together.
TICK_SECONDS = 0.1


class LogWriter:
    """Stores the new events of all logs together, one statement per tick."""

    def __init__(self, database: Database, owner: UUID, on_lost: Callable[[UUID], None]) -> None:
        """Write as this owner; `on_lost` is told of runs that belong to it no longer."""
        self._database = database
        self._owner = owner
        self._on_lost = on_lost
        self._logs: dict[UUID, RunLog] = {}

    def add(self, log: RunLog) -> None:
        """Store this log from now on, until it is sealed."""
        self._logs[log.run_id] = log

    def remove(self, log: RunLog) -> None:
        """Forget a log that has ended."""
        self._logs.pop(log.run_id, None)

    async def run(self) -> None:
        """Store until cancelled; while the database is away, events wait in memory."""
        while True:
            await asyncio.sleep(TICK_SECONDS)
            try:
                await self.flush()
            except (SQLAlchemyError, OSError):
                logger.warning("events could not be stored; trying again", exc_info=True)

    async def flush(self) -> None:
        """Store what is new."""
        batches = [
            log.unstored()
            for log in self._logs.values()
            if log.stored < len(log) and not log.is_sealed
        ]
        for start in range(0, len(batches), MAX_BATCHES):
            some = batches[start : start + MAX_BATCHES]
            async with self._database.service_session() as session:
                written = await append_events(session, self._owner, some)
            for batch in some:
                log = self._logs.get(batch.run_id)
                if log is None or log.is_sealed:
                    continue  # closed meanwhile, with these events
                if batch.run_id in written:
                    log.stored = batch.last_seq
                else:
                    self._on_lost(batch.run_id)
