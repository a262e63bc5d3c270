"""Fixtures: one real PostgreSQL for the whole run, and a database and a server for each test.

A module whose tests share a database overrides `database_name` in a wider scope.
"""

import fcntl
import gc
import os
import secrets
import shutil
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO
from uuid import UUID

import httpx
import pytest
import uvicorn
from fastapi import FastAPI
from pydantic import SecretStr
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.pool import NullPool

from api.app import create_app
from core.engine_settings import EngineSettings
from core.model_settings import ModelSettings
from core.settings import Settings
from domain.accounts import create_account
from graph.suite import Suite, open_suite
from storage.database import Database
from storage.embedded import EmbeddedServer, running_server
from storage.embedded_cluster import cluster_folder
from storage.models import Tier, User
from storage.provision import LOGIN, OWNER, prepare_embedded
from tests.in_memory import keep_in_memory, memory_folder
from tests.listening import stop_listening

TEMPLATE = "dreamsuite_template"
PASSWORD = "a long enough password"

SignUp = Callable[[], Awaitable["Creator"]]


def pytest_configure(config: pytest.Config) -> None:
    # No test reaches further than this machine.
    config.option.allow_hosts = "127.0.0.1,::1"
    config.option.allow_unix_socket = True


def pytest_collection_finish() -> None:
    # What importing and collecting have made stays; the collector need not look at it each time.
    gc.freeze()


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"


# --- the database ---


