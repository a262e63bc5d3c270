"""Reading an answer as its client does: frame by frame, while it comes."""

import json
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing, asynccontextmanager
from http import HTTPStatus
from typing import Any, Self, cast

import anyio
import httpx

from tests.e2e.waiting import PATIENCE_SECONDS

Chunk = dict[str, Any]


class Refused(Exception):  # noqa: N818  # reads as what happened
    """There is no stream: `status`, `code` and the whole `problem` tell why."""

    def __init__(self, response: httpx.Response) -> None:
        self.status = response.status_code
        self.problem: Chunk = response.json()
        self.code: str = self.problem["code"]
        super().__init__(response.text)


class AnswerStream:
    """An open stream; `chunks` and `ids` are those of the frames read so far."""

    def __init__(self, response: httpx.Response, lines: AsyncIterator[str]) -> None:
        self.response = response
        self.chunks: list[Chunk] = []
        self.ids: list[str] = []
        self._lines = lines

    @property
    def text(self) -> str:
        """What has been said so far."""
        return "".join(chunk["delta"] for chunk in self.chunks if chunk["type"] == "text-delta")

    @property
    def types(self) -> list[str]:
        return [chunk["type"] for chunk in self.chunks]

    @property
    def finish(self) -> Chunk:
        """How the run ended, in the last chunk's words."""
        assert self.types[-1] == "finish"
        metadata: Chunk = self.chunks[-1]["messageMetadata"]
        return metadata

    def of_type(self, kind: str) -> list[Chunk]:
        return [chunk for chunk in self.chunks if chunk["type"] == kind]

    async def read_until(self, text: str) -> Self:
        """Read on until the answer contains this text, and no further."""
        with anyio.fail_after(PATIENCE_SECONDS):
            while text not in self.text:
                assert await self._read_chunk(), f"the stream ended without {text!r}"
        return self

    async def read_until_type(self, kind: str) -> Self:
        """Read on until there is a chunk of this type, and no further."""
        with anyio.fail_after(PATIENCE_SECONDS):
            while kind not in self.types:
                assert await self._read_chunk(), f"the stream ended without a {kind}"
        return self

    async def read_all(self) -> Self:
        """Read to the end."""
        with anyio.fail_after(PATIENCE_SECONDS):
            while await self._read_chunk():
                pass
        return self

    async def _read_chunk(self) -> bool:
        async for line in self._lines:
            field, _, value = line.partition(": ")
            if field == "id":
                self.ids.append(value)
            elif field == "data":
                if value == "[DONE]":
                    return False
                self.chunks.append(json.loads(value))
                return True
        return False


@asynccontextmanager
async def asking(
    client: httpx.AsyncClient, question: str | Chunk | None, **fields: object
) -> AsyncIterator[AnswerStream]:
    """Ask, and lend the stream of the answer; leaving the block early hangs up."""
    body = {"message": question, **fields}
    async with client.stream("POST", "/api/chat", json=body) as response, _read(response) as answer:
        yield answer


@asynccontextmanager
async def returning(
    client: httpx.AsyncClient, conversation: str, *, after: str | None = None
) -> AsyncIterator[AnswerStream]:
    """Come back to the open answer of a conversation, or to what followed an event."""
    headers = {"Last-Event-ID": after} if after else {}
    path = f"/api/chat/{conversation}/stream"
    async with client.stream("GET", path, headers=headers) as response, _read(response) as answer:
        yield answer


async def ask(
    client: httpx.AsyncClient, question: str | Chunk | None, **fields: object
) -> AnswerStream:
    """Ask, and return the whole answer."""
    async with asking(client, question, **fields) as answer:
        return await answer.read_all()


@asynccontextmanager
async def resuming(
    client: httpx.AsyncClient, run_id: str, *decisions: Chunk
) -> AsyncIterator[AnswerStream]:
    """Decide about a waiting run's approvals, and lend the stream of what follows."""
    path, body = f"/api/runs/{run_id}/resume", {"decisions": decisions}
    async with client.stream("POST", path, json=body) as response, _read(response) as answer:
        yield answer


async def resume(client: httpx.AsyncClient, run_id: str, *decisions: Chunk) -> AnswerStream:
    """Decide about a waiting run's approvals, and return all that follows."""
    async with resuming(client, run_id, *decisions) as answer:
        return await answer.read_all()


def question(text: str, client_id: str) -> Chunk:
    """Return a question with a client's own id, as the AI SDK has it."""
    return {"id": client_id, "role": "user", "parts": [{"type": "text", "text": text}]}


@asynccontextmanager
async def _read(response: httpx.Response) -> AsyncIterator[AnswerStream]:
    if response.status_code != HTTPStatus.OK:
        await response.aread()
        raise Refused(response)
    async with aclosing(cast("AsyncGenerator[str]", response.aiter_lines())) as lines:
        yield AnswerStream(response, lines)
