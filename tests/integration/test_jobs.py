"""Jobs on a real queue with a real worker: done once, told about, cancelled, tried again."""

import asyncio
import datetime as dt
from collections.abc import Awaitable, Callable
from dataclasses import replace
from uuid import UUID

import pytest
from pydantic import BaseModel
from sqlalchemy import select, text

from core.clock import utc_now
from core.settings import Settings
from domain.accounts import create_account
from domain.jobs import (
    MAX_RETRIES,
    JobKind,
    JobLimitReachedError,
    JobNotFailedError,
    JobNotOpenError,
    JobRetriesUsedError,
    cancel_job,
    create_job,
    retry_job,
)
from domain.tiers import PLAN_KINDS, TIERS
from domain.usage import read_limits
from graph.suite import Suite
from jobs.execution import Attempt, FencedError, FinalJobError, Handler, Outcome, execute
from jobs.rescue import rescue
from jobs.worker import build_app, working
from storage.jobs import get_job, list_attempts
from storage.models import Job, JobStatus, Mail, Notification, Tier, User, new_id
from storage.queue import list_orphans
from tests.conftest import Postgres, new_email
from tests.e2e.waiting import eventually

NOW = dt.datetime(2026, 3, 1, tzinfo=dt.UTC)


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """Return settings of workers that stop soon, whatever they are doing."""
    return settings.model_copy(update={"stop_seconds": 0.5})


class Input(BaseModel):
    """What the jobs of these tests take."""

    number: int = 1


def kind(**fields: object) -> JobKind:
    waits = fields.pop("waits", (dt.timedelta(), dt.timedelta()))
    return JobKind(name="test", title="Test", input=Input, waits=waits, **fields)  # type: ignore[arg-type]  # any field


async def submit(
    suite: Suite, user: User, job_kind: JobKind | None = None, job_input: Input | None = None
) -> UUID:
    async with suite.database.user_session(user.id) as session:
        job = await create_job(
            session,
            user.id,
            job_kind or kind(),
            job_input or Input(),
            job_id=new_id(),
            timezone="UTC",
            now=utc_now(),
        )
        return job.id


async def load(suite: Suite, job_id: UUID) -> Job:
    async with suite.database.service_session() as session:
        return await get_job(session, job_id)


async def attempts(suite: Suite, job_id: UUID) -> list[str]:
    async with suite.database.service_session() as session:
        return [attempt.status for attempt in await list_attempts(session, job_id)]


async def tasks(suite: Suite) -> list[str]:
    async with suite.database.service_session() as session:
        found = await session.scalars(
            text(
                "SELECT status::text FROM procrastinate_jobs"
                " WHERE task_name = 'run_job' ORDER BY id"
            )
        )
        return list(found)


def handlers(
    run: Callable[[Attempt], Awaitable[Outcome]], job_kind: JobKind | None = None
) -> dict[str, Handler]:
    return {"test": Handler(kind=job_kind or kind(), run=run)}


async def wait_for(suite: Suite, job_id: UUID, *statuses: JobStatus) -> Job:
    async def is_there() -> bool:
        return (await load(suite, job_id)).status in statuses

    await eventually(is_there)
    return await load(suite, job_id)


async def double(attempt: Attempt) -> Outcome:
    await attempt.report("counting", 50, "Half of it is counted.")
    return Outcome(result={"number": 2 * attempt.job.input["number"]}, model_tokens=7)


# --- done ---


async def test_a_job_is_done_and_has_its_result(suite: Suite, user: User) -> None:
    async with working(suite, handlers(double)):
        job = await wait_for(suite, await submit(suite, user), JobStatus.COMPLETED)
    assert (job.result, job.model_tokens) == ({"number": 2}, 7)
    assert (job.stage, job.progress, job.message) == ("counting", 100, "Half of it is counted.")
    assert job.started_at is not None
    assert job.completed_at is not None
    assert await attempts(suite, job.id) == ["completed"]


