"""`python -m api`: serve the suite over HTTP, with its own database unless one is configured."""

import asyncio
import socket
import sys
from contextlib import suppress
from typing import NoReturn

import uvicorn
from pydantic import ValidationError
from pydantic_settings import SettingsError
from rich.console import Console
from sqlalchemy.exc import OperationalError

from api.app import create_app
from core.clock import utc_now
from core.logging import configure_logging
from core.settings import Settings
from domain.demo import DEMO_EMAIL, DEMO_PASSWORD, seed_demo
from storage.database import Database
from storage.embedded import EmbeddedServerError, stop_on_sigterm
from storage.provision import SchemaOutdatedError, ready_database

GRACE_SECONDS = 10


class Server(uvicorn.Server):
    """A server that says where it is as soon as it listens."""

    def __init__(self, config: uvicorn.Config, settings: Settings) -> None:
        super().__init__(config)
        self.settings = settings

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        port = self.servers[0].sockets[0].getsockname()[1]
        greet(self.settings, port)


def main() -> None:
    settings = read_settings()
    configure_logging(settings.log_level)
    stop_on_sigterm()
    try:
        with suppress(KeyboardInterrupt), ready_database(settings) as database_url:
            if settings.has_demo:
                asyncio.run(seed(database_url))
            serve(settings, database_url)
    except (EmbeddedServerError, SchemaOutdatedError) as error:
        leave(str(error))
    except OperationalError as error:
        leave(f"The database does not answer: {error.orig}")


def read_settings() -> Settings:
    try:
        return Settings()
    except ValidationError as error:
        found = [(".".join(map(str, each["loc"])).upper(), each["msg"]) for each in error.errors()]
        leave("; ".join(f"{name}: {message}" if name else message for name, message in found))
    except SettingsError as error:
        leave(str(error))


async def seed(database_url: str) -> None:
    """Create the demo creator, or bring her up to today."""
    database = Database(database_url)
    try:
        await seed_demo(database, utc_now)
    finally:
        await database.close()


def serve(settings: Settings, database_url: str) -> None:
    config = uvicorn.Config(
        create_app(settings, database_url),
        host=settings.host,
        port=settings.port,
        lifespan="on",
        ws="none",
        log_config=None,
        log_level="warning",
        access_log=False,
        proxy_headers=False,
        server_header=False,
        timeout_graceful_shutdown=GRACE_SECONDS,
    )
    Server(config, settings).run()


def greet(settings: Settings, port: int) -> None:
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(settings.host, settings.host)  # noqa: S104  # compared
    address = f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
    console = Console(highlight=False)
    console.print(f"\n[bold]Dream Suite[/bold] is ready at [link={address}]{address}[/link]")
    if settings.has_demo:
        console.print(
            f"Sign in as [bold]{DEMO_EMAIL}[/bold] with the password [bold]{DEMO_PASSWORD}[/bold], "
            "or create an account of your own."
        )
    console.print(f"What it can do: {address}/docs. Stop it with Ctrl-C.\n")


def leave(message: str) -> NoReturn:
    print(f"Dream Suite cannot start. {message}", file=sys.stderr)
    sys.exit(2)


if __name__ == "__main__":
    main()
