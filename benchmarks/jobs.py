"""How fast jobs begin, how many a worker does, and what four workers do against one.

The baseline is procrastinate with a task that does nothing, on the same database, in the same run.
"""

import asyncio
import datetime as dt
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median, quantiles

from procrastinate import App
from sqlalchemy import text

from benchmarks._jobs_worker import (
    BARE_QUEUE,
    HANDLERS,
    NOTHING,
    STAMP,
    WAIT,
    WAIT_SECONDS,
    NoInput,
    bare_app,
)
from benchmarks.tables import ROUNDS, print_machine
from domain.jobs import create_job
from storage.database import Database
from storage.embedded import running_server
from storage.embedded_cluster import cluster_folder
from storage.models import Job, Tier, User, new_id
from storage.provision import prepare_embedded
from storage.queue import defer_job

ROOT = Path(__file__).parents[1]
# procrastinate wants its tasks in a module that is not the main one.
WORK = "from benchmarks._jobs_worker import main; main()"
CONCURRENCY = 4
CALLS = 40  # of each round, one after the other
NOTHINGS = 300
WAITS = 32  # eight turns for one worker, two for four
WORKERS = 4
DEADLINE_SECONDS = 120

WORKING = "SELECT count(*) FROM procrastinate_workers"
LEFT = "SELECT count(*) FROM procrastinate_jobs WHERE status IN ('todo', 'doing')"
LAST_TASK = "SELECT coalesce(max(id), 0) FROM procrastinate_jobs"
# From the first that began to the last that ended, on the database's clock.
SECONDS = """
    SELECT extract(epoch FROM max(at) FILTER (WHERE type = 'succeeded')
        - min(at) FILTER (WHERE type = 'started'))
    FROM procrastinate_events WHERE job_id > :after
"""


def main() -> None:
    """Measure and print."""
    print_machine()
    folder = Path(tempfile.mkdtemp(prefix="dream-benchmark-"))
    try:
        with running_server(folder / "data") as server:
            asyncio.run(_measure(prepare_embedded(server, database="benchmark"), folder))
    finally:
        for each in {cluster_folder(folder / "data"), folder}:
            shutil.rmtree(each, ignore_errors=True)


@dataclass(frozen=True, kw_only=True)
class Bench:
    """A database with a user who may ask for jobs, and procrastinate beside it."""

    database: Database
    bare: App
    user: User
    folder: Path

    async def ask_bare(self) -> None:
        """Defer a task that tells when it began."""
        await self.bare.configure_task(STAMP, queue=BARE_QUEUE).defer_async(asked=time.time())

    async def ask(self) -> None:
        """Ask for a job that tells when it began, as the API does."""
        async with self.database.user_session(self.user.id) as session:
            await create_job(
                session,
                self.user.id,
                HANDLERS[STAMP].kind,
                NoInput(),
                job_id=new_id(),
                timezone="UTC",
                now=dt.datetime.now(dt.UTC),
            )

    async def fill_bare(self, count: int) -> None:
        """Defer many tasks at once that do nothing."""
        task = self.bare.configure_task(NOTHING, queue=BARE_QUEUE)
        await task.batch_defer_async(*({} for _ in range(count)))

    async def fill(self, kind: str, count: int) -> None:
        """Put many jobs into the queue, in one transaction, beyond the limits of a day."""
        async with self.database.service_session() as session:
            jobs = [
                Job(id=new_id(), user_id=self.user.id, kind=kind, input={}, attempt_limit=1)
                for _ in range(count)
            ]
            session.add_all(jobs)
            await session.flush()
            for job in jobs:
                await defer_job(session, job.id, queue="default")

    async def rate(self, fill: Callable[[], Awaitable[None]], count: int) -> float:
        """Return the jobs per second of the workers that are there."""
        after = await self._number(LAST_TASK)
        await fill()
        await self.until(LEFT, 0)
        return count / await self._number(SECONDS, after=after)

    async def until(self, query: str, number: int) -> None:
        """Wait until a query says so."""
        deadline = time.monotonic() + DEADLINE_SECONDS
        while await self._number(query) != number:
            if time.monotonic() > deadline:
                raise RuntimeError(f"{query}: it is not {number}")
            await asyncio.sleep(0.1)

    @asynccontextmanager
    async def workers(self, count: int, *options: str) -> AsyncIterator[subprocess.Popen[str]]:
        """Have so many worker processes, until all is done; yield the first one."""
        with ExitStack() as stack:
            url = self.database.url
            processes = [
                stack.enter_context(worker(url, self.folder, *options)) for _ in range(count)
            ]
            await self.until(WORKING, count)
            yield processes[0]
            await self.until(LEFT, 0)
        await self.until(WORKING, 0)

    async def _number(self, query: str, **values: float) -> float:
        async with self.database.service_session() as session:
            return float((await session.execute(text(query), values)).scalar_one())