async def test_a_job_whose_transaction_is_undone_is_never_done(suite: Suite, user: User) -> None:
    class UndoneError(Exception):
        pass

    async def submit_and_undo() -> None:
        async with suite.database.user_session(user.id) as session:
            await create_job(
                session, user.id, kind(), Input(), job_id=new_id(), timezone="UTC", now=utc_now()
            )
            raise UndoneError

    done: list[UUID] = []

    async def note(attempt: Attempt) -> Outcome:
        done.append(attempt.job.id)
        return Outcome(result={})

    async with working(suite, handlers(note)):
        with pytest.raises(UndoneError):
            await submit_and_undo()
        after = await submit(suite, user)
        await wait_for(suite, after, JobStatus.COMPLETED)
    assert done == [after]


async def test_the_same_job_submitted_again_is_done_once(suite: Suite, user: User) -> None:
    job_id = new_id()

    async def ask() -> None:
        async with suite.database.user_session(user.id) as session:
            await create_job(
                session, user.id, kind(), Input(), job_id=job_id, timezone="UTC", now=utc_now()
            )

    await asyncio.gather(ask(), ask())
    await ask()
    async with working(suite, handlers(double)):
        await wait_for(suite, job_id, JobStatus.COMPLETED)
        await wait_for(suite, await submit(suite, user), JobStatus.COMPLETED)
    assert await attempts(suite, job_id) == ["completed"]


# --- failed ---


async def test_a_job_that_fails_is_tried_again(suite: Suite, user: User) -> None:
    async def fail_once(attempt: Attempt) -> Outcome:
        if attempt.fence.attempt == 1:
            raise ValueError("secret detail")
        return Outcome(result={})

    async with working(suite, handlers(fail_once)):
        job = await wait_for(suite, await submit(suite, user), JobStatus.COMPLETED)
    assert await attempts(suite, job.id) == ["failed", "completed"]
    assert job.error is None


@pytest.mark.parametrize(
    ("error", "code", "tries"),
    [
        (ValueError("secret detail"), "job_failed", 3),
        (FinalJobError("There is nothing to count."), "job_failed", 1),
    ],
)
async def test_a_job_that_fails_for_good_says_why(
    suite: Suite, user: User, error: Exception, code: str, tries: int
) -> None:
    async def fail(_attempt: Attempt) -> Outcome:
        raise error

    async with working(suite, handlers(fail)):
        job = await wait_for(suite, await submit(suite, user), JobStatus.FAILED)
    assert job.error_code == code
    assert job.error
    assert "secret" not in job.error
    assert await attempts(suite, job.id) == ["failed"] * tries
    assert job.completed_at is not None


async def test_a_job_that_takes_too_long_is_ended(suite: Suite, user: User) -> None:
    short = kind(timeout=dt.timedelta(seconds=0.05), waits=())

    async def hang(_attempt: Attempt) -> Outcome:
        await asyncio.Event().wait()
        raise AssertionError

    async with working(suite, handlers(hang, short)):
        job = await wait_for(suite, await submit(suite, user, short), JobStatus.FAILED)
    assert job.error_code == "job_timeout"


async def test_a_job_that_reports_nothing_for_too_long_is_ended(suite: Suite, user: User) -> None:
    short = kind(stage_timeout=dt.timedelta(seconds=2), waits=())
    reports = 5

    async def slow_then_stuck(attempt: Attempt) -> Outcome:
        for number in range(reports):  # all of it takes longer than a stage may
            await attempt.report("counting", number, "One more.")
            await asyncio.sleep(0.6)
        await attempt.report("stuck", reports, "Now nothing comes any more.")
        await asyncio.Event().wait()
        raise AssertionError

    async with working(suite, handlers(slow_then_stuck, short)):
        job = await wait_for(suite, await submit(suite, user, short), JobStatus.FAILED)
    assert (job.error_code, job.stage, job.progress) == ("job_timeout", "stuck", reports)


async def test_a_failed_job_can_be_tried_again_by_its_user(suite: Suite, user: User) -> None:
    once = kind(waits=())
    has_failed = False

    async def fail_once(_attempt: Attempt) -> Outcome:
        nonlocal has_failed
        if not has_failed:
            has_failed = True
            raise ValueError
        return Outcome(result={})

    async with working(suite, handlers(fail_once, once)):
        job_id = await submit(suite, user, once)
        await wait_for(suite, job_id, JobStatus.FAILED)
        async with suite.database.user_session(user.id) as session:
            await retry_job(session, job_id, {"test": once})
        job = await wait_for(suite, job_id, JobStatus.COMPLETED)
        assert job.error is None
        async with suite.database.user_session(user.id) as session:
            with pytest.raises(JobNotFailedError):
                await retry_job(session, job_id, {"test": once})


