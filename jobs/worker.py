"""A worker: does the tasks of its queues, outlives outages of the database, stops gracefully."""

import asyncio
import logging
import os
import socket
from collections.abc import AsyncIterator, Collection, Mapping
from contextlib import asynccontextmanager
from uuid import UUID

from procrastinate import App, PsycopgConnector
from procrastinate.exceptions import ConnectorException
from sqlalchemy import make_url

from graph.resources import Resources
from jobs.engines import keep_watching
from jobs.execution import Handler
from jobs.mail import register_mail_tasks
from jobs.rescue import keep_rescuing
from jobs.tasks import WorkContext, register_tasks
from storage.jobs import CANCELS_CHANNEL
from storage.listener import listening
from storage.migrations.security import SERVICE_ROLE
from storage.queue import HOUSEKEEPING, QUEUES

logger = logging.getLogger(__name__)

HEARTBEAT_SECONDS = 10
POLL_SECONDS = 2
RESTART_SECONDS = (0.5, 2, 5)
# A worker that went on for so long was well.
WELL_SECONDS = 60


async def run_worker(
    resources: Resources, handlers: Mapping[str, Handler], queues: Collection[str] = QUEUES
) -> None:
    """Work until cancelled; running jobs may then go on for STOP_SECONDS, and are queued anew."""
    name = f"{socket.gethostname()}:{os.getpid()}"
    work = WorkContext(resources=resources, handlers=handlers, worker=name)

    def cancel(payload: str) -> None:
        work.cancel(UUID(payload))

    async with listening(resources.database.url, {CANCELS_CHANNEL: cancel}):
        await _keep_working(work, [*queues, HOUSEKEEPING])


@asynccontextmanager
async def working(
    resources: Resources, handlers: Mapping[str, Handler], queues: Collection[str] = QUEUES
) -> AsyncIterator[None]:
    """Work in this process for the length of the block."""
    worker = asyncio.create_task(run_worker(resources, handlers, queues), name="worker")
    try:
        yield
    finally:
        worker.cancel()
        await asyncio.wait([worker])


async def _keep_working(work: WorkContext, queues: list[str]) -> None:
    """Start procrastinate's worker again whenever it ends: an outage of the database ends it."""
    loop = asyncio.get_running_loop()
    failures = 0
    while True:
        started = loop.time()
        try:
            await _work(work, queues)
            logger.warning("the worker ended; it is started again")
        except (ConnectorException, OSError) as error:
            logger.warning("the worker lost its database; it is started again: %s", error)
        failures = 0 if loop.time() - started > WELL_SECONDS else failures + 1
        await asyncio.sleep(RESTART_SECONDS[min(failures, len(RESTART_SECONDS)) - 1])


async def _work(work: WorkContext, queues: list[str]) -> None:
    database, settings = work.resources.database, work.resources.settings
    stall_seconds = settings.job_stall_seconds
    app = build_app(database.url)
    async with app.open_async():
        keepers = [
            asyncio.create_task(each)
            for each in (
                keep_rescuing(app, database, work.handlers, stall_seconds=stall_seconds),
                keep_watching(work.resources, work.handlers),
            )
        ]
        try:
            await app.run_worker_async(
                name=work.worker,
                queues=queues,
                concurrency=settings.job_concurrency,
                additional_context={"work": work},
                install_signal_handlers=False,
                shutdown_graceful_timeout=settings.stop_seconds,
                update_heartbeat_interval=min(HEARTBEAT_SECONDS, stall_seconds / 4),
                stalled_worker_timeout=stall_seconds,
                fetch_job_polling_interval=POLL_SECONDS,
            )
        finally:
            for keeper in keepers:
                keeper.cancel()
            await asyncio.wait(keepers)


def build_app(url: str) -> App:
    """Return the queue's side of a worker, which knows all tasks; open it before use."""
    conninfo = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    app = App(
        connector=PsycopgConnector(
            conninfo=conninfo, min_size=1, max_size=4, kwargs={"options": f"-c role={SERVICE_ROLE}"}
        )
    )
    register_tasks(app)
    register_mail_tasks(app)
    return app
