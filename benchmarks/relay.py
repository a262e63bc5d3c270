"""The baseline of streaming: FastAPI passes on the bytes of an upstream, and does nothing else.

UPSTREAM_PORT=… uvicorn --factory benchmarks.relay:create_app
"""

import asyncio
import os
from collections.abc import AsyncIterator

from fastapi import FastAPI, Request
from fastapi.responses import StreamingResponse

# HTTP/1.0, so that the answer comes as it is, without chunks to take apart.
HEAD = "POST /v1/chat/completions HTTP/1.0\r\nContent-Length: {length}\r\n\r\n"


def create_app() -> FastAPI:
    """Build the relay, at the addresses of the suite."""
    app = FastAPI()
    app.add_api_route("/readyz", answer_nothing)
    app.add_api_route("/api/chat", relay, methods=["POST"])
    return app


async def answer_nothing() -> None:
    """Answer as soon as the server is there."""


async def relay(request: Request) -> StreamingResponse:
    """Ask the upstream the same."""
    return StreamingResponse(_answer(await request.body()), media_type="text/event-stream")


async def _answer(body: bytes) -> AsyncIterator[bytes]:
    port = int(os.environ["UPSTREAM_PORT"])
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(HEAD.format(length=len(body)).encode() + body)
        await reader.readuntil(b"\r\n\r\n")
        while some := await reader.read(65_536):
            yield some
    finally:
        writer.close()
