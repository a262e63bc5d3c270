"""Follows the runs of other processes: their logs are read from the database as they grow."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Collection
from contextlib import suppress
from uuid import UUID
from weakref import WeakValueDictionary

from sqlalchemy.exc import SQLAlchemyError

from core.clock import Clock
from graph.events import RunLog
from storage.database import Database
from storage.models import Run, RunStatus
from storage.run_events import RunNews, read_news

logger = logging.getLogger(__name__)

# How often followed runs are looked at, whether or not a notification came.
POLL_SECONDS = 1


class LogFollower:
    """Copies of logs that somebody reads here and another process writes.

    A copy lives as long as it is read. Whether the reader may see the run was asked before.
    """

    def __init__(
        self, database: Database, clock: Clock, close_lost: Callable[[Run], Awaitable[None]]
    ) -> None:
        """Read from this database; `close_lost` closes a run whose process went away."""
        self._database = database
        self._clock = clock
        self._close_lost = close_lost
        self._logs: WeakValueDictionary[UUID, RunLog] = WeakValueDictionary()
        self._due: set[UUID] = set()
        self._news = asyncio.Event()

    async def follow(self, run_id: UUID) -> RunLog:
        """Return the run's log, as far as it is stored now; what follows comes by itself.

        A run whose events have expired has an empty log, which is closed.
        """
        log = self._logs.get(run_id)
        if log is None or log.is_closed:
            log = self._logs[run_id] = RunLog(run_id)
        await self._update([run_id])
        self._news.set()
        return log

    def notify(self, payload: str) -> None:
        """Take a notification: the ids of runs that have news, separated by commas."""
        self._due |= {run_id for run_id in map(UUID, payload.split(",")) if run_id in self._logs}
        if self._due:
            self._news.set()

    async def run(self) -> None:
        """Keep the copies up to date until cancelled."""
        next_look = 0.0
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(POLL_SECONDS if self._logs else None):
                    await self._news.wait()
            self._news.clear()
            due, self._due = self._due, set()
            if not due or time.monotonic() >= next_look:  # others may have news that nobody heard
                due = {log.run_id for log in self._logs.values() if not log.is_closed}
                next_look = time.monotonic() + POLL_SECONDS
            try:
                await self._update(due)
            except (SQLAlchemyError, OSError):
                logger.warning("runs could not be followed; trying again", exc_info=True)
                await asyncio.sleep(POLL_SECONDS)

    async def _update(self, run_ids: Collection[UUID]) -> None:
        """Read what is new of these runs."""
        logs = {run_id: log for run_id in run_ids if (log := self._logs.get(run_id)) is not None}
        if not logs:
            return
        positions = {run_id: len(log) for run_id, log in logs.items()}
        async with self._database.service_session() as session:
            news = {each.run.id: each for each in await read_news(session, positions)}
        for run_id, log in logs.items():
            await self._take(log, positions[run_id], news.get(run_id))

    async def _take(self, log: RunLog, position: int, news: RunNews | None) -> None:
        if news is None:  # the conversation was deleted
            log.close()
            return
        run = news.run
        log.resumed_at, log.lost_after = run.resumed_after, run.lost_after
        log.fill(position, news.chunks)
        if run.status != RunStatus.RUNNING:
            log.close()
        elif run.lease_until < self._clock():
            await self._close_lost(run)  # its end is news
