"""Workers that are killed while they send mail: none is lost, and none told as another."""

import os
import subprocess
import sys
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import func, select

from domain.mail import queue_mail
from graph.suite import Suite
from storage.models import Mail, MailKind, MailStatus, User, new_id
from tests.e2e.test_workers import REPOSITORY
from tests.e2e.waiting import eventually
from tests.mail_server import MailServer, receiving

AT_ONCE = 4  # JOB_CONCURRENCY
MAILS = 40


@pytest.fixture
async def server() -> AsyncIterator[MailServer]:
    async with receiving() as server:
        yield server


@contextmanager
def worker(url: str, server: MailServer, folder: Path) -> Iterator[subprocess.Popen[str]]:
    """Run a worker process; it says when it works."""
    with (folder / f"worker-{new_id().hex}.log").open("w") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.jobs_worker"],
            cwd=folder,
            env={
                "PATH": os.defpath,
                "PYTHONPATH": str(REPOSITORY),
                "DATABASE_URL": url,
                "JOB_STALL_SECONDS": "2",
                "JOB_CONCURRENCY": str(AT_ONCE),
                "STOP_SECONDS": "0",
                "MAIL_URL": server.url,
                "MAIL_FROM": "suite@example.com",
                "MAIL_TIMEOUT_SECONDS": "4",
                "PUBLIC_URL": "https://suite.example.com",
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
            process.terminate()
            process.communicate(timeout=30)


async def order(suite: Suite, user: User, count: int) -> None:
    for number in range(count):
        async with suite.database.service_session() as session:
            await queue_mail(session, user.id, MailKind.PASSWORD_CHANGED, cause=str(number))


async def wait_until_sent(suite: Suite, user_id: UUID) -> None:
    async def is_sent() -> bool:
        async with suite.database.service_session() as session:
            left = await session.scalar(
                select(func.count()).where(Mail.user_id == user_id, Mail.status != MailStatus.SENT)
            )
        return left == 0

    await eventually(is_sent, seconds=90)


async def test_a_mail_whose_answer_a_killed_worker_did_not_hear_comes_again_under_its_name(
    suite: Suite, user: User, server: MailServer, database_url: str, tmp_path: Path
) -> None:
    server.gate.clear()
    with worker(database_url, server, tmp_path) as first:
        await order(suite, user, 1)

        async def is_taken() -> bool:
            return bool(server.received)

        await eventually(is_taken)
        first.kill()
        server.gate.set()
        with worker(database_url, server, tmp_path):
            await wait_until_sent(suite, user.id)
    names = Counter(message["Message-ID"] for message in server.received)
    assert list(names.values()) == [2]


async def test_every_mail_comes_although_workers_are_killed(
    suite: Suite, user: User, server: MailServer, database_url: str, tmp_path: Path
) -> None:
    await order(suite, user, MAILS)
    with worker(database_url, server, tmp_path) as first, worker(database_url, server, tmp_path):

        async def has_begun() -> bool:
            return len(server.received) >= MAILS // 8

        await eventually(has_begun)
        first.kill()
        with worker(database_url, server, tmp_path):
            await wait_until_sent(suite, user.id)
    names = Counter(message["Message-ID"] for message in server.received)
    assert len(names) == MAILS
    again = sum(count - 1 for count in names.values())
    assert again <= AT_ONCE, "only what the killed worker had in its hands may come again"
