"""The queue of background tasks: procrastinate, in the same database and the same transactions.

Tasks are put into it here, by name; `jobs/tasks.py` has their bodies.
"""

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from uuid import UUID

from procrastinate import App, PsycopgConnector
from procrastinate.jobs import JobDeferrer
from procrastinate.types import JSONDict
from sqlalchemy import (
    Exists,
    SQLColumnExpression,
    Text,
    cast,
    column,
    delete,
    exists,
    func,
    select,
    table,
    text,
    tuple_,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from storage.jobs import OPEN
from storage.models import Job

RUN_JOB = "run_job"
SEND_MAIL = "send_mail"
DELIVER = "deliver"
DELIVERIES = "deliveries"
# Each may have workers of its own.
QUEUES = ("plans", "insights", "mail", DELIVERIES, "default")
# What somebody asked for comes first; what the suite does by itself has time. In between are jobs
# of those who have asked for others before: each of these puts a job one step back.
ASKED, UNASKED = 0, -10
_PRIORITIES = {"insights": UNASKED}
# What every worker does besides the queues it is for.
HOUSEKEEPING = "housekeeping"
_RESCUE_LOCK = 7_301_001  # any number of our own

# Only puts tasks into the queue, over the connection of a session; it never connects by itself.
_app = App(connector=PsycopgConnector())

# A task waits from when it was due, or from when it was last put into the queue. Mails may wait,
# and so may what nobody asked for, and what its user has asked for besides: they are no reason to
# turn creators away.
_READ_QUEUE = text(
    """
    SELECT
        (
            SELECT extract(epoch FROM now() - max(last_heartbeat)) FROM procrastinate_workers
        ) AS silence,
        (
            SELECT count(*) FROM procrastinate_workers
            WHERE last_heartbeat > now() - make_interval(secs => :stall_seconds)
        ) AS workers,
        extract(epoch FROM now() - least(
            (
                SELECT min(scheduled_at) FROM procrastinate_jobs
                WHERE status = 'todo' AND scheduled_at <= now()
                AND queue_name <> 'mail' AND priority >= 0
            ),
            (
                SELECT max(at) FROM procrastinate_events WHERE job_id = (
                    SELECT id FROM procrastinate_jobs
                    WHERE status = 'todo' AND scheduled_at IS NULL
                    AND queue_name <> 'mail' AND priority >= 0
                    ORDER BY id LIMIT 1
                )
            )
        )) AS wait
    """
)
# As the index on such tasks has it: those that have ended are kept for a week.
_IS_OPEN = text("procrastinate_jobs.status IN ('todo', 'doing')")
_TASKS = table("procrastinate_jobs", column("task_name"), column("status"), column("args", JSONB))


@dataclass(frozen=True, kw_only=True)
class QueueState:
    """How many workers are alive, how long ago one gave a sign of life, how long tasks wait.

    `silence` is null when there is no worker at all; `wait` is that of the oldest due task that
    somebody asked for first of all.
    """

    workers: int
    silence: dt.timedelta | None
    wait: dt.timedelta


async def read_queue(session: AsyncSession, *, stall_seconds: float) -> QueueState:
    """Return how the queue stands, in a service session."""
    row = (await session.execute(_READ_QUEUE, {"stall_seconds": stall_seconds})).one()
    return QueueState(
        workers=row.workers,
        silence=None if row.silence is None else dt.timedelta(seconds=float(row.silence)),
        wait=dt.timedelta(seconds=float(row.wait or 0)),
    )


async def defer_job(
    session: AsyncSession,
    job_id: UUID,
    *,
    queue: str,
    turn: int | None = None,
    due: dt.datetime | None = None,
    priority: int | None = None,
) -> None:
    """Let a worker do this job, at once or when it is due, if the transaction commits.

    `turn` is how often it was asked for again: once it is asked for again, the task is void. Its
    priority is that of its queue, or its place among its user's jobs, unless another is given.
    """
    if priority is None:
        priority = _PRIORITIES.get(queue) or -await _count_before(session, job_id)
    task = await _configure(session, RUN_JOB, queue=queue, due=due, priority=priority)
    await task.defer_async(job_id=str(job_id), turn=turn)


async def defer_jobs(session: AsyncSession, job_ids: Sequence[UUID], *, queue: str) -> None:
    """Let workers do these new jobs, if the transaction commits; one statement for all."""
    if job_ids:
        priority = _PRIORITIES.get(queue, ASKED)
        task = await _configure(session, RUN_JOB, queue=queue, priority=priority)
        arguments: list[JSONDict] = [{"job_id": str(job_id), "turn": 0} for job_id in job_ids]
        await task.batch_defer_async(*arguments)


async def defer_mail(
    session: AsyncSession,
    mail_id: UUID,
    *,
    due: dt.datetime | None = None,
    priority: int = UNASKED,
) -> None:
    """Let a worker send this mail, at once or when it is due, if the transaction commits."""
    task = await _configure(session, SEND_MAIL, queue="mail", due=due, priority=priority)
    await task.defer_async(mail_id=str(mail_id))


async def defer_delivery(
    session: AsyncSession, delivery_id: UUID, job_id: UUID, *, due: dt.datetime | None = None
) -> None:
    """Let a worker send this delivery of a job as `defer_job` lets it do the job."""
    priority = -await _count_before(session, job_id)
    task = await _configure(session, DELIVER, queue=DELIVERIES, due=due, priority=priority)
    await task.defer_async(delivery_id=str(delivery_id))


async def lock_rescue(session: AsyncSession) -> bool:
    """Take the turn to look for lost workers until the transaction ends; False if it is taken."""
    return bool(await session.scalar(select(func.pg_try_advisory_xact_lock(_RESCUE_LOCK))))


async def list_orphans(session: AsyncSession, kinds: Collection[str]) -> Sequence[Job]:
    """Return open jobs of these kinds that no task is about; jobs and tasks are made together.

    Those that an outside engine has are none: it answers, or is found silent.
    """
    is_open = Job.status.in_(OPEN) & Job.kind.in_(kinds) & Job.answer_due_at.is_(None)
    found = await session.scalars(select(Job).where(is_open, ~has_task(RUN_JOB, job_id=Job.id)))
    return found.all()


def has_task(name: str, **argument: SQLColumnExpression[UUID]) -> Exists:
    """Whether a task of this name waits or is worked on whose one argument is this column."""
    [(key, value)] = argument.items()
    return exists().where(
        _TASKS.c.task_name == name, _IS_OPEN, _TASKS.c.args[key].astext == cast(value, Text)
    )


async def delete_tasks(session: AsyncSession, user_id: UUID) -> None:
    """Forget the tasks about a user's jobs, in a service session; the rest end by themselves."""
    job_ids = select(cast(Job.id, Text)).where(Job.user_id == user_id)
    await session.execute(
        delete(_TASKS).where(
            _TASKS.c.task_name == RUN_JOB,
            cast(_TASKS.c.status, Text) != "doing",
            _TASKS.c.args["job_id"].astext.in_(job_ids),
        )
    )


async def _count_before(session: AsyncSession, job_id: UUID) -> int:
    """Return how many jobs that are still open its user had asked for before this one, if few."""
    this, other = aliased(Job), aliased(Job)
    before = (
        select(other.id)
        .join(this, this.user_id == other.user_id)
        .where(
            this.id == job_id,
            other.status.in_(OPEN),
            other.batch_id.is_(None),
            tuple_(other.created_at, other.id) < tuple_(this.created_at, this.id),
        )
        .limit(ASKED - UNASKED - 1)
    )
    return await session.scalar(select(func.count()).select_from(before.subquery())) or 0


async def _configure(
    session: AsyncSession,
    name: str,
    *,
    queue: str,
    due: dt.datetime | None = None,
    priority: int,
) -> JobDeferrer:
    connection = (await (await session.connection()).get_raw_connection()).driver_connection
    return _app.configure_task(
        name, queue=queue, schedule_at=due, priority=priority, connection=connection
    )
