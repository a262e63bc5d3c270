"""The background tasks that workers find in the queue. Each may run twice, also at once."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from uuid import UUID

from procrastinate import App, JobContext, RetryStrategy
from procrastinate.exceptions import ConnectorException
from sqlalchemy.exc import SQLAlchemyError

from graph.resources import Resources
from jobs.delivery import deliver
from jobs.engines import hand_over
from jobs.execution import Handler, execute
from jobs.insights import INSIGHTS
from jobs.pruning import prune_rows
from jobs.schedules import queue_mornings
from storage.jobs import has_turn
from storage.queue import DELIVER, HOUSEKEEPING, RUN_JOB

NIGHTLY = "17 3 * * *"
EVERY_FIVE_MINUTES = "*/5 * * * *"
KEPT_HOURS = 24 * 7
# 2, 4, 8 … seconds, for a quarter of an hour; a job without a task is found by `rescue`.
UNTIL_THE_DATABASE_IS_BACK = RetryStrategy(
    max_attempts=9,
    exponential_wait=2,
    retry_exceptions=[SQLAlchemyError, ConnectorException, OSError],
)


@dataclass(frozen=True, kw_only=True)
class WorkContext:
    """What the tasks of a worker share; `running` are its attempts, by the job's id."""

    resources: Resources
    handlers: Mapping[str, Handler]
    worker: str
    running: dict[UUID, asyncio.Task[None]] = field(default_factory=dict)

    def cancel(self, job_id: UUID) -> None:
        """End the attempt at a job, if it is made here."""
        if attempt := self.running.get(job_id):
            attempt.cancel()


def register_tasks(app: App) -> None:
    """Give the app the bodies of the tasks.

    A worker without a periodic task would not notice that it has lost the database.
    """
    app.task(name=RUN_JOB, pass_context=True)(run_job)
    app.task(name=DELIVER, pass_context=True, retry=UNTIL_THE_DATABASE_IS_BACK)(deliver_job)
    nightly = app.task(name="prune", queue=HOUSEKEEPING, pass_context=True)(prune)
    app.periodic(cron=NIGHTLY)(nightly)
    often = app.task(name="queue_insights", queue=HOUSEKEEPING, pass_context=True)(queue_insights)
    app.periodic(cron=EVERY_FIVE_MINUTES)(often)


async def run_job(context: JobContext, job_id: str, turn: int | None = None) -> None:
    """Do a job of a user, unless it was asked for again since: that has a task of its own."""
    work: WorkContext = context.additional_context["work"]
    name = UUID(job_id)
    if turn is not None:  # tasks of earlier releases have none
        async with work.resources.database.service_session() as session:
            if not await has_turn(session, name, turn):
                return
    attempt = asyncio.create_task(_do(work, name))
    work.running[name] = attempt
    try:
        await asyncio.wait([attempt])
    finally:  # cancelled itself when the worker stops: the job goes back into the queue
        attempt.cancel()
        await asyncio.wait([attempt])
        if work.running.get(name) is attempt:
            del work.running[name]
    if not attempt.cancelled():  # by its user, which is no failure
        attempt.result()


async def _do(work: WorkContext, job_id: UUID) -> None:
    """Do a job here, unless an outside engine does its kind."""
    resources, handlers = work.resources, work.handlers
    async with resources.database.service_session() as session:
        has_engine = await hand_over(
            session, job_id, handlers, resources.settings, resources.clock()
        )
    if not has_engine:
        await execute(resources, handlers, job_id, work.worker)


async def deliver_job(context: JobContext, delivery_id: str) -> None:
    """Send a job to its outside engine."""
    work: WorkContext = context.additional_context["work"]
    await deliver(work.resources, work.handlers, UUID(delivery_id))


async def queue_insights(context: JobContext, timestamp: int) -> None:  # noqa: ARG001  # procrastinate's
    """Ask for the insights of each user whose morning has come."""
    work: WorkContext = context.additional_context["work"]
    if work.resources.settings.insights_schedule:
        await queue_mornings(work.resources, INSIGHTS)


async def prune(context: JobContext, timestamp: int) -> None:  # noqa: ARG001  # procrastinate's
    """Forget tasks that ended long ago, and what else nobody needs any more."""
    work: WorkContext = context.additional_context["work"]
    await prune_rows(work.resources)
    await context.app.job_manager.delete_old_jobs(
        nb_hours=KEPT_HOURS, include_failed=True, include_cancelled=True, include_aborted=True
    )
