"""What a worker process reports is pushed to those who follow it on a server."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import anyio
import httpx
import pytest

from api.app import create_app
from core.settings import Settings
from graph.suite import Suite
from storage.jobs import get_job
from storage.models import User
from tests.conftest import PASSWORD, new_client, new_email, serving
from tests.e2e.test_events import following, wait_for
from tests.e2e.test_workers import closed_gate, submit, suite, url, worker
from tests.e2e.waiting import PATIENCE_SECONDS
from tests.jobs_worker import GATED

__all__ = ["suite", "url"]  # fixtures


@pytest.fixture
async def client(settings: Settings, url: str) -> AsyncIterator[httpx.AsyncClient]:
    """Return somebody who is signed in to a server of this database."""
    async with serving(create_app(settings, url)) as address, new_client(address) as client:
        body = {"email": new_email(), "password": PASSWORD}
        token = (await client.post("/api/auth/register", json=body)).json()["token"]
        client.headers["Authorization"] = f"Bearer {token}"
        yield client


async def read(stream: httpx.Response) -> AsyncIterator[dict[str, Any]]:
    async for line in stream.aiter_lines():
        if line.startswith("data: "):
            yield json.loads(line.removeprefix("data: "))


async def test_what_another_process_reports_is_pushed_as_it_happens(
    client: httpx.AsyncClient, suite: Suite, url: str, tmp_path: Path
) -> None:
    me = (await client.get("/api/me")).json()["id"]
    async with suite.database.service_session() as session:
        user = await session.get_one(User, me)
    with worker(url, tmp_path), closed_gate(url) as gate, anyio.fail_after(PATIENCE_SECONDS):
        job_id = await submit(suite, user, GATED)
        async with (
            following(client) as events,
            client.stream("GET", f"/api/jobs/{job_id}/events") as stream,
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
