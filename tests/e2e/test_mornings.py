"""Schedulers and workers that are killed: each creator is told of each morning, and once."""

import asyncio
import datetime as dt
import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from uuid import UUID

from sqlalchemy import func, select

from domain.schedules import find_mornings
from graph.suite import Suite
from storage.models import (
    Insight,
    Job,
    JobStatus,
    Mail,
    MailKind,
    Notification,
    PlatformConnection,
    User,
    UserSession,
    new_id,
)
from tests.conftest import new_email
from tests.e2e.test_workers import REPOSITORY
from tests.e2e.waiting import eventually
from tests.morning_scheduler import STEP

START = dt.datetime(2026, 11, 17, tzinfo=dt.UTC)
TICKS = 50  # of each of two schedulers
ZONES = ("UTC", "Pacific/Chatham", "America/Los_Angeles")
USERS_PER_ZONE = 4


@contextmanager
def process(url: str, folder: Path, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    """Run a module until the end of the block; wait for its first line."""
    with (folder / f"{new_id().hex}.log").open("w") as log:
        running = subprocess.Popen(
            [sys.executable, "-m", *arguments],
            cwd=folder,
            env={
                "PATH": os.defpath,
                "PYTHONPATH": str(REPOSITORY),
                "DATABASE_URL": url,
                "JOB_STALL_SECONDS": "2",
                "STOP_SECONDS": "0",
                "INSIGHTS_SCHEDULE": "false",  # its clock is not that of the test
            },
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        )
        try:
            assert running.stdout
            assert running.stdout.readline()
            yield running
        finally:
            running.terminate()
            running.communicate(timeout=30)


async def create_users(suite: Suite) -> dict[UUID, str]:
    """Create creators who have to connect an account again, which is an insight; by time zone."""
    zones = {new_id(): zone for zone in ZONES for _ in range(USERS_PER_ZONE)}
    async with suite.database.service_session() as session:
        session.add_all(
            User(id=user_id, email=new_email(), timezone=zone, insights_date=dt.date(2026, 11, 1))
            for user_id, zone in zones.items()
        )
        await session.flush()
        for user_id in zones:
            session.add_all(
                [
                    PlatformConnection(
                        user_id=user_id, platform="instagram", platform_account="a",
                        username="mira", source="oauth", status="needs_reconnect",
                    ),
                    UserSession(
                        user_id=user_id, token_hash=new_id().bytes, created_at=START,
                        expires_at=START + dt.timedelta(days=30),
                    ),
                ]
            )  # fmt: skip
    return zones


async def count_completed(suite: Suite) -> int:
    async with suite.database.service_session() as session:
        found = await session.scalar(select(func.count()).where(Job.status == JobStatus.COMPLETED))
        return found or 0


async def test_two_schedulers_and_three_workers_outlive_kills_and_tell_each_morning_once(
    suite: Suite, database_url: str, tmp_path: Path
) -> None:
    zones = await create_users(suite)
    moments = [START + number * STEP for number in range(TICKS)]
    expected = {
        (user_id, day)
        for user_id, zone in zones.items()
        for day in {day for moment in moments for day in find_mornings(moment, 6, [zone]).values()}
    }
    with ExitStack() as stack:
        workers = [stack.enter_context(process(database_url, tmp_path, "jobs")) for _ in range(3)]
        scheduler = ("tests.morning_scheduler", START.isoformat(), str(TICKS))
        first = stack.enter_context(process(database_url, tmp_path, *scheduler))
        first.kill()
        assert first.wait() == -signal.SIGKILL  # it had more to do
        second = stack.enter_context(process(database_url, tmp_path, *scheduler))

        async def has_begun() -> bool:
            return await count_completed(suite) >= USERS_PER_ZONE

        await eventually(has_begun, seconds=60)
        workers[0].kill()
        third = stack.enter_context(process(database_url, tmp_path, *scheduler))
        for each in (second, third):
            await asyncio.to_thread(each.wait, 60)

        async def is_done() -> bool:
            return await count_completed(suite) == len(expected)

        await eventually(is_done, seconds=90)
    async with suite.database.service_session() as session:
        jobs = [tuple(row) for row in await session.execute(select(Job.user_id, Job.local_date))]
        told = {
            table: Counter((await session.scalars(select(table.user_id))).all())
            for table in (Insight, Notification)
        }
        digests = select(Mail.user_id).where(Mail.kind == MailKind.DIGEST)
        mails = Counter((await session.scalars(digests)).all())
    assert sorted(jobs) == sorted(expected)
    # The same finding is not told again for two weeks: each is told on the first morning.
    once = dict.fromkeys(zones, 1)
    assert (told[Insight], told[Notification], mails) == (once, once, once)
