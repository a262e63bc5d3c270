"""What a night forgets on a real database, and what it leaves."""

import datetime as dt
from collections.abc import AsyncIterator
from uuid import UUID

import pytest
from sqlalchemy import select, text

from core.clock import utc_now
from core.settings import Settings
from graph.suite import Suite, open_suite
from jobs import pruning
from jobs.handlers import HANDLERS
from jobs.pruning import prune_rows
from jobs.worker import working
from storage.checkpoints import TABLES
from storage.models import (
    Base,
    ChatMessage,
    Conversation,
    Job,
    JobAttempt,
    JobStatus,
    PlanVersion,
    Run,
    RunStatus,
    User,
    UserSession,
    WebhookDelivery,
    new_id,
)
from storage.queue import HOUSEKEEPING
from tests.e2e.waiting import eventually

NOW = utc_now()


@pytest.fixture
async def suite(settings: Settings, database_url: str) -> AsyncIterator[Suite]:
    async with open_suite(settings, database_url, clock=lambda: NOW) as suite:
        yield suite


async def add(suite: Suite, *rows: Base) -> None:
    """Store rows, each behind those before it."""
    async with suite.database.service_session() as session:
        for row in rows:
            session.add(row)
            await session.flush()


async def names(suite: Suite, query: str) -> set[str]:
    async with suite.database.service_session() as session:
        return set((await session.execute(text(query))).scalars())


def job(user: User, status: JobStatus, *, days: int | None) -> Job:
    """Return a job that ended so many days ago; its kind tells tests apart."""
    ended = None if days is None else NOW - dt.timedelta(days=days)
    made = NOW - dt.timedelta(days=days or 365)
    return Job(
        id=new_id(), user_id=user.id, kind=f"{status} {days}", status=status, input={},
        attempt_limit=1, attempts=1, created_at=made, completed_at=ended,
    )  # fmt: skip


def attempt(job: Job) -> JobAttempt:
    return JobAttempt(job_id=job.id, number=1, user_id=job.user_id, worker="w")


async def test_jobs_that_ended_long_ago_are_forgotten_with_their_attempts(
    suite: Suite, user: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pruning, "BATCH", 2)
    old = [job(user, status, days=91) for status in JobStatus if status != JobStatus.QUEUED]
    young = [job(user, JobStatus.FAILED, days=89), job(user, JobStatus.RUNNING, days=None)]
    for each in (*old, *young):
        await add(suite, each, attempt(each))
    await prune_rows(suite)
    kinds = {"failed 89", "running None"}
    assert await names(suite, "SELECT kind FROM jobs") == kinds
    assert await names(suite, "SELECT kind FROM jobs JOIN job_attempts ON job_id = id") == kinds
    async with suite.database.service_session() as session:
        assert len((await session.scalars(select(JobAttempt))).all()) == 2


async def test_a_plan_keeps_its_job_and_outlives_every_night(suite: Suite, user: User) -> None:
    made = job(user, JobStatus.COMPLETED, days=400)
    plan = PlanVersion(user_id=user.id, job_id=made.id, version=1, title="Mine", body={})
    await add(suite, made, attempt(made), plan)
    await prune_rows(suite)
    assert await names(suite, "SELECT title FROM plans") == {"Mine"}
    assert await names(suite, "SELECT kind FROM jobs") == {"completed 400"}
    async with suite.database.service_session() as session:
        await session.delete(await session.get_one(PlanVersion, plan.id))
    await prune_rows(suite)
    assert await names(suite, "SELECT kind FROM jobs") == set()


async def test_what_engines_were_sent_is_forgotten_a_week_after_its_job_has_ended(
    suite: Suite, user: User
) -> None:
    kept = [job(user, JobStatus.RUNNING, days=None), job(user, JobStatus.FAILED, days=6)]
    for each in (*kept, job(user, JobStatus.COMPLETED, days=8)):
        sent = WebhookDelivery(
            user_id=user.id, job_id=each.id, attempt=1, engine="webhook", body={"posts": "all"}
        )
        await add(suite, each, sent)
    await prune_rows(suite)
    query = "SELECT kind FROM jobs JOIN webhook_deliveries ON job_id = jobs.id"
    kinds = {each.kind for each in kept}
    assert await names(suite, f"{query} WHERE body IS NOT NULL") == kinds
    assert await names(suite, query) == {*kinds, "completed 8"}


