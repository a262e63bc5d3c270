"""Worker processes that are killed, frozen and cut off: each job is done, and once."""

import asyncio
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from uuid import UUID

import psycopg
import pytest
from sqlalchemy.exc import SQLAlchemyError

from core.clock import utc_now
from core.settings import Settings
from domain.jobs import JobKind, create_job
from graph.suite import Suite, open_suite
from storage.database import Database
from storage.embedded import running_server
from storage.embedded_cluster import cluster_folder
from storage.jobs import get_job, list_attempts
from storage.models import Job, JobAttempt, JobStatus, Tier, User, new_id
from storage.provision import prepare_embedded
from tests.conftest import create_user
from tests.e2e.waiting import eventually
from tests.integration.test_embedded import Place, wait_until_dead
from tests.jobs_worker import GATE, GATED, QUICK, NoInput

REPOSITORY = Path(__file__).parents[2]


@pytest.fixture
async def user(database: Database) -> User:
    return await create_user(database, tier=Tier.BUSINESS)  # for many jobs a day


@contextmanager
def worker(url: str, folder: Path, *, stall_seconds: float = 2) -> Iterator[subprocess.Popen[str]]:
    """Run a worker process; it says when it works."""
    with (folder / f"worker-{new_id().hex}.log").open("w") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.jobs_worker"],
            cwd=folder,
            env={
                "PATH": os.defpath,
                "PYTHONPATH": str(REPOSITORY),
                "DATABASE_URL": url,
                "JOB_STALL_SECONDS": str(stall_seconds),
                "STOP_SECONDS": "0",
            },
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        )
        try:
            assert process.stdout
            assert process.stdout.readline() == "working\n"
            yield process
        finally:
            process.send_signal(signal.SIGCONT)
            process.terminate()
            process.communicate(timeout=30)


@contextmanager
def workers(url: str, folder: Path) -> Iterator[None]:
    """Run two of them."""
    with worker(url, folder), worker(url, folder):
        yield


@contextmanager
def closed_gate(url: str) -> Iterator[psycopg.Connection[tuple[object, ...]]]:
    """Let gated jobs wait in the middle until the connection is closed."""
    with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute("SELECT pg_advisory_lock(%s)", [GATE])
        yield connection


async def submit(suite: Suite, user: User, kind: JobKind) -> UUID:
    async with suite.database.user_session(user.id) as session:
        job = await create_job(
            session, user.id, kind, NoInput(), job_id=new_id(), timezone="UTC", now=utc_now()
        )
    return job.id


async def load(suite: Suite, job_id: UUID) -> tuple[Job, list[JobAttempt]]:
    async with suite.database.service_session() as session:
        return await get_job(session, job_id), list(await list_attempts(session, job_id))


async def wait_for_attempt(suite: Suite, job_id: UUID, number: int) -> JobAttempt:
    """Return this attempt when it is running behind the first stage."""

    async def is_there() -> bool:
        job, _ = await load(suite, job_id)
        return job.attempts == number and job.stage == "first"

    await eventually(is_there)
    return (await load(suite, job_id))[1][-1]


async def wait_completed(suite: Suite, job_id: UUID) -> Job:
    async def is_there() -> bool:
        with suppress(SQLAlchemyError):  # the database may be away
            return (await load(suite, job_id))[0].status == JobStatus.COMPLETED
        return False

    await eventually(is_there)
    return (await load(suite, job_id))[0]


def read_logs(folder: Path) -> str:
    return "".join(path.read_text() for path in folder.glob("worker-*.log"))


def pid_of(attempt: JobAttempt) -> int:
    return int(attempt.worker.rpartition(":")[2])


