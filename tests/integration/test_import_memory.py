"""A large file takes time, and no more memory than a small one."""

import asyncio
import datetime as dt
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import func, select

from storage.database import Database
from storage.models import Base, ContentPost, DailyMetric, User
from tests.conftest import new_email

REPOSITORY = Path(__file__).parents[2]
POSTS = (
    "platform,account,post_id,posted_at,type,caption,permalink,likes,comments,shares,saves,views"
)
# A process is charged with the memory of the one that started it, so a small one must.
MEASURED = """
import os, resource, subprocess, sys
subprocess.run([sys.executable, *sys.argv[1:]], stdout=subprocess.DEVNULL, check=True)
usage = resource.getrusage(resource.RUSAGE_CHILDREN)
print(usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024))
"""
GROWTH_BYTES = 12_000_000


def value_lines(count: int) -> Iterator[str]:
    """Return rows of 20 accounts with one to four metrics a day, none of them twice."""
    start = dt.date(2012, 1, 1)
    metrics = ("followers", "views", "likes", "reach")
    yield "platform,account,date,metric,value\n"
    for number in range(count):
        day, metric = divmod(number // 20, 4)
        date = start + dt.timedelta(days=day)
        yield f"instagram,account {number % 20},{date},{metrics[metric]},{number}\n"


def post_lines(count: int) -> Iterator[str]:
    yield f"{POSTS}\n"
    for number in range(count):
        hour = f"2026-01-{number % 28 + 1:02}T{number % 24:02}:00Z"
        caption = f'"Post {number},\nwith a line break and ☕"'
        yield f"instagram,mira,p{number},{hour},reel,{caption},,{number},1,,,\n"


def imported_peak(folder: Path, lines: Iterator[str], *, email: str, database_url: str) -> int:
    """Import a file in a process of its own; return the most memory that it held, in bytes."""
    path = folder / "large.csv"
    with path.open("w", encoding="utf-8") as file:
        file.writelines(lines)
    process = subprocess.run(
        [sys.executable, "-c", MEASURED, "-m", "storage", "import", path.name, "--user", email],
        cwd=folder,
        env={
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(REPOSITORY),
            "DATABASE_URL": database_url,
            "LOG_LEVEL": "WARNING",
        },
        capture_output=True,
        text=True,
        timeout=100,
        check=True,
    )
    return int(process.stdout)


@pytest.mark.parametrize(
    ("lines", "table", "rows"),
    [(value_lines, DailyMetric, 50_000), (post_lines, ContentPost, 200_000)],
)
async def test_200_000_rows_take_as_much_memory_as_20_000(
    lines: Callable[[int], Iterator[str]],
    table: type[Base],
    rows: int,
    database: Database,
    database_url: str,
    tmp_path: Path,
) -> None:
    peaks = []
    for count in (20_000, 200_000):
        email = new_email()
        async with database.service_session() as session:
            user = User(email=email)
            session.add(user)
        peaks.append(
            await asyncio.to_thread(
                imported_peak, tmp_path, lines(count), email=email, database_url=database_url
            )
        )
    assert peaks[1] - peaks[0] < GROWTH_BYTES
    async with database.user_session(user.id) as session:
        assert await session.scalar(select(func.count()).select_from(table)) == rows
