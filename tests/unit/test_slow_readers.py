"""Readers of a stream that do not keep up."""

import asyncio
from typing import Any
from uuid import uuid4

import pytest
from starlette.types import Message

from api import sse
from graph.events import RunLog
from graph.run import RunHandle

SCOPE: dict[str, Any] = {"type": "http", "method": "GET"}
EVENTS = 5


@pytest.fixture
def run() -> RunHandle:
    log = RunLog(uuid4())
    for n in range(EVENTS):
        log.append({"type": f"data-{n}"})
    log.close()
    return RunHandle(run_id=log.run_id, user_id=uuid4(), conversation_id=uuid4(), log=log)


async def receive() -> Message:
    """Never hang up."""
    await asyncio.Event().wait()
    raise AssertionError


async def test_a_reader_that_stays_behind_is_told_to_come_back(
    run: RunHandle, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sse, "PATIENCE_SECONDS", 0.2)
    bodies: list[bytes] = []

    async def send(message: Message) -> None:
        bodies.append(message.get("body", b""))
        await asyncio.sleep(0.15)  # slow, but not at a stand

    async with asyncio.timeout(30):
        await sse.stream_run(run)(SCOPE, receive, send)
    text = b"".join(bodies).decode()
    *frames, last = text.removesuffix("\n\n").split("\n\n")
    assert 0 < len(frames) < EVENTS
    after = frames[-1].splitlines()[0].removeprefix("id: ")
    expected = f'"data":{{"after":"{after}"}}'
    assert last.startswith('event: data-resume\ndata: {"type":"data-resume",')
    assert expected in last
    assert "[DONE]" not in text
    rest = [event.seq async for event in run.log.read(run.log.position_of(after))]
    assert rest[0] == len(frames) + 1


async def test_a_reader_that_takes_nothing_is_cut_off(
    run: RunHandle, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sse, "PATIENCE_SECONDS", 0.1)
    taken: list[Message] = []

    async def send(message: Message) -> None:
        taken.append(message)
        if message["type"] == "http.response.body":
            await asyncio.Event().wait()

    async with asyncio.timeout(30):
        await sse.stream_run(run)(SCOPE, receive, send)
    assert [message["type"] for message in taken] == [
        "http.response.start",
        "http.response.body",
    ]


async def test_a_reader_that_keeps_up_gets_all(
    run: RunHandle, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sse, "PATIENCE_SECONDS", 5)
    bodies: list[bytes] = []

    async def send(message: Message) -> None:
        bodies.append(message.get("body", b""))

    await sse.stream_run(run)(SCOPE, receive, send)
    assert b"".join(bodies).count(b"\n\n") == EVENTS + 1
    assert b"".join(bodies).endswith(b"data: [DONE]\n\n")