async def test_how_a_job_has_ended_is_told_once_and_tries_in_between_are_not(
    suite: Suite, user: User
) -> None:
    async def fail_at_first(attempt: Attempt) -> Outcome:
        if attempt.fence.attempt == 1:
            raise ValueError
        if attempt.job.input["number"] > 1:
            raise FinalJobError("There is nothing to count.")
        return Outcome(result={})

    async with working(suite, handlers(fail_at_first)):
        done = await submit(suite, user)
        await wait_for(suite, done, JobStatus.COMPLETED)
        failed = await submit(suite, user, job_input=Input(number=2))
        await wait_for(suite, failed, JobStatus.FAILED)
    async with suite.database.user_session(user.id) as session:
        told = (await session.scalars(select(Notification).order_by(Notification.id))).all()
        mails = (await session.scalars(select(Mail))).all()
    assert [(each.type, each.job_id) for each in told] == [
        ("job_completed", done),
        ("job_failed", failed),
    ]
    assert told[1].message == "There is nothing to count."
    assert [(mail.kind, mail.about) for mail in mails] == [("job_failed", {"job_id": str(failed)})]


# --- cancelled ---


async def test_a_job_that_is_not_begun_can_be_cancelled(suite: Suite, user: User) -> None:
    job_id = await submit(suite, user)
    async with suite.database.user_session(user.id) as session:
        await cancel_job(session, job_id, NOW)
    async with working(suite, handlers(double)):
        await wait_for(suite, await submit(suite, user), JobStatus.COMPLETED)
    assert (await load(suite, job_id)).status == JobStatus.CANCELLED
    assert await attempts(suite, job_id) == []
    async with suite.database.user_session(user.id) as session:
        with pytest.raises(JobNotOpenError):
            await cancel_job(session, job_id, NOW)


async def test_a_running_job_that_is_cancelled_is_ended(suite: Suite, user: User) -> None:
    has_begun, was_ended = asyncio.Event(), asyncio.Event()

    async def hang(_attempt: Attempt) -> Outcome:
        has_begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            was_ended.set()
        raise AssertionError

    async with working(suite, handlers(hang)):
        job_id = await submit(suite, user)
        async with asyncio.timeout(30):
            await has_begun.wait()
            async with suite.database.user_session(user.id) as session:
                await cancel_job(session, job_id, NOW)
            await was_ended.wait()
    assert (await load(suite, job_id)).status == JobStatus.CANCELLED
    assert await attempts(suite, job_id) == ["cancelled"]


async def test_a_job_that_was_cancelled_and_asked_for_again_is_done_once(
    suite: Suite, user: User
) -> None:
    again = 4

    async def wait_for_void_tasks(_attempt: Attempt) -> Outcome:
        async def have_ended() -> bool:
            return (await tasks(suite)).count("succeeded") == again

        await eventually(have_ended)
        return Outcome(result={})

    job_id = await submit(suite, user)
    for _ in range(again):
        async with suite.database.user_session(user.id) as session:
            await cancel_job(session, job_id, NOW)
            await retry_job(session, job_id, {"test": kind()})
    async with working(suite, handlers(wait_for_void_tasks)):
        await wait_for(suite, job_id, JobStatus.COMPLETED, JobStatus.FAILED)
    assert await attempts(suite, job_id) == ["completed"]


async def test_a_job_is_tried_again_by_its_user_so_often_and_no_more(
    suite: Suite, user: User
) -> None:
    job_id, kinds = await submit(suite, user), {"test": kind()}
    async with suite.database.user_session(user.id) as session:
        for _ in range(MAX_RETRIES):
            await cancel_job(session, job_id, NOW)
            await retry_job(session, job_id, kinds)
        await cancel_job(session, job_id, NOW)
        with pytest.raises(JobRetriesUsedError):
            await retry_job(session, job_id, kinds)
        assert (await get_job(session, job_id)).status == JobStatus.CANCELLED
        await retry_job(session, job_id, kinds, max_retries=None)  # as administrators do