async def test_checkpoints_outlive_what_they_are_about_by_a_week(suite: Suite, user: User) -> None:
    jobs = [
        job(user, JobStatus.FAILED, days=8),
        job(user, JobStatus.CANCELLED, days=8),
        job(user, JobStatus.COMPLETED, days=8),
        job(user, JobStatus.FAILED, days=6),
        job(user, JobStatus.RUNNING, days=None),
        job(user, JobStatus.QUEUED, days=None),
    ]
    runs = {
        "waiting": await add_run(suite, user, RunStatus.WAITING, days=None),
        "ended": await add_run(suite, user, RunStatus.FAILED, days=8),
        "just ended": await add_run(suite, user, RunStatus.COMPLETED, days=1),
    }
    await add(suite, *jobs)
    for each in jobs:
        await add_checkpoint(suite, f"{each.id} shape", each.kind)
    for name, run_id in runs.items():
        await add_checkpoint(suite, str(run_id), name)
    await add_checkpoint(suite, str(new_id()), "about nothing any more")
    await prune_rows(suite)
    kept = {"failed 6", "running None", "queued None", "waiting", "just ended"}
    assert await names(suite, "SELECT checkpoint_id FROM checkpoints") == kept
    assert await names(suite, "SELECT channel FROM checkpoint_blobs") == kept
    assert await names(suite, "SELECT checkpoint_id FROM checkpoint_writes") == kept


async def add_run(suite: Suite, user: User, status: RunStatus, *, days: int | None) -> UUID:
    talk = Conversation(id=new_id(), user_id=user.id, title="x")
    question = ChatMessage(
        id=new_id(), user_id=user.id, conversation_id=talk.id, role="user", parts=[], text="x"
    )
    run = Run(
        id=new_id(), user_id=user.id, conversation_id=talk.id, question_id=question.id,
        agent="career", status=status, owner=new_id(), lease_until=NOW,
        finished_at=None if days is None else NOW - dt.timedelta(days=days),
    )  # fmt: skip
    await add(suite, talk, question, run)
    return run.id


async def add_checkpoint(suite: Suite, thread: str, name: str) -> None:
    """Add rows to each table as LangGraph does; the name is where one can read it."""
    values = {
        "checkpoints": "(thread_id, checkpoint_id, checkpoint) VALUES (:thread, :name, '{}')",
        "checkpoint_blobs": "(thread_id, channel, version, type) VALUES (:thread, :name, '1', 'x')",
        "checkpoint_writes": "(thread_id, checkpoint_id, task_id, idx, channel, blob)"
        " VALUES (:thread, :name, 't', 0, 'c', '')",
    }
    assert values.keys() == set(TABLES)
    async with suite.database.service_session() as session:
        for table, row in values.items():
            await session.execute(
                text(f"INSERT INTO {table} {row}"), {"thread": thread, "name": name}
            )


async def test_expired_sign_ins_are_forgotten(suite: Suite, user: User) -> None:
    for name, left in (("expired", -1), ("valid", 1)):
        expires = NOW + dt.timedelta(hours=left)
        await add(suite, UserSession(user_id=user.id, token_hash=name.encode(), expires_at=expires))
    await prune_rows(suite)
    assert await names(suite, "SELECT encode(token_hash, 'escape') FROM sessions") == {"valid"}


async def test_a_worker_forgets_at_night_what_is_old_and_twice_is_as_once(
    suite: Suite, user: User
) -> None:
    await add(suite, job(user, JobStatus.FAILED, days=91))
    task = text(
        "INSERT INTO procrastinate_jobs (queue_name, task_name, args, status)"
        " VALUES (:queue, :name, CAST(:args AS jsonb), CAST(:status AS procrastinate_job_status))"
        " RETURNING id"
    )
    old = {"queue": "plans", "name": "run_job", "args": "{}", "status": "succeeded"}
    night = {"queue": HOUSEKEEPING, "name": "prune", "args": '{"timestamp": 0}', "status": "todo"}
    async with suite.database.service_session() as session:
        task_id = await session.scalar(task, old)
        ended = "INSERT INTO procrastinate_events (job_id, type, at) VALUES (:id, 'succeeded', :at)"
        at = NOW - dt.timedelta(days=8)
        await session.execute(text(ended), {"id": task_id, "at": at})
        for _ in range(2):
            await session.execute(task, night)

    async def is_done() -> bool:
        statuses = await names(
            suite, "SELECT status::text FROM procrastinate_jobs WHERE task_name = 'prune'"
        )
        return statuses == {"succeeded"}

    async with working(suite, HANDLERS):
        await eventually(is_done)
    assert await names(suite, "SELECT kind FROM jobs") == set()
    left = await names(suite, "SELECT task_name FROM procrastinate_jobs WHERE queue_name = 'plans'")
    assert left == set()
