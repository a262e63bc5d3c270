"""A server with outside engines, and creators whose jobs these do."""

import datetime as dt
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import httpx
import orjson
from sqlalchemy import select
from standardwebhooks import Webhook

from api.app import create_app
from core.clock import utc_now
from core.settings import Settings
from graph.suite import Suite
from jobs.delivery import deliver
from jobs.engines import hand_over
from jobs.handlers import HANDLERS
from storage.jobs import get_job
from storage.models import Job, JobStatus, WebhookDelivery, new_id
from tests.conftest import PASSWORD, SealedEngineSettings, new_client, new_email, serving
from tests.e2e.waiting import eventually
from tests.engine_server import write_plan

SIGNING_SECRET = "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="
WEBHOOK_SECRET, CALLBACK_SECRET = "sent to the engine", "sent by the engine"
CURRENT_KEY = "sig_current_key_0123456789abcdef0123456789"
NEXT_KEY = "sig_next_key_0123456789abcdef0123456789ab"
TOKEN = "the token of QStash"
ASKED: dict[str, Any] = {
    "goal": "Be heard by more people",
    "niche": "folk",
    "hours_per_week": 5,
    "platforms": ["instagram"],
    "posts_per_week": 2,
    "start": (utc_now().date() + dt.timedelta(days=2)).isoformat(),
}


@dataclass(frozen=True, kw_only=True)
class World:
    """The server, its suite, and a creator who is signed in."""

    suite: Suite
    client: httpx.AsyncClient

    async def submit(self) -> UUID:
        body = {"kind": "onboarding", "input": ASKED}
        response = await self.client.post("/api/jobs", json=body)
        assert response.status_code == 202, response.text
        return UUID(response.json()["id"])

    async def load(self, job_id: UUID) -> Job:
        async with self.suite.database.service_session() as session:
            return await get_job(session, job_id)

    async def wait_for(self, job_id: UUID, status: JobStatus) -> Job:
        async def is_there() -> bool:
            return (await self.load(job_id)).status == status

        await eventually(is_there)
        return await self.load(job_id)

    async def deliveries(self, job_id: UUID) -> list[WebhookDelivery]:
        """Return the deliveries of a job, oldest first."""
        query = (
            select(WebhookDelivery)
            .where(WebhookDelivery.job_id == job_id)
            .order_by(WebhookDelivery.created_at)
        )
        async with self.suite.database.service_session() as session:
            return list(await session.scalars(query))

    async def begin(self) -> UUID:
        """Submit a job, and do what its tasks do, without a worker."""
        job_id = await self.submit()
        await self.hand_over(job_id)
        await self.deliver(job_id)
        return job_id

    async def hand_over(self, job_id: UUID) -> bool:
        suite = self.suite
        async with suite.database.service_session() as session:
            return await hand_over(session, job_id, HANDLERS, suite.settings, suite.clock())

    async def deliver(self, job_id: UUID) -> WebhookDelivery:
        delivery = (await self.deliveries(job_id))[-1]
        await deliver(self.suite, HANDLERS, delivery.id)
        return (await self.deliveries(job_id))[-1]

    async def call_back(
        self,
        job_id: UUID,
        event: str,
        *,
        attempt: int = 1,
        message_id: str | None = None,
        **fields: Any,
    ) -> httpx.Response:
        """Tell about a job as an engine does that signs."""
        body = orjson.dumps({"job_id": job_id, "attempt": attempt, "event": event, **fields})
        headers = signed(body, message_id or str(new_id()))
        return await self.send(job_id, body, headers)

    async def send(self, job_id: UUID, body: bytes, headers: dict[str, str]) -> httpx.Response:
        async with new_client(str(self.client.base_url)) as engine:
            return await engine.post(
                f"/api/callbacks/jobs/{job_id}",
                content=body,
                headers={"Content-Type": "application/json"} | headers,
            )

    async def plan(self, job_id: UUID) -> dict[str, Any]:
        """Return a plan that fits what the engine was told."""
        body = (await self.deliveries(job_id))[-1].body
        assert body
        return {"plan": write_plan(body["data"])}


def signed(body: bytes, message_id: str) -> dict[str, str]:
    now = utc_now()
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": Webhook(SIGNING_SECRET).sign(message_id, now, body.decode()),
    }


@asynccontextmanager
async def engine_world(
    settings: Settings, database_url: str, *, has_worker: bool = False, **engines: Any
) -> AsyncIterator[World]:
    """Serve with these engines at an address that they can reach."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        changes = {
            "public_url": f"http://127.0.0.1:{listener.getsockname()[1]}",
            "engines": SealedEngineSettings(**engines),
            "run_jobs": has_worker,
        }
        app = create_app(settings.model_copy(update=changes), database_url)
        async with serving(app, listener) as url, new_client(url) as client:
            body = {"email": new_email(), "password": PASSWORD}
            answer = (await client.post("/api/auth/register", json=body)).json()
            client.cookies.clear()
            client.headers["Authorization"] = f"Bearer {answer['token']}"
            yield World(suite=app.state.suite, client=client)
