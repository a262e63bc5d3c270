"""A worker process for tests, with kinds of jobs of its own.

    python -m tests.jobs_worker      prints a line when it works, ends with SIGTERM

A `gated` job stops in its second stage until nobody holds the advisory lock `GATE` any more; a
`quick` one does nothing.
"""

import asyncio
import datetime as dt
import os
import signal
from contextlib import suppress

from pydantic import BaseModel
from sqlalchemy import func, select

from core.logging import configure_logging
from core.settings import read_settings
from domain.jobs import JobKind
from graph.suite import open_suite
from jobs.execution import Attempt, Handler, Outcome
from jobs.worker import run_worker

GATE = 4711
SOON = (dt.timedelta(), dt.timedelta())


class NoInput(BaseModel):
    """Nothing has to be known."""


GATED = JobKind(name="gated", title="Gated", input=NoInput, waits=SOON)
QUICK = JobKind(name="quick", title="Quick", input=NoInput, waits=SOON)


async def run_gated(attempt: Attempt) -> Outcome:
    await attempt.report("first", 30, "The first half is done.")
    async with attempt.resources.database.service_session() as session:
        await session.execute(select(func.pg_advisory_xact_lock_shared(GATE)))
    await attempt.report("second", 60, "The second half is done.")
    return Outcome(result={"attempt": attempt.fence.attempt, "pid": os.getpid()})


async def run_quick(_attempt: Attempt) -> Outcome:
    return Outcome(result={})


HANDLERS = {
    "gated": Handler(kind=GATED, run=run_gated),
    "quick": Handler(kind=QUICK, run=run_quick),
}


async def work() -> None:
    settings = read_settings()
    configure_logging("INFO", "text")
    assert settings.database_url
    async with open_suite(settings, settings.database_url.get_secret_value()) as suite:
        worker = asyncio.create_task(run_worker(suite, HANDLERS))
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, worker.cancel)
        print("working", flush=True)  # noqa: T201  # for the test
        with suppress(asyncio.CancelledError):
            await worker


if __name__ == "__main__":
    asyncio.run(work())
