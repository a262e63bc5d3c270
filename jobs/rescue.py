"""Lets other workers go on where one has gone away."""

import asyncio
import logging
import random
from collections.abc import Mapping

from procrastinate import App
from procrastinate.exceptions import ConnectorException
from sqlalchemy.exc import SQLAlchemyError

from jobs.execution import Handler
from storage.database import Database
from storage.queue import defer_job, list_orphans, lock_rescue

logger = logging.getLogger(__name__)


async def keep_rescuing(
    app: App, database: Database, handlers: Mapping[str, Handler], *, stall_seconds: float
) -> None:
    """Look for tasks of lost workers, and for jobs without a task, until cancelled.

    It is no task itself: workers that are full of long jobs must still rescue.
    """
    while True:
        await asyncio.sleep(stall_seconds / 4 * random.uniform(0.8, 1.2))  # noqa: S311  # no secret
        try:
            await rescue(app, database, handlers, stall_seconds=stall_seconds)
        except (SQLAlchemyError, ConnectorException, OSError):
            logger.warning("lost workers could not be looked for; trying again", exc_info=True)


async def rescue(
    app: App, database: Database, handlers: Mapping[str, Handler], *, stall_seconds: float
) -> None:
    """Queue again what nobody works on. One worker at a time looks."""
    async with database.service_session() as session:
        if not await lock_rescue(session):
            return
        stalled = await app.job_manager.get_stalled_jobs(seconds_since_heartbeat=stall_seconds)
        for task in stalled:
            try:
                await app.job_manager.retry_job(task)
                logger.warning("task %s of a lost worker is tried again", task.id)
            except ConnectorException:  # it must not keep others from being saved
                logger.exception("task %s of a lost worker could not be queued again", task.id)
        for job in await list_orphans(session, handlers.keys()):
            logger.warning("job %s had no task; it is queued again", job.id)
            queue = handlers[job.kind].kind.queue
            await defer_job(session, job.id, queue=queue, turn=job.retries)
