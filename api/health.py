"""Is the process alive, and can it work? For load balancers and containers."""

import asyncio
import datetime as dt
import time
from typing import Literal

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict
from sqlalchemy.exc import SQLAlchemyError

from api.deps import SuiteDep
from api.errors import problems
from core.errors import AppError
from graph.suite import Suite
from storage.migrate import is_behind
from storage.queue import QueueState, read_queue

PATIENCE_SECONDS = 2
# How long a job may be due before something must be wrong.
MAX_WAIT = dt.timedelta(minutes=5)

router = APIRouter(tags=["Health"])


class NotReadyError(AppError):
    """The server cannot work now; `part` is shutdown, database, migrations, workers or jobs."""

    code = "not_ready"
    status = 503


class WorkerWatch:
    """Since when no worker has given a sign of life, as far as this process knows.

    A worker that stops in good order leaves no trace, and another may be about to start: so
    nobody is missed before JOB_STALL_SECONDS are over, also at the start of this process.
    """

    def __init__(self) -> None:
        """Begin as if a worker had just been seen."""
        self._seen_at = time.monotonic()

    def silence(self, told: dt.timedelta | None) -> float:
        """Return for how many seconds there was no sign, given what the queue tells now."""
        now = time.monotonic()
        if told is not None:
            self._seen_at = max(self._seen_at, now - told.total_seconds())
        return now - self._seen_at


class HealthOut(BaseModel):
    """All is well."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"status": "ok"}]})

    status: Literal["ok"] = "ok"


@router.get("/healthz", summary="Is the process alive?")
async def get_health() -> HealthOut:
    """It answers whatever the state of the database is."""
    return HealthOut()


@router.get("/readyz", summary="Can it work?", responses=problems(NotReadyError))
async def get_readiness(request: Request, suite: SuiteDep) -> HealthOut:
    """Tell whether the database has the tables of this release, jobs are done, and we go on.

    It answers 503 with `part` otherwise. A container whose `/readyz` fails must not be restarted
    for it: that would not bring a worker back.
    """
    if request.app.state.is_stopping:
        raise NotReadyError("The server was told to stop.", part="shutdown")
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            await _check_database(suite)
            queue = await _read_queue(suite)
    except (SQLAlchemyError, OSError) as error:  # TimeoutError is an OSError
        raise NotReadyError("The database does not answer.", part="database") from error
    watch: WorkerWatch = request.app.state.worker_watch
    if watch.silence(queue.silence) > suite.settings.job_stall_seconds:
        raise NotReadyError(
            "No worker gives a sign of life: start `python -m jobs`, or set RUN_JOBS=true.",
            part="workers",
        )
    if queue.wait > MAX_WAIT:
        minutes = queue.wait // dt.timedelta(minutes=1)
        raise NotReadyError(f"A job has been due for {minutes} minutes.", part="jobs")
    return HealthOut()


async def _check_database(suite: Suite) -> None:
    async with suite.database.engine.connect() as connection:
        if await connection.run_sync(is_behind):
            raise NotReadyError(
                "The database is older than this release: run `python -m storage migrate`.",
                part="migrations",
            )


async def _read_queue(suite: Suite) -> QueueState:
    async with suite.database.service_session() as session:
        return await read_queue(session, stall_seconds=suite.settings.job_stall_seconds)
