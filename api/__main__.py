"""`python -m api`: serve the suite over HTTP, with its own database unless one is configured."""

import argparse
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
from typing import NoReturn

import uvicorn
from fastapi import FastAPI
from rich.console import Console
from rich.markup import escape
from sse_starlette.sse import AppStatus

from api.app import create_app
from core.clock import utc_now
from core.logging import configure_logging
from core.settings import InvalidSettingsError, Settings, read_settings
from core.tracing import tracing
from domain.demo import DEMO_EMAIL, DEMO_PASSWORD, seed_demo
from graph.suite import Suite
from storage.database import Database
from storage.embedded import stop_on_sigterm
from storage.provision import DatabaseNotReadyError, ready_database

# For the streams of answers that were stopped to reach their readers.
GRACE_SECONDS = 10


class Server(uvicorn.Server):
    """A server that says where it is, and lets running answers finish before it goes.

    On SIGTERM it first goes on for `DRAIN_SECONDS` as if nothing were, but not ready, so that a
    load balancer sees it; a second signal ends that.
    """

    def __init__(self, config: uvicorn.Config, app: FastAPI, settings: Settings) -> None:
        super().__init__(config)
        self.app = app
        self.settings = settings
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
        greet(self.settings, port=self.servers[0].sockets[0].getsockname()[1])

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        suite: Suite = self.app.state.suite
        suite.changes.close()
        draining = asyncio.create_task(suite.runs.drain(grace_seconds=self.settings.stop_seconds))
        await super().shutdown(sockets)
        if self.force_exit:
            draining.cancel()
        await asyncio.wait([draining])


def main() -> None:
    argparse.ArgumentParser(
        prog="python -m api",
        description="Serve the suite over HTTP. Settings are environment variables: see README.md.",
    ).parse_args()
    try:
        settings = read_settings()
        configure_logging(settings.log_level, settings.log_format)
        stop_on_sigterm()
        with (
            suppress(KeyboardInterrupt),
            tracing(settings.otel_exporter_otlp_endpoint),
            bind(settings) as listener,
            ready_database(settings) as database_url,
        ):
            if settings.has_demo:
                asyncio.run(seed(database_url))
            serve(settings, database_url, listener)
    except (InvalidSettingsError, DatabaseNotReadyError) as error:
        leave(str(error))


def bind(settings: Settings) -> socket.socket:
    """Take the port before anything slow happens, since it may be in use."""
    listener = socket.socket(socket.AF_INET6 if ":" in settings.host else socket.AF_INET)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((settings.host, settings.port))
    except OSError as error:
        listener.close()
        leave(
            f"It cannot listen on {settings.host}, port {settings.port}: {error.strerror}. "
            "Choose others with HOST and PORT."
        )
    return listener


async def seed(database_url: str) -> None:
    """Create the demo creator, or bring her up to today."""
    database = Database(database_url)
    try:
        await seed_demo(database, utc_now)
    finally:
        await database.close()


def serve(settings: Settings, database_url: str, listener: socket.socket) -> None:
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
    Server(config, app, settings).run(sockets=[listener])


def greet(settings: Settings, *, port: int) -> None:
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(settings.host, settings.host)  # noqa: S104  # compared
    address = escape(f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}")
    lines = [f"[bold]Dream Suite[/bold] is ready at [bold]{address}[/bold]"]
    if settings.has_demo:
        lines.append(f"Sign in as [bold]{DEMO_EMAIL}[/bold], password [bold]{DEMO_PASSWORD}[/bold]")
        own = os.environ.get("DATA_DIR")
        where = f"DATA_DIR={shlex.quote(own)} " if own else ""
        ask = f'{where}.venv/bin/python -m agents "How did I grow last month?"'
        lines.append(f"Ask in another terminal: {escape(ask)}")
    lines.append(f"What it can do: {address}/docs. Stop it with Ctrl-C.")
    Console(highlight=False, soft_wrap=True).print("", *lines, "", sep="\n")


def leave(message: str) -> NoReturn:
    print(f"Dream Suite cannot start. {message}", file=sys.stderr)
    sys.exit(2)


if __name__ == "__main__":
    main()
