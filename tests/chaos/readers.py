"""Creators' clients: they ask, hang up, come back on any server, and try again what failed."""

import asyncio
import itertools
import time
from collections.abc import AsyncGenerator, Iterable
from contextlib import aclosing
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, NamedTuple

import httpx
import orjson

from graph.events import LOST_MARK
from tests.chaos.plan import SERVERS, Visit
from tests.chaos.world import World

RETRY_SECONDS = 0.1  # how long a client waits before it comes again


class Event(NamedTuple):
    """One event as a reader got it."""

    key: str
    seq: int
    is_lost: bool
    data: bytes


class Progress:
    """How far an answer has come, as far as any reader knows."""

    def __init__(self) -> None:
        self._seq = -1
        self._is_over = False
        self._news = asyncio.Condition()

    async def tell(self, seq: int) -> None:
        async with self._news:
            self._seq = max(self._seq, seq)
            self._news.notify_all()

    async def end(self) -> None:
        async with self._news:
            self._is_over = True
            self._news.notify_all()

    async def reach(self, seq: int) -> bool:
        """Wait until it has come so far; tell whether it did before it ended."""
        async with self._news:
            await self._news.wait_for(lambda: self._seq >= seq or self._is_over)
        return self._seq >= seq


@dataclass(kw_only=True)
class Client:
    """A creator's client, signed in."""

    world: World
    token: str = ""

    async def request(self, server: int, method: str, path: str, body: Any = None) -> Any:
        """Ask until there is an answer, one server after the other; return its JSON."""
        for place in itertools.cycle((server, 1 - server)):
            response = await self.try_request(place, method, path, body)
            if response is not None:
                assert response.is_success, response.text
                return response.json()
            await asyncio.sleep(RETRY_SECONDS)
        raise AssertionError("unreachable")

    async def try_request(
        self, server: int, method: str, path: str, body: Any = None
    ) -> httpx.Response | None:
        """Return the answer; None when the server is not there, or has no database."""
        url = self.world.servers[server].url
        if url is None:
            return None
        try:
            response = await self.world.http.request(
                method, url + path, json=body, headers=self.headers
            )
        except httpx.TransportError:
            return None
        is_away = response.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR
        return None if is_away else response

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"} if self.token else {}


@dataclass(kw_only=True)
class Reader:
    """Reads one answer to its end, however often the connection breaks.

    `opening` is the request that begins it; without one it follows what is going on. `nothing_at`
    is when it was told that there is nothing to follow.
    """

    client: Client
    conversation: str
    progress: Progress
    opening: tuple[str, dict[str, Any]] | None = None
    run_id: str | None = None
    events: list[Event] = field(default_factory=list)
    nothing_at: float | None = None
    refusal: str | None = None
    connections: int = 0

    @property
    def finish(self) -> dict[str, Any] | None:
        """How the answer ended, if its last event says so."""
        last: dict[str, Any] = orjson.loads(self.events[-1].data) if self.events else {}
        return last["messageMetadata"] if last.get("type") == "finish" else None

    async def read(self, visits: Iterable[Visit]) -> None:
        """Read to the next end."""
        stays = (Visit(server=server) for server in itertools.cycle(SERVERS))
        for visit in itertools.chain(visits, stays):
            if await self._visit(visit):
                return
            await asyncio.sleep(RETRY_SECONDS)

    async def _visit(self, visit: Visit) -> bool:
        """Connect once; tell whether there is nothing more to read."""
        url = self.client.world.servers[visit.server].url
        if url is None:
            return False
        self.connections += 1
        known = len(self.events)
        try:
            async with self._connect(url) as response:
                if response.status_code != HTTPStatus.OK:
                    return await self._take_refusal(response)
                self.run_id = response.headers["X-Run-Id"]
                async with aclosing(_events(response)) as events:
                    async for event in events:
                        self.opening = None
                        self.events.append(event)
                        await self.progress.tell(event.seq)
                        if visit.events is not None and len(self.events) - known > visit.events:
                            return False
        except httpx.TransportError:
            pass
        return len(self.events) > known and self.finish is not None

    def _connect(self, url: str) -> Any:
        stream, headers = self.client.world.http.stream, dict(self.client.headers)
        if self.opening:
            path, body = self.opening
            return stream("POST", url + path, json=body, headers=headers)
        if self.events:
            last = self.events[-1]
            headers["Last-Event-ID"] = f"{last.key}:{last.seq}{LOST_MARK if last.is_lost else ''}"
        return stream("GET", f"{url}/api/chat/{self.conversation}/stream", headers=headers)

    async def _take_refusal(self, response: httpx.Response) -> bool:
        if response.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR:
            return False
        if response.status_code == HTTPStatus.NO_CONTENT:
            self.nothing_at = time.time()
            return True
        self.refusal = (await response.aread()).decode()
        return True


async def _events(response: httpx.Response) -> AsyncGenerator[Event]:
    """Yield the events of a stream until it says that it is done, or that it goes on elsewhere."""
    event_id = ""
    async for line in response.aiter_lines():
        name, _, value = line.partition(": ")
        if name == "id":
            event_id = value
        elif value in ("[DONE]", "data-resume"):
            return
        elif name == "data":
            key, _, seq = event_id.partition(":")
            number = seq.removesuffix(LOST_MARK)
            yield Event(key, int(number), number != seq, value.encode())