@dataclass(frozen=True, kw_only=True)
class Postgres:
    """The server of this run, and databases on it."""

    server: EmbeddedServer
    superuser: Engine

    def app_url(self, database: str) -> str:
        return self.server.url(user=LOGIN, database=database)

    def owner_url(self, database: str) -> str:
        return self.server.url(user=OWNER, database=database)

    def execute(self, *statements: str, database: str | None = None) -> None:
        """Run statements as the superuser, outside of a transaction."""
        engine = self.superuser
        if database:
            url = self.owner_url(database)
            engine = create_engine(url, poolclass=NullPool, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            for statement in statements:
                connection.execute(text(statement))

    @contextmanager
    def temporary_database(self, template: str = TEMPLATE) -> Iterator[str]:
        """Lend the name of a migrated database that exists for the block only."""
        name = f"test_{secrets.token_hex(6)}"
        # Half as long as the default, which writes each page to the log.
        self.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY FILE_COPY')
        try:
            yield name
        finally:
            self.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture(scope="session")
def shared_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder of this run that all xdist workers share."""
    base = tmp_path_factory.getbasetemp()
    return base.parent if "PYTEST_XDIST_WORKER" in os.environ else base


@pytest.fixture(scope="session")
def postgres(shared_folder: Path) -> Iterator[Postgres]:
    """Lend the server; it has a migrated template, which the run's first worker makes."""
    data_dir = shared_folder / "postgres"
    with (shared_folder / "postgres.holders").open("w") as holders:
        fcntl.flock(holders, fcntl.LOCK_SH)
        with running_server(data_dir) as server:
            superuser = create_engine(
                server.url(user=OWNER, database="postgres"), isolation_level="AUTOCOMMIT"
            )
            postgres = Postgres(server=server, superuser=superuser)
            with (data_dir / "template.lock").open("w") as turn:
                fcntl.flock(turn, fcntl.LOCK_EX)
                _ensure_template(postgres, data_dir)
            yield postgres
            superuser.dispose()
        if _is_last(holders):
            shutil.rmtree(memory_folder(data_dir), ignore_errors=True)  # not everywhere is one
            folders = {cluster_folder(data_dir), data_dir}  # as root they are two
            for folder in folders:
                shutil.rmtree(folder)


def _ensure_template(postgres: Postgres, data_dir: Path) -> None:
    done = data_dir / "template.done"
    if not done.exists():
        # Nobody needs these rows after a power cut.
        postgres.execute("ALTER SYSTEM SET fsync = off", "SELECT pg_reload_conf()")
        prepare_embedded(postgres.server, database=TEMPLATE)
        postgres.execute(*keep_in_memory(TEMPLATE, data_dir))
        done.touch()


def _is_last(holders: IO[str]) -> bool:
    try:
        fcntl.flock(holders, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


@pytest.fixture
def database_name(postgres: Postgres) -> Iterator[str]:
    """Return a database of the test's own."""
    with postgres.temporary_database() as name:
        yield name


@pytest.fixture
def database_url(postgres: Postgres, database_name: str) -> str:
    """Return the URL that the app connects to."""
    return postgres.app_url(database_name)


@pytest.fixture
def owner_url(postgres: Postgres, database_name: str) -> str:
    """Return the URL of the superuser, whom row-level security does not bind."""
    return postgres.owner_url(database_name)


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    database = Database(database_url)
    yield database
    await database.close()


async def create_user(
    database: Database, *, timezone: str = "UTC", locale: str = "en", tier: Tier = Tier.FREE
) -> User:
    """Store somebody who cannot sign in, and of whom nothing else is known."""
    async with database.service_session() as session:
        user = await create_account(
            session, email=new_email(), password_hash="unused", timezone=timezone, locale=locale
        )
        user.tier = tier
        return user


@pytest.fixture
async def user(database: Database) -> User:
    return await create_user(database)


# --- the suite ---


class Sealed(BaseSettings):
    """Settings that read neither the environment nor a file."""

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return (init_settings,)


class SealedSettings(Sealed, Settings):
    pass


class SealedModelSettings(Sealed, ModelSettings):
    pass


class SealedEngineSettings(Sealed, EngineSettings):
    pass


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> Settings:
    """Return a laptop's settings; a test that needs others uses `model_copy(update=…)`."""
    return SealedSettings(
        port=0,
        data_dir=tmp_path / "data",
        database_url=SecretStr(database_url),
        run_jobs=False,
        chat=SealedModelSettings(model="offline"),
        plan=SealedModelSettings(model="offline"),
        trends=SealedModelSettings(model="offline"),
    )


@pytest.fixture
async def suite(settings: Settings, database_url: str) -> AsyncIterator[Suite]:
    async with open_suite(settings, database_url) as suite:
        yield suite


# --- the server and its clients ---


class Creator(httpx.AsyncClient):
    """A client that is signed in as a user of its own."""

    user_id: UUID
    email: str
    token: str


@asynccontextmanager
async def serving(app: FastAPI, listener: socket.socket | None = None) -> AsyncIterator[str]:
    """Serve an application in this event loop, on a free port or a given one; yield its URL."""
    config = uvicorn.Config(
        app, port=0, lifespan="on", ws="none", log_config=None, access_log=False,
        proxy_headers=False, timeout_graceful_shutdown=5,
    )  # fmt: skip
    config.load()
    server = uvicorn.Server(config)
    server.lifespan = config.lifespan_class(config)
    try:
        # Not serve(): it takes over the signals of pytest and ends up to 0.1 s late.
        await server.startup(sockets=[listener] if listener else None)
    except SystemExit as error:
        raise RuntimeError("The server did not start; the log says why.") from error
    try:
        port = server.servers[0].sockets[0].getsockname()[1]
        yield f"http://127.0.0.1:{port}"
    finally:
        for each in server.servers:
            await stop_listening(each)
        await server.shutdown(sockets=[listener] if listener else None)


# The tests speak plain HTTP: no client of theirs needs to read the machine's 150 certificates.
NO_CERTIFICATES = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


def new_client(url: str) -> httpx.AsyncClient:
    return httpx.AsyncClient(base_url=url, timeout=30, trust_env=False, verify=NO_CERTIFICATES)


@pytest.fixture
def app(settings: Settings, database_url: str) -> FastAPI:
    return create_app(settings, database_url)


@pytest.fixture
async def api_url(app: FastAPI) -> AsyncIterator[str]:
    async with serving(app) as url:
        yield url


@pytest.fixture
async def api(api_url: str) -> AsyncIterator[httpx.AsyncClient]:
    """Return a client of a real server that is not signed in."""
    async with new_client(api_url) as client:
        yield client


@pytest.fixture
async def sign_up(api_url: str) -> AsyncIterator[SignUp]:
    """Return a function that makes a new user and returns a client with their bearer token."""
    async with AsyncExitStack() as clients:

        async def sign_up() -> Creator:
            creator = Creator(base_url=api_url, timeout=30, trust_env=False, verify=NO_CERTIFICATES)
            await clients.enter_async_context(creator)
            creator.email = new_email()
            body = {"email": creator.email, "password": PASSWORD}
            response = await creator.post("/api/auth/register", json=body)
            assert response.status_code == 201, response.text
            answer = response.json()
            creator.user_id = UUID(answer["user"]["id"])
            creator.token = answer["token"]
            creator.cookies.clear()
            creator.headers["Authorization"] = f"Bearer {creator.token}"
            return creator

        yield sign_up


@pytest.fixture
async def creator(sign_up: SignUp) -> Creator:
    return await sign_up()


def new_email() -> str:
    return f"creator-{secrets.token_hex(6)}@example.com"
