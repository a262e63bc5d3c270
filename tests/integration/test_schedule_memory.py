"""Many users are queued in as much memory as few."""

import asyncio
import os
import subprocess
import sys
from pathlib import Path

from sqlalchemy import text

from storage.database import Database
from tests.conftest import Postgres
from tests.integration.test_import_memory import GROWTH_BYTES, MEASURED, REPOSITORY

USERS = """
    INSERT INTO users (id, email)
    SELECT gen_random_uuid(), 'creator-' || number || '@example.com'
    FROM generate_series(1, :count) AS number
"""
SIGN_INS = """
    INSERT INTO sessions (id, user_id, token_hash, expires_at)
    SELECT gen_random_uuid(), id, uuid_send(id), now() + interval '1 day' FROM users
"""


def queued_peak(folder: Path, database_url: str) -> int:
    """Queue everybody in a process of its own; return the most memory that it held, in bytes."""
    process = subprocess.run(
        [sys.executable, "-c", MEASURED, "-m", "tests.morning_queue"],
        cwd=folder,
        env={
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(REPOSITORY),
            "DATABASE_URL": database_url,
        },
        capture_output=True,
        text=True,
        timeout=100,
        check=True,
    )
    return int(process.stdout)


async def test_20_000_users_take_as_much_memory_as_2_000(
    postgres: Postgres, tmp_path: Path
) -> None:
    peaks = []
    for count in (2_000, 20_000):
        with postgres.temporary_database() as name:
            url = postgres.app_url(name)
            database = Database(url)
            async with database.service_session() as session:
                await session.execute(text(USERS), {"count": count})
                await session.execute(text(SIGN_INS))
            peaks.append(await asyncio.to_thread(queued_peak, tmp_path, url))
            async with database.service_session() as session:
                counted = await session.execute(text("SELECT count(*) FROM procrastinate_jobs"))
                assert counted.scalar_one() == count
            await database.close()
    assert peaks[1] - peaks[0] < GROWTH_BYTES
