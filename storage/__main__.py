"""Commands on the database: migrate, seed, tiers, roles, import, export, back up, restore, check.

Exit codes: 0 done, 1 refused or failed (bad rows, no database), 2 wrong usage.
"""

import argparse
import asyncio
import os
import shutil
import sys
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from functools import partial
from pathlib import Path
from typing import BinaryIO
from uuid import UUID

from alembic.util import CommandError
from rich.console import Console
from rich.table import Table
from rich.text import Text
from sqlalchemy.exc import OperationalError
from sqlalchemy.ext.asyncio import AsyncSession

from core.clock import Clock, local_date, utc_now
from core.errors import AppError, NotFoundError
from core.logging import configure_logging
from core.settings import InvalidSettingsError, Settings, read_settings
from domain.accounts import normalize_email
from domain.demo import DEMO_EMAIL, DEMO_PASSWORD, seed_demo
from domain.imports import BadRow, BadRowsError, ImportResult, import_upload
from storage import migrate
from storage.backup import BackupError, back_up, restore
from storage.database import Database
from storage.embedded import EmbeddedServerError, running_server, stop_on_sigterm
from storage.embedded_cluster import cluster_folder
from storage.export import stream_export
from storage.models import Role, Tier, User
from storage.provision import (
    DATABASE,
    OWNER,
    DatabaseNotReadyError,
    migrate_configured,
    prepare_embedded,
    ready_database,
)
from storage.users import find_user, set_role, set_tier

COPIED_BYTES = 1_000_000
FAILURES = (
    AppError,
    BackupError,
    CommandError,
    EmbeddedServerError,
    OperationalError,
    OSError,
    DatabaseNotReadyError,
)


class NoSuchUserError(NotFoundError):
    """There is no account with this e-mail."""

    code = "no_such_user"


class UsageError(Exception):
    """The command cannot be carried out as it was given."""


def main() -> int:
    """Run one command and return the exit code."""
    parser = _build_parser()
    arguments = parser.parse_args()
    try:
        settings = read_settings()
        configure_logging(settings.log_level, settings.log_format)
        stop_on_sigterm()
        return _run(settings, arguments)
    except UsageError as error:
        parser.error(str(error))
    except InvalidSettingsError as error:
        parser.error(f"bad settings: {error}")
    except BrokenPipeError:  # the reader, such as head, has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except FAILURES as error:
        print(f"{parser.prog}: {_sentence(error)}", file=sys.stderr)
        return 1


def _run(settings: Settings, arguments: argparse.Namespace) -> int:
    match arguments.command:
        case "migrate":
            migrate_configured(settings)
            print("The database has this release's schema.")
        case "seed":
            _seed(settings)
        case "set-tier":
            _set_tier(settings, normalize_email(arguments.email), Tier(arguments.tier))
        case "set-role":
            _set_role(settings, normalize_email(arguments.email), Role(arguments.role))
        case "import":
            return _import(settings, arguments)
        case "export":
            _export(settings, arguments)
        case "backup":
            _back_up(settings, arguments.file)
        case "restore":
            _restore(settings, arguments.file)
        case "check":
            _check()
    return 0


def _build_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m storage", description="Commands on the database that the settings name."
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    commands.add_parser("migrate", help="bring the database to this release's schema")
    commands.add_parser("seed", help="create or renew the demo creator (embedded server only)")
    setting = commands.add_parser("set-tier", help="set what an account may use in a day")
    setting.add_argument("email", metavar="EMAIL")
    setting.add_argument("tier", metavar="TIER", choices=[*map(str, Tier)], help=", ".join(Tier))
    setting = commands.add_parser("set-role", help="make an account an administrator, or not")
    setting.add_argument("email", metavar="EMAIL")
    setting.add_argument("role", metavar="ROLE", choices=[*map(str, Role)], help=", ".join(Role))
    importing = commands.add_parser(
        "import", help="import a creator's numbers or posts from a file (docs/import.md)"
    )
    importing.add_argument("file", metavar="FILE", type=Path)
    importing.add_argument(
        "--partial", action="store_true", help="store the valid rows even when others are not"
    )
    importing.add_argument(
        "--account",
        metavar="NAME",
        help="whose numbers they are, for exports that do not say (default: the only account)",
    )
    exporting = commands.add_parser("export", help="write all of a creator's data as JSON")
    exporting.add_argument(
        "--out", metavar="FILE", type=Path, help="a file only you can read (default: the terminal)"
    )
    for command in (importing, exporting):
        command.add_argument(
            "--user", metavar="EMAIL", help="whose data (default: the demo creator)"
        )
    for name, purpose in {
        "backup": "write the whole database to a file only you can read",
        "restore": "make the database from such a file, in a DATA_DIR that has none yet",
    }.items():
        command = commands.add_parser(name, help=f"{purpose} (embedded server only)")
        command.add_argument("file", metavar="FILE", type=Path)
    commands.add_parser(
        "check", help="compare the tables of the migrations with the models, in a new database"
    )
    return parser


