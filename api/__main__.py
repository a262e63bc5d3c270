"""`python -m api`: serve the suite over HTTP, with its own database unless one is configured."""

import argparse
import asyncio
import socket
import sys
from contextlib import suppress
from typing import NoReturn

from api.server import serve_all
from core.clock import utc_now
from core.logging import configure_logging
from core.settings import InvalidSettingsError, Settings, read_settings
from core.tracing import tracing
from domain.demo import seed_demo
from jobs.engines import check_engines
from jobs.handlers import HANDLERS
from storage.database import Database
from storage.embedded import stop_on_sigterm
from storage.provision import DatabaseNotReadyError, ready_database


def main() -> None:
    argparse.ArgumentParser(
        prog="python -m api",
        description="Serve the suite over HTTP. Settings are environment variables: see README.md.",
    ).parse_args()
    try:
        settings = read_settings()
        check_engines(settings, HANDLERS)
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
            serve_all(settings, database_url, listener)
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


def leave(message: str) -> NoReturn:
    print(f"Dream Suite cannot start. {message}", file=sys.stderr)
    sys.exit(2)


if __name__ == "__main__":
    main()
