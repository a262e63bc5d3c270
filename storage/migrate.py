"""Bring a database to the newest schema, and let the app's login use it."""

import time
from functools import cache
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, create_engine, make_url, text
from sqlalchemy.pool import NullPool

from storage.migrations.security import APP_ROLE, SERVICE_ROLE

MIGRATIONS = Path(__file__).parent / "migrations"
# Any number that every release agrees on: one migration at a time per database.
MIGRATION_LOCK = 0x0DEA_5417


def migrate(owner_url: str, *, app_url: str | None = None) -> None:
    """Upgrade to the newest revision; safe to call from several processes at once.

    A database that a newer release has migrated is left as it is: see `is_behind`.

    `owner_url` is the role that owns the tables and may create roles. The role that `app_url`
    names (the owner, if none is given) becomes a member of the suite's two roles.
    """
    login = make_url(app_url or owner_url).username
    with _connect(owner_url) as connection:
        _take_turn(connection)
        if is_behind(connection):
            connection.commit()
            command.upgrade(_config(connection), "head")
        _grant_roles(connection, login)
        connection.commit()


def check(owner_url: str) -> None:
    """Raise `alembic.util.CommandError` when the models and the newest revision differ."""
    with _connect(owner_url) as connection:
        command.check(_config(connection))


def is_current(url: str) -> bool:
    """Tell whether the database has all migrations of this release."""
    with _connect(url) as connection:
        return not is_behind(connection)


def is_behind(connection: Connection) -> bool:
    """Tell whether the database lacks migrations of this release.

    One that a newer release has migrated does not: migrations are safe with the release before.
    The connection reads as the app's login, before any role is taken.
    """
    older, head = _revisions()
    found = MigrationContext.configure(connection).get_current_revision()
    return found != head and (found is None or found in older)


@cache
def _revisions() -> tuple[frozenset[str], str]:
    """Return this release's revisions but the newest, and the newest."""
    newest, *older = ScriptDirectory(str(MIGRATIONS)).walk_revisions()
    return frozenset(script.revision for script in older), newest.revision


def _take_turn(connection: Connection) -> None:
    """Wait for the migration lock, between transactions.

    A statement that waits for a lock is a transaction, which would make the holder's CREATE
    INDEX CONCURRENTLY wait for it in turn.
    """
    try_lock = text("SELECT pg_try_advisory_lock(:key)")
    while not connection.scalar(try_lock, {"key": MIGRATION_LOCK}):
        connection.commit()
        time.sleep(0.1)
    connection.commit()


def _connect(url: str) -> Connection:
    return create_engine(url, poolclass=NullPool, hide_parameters=True).connect()


def _config(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config


def _grant_roles(connection: Connection, login: str | None) -> None:
    quoted = connection.dialect.identifier_preparer.quote(
        login or connection.scalar(text("SELECT current_user")) or ""
    )
    connection.execute(text(f"GRANT {APP_ROLE}, {SERVICE_ROLE} TO {quoted}"))
    # is_current() reads the revision as the app's login, before any role is taken.
    connection.execute(text(f"GRANT SELECT ON alembic_version TO {quoted}"))