def _seed(settings: Settings) -> None:
    if not settings.has_demo:
        raise UsageError("the demo creator is for the embedded server on a loopback address only")

    async def seed(url: str) -> None:
        async with _open_database(url) as database:
            await seed_demo(database, utc_now)

    with ready_database(settings) as url:
        asyncio.run(seed(url))
    print(f"Sign in as {DEMO_EMAIL} with the password {DEMO_PASSWORD}.")


def _set_tier(settings: Settings, email: str, tier: Tier) -> None:
    _change_user(settings, email, partial(set_tier, tier=tier))
    print(f"{email} is on the tier {tier}.")


def _set_role(settings: Settings, email: str, role: Role) -> None:
    _change_user(settings, email, partial(set_role, role=role))
    print(f"{email} has the role {role}.")


def _change_user(
    settings: Settings, email: str, change: Callable[[AsyncSession, UUID], Awaitable[None]]
) -> None:
    async def change_it(url: str) -> None:
        async with _open_database(url) as database:
            user = await _get_user(database, email)
            async with database.service_session() as session:
                await change(session, user.id)

    with ready_database(settings) as url:
        asyncio.run(change_it(url))


def _import(settings: Settings, arguments: argparse.Namespace) -> int:
    email = _email(settings, arguments)
    console = Console()
    with (
        _read(arguments.file, settings.max_import_bytes) as source,
        ready_database(settings) as url,
    ):
        try:
            result = asyncio.run(
                _import_file(
                    url, email, source, account=arguments.account, partial=arguments.partial
                )
            )
        except BadRowsError as error:
            console.print(_bad_rows_table(error.file.errors, error.file.error_count))
            raise
    console.print(_result_table(result))
    for note in result.notes:
        console.print(Text(note))
    if result.errors:
        console.print(_bad_rows_table(result.errors, result.error_count))
    return 0


async def _import_file(
    url: str,
    email: str,
    source: BinaryIO,
    *,
    account: str | None,
    partial: bool,
    clock: Clock = utc_now,
) -> ImportResult:
    async with _open_database(url) as database:
        user = await _get_user(database, email)
        async with database.user_session(user.id) as session:
            return await import_upload(
                session,
                user.id,
                source,
                today=local_date(clock(), user.timezone),
                timezone=user.timezone,
                account=account,
                partial=partial,
            )


def _export(settings: Settings, arguments: argparse.Namespace) -> None:
    email = _email(settings, arguments)
    with _output(arguments.out) as output, ready_database(settings) as url:
        asyncio.run(_write_export(url, email, output))


async def _write_export(url: str, email: str, output: BinaryIO) -> None:
    async with _open_database(url) as database:
        user = await _get_user(database, email)
        async with database.user_session(user.id) as session:
            async for piece in stream_export(session, user.id, now=utc_now()):
                output.write(piece)


def _back_up(settings: Settings, path: Path) -> None:
    _require_embedded(settings)
    # Not migrated first: a backup is for the moment before that.
    with _output(path) as output, running_server(settings.data_dir) as server:
        back_up(server, output)