async def _measure(url: str, folder: Path) -> None:
    database, bare = Database(url), bare_app(url)
    async with database.service_session() as session:
        user = User(email="a@example.com", tier=Tier.BUSINESS)
        session.add(user)
    async with bare.open_async():
        bench = Bench(database=database, bare=bare, user=user, folder=folder)
        _print_latencies(
            {
                "procrastinate, a task that does nothing": await _latencies(
                    bench, bench.ask_bare, "--bare"
                ),
                "a job, asked for with all checks": await _latencies(bench, bench.ask),
            }
        )
        _print_rates(await _rates(bench))
    await database.close()


async def _latencies(
    bench: Bench, ask: Callable[[], Awaitable[None]], *options: str
) -> list[list[float]]:
    """Return the seconds from asking to beginning, in rounds; a worker has nothing else to do."""
    async with bench.workers(1, *options) as process:
        stdout = process.stdout
        assert stdout

        async def wait_for_one() -> float:
            await ask()
            return float(await asyncio.to_thread(stdout.readline))

        rounds = [[await wait_for_one() for _ in range(CALLS)] for _ in range(ROUNDS + 1)]
    return rounds[1:]  # the first one fills caches


async def _rates(bench: Bench) -> Mapping[str, Sequence[float]]:
    """Return jobs per second; the ways take turns."""
    one, many = f"jobs that wait {WAIT_SECONDS} s, one worker", f"the same, {WORKERS} workers"
    rates: dict[str, list[float]] = {
        "procrastinate, tasks that do nothing": [],
        "jobs that do nothing": [],
        one: [],
        many: [],
    }
    bare, ours, *_ = rates
    for _ in range(ROUNDS):
        async with bench.workers(1, "--bare"):
            rates[bare].append(await bench.rate(lambda: bench.fill_bare(NOTHINGS), NOTHINGS))
        async with bench.workers(1):
            rates[ours].append(await bench.rate(lambda: bench.fill(NOTHING, NOTHINGS), NOTHINGS))
            rates[one].append(await bench.rate(lambda: bench.fill(WAIT, WAITS), WAITS))
        async with bench.workers(WORKERS):
            rates[many].append(await bench.rate(lambda: bench.fill(WAIT, WAITS), WAITS))
    return rates


@contextmanager
def worker(url: str, folder: Path, *options: str) -> Iterator[subprocess.Popen[str]]:
    """Run a worker in a process of its own."""
    environment = os.environ | {
        "DATABASE_URL": url,
        "JOB_CONCURRENCY": str(CONCURRENCY),
        "STOP_SECONDS": "0",
        "PYTHONPATH": str(ROOT),
    }
    with subprocess.Popen(  # noqa: S603 - our own module
        [sys.executable, "-c", WORK, *options],
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            yield process
        finally:
            process.terminate()


def _print_latencies(found: Mapping[str, Sequence[Sequence[float]]]) -> None:
    print("| from asking to beginning | median | 95 % below | to the baseline |")
    print("|---|---:|---:|---:|")
    baseline = None
    for name, rounds in found.items():
        middle = median(median(each) for each in rounds)
        high = median(quantiles(each, n=20)[-1] for each in rounds)
        baseline = baseline or middle
        row = (name, f"{1000 * middle:.1f} ms", f"{1000 * high:.1f} ms")
        print(f"| {' | '.join(row)} | {middle / baseline:.1f} × |")
    print(flush=True)


def _print_rates(rates: Mapping[str, Sequence[float]]) -> None:
    """Print jobs per second; each second row is compared with the one above it."""
    print("| jobs per second | median | to the row above |")
    print("|---|---:|---:|")
    before = None
    for name, found in rates.items():
        middle = median(found)
        ratio = f"{middle / before:.2f} ×" if before else ""
        print(f"| {name} | {middle:.1f} | {ratio} |", flush=True)
        before = None if before else middle


if __name__ == "__main__":
    main()
