"""An OpenAI-compatible server for tests, a process of its own: it says what a test scripts.

    python -m tests.openai_server --port 0      prints its port, ends when its input ends

Every test has a room, the first segment of the path, so that tests share neither scripts nor
counts. `PUT /{room}/script` takes `{question: [reply, …]}`, where the question `*` stands for all
others. What is said depends on the request alone: the reply whose place is the number of the
assistant's messages since the last user message; the last reply is repeated.

A reply is `{"chunks": [text, …], "tool_calls": [{"name", "arguments"}], "tokens": 15}` or
`{"status": 500}`. Among the chunks, `{"gate": name}` waits until `POST /{room}/gates/{name}`, and
`{"error": message}` breaks the answer off.
"""

import argparse
import asyncio
import json
import socket
import sys
import threading
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, field
from itertools import takewhile
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

ARGUMENT_PIECE = 7  # characters of a tool call's arguments per chunk
DEFAULT_TOKENS = 15


@dataclass(kw_only=True)
class Room:
    """What one test has scripted, and what came of it."""

    script: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    requests: list[dict[str, Any]] = field(default_factory=list)
    gates: dict[str, asyncio.Event] = field(
        default_factory=lambda: defaultdict(asyncio.Event)  # a gate exists once it is named
    )
    finished: int = 0
    aborted: int = 0

    def reply(self, messages: list[dict[str, Any]]) -> dict[str, Any]:
        """Return what the script says to these messages."""
        since = list(takewhile(lambda message: message["role"] != "user", reversed(messages)))
        question = _text(messages[-1 - len(since)])
        replies = self.script.get(question) or self.script["*"]
        place = sum(message["role"] == "assistant" for message in since)
        return replies[min(place, len(replies) - 1)]


async def put_script(request: Request) -> Response:
    _room(request).script = await request.json()
    return Response(status_code=204)


async def open_gate(request: Request) -> Response:
    _room(request).gates[request.path_params["gate"]].set()
    return Response(status_code=204)


async def list_requests(request: Request) -> Response:
    return JSONResponse(_room(request).requests)


async def get_stats(request: Request) -> Response:
    room = _room(request)
    started = len(room.requests)
    return JSONResponse({"started": started, "finished": room.finished, "aborted": room.aborted})


async def complete(request: Request) -> Response:
    """Answer `POST /v1/chat/completions`."""
    room = _room(request)
    body = await request.json()
    room.requests.append(body)
    reply = room.reply(body["messages"])
    if status := reply.get("status"):
        return JSONResponse({"error": {"message": "scripted failure", "type": "server"}}, status)
    completion = Completion(model=body["model"], reply=reply)
    if not body.get("stream"):
        room.finished += 1
        return JSONResponse(completion.whole())
    has_usage = (body.get("stream_options") or {}).get("include_usage", False)
    return StreamingResponse(
        _stream(room, completion, has_usage=has_usage), media_type="text/event-stream"
    )


async def _stream(room: Room, completion: "Completion", *, has_usage: bool) -> AsyncIterator[bytes]:
    is_whole = False
    try:
        for step in completion.steps(has_usage=has_usage):
            if "gate" in step:
                await room.gates[step["gate"]].wait()
            else:
                yield b"data: %b\n\n" % json.dumps(step).encode()
        yield b"data: [DONE]\n\n"
        is_whole = True
    finally:  # also when the client has gone, which cancels the stream
        room.finished += is_whole
        room.aborted += not is_whole


