"""Backups of the embedded server's database: PostgreSQL's own dumps, whole or not at all."""

import os
import subprocess
from typing import BinaryIO

from sqlalchemy import text

from storage.embedded import EmbeddedServer
from storage.migrate import migrate
from storage.provision import DATABASE, LOGIN, OWNER, connect_as_superuser, create_roles

RESTORING = "dreamsuite_restoring"


class BackupError(Exception):
    """A backup or its restoration failed; the message says why."""


def back_up(server: EmbeddedServer, output: BinaryIO) -> None:
    """Write the database as of one moment, in pg_dump's own format; it may be in use."""
    _run(server, "pg_dump", "--format=custom", f"--dbname={DATABASE}", stdout=output)
    output.flush()
    os.fsync(output.fileno())


def restore(server: EmbeddedServer, backup: BinaryIO) -> None:
    """Make the database from a backup, and migrate it to this release's schema.

    It gets its name when it is whole. Raises `BackupError` if there is a database already.
    """
    create_roles(server)
    with connect_as_superuser(server) as connection:
        exists = text("SELECT 1 FROM pg_database WHERE datname = :name")
        if connection.scalar(exists, {"name": DATABASE}):
            raise BackupError(
                "There is a database already, which is left as it is. "
                "Restore into another folder with DATA_DIR, and start with that."
            )
        connection.execute(text(f"DROP DATABASE IF EXISTS {RESTORING} WITH (FORCE)"))
        connection.execute(text(f"CREATE DATABASE {RESTORING}"))
        arguments = ("--no-owner", "--exit-on-error", f"--dbname={RESTORING}")
        _run(server, "pg_restore", *arguments, stdin=backup)
        url = server.url(user=OWNER, database=RESTORING)
        migrate(url, app_url=server.url(user=LOGIN, database=RESTORING))
        connection.execute(text(f"ALTER DATABASE {RESTORING} RENAME TO {DATABASE}"))


def _run(
    server: EmbeddedServer,
    program: str,
    *arguments: str,
    stdin: BinaryIO | None = None,
    stdout: BinaryIO | None = None,
) -> None:
    where = (f"--host={server.socket_dir}", "--port=5432", f"--username={OWNER}")
    done = subprocess.run(  # noqa: S603  # our own binaries, no shell
        [server.binaries / program, *where, *arguments],
        env={"PATH": os.defpath, "LC_ALL": "C"},
        stdin=stdin or subprocess.DEVNULL,
        stdout=stdout or subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        check=False,
    )
    if done.returncode:
        raise BackupError(done.stderr.decode(errors="replace").strip())