# --- workers that stop, go away, or are two ---


async def test_a_worker_that_stops_gives_its_job_back(suite: Suite, user: User) -> None:
    has_begun = asyncio.Event()

    async def hang(_attempt: Attempt) -> Outcome:
        has_begun.set()
        await asyncio.Event().wait()
        raise AssertionError

    job_id = await submit(suite, user)
    async with working(suite, handlers(hang)), asyncio.timeout(30):
        await has_begun.wait()
    assert (await load(suite, job_id)).status == JobStatus.QUEUED
    async with working(suite, handlers(double)):
        await wait_for(suite, job_id, JobStatus.COMPLETED)
    assert await attempts(suite, job_id) == ["interrupted", "completed"]


async def test_workers_that_stop_use_up_none_of_a_jobs_attempts(suite: Suite, user: User) -> None:
    has_begun = asyncio.Event()

    async def hang(_attempt: Attempt) -> Outcome:
        has_begun.set()
        await asyncio.Event().wait()
        raise AssertionError

    job_id = await submit(suite, user)
    for _ in range(kind().max_attempts):
        has_begun.clear()
        stopped = asyncio.create_task(execute(suite, handlers(hang), job_id, "w"))
        async with asyncio.timeout(30):
            await has_begun.wait()
            stopped.cancel()
            await asyncio.wait([stopped])
    await execute(suite, handlers(double), job_id, "w")
    assert (await load(suite, job_id)).status == JobStatus.COMPLETED
    assert await attempts(suite, job_id) == [*["interrupted"] * kind().max_attempts, "completed"]


async def test_of_two_attempts_at_once_only_the_newest_may_write(suite: Suite, user: User) -> None:
    has_begun, may_go_on = asyncio.Event(), asyncio.Event()
    fenced: list[int] = []

    async def wait_first(attempt: Attempt) -> Outcome:
        if attempt.fence.attempt == 1:
            has_begun.set()
            await may_go_on.wait()
            with pytest.raises(FencedError):
                await attempt.report("late", 90, "Too late.")
            fenced.append(1)
        return Outcome(result={"attempt": attempt.fence.attempt})

    job_id = await submit(suite, user)
    first = asyncio.create_task(execute(suite, handlers(wait_first), job_id, "one"))
    async with asyncio.timeout(30):
        await has_begun.wait()
        await execute(suite, handlers(wait_first), job_id, "two")
        may_go_on.set()
        await first
    job = await load(suite, job_id)
    assert (job.status, job.result, job.stage) == (JobStatus.COMPLETED, {"attempt": 2}, None)
    assert await attempts(suite, job_id) == ["lost", "completed"]
    assert fenced == [1]


async def test_a_job_that_crashes_its_workers_is_given_up(suite: Suite, user: User) -> None:
    has_begun = asyncio.Event()

    async def hang(_attempt: Attempt) -> Outcome:
        has_begun.set()
        await asyncio.Event().wait()
        raise AssertionError

    job_id = await submit(suite, user)
    crashed = []
    for _ in range(kind().max_attempts):
        has_begun.clear()
        crashed.append(asyncio.create_task(execute(suite, handlers(hang), job_id, "w")))
        async with asyncio.timeout(30):
            await has_begun.wait()
    await execute(suite, handlers(hang), job_id, "w")
    job = await load(suite, job_id)
    assert (job.status, job.error_code) == (JobStatus.FAILED, "job_crashed")
    for task in crashed:
        task.cancel()
    await asyncio.wait(crashed)
    assert (await load(suite, job_id)).status == JobStatus.FAILED


async def test_a_job_without_a_task_gets_one(suite: Suite, user: User, postgres: Postgres) -> None:
    job_id = await submit(suite, user)
    async with suite.database.service_session() as session:
        await session.execute(text("UPDATE procrastinate_jobs SET status = 'failed'"))
    app = build_app(suite.database.url)
    async with app.open_async():
        for _ in range(2):  # the second finds nothing to do
            await rescue(app, suite.database, handlers(double), stall_seconds=60)
    async with working(suite, handlers(double)):
        await wait_for(suite, job_id, JobStatus.COMPLETED)
    assert await tasks(suite) == ["failed", "succeeded"]