@dataclass(frozen=True, kw_only=True)
class Completion:
    """A reply in the words of the protocol, whole or in chunks."""

    model: str
    reply: dict[str, Any]

    def whole(self) -> dict[str, Any]:
        chunks = self.reply.get("chunks", [])
        calls = [self._call(index) for index in range(len(self._calls))]
        message = {
            "role": "assistant",
            "content": "".join(chunk for chunk in chunks if isinstance(chunk, str)) or None,
            **({"tool_calls": calls} if calls else {}),
        }
        choice = {"index": 0, "message": message, "finish_reason": self._finish_reason}
        return self._frame("chat.completion", choices=[choice], usage=self._usage)

    def steps(self, *, has_usage: bool) -> Iterator[dict[str, Any]]:
        """Yield the stream's chunks, and gates to wait at."""
        yield self._delta({"role": "assistant", "content": ""})
        for chunk in self.reply.get("chunks", []):
            yield self._delta({"content": chunk}) if isinstance(chunk, str) else chunk
        for index in range(len(self._calls)):
            call = self._call(index)
            arguments = call["function"].pop("arguments")
            yield self._delta({"tool_calls": [call | {"index": index}]})
            for start in range(0, len(arguments), ARGUMENT_PIECE):
                piece = {"arguments": arguments[start : start + ARGUMENT_PIECE]}
                yield self._delta({"tool_calls": [{"index": index, "function": piece}]})
        yield self._delta({}, finish_reason=self._finish_reason)
        if has_usage:
            yield self._frame("chat.completion.chunk", choices=[], usage=self._usage)

    @property
    def _calls(self) -> list[dict[str, Any]]:
        return self.reply.get("tool_calls", [])

    @property
    def _finish_reason(self) -> str:
        return "tool_calls" if self._calls else "stop"

    @property
    def _usage(self) -> dict[str, int]:
        total = self.reply.get("tokens", DEFAULT_TOKENS)
        return {"prompt_tokens": total - 5, "completion_tokens": 5, "total_tokens": total}

    def _call(self, index: int) -> dict[str, Any]:
        call = self._calls[index]
        arguments = call["arguments"]
        return {
            "id": call["id"],
            "type": "function",
            "function": {
                "name": call["name"],
                "arguments": arguments if isinstance(arguments, str) else json.dumps(arguments),
            },
        }

    def _delta(self, delta: dict[str, Any], finish_reason: str | None = None) -> dict[str, Any]:
        choice = {"index": 0, "delta": delta, "finish_reason": finish_reason}
        return self._frame("chat.completion.chunk", choices=[choice])

    def _frame(self, kind: str, **fields: Any) -> dict[str, Any]:
        head = {"id": "chatcmpl-1", "object": kind, "created": 1780000000, "model": self.model}
        return head | fields


def _text(message: dict[str, Any]) -> str:
    content = message["content"]
    if isinstance(content, str):
        return content
    return "".join(part["text"] for part in content)


def _room(request: Request) -> Room:
    rooms: dict[str, Room] = request.app.state.rooms
    return rooms[request.path_params["room"]]


def create_app() -> Starlette:
    """Build the server, without rooms yet."""
    app = Starlette(
        routes=[
            Route("/{room}/v1/chat/completions", complete, methods=["POST"]),
            Route("/{room}/script", put_script, methods=["PUT"]),
            Route("/{room}/gates/{gate}", open_gate, methods=["POST"]),
            Route("/{room}/requests", list_requests),
            Route("/{room}/stats", get_stats),
        ]
    )
    app.state.rooms = defaultdict(Room)
    return app


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--port", type=int, default=0)
    listener = socket.create_server(("127.0.0.1", parser.parse_args().port), backlog=1024)
    config = uvicorn.Config(create_app(), log_level="warning", access_log=False, ws="none")
    server = uvicorn.Server(config)

    def stop() -> None:
        server.force_exit = server.should_exit = True

    threading.Thread(target=_when_input_ends, args=(stop,), daemon=True).start()
    sys.stdout.write(f"{listener.getsockname()[1]}\n")
    sys.stdout.flush()
    server.run(sockets=[listener])


def _when_input_ends(act: Callable[[], None]) -> None:
    """Act when the tests are over, however they ended."""
    sys.stdin.read()
    act()


if __name__ == "__main__":
    main()
