"""Jobs that an answer shows: told in it again whenever they come further, while it is open."""

import asyncio
import logging
from collections.abc import Callable
from typing import Any
from uuid import UUID

from sqlalchemy.exc import SQLAlchemyError

from core.tasks import end_tasks
from domain.job_parts import read_job_states
from graph.changes import Changes
from storage.database import Database
from storage.jobs import OPEN

logger = logging.getLogger(__name__)

# How often to look without having been told, should the database's word get lost.
LOOK_SECONDS = 5.0


class JobWatch:
    """Follows the jobs of one run, and tells each change; `end` it before the run is closed."""

    def __init__(
        self,
        database: Database,
        changes: Changes,
        user_id: UUID,
        tell: Callable[[dict[str, Any]], None],
    ) -> None:
        """Take whose jobs they are, and what takes a job as it is to be shown."""
        self._database = database
        self._changes = changes
        self._user_id = user_id
        self._tell = tell
        self._shown: dict[str, dict[str, Any]] = {}
        self._task: asyncio.Task[None] | None = None

    def show(self, *jobs: dict[str, Any]) -> None:
        """Follow jobs that the answer shows like this, as long as they are open."""
        self._shown |= {job["job_id"]: job for job in jobs}
        if jobs and (self._task is None or self._task.done()):
            self._task = asyncio.create_task(self._follow(), name=f"jobs of {self._user_id}")

    async def end(self) -> None:
        """Tell nothing more."""
        if self._task:
            await end_tasks([self._task])

    async def _follow(self) -> None:
        with self._changes.subscribe(self._user_id) as subscription:
            changes = subscription.read(pause_seconds=LOOK_SECONDS)
            await self._look()
            while self._open():
                try:
                    change = await anext(changes)
                except StopAsyncIteration:  # the process ends
                    return
                if change is None or change.kind == "job":
                    await self._look()

    def _open(self) -> list[str]:
        return [name for name, job in self._shown.items() if job["status"] in OPEN]

    async def _look(self) -> None:
        try:
            async with self._database.user_session(self._user_id) as session:
                states = await read_job_states(session, self._open())
        except (SQLAlchemyError, OSError):
            logger.warning("the jobs of an answer could not be read", exc_info=True)
            return
        for name, state in states.items():
            job = self._shown[name] | state
            if job != self._shown[name]:
                self._shown[name] = job
                self._tell(job)