async def test_a_job_that_only_newer_workers_know_is_left_to_them(suite: Suite, user: User) -> None:
    new = replace(kind(), name="new")
    newer = {"new": Handler(kind=new, run=double)}
    job_id = await submit(suite, user, new)
    async with working(suite, handlers(double)):  # it takes the task, and lets it go
        await wait_for(suite, await submit(suite, user), JobStatus.COMPLETED)
    assert ((await load(suite, job_id)).status, await attempts(suite, job_id)) == ("queued", [])
    app = build_app(suite.database.url)
    async with app.open_async():
        for known in (handlers(double), newer):
            await rescue(app, suite.database, known, stall_seconds=60)
    async with working(suite, newer):
        await wait_for(suite, job_id, JobStatus.COMPLETED)


async def test_tasks_that_have_ended_are_not_read_to_find_lost_ones(
    suite: Suite, user: User, postgres: Postgres
) -> None:
    job_id = await submit(suite, user)
    ended = (
        "INSERT INTO procrastinate_jobs (queue_name, task_name, status, args)"
        " SELECT 'default', 'run_job', 'succeeded', '{}' FROM generate_series(1, 3000)"
    )
    reads = "SELECT seq_scan FROM pg_stat_xact_user_tables WHERE relname = 'procrastinate_jobs'"
    async with suite.database.service_session() as session:
        await session.execute(text(ended))
    async with suite.database.service_session() as session:
        assert await list_orphans(session, ["test"]) == []
        assert await session.scalar(text(reads)) == 0
        await session.execute(text("UPDATE procrastinate_jobs SET status = 'failed'"))
        assert [job.id for job in await list_orphans(session, ["test"])] == [job_id]


# --- order ---


async def test_who_asks_for_many_jobs_lets_others_go_first(suite: Suite, user: User) -> None:
    settings = suite.settings.model_copy(update={"job_concurrency": 1})
    done: list[int] = []

    async def note(attempt: Attempt) -> Outcome:
        done.append(attempt.job.input["number"])
        return Outcome(result={})

    for number in range(10):
        last = await submit(suite, user, job_input=Input(number=number))
    async with suite.database.service_session() as session:
        other = await create_account(
            session, email=new_email(), password_hash="unused", timezone="UTC", locale="en"
        )
    await submit(suite, other, job_input=Input(number=100))
    await submit(suite, other, job_input=Input(number=101))
    async with working(replace(suite, settings=settings), handlers(note)):
        await wait_for(suite, last, JobStatus.COMPLETED)
    assert done == [0, 100, 1, 101, *range(2, 10)]


# --- limits ---


async def test_a_days_jobs_are_counted_and_what_goes_beyond_is_refused(
    suite: Suite, user: User
) -> None:
    limit = TIERS[Tier.FREE].other_jobs_a_day
    asked = [submit(suite, user) for _ in range(limit + 3)]
    answers = await asyncio.gather(*asked, return_exceptions=True)
    refused = [answer for answer in answers if isinstance(answer, JobLimitReachedError)]
    assert len(refused) == 3
    assert all(answer.fields["used"] == answer.fields["limit"] == limit for answer in refused)
    async with suite.database.user_session(user.id) as session:
        limits = await read_limits(session, user.id, timezone="UTC", now=utc_now())
    assert (limits.jobs.used, limits.plans.used) == (limit, 0)
    plan = replace(kind(), name=PLAN_KINDS[0])
    await submit(suite, user, plan)  # plans are counted apart


async def test_a_day_does_not_begin_anew_in_another_time_zone(suite: Suite, user: User) -> None:
    plan = replace(kind(), name=PLAN_KINDS[0])

    async def ask(hour: int, timezone: str) -> None:
        now = NOW + dt.timedelta(hours=hour)
        async with suite.database.user_session(user.id) as session:
            await create_job(
                session, user.id, plan, Input(), job_id=new_id(), timezone=timezone, now=now
            )

    for _ in range(TIERS[Tier.FREE].plans_a_day):
        await ask(9, "UTC")
    with pytest.raises(JobLimitReachedError):
        await ask(11, "Pacific/Honolulu")  # where the same day has begun an hour ago
    await ask(24, "UTC")
