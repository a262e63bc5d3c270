"""The language model behind a test's server: what it is to say, and what it was sent."""

import json
import secrets
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import httpx
from pydantic import SecretStr

from core.settings import Settings
from tests.conftest import SealedModelSettings
from tests.openai_server import Call

Reply = dict[str, Any]
Chunk = dict[str, Any]
Message = dict[str, Any]


@contextmanager
def serving_openai() -> Iterator[str]:
    """Run `tests/openai_server.py` for the length of the block; yield its URL."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.openai_server"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:
        assert process.stdout
        yield f"http://127.0.0.1:{process.stdout.readline().strip()}"


def says(*chunks: str | Chunk, tokens: int | None = 15) -> Reply:
    """Return a reply of these chunks; null tokens are not reported."""
    return {"chunks": chunks, "tokens": tokens}


def calls(name: str, arguments: dict[str, Any] | str = "{}", call_id: str = "call_1") -> Chunk:
    """Return a chunk that calls a tool; a text as arguments is sent as it is."""
    text = arguments if isinstance(arguments, str) else json.dumps(arguments)
    return {"call": {"id": call_id, "name": name, "arguments": text}}


def gate(name: str) -> Chunk:
    """Return a chunk where the model waits until the gate is opened."""
    return {"gate": name}


def pause(seconds: float) -> Chunk:
    """Return a chunk where the model takes its time."""
    return {"pause": seconds}


def breaks(message: str) -> Chunk:
    """Return a chunk by which the model fails in mid-answer."""
    return {"error": {"message": message}}


def fails(status: int, **fields: Any) -> Reply:
    """Return a refusal; `fields` are those of `tests/openai_server.py`."""
    return {"status": status, **fields}


def in_turn(*replies: Reply) -> Reply:
    """Return a reply that is another one each time the same call is made."""
    return {"tries": replies}


@dataclass(frozen=True, kw_only=True)
class ScriptedModel:
    """A room of `tests/openai_server.py`, which no other test uses."""

    room_url: str
    http: httpx.AsyncClient

    @property
    def base_url(self) -> str:
        """Return what `CHAT_BASE_URL` is set to."""
        return f"{self.room_url}/v1"

    def answers(self, settings: Settings) -> Settings:
        """Return the settings with this model in place of theirs."""
        chat = SealedModelSettings(
            model="openai:scripted",
            base_url=self.base_url,
            api_key=SecretStr("test"),
            max_retries=0,
        )
        return settings.model_copy(update={"chat": chat})

    async def follow_all(self, script: Mapping[str, Sequence[Reply]]) -> None:
        """Say to each of these questions its replies, one per model call."""
        (await self.http.put(f"{self.room_url}/script", json=script)).raise_for_status()

    async def follow(self, *replies: Reply, to: str = "*") -> None:
        """Say these replies, one per model call, to a question, or to all without their own."""
        await self.follow_all({to: replies})

    async def open(self, name: str) -> None:
        """Open a gate, for all who wait at it and all who come."""
        (await self.http.post(f"{self.room_url}/gates/{name}")).raise_for_status()

    async def requests(self) -> list[dict[str, Any]]:
        """Return the bodies of the calls so far."""
        found: list[dict[str, Any]] = (await self.http.get(f"{self.room_url}/requests")).json()
        return found

    async def heard(self, call: int = -1) -> list[Message]:
        """Return the messages of one call, without the system prompt."""
        messages = (await self.requests())[call]["messages"]
        return [message for message in messages if message["role"] != "system"]

    async def stats(self) -> dict[str, int]:
        """Return how many calls were started, finished and aborted."""
        found: dict[str, int] = (await self.http.get(f"{self.room_url}/stats")).json()
        return found

    async def was_asked(self) -> bool:
        """Tell whether a call has come."""
        return (await self.stats())["started"] > 0

    async def was_aborted(self) -> bool:
        """Tell whether the only call was given up by its caller."""
        return await self.stats() == {"started": 1, "finished": 0, "aborted": 1}

    async def is_idle(self) -> bool:
        """Tell whether no call is being answered."""
        return bool((await self._load())["running"] == 0)

    async def calls(self) -> list[Call]:
        """Return the streamed calls so far."""
        return [Call(**call) for call in (await self.http.get(f"{self.room_url}/calls")).json()]

    async def waits(self) -> list[float]:
        """Return the seconds between one call and the next."""
        return [after - before for before, after in pairwise((await self._load())["times"])]

    async def _load(self) -> dict[str, Any]:
        found: dict[str, Any] = (await self.http.get(f"{self.room_url}/load")).json()
        return found


def new_model(server_url: str, http: httpx.AsyncClient) -> ScriptedModel:
    """Return a model with a room of its own."""
    return ScriptedModel(room_url=f"{server_url}/{secrets.token_hex(6)}", http=http)
