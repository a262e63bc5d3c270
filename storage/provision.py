"""From settings to a database that is ready: the operator's own, or the embedded one."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from sqlalchemy import Connection, create_engine, make_url, text
from sqlalchemy.exc import ArgumentError, OperationalError, ProgrammingError
from sqlalchemy.pool import NullPool

from core.settings import Settings
from storage.embedded import EmbeddedServer, EmbeddedServerError, running_server
from storage.migrate import is_current, migrate
from storage.migrations.security import APP_ROLE, SERVICE_ROLE

DATABASE = "dreamsuite"
OWNER = "postgres"
LOGIN = "dream"
NOT_AN_ADDRESS = "DATABASE_URL is not an address like postgresql://user:password@host/database"


class DatabaseNotReadyError(Exception):
    """The database cannot be used; the message says what to do about it."""


@contextmanager
def ready_database(settings: Settings) -> Iterator[str]:
    """Yield the URL that the app connects to, at the newest schema.

    The embedded server is started and migrated here. An operator's own database is not changed.
    Raises `DatabaseNotReadyError` when it has not been migrated, or does not answer.
    """
    if settings.database_url is None:
        with _embedded(settings) as url:
            yield url
        return
    with _explained():
        url = psycopg_url(settings.database_url.get_secret_value())
        if not is_current(url):
            raise DatabaseNotReadyError(
                "The database is older than this release: run `python -m storage migrate` first."
            )
    yield url


def migrate_configured(settings: Settings) -> None:
    """Migrate the database that the settings name, as the role that owns it.

    Raises `DatabaseNotReadyError` when it does not answer or the role may not do it.
    """
    if settings.database_url is None:
        with _embedded(settings):
            return
    url = settings.database_url.get_secret_value()
    owner = settings.migration_database_url
    with _explained():
        migrate(psycopg_url(owner.get_secret_value() if owner else url), app_url=psycopg_url(url))


def prepare_embedded(server: EmbeddedServer, *, database: str = DATABASE) -> str:
    """Create and migrate a database on the embedded server; return the app's URL for it."""
    create_roles(server)
    _create_database(server, database)
    app_url = server.url(user=LOGIN, database=database)
    migrate(server.url(user=OWNER, database=database), app_url=app_url)
    return app_url


def psycopg_url(url: str) -> str:
    """Return an operator's PostgreSQL URL with the driver that we use."""
    parsed = make_url(url)
    if parsed.get_backend_name() not in {"postgresql", "postgres"}:
        raise DatabaseNotReadyError(NOT_AN_ADDRESS)
    return parsed.set(drivername="postgresql+psycopg").render_as_string(hide_password=False)


@contextmanager
def _embedded(settings: Settings) -> Iterator[str]:
    with ExitStack() as stack:
        try:
            server = stack.enter_context(running_server(settings.data_dir))
        except EmbeddedServerError as error:
            raise DatabaseNotReadyError(str(error)) from error
        yield prepare_embedded(server)


@contextmanager
def _explained() -> Iterator[None]:
    """Translate what the driver says of an operator's database."""
    try:
        yield
    except ArgumentError as error:
        raise DatabaseNotReadyError(NOT_AN_ADDRESS) from error
    except OperationalError as error:
        raise DatabaseNotReadyError(f"The database does not answer: {error.orig}") from error
    except ProgrammingError as error:
        raise DatabaseNotReadyError(f"The database refuses: {error.orig}") from error


def create_roles(server: EmbeddedServer) -> None:
    """Create the app's login and the suite's two roles on the embedded server."""
    roles = {LOGIN: "LOGIN NOINHERIT", APP_ROLE: "NOLOGIN", SERVICE_ROLE: "NOLOGIN"}
    with connect_as_superuser(server) as connection:
        for role, options in roles.items():
            if not connection.scalar(
                text("SELECT 1 FROM pg_roles WHERE rolname = :r"), {"r": role}
            ):
                connection.execute(text(f"CREATE ROLE {role} {options}"))


@contextmanager
def connect_as_superuser(server: EmbeddedServer) -> Iterator[Connection]:
    """Lend a connection outside of transactions, to one process at a time."""
    engine = create_engine(
        server.url(user=OWNER, database="postgres"),
        poolclass=NullPool,
        isolation_level="AUTOCOMMIT",
    )
    with engine.connect() as connection:
        # Held until the connection closes: two processes may prepare the same server at once.
        connection.execute(text("SELECT pg_advisory_lock(1)"))
        yield connection


def _create_database(server: EmbeddedServer, database: str) -> None:
    with connect_as_superuser(server) as connection:
        exists = text("SELECT 1 FROM pg_database WHERE datname = :d")
        if not connection.scalar(exists, {"d": database}):
            connection.execute(text(f'CREATE DATABASE "{database}"'))
