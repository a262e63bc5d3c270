"""An OpenAI-compatible server for tests, a process of its own: it says what a test scripts.

    python -m tests.openai_server --port 0      prints its port, ends when its input ends

Every test has a room, the first segment of the path, so that tests share neither scripts nor
counts. `PUT /{room}/script` adds `{question: [reply, …]}`, where the question `*` stands for all
others. What is said depends on the request alone: the reply whose place is the number of the
assistant's messages since the last user message; the last reply is repeated. A request that
must call one tool is answered by the script of the question `tool NAME`.

A reply is `{"chunks": [chunk, …], "tokens": 15 | null}` or `{"status": 500}`. A chunk is a text,
`{"call": {"id", "name", "arguments"}}`, `{"gate": name}`, which waits for
`POST /{room}/gates/{name}`, `{"pause": seconds}`, or `{"error": message}`, by which the answer
breaks off. `GET /{room}/calls` has each streamed call: its question, the text that was sent, and
when it began and ended on the system's monotonic clock; an open one has not ended.

Faults: `{"tries": [reply, …]}` gives the same call another reply each time it is made, and the
last one from then on. A status may have an `error` and a `retry_after`, which `as_date` makes a
date; `silent` sends nothing, not even a status. `finish` is another finish reason. The chunk
`{"cut": true}` closes the connection, `{"end": true}` ends the answer as if it were whole,
`{"raw": text}` is sent as it is, and `{"beat": seconds}` sends comments for ever.
"""

import argparse
import asyncio
import json
import socket
import sys
import threading
import time
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from dataclasses import dataclass, field
from email.utils import formatdate
from itertools import count, takewhile
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

ARGUMENT_PIECE = 7  # characters of a tool call's arguments per chunk


@dataclass(kw_only=True)
class Call:
    """A streamed call, as it went."""

    question: str
    began: float
    said: str = ""
    ended: float | None = None


@dataclass(kw_only=True)
class Room:
    """What one test has scripted, and what came of it."""

    script: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    requests: list[dict[str, Any]] = field(default_factory=list)
    gates: dict[str, asyncio.Event] = field(
        default_factory=lambda: defaultdict(asyncio.Event)  # a gate exists once it is named
    )
    times: list[float] = field(default_factory=list)
    calls: list["Call"] = field(default_factory=list)
    tries: Counter[tuple[str, int]] = field(default_factory=Counter)
    running: int = 0
    finished: int = 0
    aborted: int = 0

    def reply(self, body: dict[str, Any]) -> dict[str, Any]:
        """Return what the script says to this request."""
        since = _since_question(body)
        place = len([message for message in since if message["role"] == "assistant"])
        match body.get("tool_choice"):
            case {"function": {"name": name}}:
                question = f"tool {name}"
                replies = self.script[question]
            case _:
                question = _question(body)
                replies = self.script.get(question) or self.script["*"]
        reply = replies[min(place, len(replies) - 1)]
        if "tries" in reply:
            tries: list[dict[str, Any]] = reply["tries"]
            reply = tries[min(self.tries[question, place], len(tries) - 1)]
            self.tries[question, place] += 1
        return reply


async def put_script(request: Request) -> Response:
    _room(request).script |= await request.json()
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


async def get_load(request: Request) -> Response:
    """Answer with the calls that are running, and when each began, on a clock of its own."""
    room = _room(request)
    return JSONResponse({"running": room.running, "times": room.times})


async def list_calls(request: Request) -> Response:
    return JSONResponse([vars(call) for call in _room(request).calls])


async def complete(request: Request) -> Response:
    """Answer `POST /v1/chat/completions`."""
    room = _room(request)
    body = await request.json()
    room.requests.append(body)
    room.times.append(time.monotonic())
    reply = room.reply(body)
    if reply.get("silent"):
        return await _say_nothing(room, request)
    if status := reply.get("status"):
        return _refusal(status, reply)
    completion = Completion(model=body["model"], reply=reply)
    if not body.get("stream"):
        if not await _pass_gates(room, request, reply):
            room.aborted += 1
            return Response()
        room.finished += 1
        return JSONResponse(completion.whole())
    has_usage = (body.get("stream_options") or {}).get("include_usage", False)
    call = Call(question=_question(body), began=time.monotonic())
    room.calls.append(call)
    return StreamingResponse(
        _stream(room, call, completion, has_usage=has_usage), media_type="text/event-stream"
    )


def _refusal(status: int, reply: dict[str, Any]) -> Response:
    error = {"message": "scripted failure", "type": "server"} | reply.get("error", {})
    headers = {}
    if seconds := reply.get("retry_after"):
        is_date = reply.get("as_date")
        when = formatdate(time.time() + seconds, usegmt=True) if is_date else str(seconds)
        headers["Retry-After"] = when
    return JSONResponse({"error": error}, status, headers)


async def _pass_gates(room: Room, request: Request, reply: dict[str, Any]) -> bool:
    """Wait at all gates of an answer that does not stream; tell whether the caller waited too."""
    gates = [chunk["gate"] for chunk in reply["chunks"] if _has(chunk, "gate")]
    if not gates:
        return True
    room.running += 1
    passing = asyncio.create_task(_pass(room.gates[gate] for gate in gates))
    leaving = asyncio.create_task(_leave(request))
    await asyncio.wait([passing, leaving], return_when=asyncio.FIRST_COMPLETED)
    has_passed = passing.done()
    passing.cancel()
    leaving.cancel()
    room.running -= 1
    return has_passed


async def _pass(gates: Iterable[asyncio.Event]) -> None:
    for gate in gates:
        await gate.wait()


