"""What a worker process reports is pushed to those who follow it on a server."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import anyio
import httpx

from graph.suite import Suite
from storage.jobs import get_job
from storage.models import User
from tests.conftest import Creator
from tests.e2e.test_events import following, wait_for
from tests.e2e.test_workers import closed_gate, submit, worker
from tests.e2e.waiting import PATIENCE_SECONDS
from tests.jobs_worker import GATED


async def read(stream: httpx.Response) -> AsyncIterator[dict[str, Any]]:
    async for line in stream.aiter_lines():
        if line.startswith("data: "):
            yield json.loads(line.removeprefix("data: "))


async def test_what_another_process_reports_is_pushed_as_it_happens(
    creator: Creator, suite: Suite, database_url: str, tmp_path: Path
) -> None:
    async with suite.database.service_session() as session:
        user = await session.get_one(User, creator.user_id)
    with (
        worker(database_url, tmp_path),
        closed_gate(database_url) as gate,
        anyio.fail_after(PATIENCE_SECONDS),
    ):
        job_id = await submit(suite, user, GATED)
        async with (
            following(creator) as events,
            creator.stream("GET", f"/api/jobs/{job_id}/events") as stream,
        ):
            told = read(stream)
            while (await anext(told))["stage"] != "first":
                pass
            gate.close()
            assert await wait_for(events, "job") == str(job_id)
            rest = [(job["stage"], job["status"]) async for job in told]
    assert rest[-1] == ("second", "completed")
    async with suite.database.service_session() as session:
        assert (await get_job(session, job_id)).progress == 100