async def test_another_worker_finishes_what_a_killed_one_began(
    suite: Suite, user: User, database_url: str, tmp_path: Path
) -> None:
    with workers(database_url, tmp_path), closed_gate(database_url) as gate:
        job_id = await submit(suite, user, GATED)
        first = await wait_for_attempt(suite, job_id, 1)
        os.kill(pid_of(first), signal.SIGKILL)
        second = await wait_for_attempt(suite, job_id, 2)
        assert pid_of(second) != pid_of(first)
        gate.close()
        job = await wait_completed(suite, job_id)
    assert job.result == {"attempt": 2, "pid": pid_of(second)}
    assert await statuses(suite, job_id) == ["lost", "completed"]


async def test_a_worker_that_was_frozen_can_write_no_more(
    suite: Suite, user: User, database_url: str, tmp_path: Path
) -> None:
    with workers(database_url, tmp_path), closed_gate(database_url) as gate:
        job_id = await submit(suite, user, GATED)
        first = await wait_for_attempt(suite, job_id, 1)
        os.kill(pid_of(first), signal.SIGSTOP)
        second = await wait_for_attempt(suite, job_id, 2)
        gate.close()
        job = await wait_completed(suite, job_id)
        os.kill(pid_of(first), signal.SIGCONT)

        async def has_noticed() -> bool:
            return "attempt 1 has no say any more" in read_logs(tmp_path)

        await eventually(has_noticed)
    assert job.result == {"attempt": 2, "pid": pid_of(second)}
    assert (await load(suite, job_id))[0].result == job.result
    assert await statuses(suite, job_id) == ["lost", "completed"]


async def test_a_worker_that_is_told_to_stop_gives_its_job_to_another(
    suite: Suite, user: User, database_url: str, tmp_path: Path
) -> None:
    with workers(database_url, tmp_path), closed_gate(database_url) as gate:
        job_id = await submit(suite, user, GATED)
        first = await wait_for_attempt(suite, job_id, 1)
        os.kill(pid_of(first), signal.SIGTERM)
        second = await wait_for_attempt(suite, job_id, 2)
        gate.close()
        job = await wait_completed(suite, job_id)
    assert job.result == {"attempt": 2, "pid": pid_of(second)}
    assert await statuses(suite, job_id) == ["interrupted", "completed"]


@pytest.fixture
def killable(tmp_path: Path) -> Iterator[Place]:
    """Return a place for a server of this test's own."""
    data_dir = tmp_path / "data"
    folder = cluster_folder(data_dir)
    yield Place(base=tmp_path, data_dir=data_dir, uid=None, folder=folder)
    shutil.rmtree(folder, ignore_errors=True)


async def test_no_acknowledged_job_is_lost_when_the_database_is_killed_under_load(
    settings: Settings, killable: Place, tmp_path: Path
) -> None:
    with running_server(killable.data_dir) as server:
        url = prepare_embedded(server)
        async with open_suite(settings, url) as suite:
            user = await create_user(suite.database, tier=Tier.BUSINESS)
            with workers(url, tmp_path):
                acknowledged: list[UUID] = []

                async def submit_many() -> None:
                    for _ in range(60):
                        with suppress(SQLAlchemyError, OSError):
                            acknowledged.append(await submit(suite, user, QUICK))

                load_task = asyncio.create_task(submit_many())

                async def has_begun() -> bool:
                    return len(acknowledged) >= 20

                await eventually(has_begun)
                await asyncio.to_thread(wait_until_dead, killable.kill_server())
                await load_task
                for job_id in acknowledged:
                    await wait_completed(suite, job_id)
    assert len(acknowledged) >= 20


async def statuses(suite: Suite, job_id: UUID) -> list[str]:
    return [attempt.status for attempt in (await load(suite, job_id))[1]]


@pytest.mark.parametrize("count", ["0", "-3", "many"])
def test_a_worker_does_one_job_at_once_or_more(count: str) -> None:
    command = [sys.executable, "-m", "jobs", f"--concurrency={count}"]
    found = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert found.returncode == 2
    assert "--concurrency: use 1 or more" in found.stderr
