"""How long it takes to queue the insights of ten thousand creators, and how many a worker makes.

The baseline is as many bare jobs and tasks, stored by two statements for each page, in the same
run: with the same constraints and triggers, and nothing that keeps each to once a day.
"""

import asyncio
import datetime as dt
import shutil
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from statistics import median

from sqlalchemy import select, text

from benchmarks._jobs_worker import NOTHING, bare_app
from benchmarks.creators import fill
from benchmarks.jobs import NOTHINGS, Bench
from benchmarks.tables import ROUNDS, print_machine
from core.settings import read_settings
from graph.suite import Suite, open_suite
from jobs.insights import INSIGHTS
from jobs.schedules import PAGE, queue_everybody
from storage.embedded import running_server
from storage.embedded_cluster import cluster_folder
from storage.models import User
from storage.provision import OWNER, prepare_embedded

USERS = 10_000
CREATORS = 60  # with a year on four platforms

_USERS = text(
    """
    INSERT INTO users (id, email)
    SELECT gen_random_uuid(), 'creator-' || number || '@example.com'
    FROM generate_series(1, :count) AS number
    """
)
_SIGN_INS = text(
    """
    INSERT INTO sessions (id, user_id, token_hash, expires_at)
    SELECT gen_random_uuid(), id, uuid_send(id), now() + interval '1 day' FROM users
    """
)
_BARE_JOBS = text(
    """
    INSERT INTO jobs (id, user_id, kind, input, attempt_limit)
    SELECT gen_random_uuid(), id, 'bare', '{}', 1
    FROM (SELECT id FROM users ORDER BY id OFFSET :offset LIMIT :page) AS page
    """
)
_BARE_TASKS = text(
    """
    INSERT INTO procrastinate_jobs (queue_name, task_name, args)
    SELECT 'bare', 'bare', jsonb_build_object('job_id', number)
    FROM generate_series(1, :page) AS number
    """
)


def main() -> None:
    """Measure and print."""
    print_machine()
    folder = Path(tempfile.mkdtemp(prefix="dream-benchmark-"))
    try:
        with running_server(folder / "data") as server:
            url = prepare_embedded(server, database="benchmark")
            asyncio.run(_measure(url))
            url = prepare_embedded(server, database="insights")
            today = dt.datetime.now(dt.UTC).date()
            first, last = today - dt.timedelta(days=365), today - dt.timedelta(days=1)
            owner_url = server.url(user=OWNER, database="insights")
            fill(owner_url, CREATORS, first=str(first), last=str(last))
            asyncio.run(_measure_worker(url, folder))
    finally:
        for each in {cluster_folder(folder / "data"), folder}:
            shutil.rmtree(each, ignore_errors=True)


async def _measure(url: str) -> None:
    async with open_suite(read_settings(), url) as suite:
        async with suite.database.service_session() as session:
            await session.execute(_USERS, {"count": USERS})
            await session.execute(_SIGN_INS)
            await session.execute(text("ANALYZE users"))
        bare, ours = [], []
        for _ in range(ROUNDS):
            bare.append(await _seconds(suite, lambda: _store_bare(suite)))
            ours.append(await _seconds(suite, lambda: _queue(suite)))
    baseline = median(bare)
    print(f"| {USERS:,} creators | seconds | to the baseline |")
    print("|---|---:|---:|")
    print(f"| bare rows, {PAGE:,} a statement | {baseline:.2f} | 1.0 × |")
    print(f"| queued, each once a day | {median(ours):.2f} | {median(ours) / baseline:.1f} × |")


async def _measure_worker(url: str, folder: Path) -> None:
    """Print how many insight jobs one worker does, and how many that do nothing; in turns."""
    async with open_suite(read_settings(), url) as suite, bare_app(url).open_async() as bare:
        async with suite.database.service_session() as session:
            user = (await session.scalars(select(User).limit(1))).one()
        bench = Bench(database=suite.database, bare=bare, user=user, folder=folder)

        async def queue() -> None:
            batch = await queue_everybody(suite, INSIGHTS)
            assert batch.queued == CREATORS

        nothings, mornings = [], []
        async with bench.workers(1):
            for _ in range(ROUNDS):
                nothings.append(await bench.rate(lambda: bench.fill(NOTHING, NOTHINGS), NOTHINGS))
                mornings.append(await bench.rate(queue, CREATORS))
                await _forget_morning(suite)
    nothing, insights = median(nothings), median(mornings)
    print()
    print("| jobs per second of one worker | | to the row above |")
    print("|---|---:|---:|")
    print(f"| jobs that do nothing | {nothing:.1f} | |")
    print(f"| insights of a creator with a year | {insights:.1f} | {insights / nothing:.2f} × |")


async def _store_bare(suite: Suite) -> None:
    for offset in range(0, USERS, PAGE):
        async with suite.database.service_session() as session:
            await session.execute(_BARE_JOBS, {"offset": offset, "page": PAGE})
            await session.execute(_BARE_TASKS, {"page": PAGE})


async def _queue(suite: Suite) -> None:
    batch = await queue_everybody(suite, INSIGHTS)
    assert batch.queued == USERS


async def _forget_morning(suite: Suite) -> None:
    """Let the next morning find everything anew."""
    async with suite.database.service_session() as session:
        for table in ("jobs", "ai_insights", "notifications", "mails"):
            await session.execute(text(f"DELETE FROM {table}"))  # noqa: S608 - names of ours


async def _seconds(suite: Suite, store: Callable[[], Awaitable[None]]) -> float:
    """Return how long it takes, with tables that are empty before and after."""
    began = time.perf_counter()
    await store()
    seconds = time.perf_counter() - began
    async with suite.database.service_session() as session:
        await session.execute(text("DELETE FROM jobs"))
        await session.execute(text("DELETE FROM procrastinate_jobs"))
    return seconds


if __name__ == "__main__":
    main()