def _restore(settings: Settings, path: Path) -> None:
    _require_embedded(settings)
    try:
        backup = path.open("rb")
    except OSError as error:
        raise UsageError(f"cannot read {path}: {error.strerror}") from error
    with backup, running_server(settings.data_dir) as server:
        restore(server, backup)
    print("Restored, with this release's schema.")


def _require_embedded(settings: Settings) -> None:
    if not settings.is_embedded:
        raise UsageError("with DATABASE_URL use pg_dump and pg_restore: see docs/operations.md")


def _check() -> None:
    """Migrate a database from nothing, on a server of its own, and compare it with the models."""
    with tempfile.TemporaryDirectory(prefix="dreamsuite-check-") as folder:
        data_dir = Path(folder)
        try:
            with running_server(data_dir) as server:
                prepare_embedded(server)
                migrate.check(server.url(user=OWNER, database=DATABASE))
        finally:
            shutil.rmtree(cluster_folder(data_dir), ignore_errors=True)


def _email(settings: Settings, arguments: argparse.Namespace) -> str:
    if arguments.user:
        return normalize_email(arguments.user)
    if not settings.is_embedded:
        raise UsageError("--user EMAIL is required with DATABASE_URL")
    return DEMO_EMAIL


@contextmanager
def _read(path: Path, limit: int) -> Iterator[BinaryIO]:
    """Lend a copy of a file, which may be a pipe; no change reaches it while it is imported."""
    with tempfile.TemporaryFile() as copy:
        try:
            with path.open("rb") as file:
                while (chunk := file.read(COPIED_BYTES)) and copy.tell() <= limit:
                    copy.write(chunk)
        except OSError as error:
            raise UsageError(f"cannot read {path}: {error.strerror}") from error
        if copy.tell() > limit:
            raise UsageError(f"{path} is larger than MAX_IMPORT_BYTES={limit}: import it in parts")
        copy.seek(0)
        yield copy


@contextmanager
def _output(path: Path | None) -> Iterator[BinaryIO]:
    """Open standard output, or a file that only we can read and that is there when complete."""
    if path is None:
        yield sys.stdout.buffer
        return
    try:
        descriptor, name = tempfile.mkstemp(prefix=f".{path.name}-", dir=path.parent)
    except OSError as error:
        raise UsageError(f"cannot write to {path.parent}: {error.strerror}") from error
    try:
        with os.fdopen(descriptor, "wb") as file:
            yield file
        Path(name).replace(path)
    finally:
        Path(name).unlink(missing_ok=True)  # of a file that was not finished


@asynccontextmanager
async def _open_database(url: str) -> AsyncIterator[Database]:
    database = Database(url, pool_size=1)
    try:
        yield database
    finally:
        await database.close()


async def _get_user(database: Database, email: str) -> User:
    async with database.service_session() as session:
        user = await find_user(session, email)
    if user is None:
        hint = " Create it with `python -m storage seed`." if email == DEMO_EMAIL else ""
        raise NoSuchUserError(f"There is no account with the e-mail {email}.{hint}")
    return user


def _result_table(result: ImportResult) -> Table:
    table = Table("Imported", "", title_justify="left")
    for label, count in (
        ("rows read", result.rows),
        ("days inserted", result.days_inserted),
        ("days updated", result.days_updated),
        ("days unchanged", result.days_unchanged),
        ("posts inserted", result.posts_inserted),
        ("posts updated", result.posts_updated),
        ("posts unchanged", result.posts_unchanged),
        ("accounts created", result.connections_created),
        ("bad rows", result.error_count),
    ):
        table.add_row(label, f"{count:,}")
    return table


def _bad_rows_table(rows: list[BadRow], count: int) -> Table:
    shown = f", the first {len(rows)} of {count:,}" if count > len(rows) else ""
    table = Table("Line", "Column", "Reason", title=f"Bad rows{shown}", title_justify="left")
    for row in rows:
        table.add_row(str(row.line), row.column or "", Text(row.reason))
    return table


def _sentence(error: Exception) -> str:
    if isinstance(error, AppError):
        return error.detail
    if isinstance(error, OperationalError):
        return f"the database does not answer: {error.orig}".strip()
    return str(error)


if __name__ == "__main__":
    sys.exit(main())
