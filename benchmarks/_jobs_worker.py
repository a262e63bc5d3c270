"""A worker process for `benchmarks/jobs.py`, until SIGTERM.

It does our jobs, or with `--bare` tasks of procrastinate with nothing around them. What tells how
long it waited prints the seconds.
"""

import asyncio
import datetime as dt
import gc
import signal
import sys
import time
from contextlib import suppress

from procrastinate import App, PsycopgConnector
from pydantic import BaseModel
from sqlalchemy import make_url

from core.settings import Settings, read_settings
from domain.jobs import JobKind
from graph.suite import open_suite
from jobs.execution import Attempt, Handler, Outcome
from jobs.insights import HANDLER, INSIGHTS
from jobs.worker import run_worker
from storage.migrations.security import SERVICE_ROLE

WAIT_SECONDS = 2
BARE_QUEUE = "bare"
NOTHING, STAMP, WAIT = "nothing", "stamp", "wait"


class NoInput(BaseModel):
    """Nothing has to be known."""


async def do_nothing(_attempt: Attempt) -> Outcome:
    return Outcome(result={})


async def stamp(attempt: Attempt) -> Outcome:
    print(time.time() - attempt.job.created_at.timestamp(), flush=True)
    return Outcome(result={})


async def wait(_attempt: Attempt) -> Outcome:
    """Do what most of a plan is: wait for a model."""
    await asyncio.sleep(WAIT_SECONDS)
    return Outcome(result={})


HANDLERS = {
    name: Handler(
        kind=JobKind(name=name, title=name, input=NoInput, waits=(dt.timedelta(),)), run=run
    )
    for name, run in ((NOTHING, do_nothing), (STAMP, stamp), (WAIT, wait))
} | {INSIGHTS.name: HANDLER}


def bare_app(url: str) -> App:
    """Return procrastinate with two tasks of its own; open it before use."""
    conninfo = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    options = {"options": f"-c role={SERVICE_ROLE}"}
    app = App(connector=PsycopgConnector(conninfo=conninfo, min_size=1, max_size=4, kwargs=options))

    async def nothing() -> None:
        pass

    async def say_when(asked: float) -> None:
        print(time.time() - asked, flush=True)

    app.task(name=NOTHING, queue=BARE_QUEUE)(nothing)
    app.task(name=STAMP, queue=BARE_QUEUE)(say_when)
    return app


def main() -> None:
    """Work."""
    asyncio.run(work_until_told(is_bare="--bare" in sys.argv))


async def work_bare(settings: Settings, url: str) -> None:
    app = bare_app(url)
    async with app.open_async():
        await app.run_worker_async(
            queues=[BARE_QUEUE],
            concurrency=settings.job_concurrency,
            install_signal_handlers=False,
            shutdown_graceful_timeout=0,
        )


async def work(settings: Settings, url: str) -> None:
    async with open_suite(settings, url) as suite:
        gc.freeze()  # as `python -m jobs` does
        await run_worker(suite, HANDLERS)


async def work_until_told(*, is_bare: bool) -> None:
    settings = read_settings()
    assert settings.database_url
    url = settings.database_url.get_secret_value()
    worker = asyncio.create_task(work_bare(settings, url) if is_bare else work(settings, url))
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, worker.cancel)
    with suppress(asyncio.CancelledError):
        await worker
