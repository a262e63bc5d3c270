"""What the process measures of itself, for Prometheus, and the event loop's own pulse."""

import asyncio
import datetime as dt
import hmac
import math
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from ipaddress import ip_address

from fastapi import APIRouter, Request, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from pydantic import SecretStr
from sqlalchemy import QueuePool
from sqlalchemy.exc import SQLAlchemyError

from api.deps import SuiteDep
from api.errors import problems
from api.health import PATIENCE_SECONDS
from api.job_models import KINDS
from core import metrics
from core.errors import NotFoundError, UnauthenticatedError
from graph.suite import Suite
from storage.deliveries import count_since
from storage.jobs import OPEN, count_by_status
from storage.models import DeliveryStatus
from storage.queue import read_queue

PULSE_SECONDS = 0.25
# A proxy on this machine would make all the world look like loopback; most of them add one.
FORWARDED = ("forwarded", "x-forwarded-for", "x-forwarded-host", "x-real-ip", "via")

router = APIRouter(tags=["Health"])


class MetricsHiddenError(NotFoundError):
    """The metrics are for this machine only; METRICS_TOKEN lets others read them."""


class MetricsTokenError(UnauthenticatedError):
    """The metrics take `Authorization: Bearer` with the value of METRICS_TOKEN."""


@router.get(
    "/metrics",
    summary="What is measured",
    response_class=Response,
    responses={
        200: {
            "description": "This process's metrics, in Prometheus' text format.",
            "content": {CONTENT_TYPE_LATEST: {"schema": {"type": "string"}}},
        },
        **problems(MetricsHiddenError, MetricsTokenError),
    },
)
async def get_metrics(request: Request, suite: SuiteDep) -> Response:
    """Answer clients on this machine, and others with the bearer token METRICS_TOKEN."""
    if not _is_local(request):
        _check_token(request, suite.settings.metrics_token)
    await _count_jobs(suite)
    _count_connections(suite)
    return Response(generate_latest(metrics.REGISTRY), media_type=CONTENT_TYPE_LATEST)


@asynccontextmanager
async def watched_event_loop() -> AsyncIterator[None]:
    """Measure during the block by how much the event loop is late."""
    pulse = asyncio.create_task(_beat(), name="event loop pulse")
    try:
        yield
    finally:
        pulse.cancel()


async def _beat() -> None:
    loop = asyncio.get_running_loop()
    while True:
        due = loop.time() + PULSE_SECONDS
        await asyncio.sleep(PULSE_SECONDS)
        metrics.EVENT_LOOP_LAG.observe(max(0.0, loop.time() - due))


def _is_local(request: Request) -> bool:
    """Tell whether a client on this machine asks by itself."""
    if request.client is None or any(name in request.headers for name in FORWARDED):
        return False
    try:
        return ip_address(request.client.host).is_loopback
    except ValueError:
        return False


def _check_token(request: Request, token: SecretStr | None) -> None:
    if token is None:
        raise MetricsHiddenError
    scheme, _, sent = request.headers.get("authorization", "").partition(" ")
    is_right = hmac.compare_digest(sent.strip().encode(), token.get_secret_value().encode())
    if scheme.lower() != "bearer" or not is_right:
        raise MetricsTokenError


async def _count_jobs(suite: Suite) -> None:
    """Read how the queue stands; while the database is away, nobody knows."""
    try:
        async with (
            asyncio.timeout(PATIENCE_SECONDS),
            suite.database.service_session() as session,
        ):
            counts = await count_by_status(session, OPEN)
            queue = await read_queue(session, stall_seconds=suite.settings.job_stall_seconds)
            deliveries = await count_since(session, suite.clock() - dt.timedelta(days=1))
    except (SQLAlchemyError, OSError):  # TimeoutError is an OSError
        metrics.OPEN_JOBS.clear()
        metrics.ENGINE_DELIVERIES.clear()
        metrics.JOB_WAIT_SECONDS.set(math.nan)
        metrics.WORKERS.set(math.nan)
        return
    for kind in KINDS:
        for status in OPEN:
            metrics.OPEN_JOBS.labels(kind, status).set(counts.get((kind, status), 0))
    for engine in set(suite.settings.engines.by_kind.values()) | {name for name, _ in deliveries}:
        for state in DeliveryStatus:
            count = deliveries.get((engine, state), 0)
            metrics.ENGINE_DELIVERIES.labels(engine, state).set(count)
    metrics.JOB_WAIT_SECONDS.set(queue.wait.total_seconds())
    metrics.WORKERS.set(queue.workers)


def _count_connections(suite: Suite) -> None:
    pool = suite.database.engine.pool
    if isinstance(pool, QueuePool):
        metrics.DATABASE_CONNECTIONS.labels("in_use").set(pool.checkedout())
        metrics.DATABASE_CONNECTIONS.labels("size").set(pool.size())
