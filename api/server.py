"""The server: one process or several on a port, which finish their answers before they go."""

import asyncio
import math
import os
import shlex
import signal
import socket
import sys
import time
from contextlib import suppress
from types import FrameType

import uvicorn
from fastapi import FastAPI
from rich.console import Console
from rich.markup import escape
from sse_starlette.sse import AppStatus

from api.app import create_app
from api.processes import Supervisor, stop_with_parent
from core.logging import configure_logging
from core.settings import Settings
from core.tracing import tracing
from domain.demo import DEMO_EMAIL, DEMO_PASSWORD
from graph.suite import Suite

# For the streams of answers that were stopped to reach their readers.
GRACE_SECONDS = 10


class Server(uvicorn.Server):
    """A server that says where it is, and lets running answers finish before it goes.

    On SIGTERM it first goes on for `DRAIN_SECONDS` as if nothing were, but not ready, so that a
    load balancer sees it; a second signal ends that.
    """

    def __init__(
        self, config: uvicorn.Config, app: FastAPI, settings: Settings, *, is_first: bool
    ) -> None:
        super().__init__(config)
        self.app = app
        self.settings = settings
        self.is_first = is_first
        self.drained_at: float | None = None

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        is_first = not self.app.state.is_stopping
        self.app.state.is_stopping = True
        if sig == signal.SIGTERM and is_first and self.settings.drain_seconds:
            self.drained_at = time.monotonic() + self.settings.drain_seconds
        else:
            self.drained_at = None
            super().handle_exit(sig, frame)

    async def on_tick(self, counter: int) -> bool:
        if self.drained_at and time.monotonic() >= self.drained_at:
            self.handle_exit(signal.SIGTERM, None)
        return await super().on_tick(counter)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.is_first:
            greet(self.settings, port=self.servers[0].sockets[0].getsockname()[1])

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        suite: Suite = self.app.state.suite
        suite.changes.close()
        draining = asyncio.create_task(suite.runs.drain(grace_seconds=self.settings.stop_seconds))
        await super().shutdown(sockets)
        if self.force_exit:
            draining.cancel()
        await asyncio.wait([draining])


def serve_all(settings: Settings, database_url: str, listener: socket.socket) -> None:
    """Serve in this process, or in as many as WORKERS says."""
    if settings.workers == 1:
        serve(settings, database_url, listener)
    elif not Supervisor(serve_child, (settings, database_url, listener)).run(settings.workers):
        sys.exit("The server's processes kept dying: see the lines above.")


def serve_child(
    settings: Settings, database_url: str, listener: socket.socket, *, is_first: bool
) -> None:
    """Serve in a process of its own, on the parent's port and database."""
    configure_logging(settings.log_level, settings.log_format)
    stop_with_parent()
    with suppress(KeyboardInterrupt), tracing(settings.otel_exporter_otlp_endpoint):
        serve(settings, database_url, listener, is_first=is_first)


def serve(
    settings: Settings, database_url: str, listener: socket.socket, *, is_first: bool = True
) -> None:
    AppStatus.enable_automatic_graceful_drain = False  # streams end with their runs, in `shutdown`
    app = create_app(settings, database_url)
    config = uvicorn.Config(
        app,
        lifespan="on",
        ws="none",
        log_config=None,
        log_level="warning",
        access_log=False,  # ours is AccessMiddleware
        proxy_headers=True,
        forwarded_allow_ips=list(settings.trusted_proxies),
        server_header=False,
        timeout_graceful_shutdown=math.ceil(settings.stop_seconds) + GRACE_SECONDS,
    )
    Server(config, app, settings, is_first=is_first).run(sockets=[listener])


def greet(settings: Settings, *, port: int) -> None:
    address = escape(settings.local_url(port))
    lines = [f"[bold]Dream Suite[/bold] is ready at [bold]{address}[/bold]"]
    if settings.has_demo:
        lines.append(f"Sign in as [bold]{DEMO_EMAIL}[/bold], password [bold]{DEMO_PASSWORD}[/bold]")
        own = os.environ.get("DATA_DIR")
        where = f"DATA_DIR={shlex.quote(own)} " if own else ""
        ask = f'{where}.venv/bin/python -m agents "How did I grow last month?"'
        lines.append(f"Ask in another terminal: {escape(ask)}")
    lines.append(f"What it can do: {address}/docs. Stop it with Ctrl-C.")
    Console(highlight=False, soft_wrap=True).print("", *lines, "", sep="\n")