async def _leave(request: Request) -> None:
    """Return when the caller has gone."""
    while (await request.receive())["type"] != "http.disconnect":
        pass


async def _say_nothing(room: Room, request: Request) -> Response:
    room.running += 1
    await _leave(request)
    room.running -= 1
    room.aborted += 1
    return Response()


async def _stream(
    room: Room, call: Call, completion: "Completion", *, has_usage: bool
) -> AsyncIterator[bytes]:
    is_whole = False
    room.running += 1
    try:
        for step in completion.steps(has_usage=has_usage):
            match step:
                case {"gate": name}:
                    await room.gates[name].wait()
                case {"pause": seconds}:
                    await asyncio.sleep(seconds)
                case {"cut": True}:
                    raise ConnectionAbortedError
                case {"end": True}:
                    return
                case {"raw": text}:
                    yield text.encode("latin-1")
                case {"beat": seconds}:
                    while True:
                        yield b": still there\n\n"
                        await asyncio.sleep(seconds)
                case _:
                    call.said += _content(step)
                    yield b"data: %b\n\n" % json.dumps(step).encode()
        yield b"data: [DONE]\n\n"
        is_whole = True
    finally:  # also when the client has gone, which cancels the stream
        call.ended = time.monotonic()
        room.running -= 1
        room.finished += is_whole
        room.aborted += not is_whole


@dataclass(frozen=True, kw_only=True)
class Completion:
    """A reply in the words of the protocol, whole or in chunks."""

    model: str
    reply: dict[str, Any]

    def whole(self) -> dict[str, Any]:
        """Return the answer of a call that does not stream."""
        message = {
            "role": "assistant",
            "content": "".join(chunk for chunk in self._chunks if isinstance(chunk, str)) or None,
            **({"tool_calls": [_call(call) for call in self._calls]} if self._calls else {}),
        }
        choice = {"index": 0, "message": message, "finish_reason": self._finish_reason}
        return self._frame("chat.completion", choices=[choice], usage=self._usage)

    def steps(self, *, has_usage: bool) -> Iterator[dict[str, Any]]:
        """Yield the frames of a stream, and gates to wait at."""
        opening: dict[str, Any] = {"role": "assistant", "content": ""}
        places = count()
        for chunk in self._chunks:
            if opening and not _has(chunk, "gate"):
                yield self._delta(opening)
                opening = {}
            match chunk:
                case str():
                    yield self._delta({"content": chunk})
                case {"call": call}:
                    for piece in _call_in_pieces(call, next(places)):
                        yield self._delta({"tool_calls": [piece]})
                case _:
                    yield chunk
        yield self._delta({}, finish_reason=self._finish_reason)
        if has_usage and self._usage:
            yield self._frame("chat.completion.chunk", choices=[], usage=self._usage)

    @property
    def _chunks(self) -> list[Any]:
        chunks: list[Any] = self.reply["chunks"]
        return chunks

    @property
    def _calls(self) -> list[dict[str, Any]]:
        return [
            chunk["call"] for chunk in self._chunks if isinstance(chunk, dict) and "call" in chunk
        ]

    @property
    def _finish_reason(self) -> str:
        reason: str = self.reply.get("finish") or ("tool_calls" if self._calls else "stop")
        return reason

    @property
    def _usage(self) -> dict[str, int] | None:
        total = self.reply["tokens"]
        if total is None:
            return None
        return {"prompt_tokens": total - 5, "completion_tokens": 5, "total_tokens": total}

    def _delta(self, delta: dict[str, Any], finish_reason: str | None = None) -> dict[str, Any]:
        choice = {"index": 0, "delta": delta, "finish_reason": finish_reason}
        return self._frame("chat.completion.chunk", choices=[choice])

    def _frame(self, kind: str, **fields: Any) -> dict[str, Any]:
        head = {"id": "chatcmpl-1", "object": kind, "created": 1780000000, "model": self.model}
        return head | fields


def _since_question(body: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the messages behind the last user message, the newest first."""
    return list(takewhile(lambda message: message["role"] != "user", reversed(body["messages"])))


def _question(body: dict[str, Any]) -> str:
    return _text(body["messages"][-1 - len(_since_question(body))])


def _content(step: dict[str, Any]) -> str:
    """Return the text of a stream's frame."""
    return "".join(choice["delta"].get("content") or "" for choice in step.get("choices", ()))


def _has(chunk: Any, kind: str) -> bool:
    return isinstance(chunk, dict) and kind in chunk


def _call(call: dict[str, Any]) -> dict[str, Any]:
    """Return a tool call of the script as the protocol has it."""
    function = {"name": call["name"], "arguments": call["arguments"]}
    return {"id": call["id"], "type": "function", "function": function}


def _call_in_pieces(call: dict[str, Any], index: int) -> Iterator[dict[str, Any]]:
    """Yield a tool call as a stream has it: its name, then its arguments bit by bit."""
    arguments = call["arguments"]
    yield _call(call | {"arguments": ""}) | {"index": index}
    for start in range(0, len(arguments), ARGUMENT_PIECE):
        piece = {"arguments": arguments[start : start + ARGUMENT_PIECE]}
        yield {"index": index, "function": piece}


def _text(message: dict[str, Any]) -> str:
    content: str | list[dict[str, str]] = message["content"]
    return content if isinstance(content, str) else "".join(part["text"] for part in content)


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
            Route("/{room}/load", get_load),
            Route("/{room}/calls", list_calls),
        ]
    )
    app.state.rooms = defaultdict(Room)
    return app


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--port", type=int, default=0)
    listener = socket.create_server(("127.0.0.1", parser.parse_args().port), backlog=1024)
    config = uvicorn.Config(create_app(), lifespan="off", ws="none", log_level="critical")
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
