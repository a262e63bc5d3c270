"""A server that streams like OpenAI's, one write per token: a process of its own for benchmarks.

    python -m benchmarks.upstream PORT

The last `tokens=100 a_second=25` in a request says how long its answer is, and how fast.
"""

import asyncio
import json
import re
import sys
from typing import Any, cast

WORD = " ocean"  # a token
WISH = re.compile(rb"tokens=(\d+) a_second=(\d+)")
LENGTH = re.compile(rb"content-length: *(\d+)", re.IGNORECASE)
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"


class Upstream(asyncio.Protocol):
    """One connection: reads a request, says its answer, and waits for the next."""

    def __init__(self) -> None:
        self._received = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        self._received += data
        head, end, body = self._received.partition(b"\r\n\r\n")
        if end and head.startswith(b"GET "):  # whether it is there
            self._transport.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
            self._received = b""
            return
        length = LENGTH.search(head)
        if not end or not length or len(body) < int(length[1]):
            return
        self._received = b""
        # HTTP/1.0 has no chunks: the end of the connection is the end of the answer.
        self._is_chunked = b" HTTP/1.1\r\n" in head
        transfer = b"Transfer-Encoding: chunked\r\n\r\n" if self._is_chunked else b"\r\n"
        self._transport.write(HEAD + transfer)
        self._send(_frame([_choice({"role": "assistant", "content": ""})]))
        tokens, a_second = map(int, WISH.findall(body)[-1])
        self._tokens, self._pause = tokens, 1 / a_second
        self._begun = asyncio.get_running_loop().time()
        self._say(0)

    def _say(self, said: int) -> None:
        if self._transport.is_closing():
            return
        if said == self._tokens:
            self._end()
            return
        self._send(_frame([_choice({"content": WORD if said % 12 else f"{WORD}."})]))
        loop = asyncio.get_running_loop()
        loop.call_at(self._begun + (said + 1) * self._pause, self._say, said + 1)

    def _end(self) -> None:
        usage = {
            "prompt_tokens": 0,
            "completion_tokens": self._tokens,
            "total_tokens": self._tokens,
        }
        self._send(_frame([_choice({}, "stop")]))
        self._send(_frame([], usage))
        self._send(b"data: [DONE]\n\n")
        if self._is_chunked:
            self._transport.write(b"0\r\n\r\n")
        else:
            self._transport.close()

    def _send(self, frame: bytes) -> None:
        chunk = b"%x\r\n%b\r\n" % (len(frame), frame) if self._is_chunked else frame
        self._transport.write(chunk)


def _choice(delta: dict[str, Any], finish_reason: str | None = None) -> dict[str, Any]:
    return {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish_reason}


def _frame(choices: list[dict[str, Any]], usage: dict[str, int] | None = None) -> bytes:
    chunk = {
        "id": "chatcmpl-0123456789abcdefghijklmnopqrs",
        "object": "chat.completion.chunk",
        "created": 1780000000,
        "model": "benchmark",
        "choices": choices,
        "usage": usage,
    }
    return b"data: %b\n\n" % json.dumps(chunk, separators=(",", ":")).encode()


async def serve(port: int) -> None:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(Upstream, "127.0.0.1", port, backlog=1024)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1])))
