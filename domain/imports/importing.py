"""Storing what a file says: all of it, or nothing."""

import asyncio
import datetime as dt
from collections import defaultdict
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import islice
from typing import BinaryIO, ClassVar
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from core.errors import InvalidError
from domain.imports.accounts import AccountKey, account_key
from domain.imports.file import MAX_REPORTED_ERRORS, BadRow, ImportFile
from domain.imports.rows import ImportedRow
from domain.milestones import record_milestones
from storage.connections import create_connections, list_connections
from storage.imported_posts import merge_posts
from storage.imported_rows import (
    Conflict,
    analyze_rows,
    copy_rows,
    find_post_conflicts,
    find_value_conflicts,
    imported_rows,
)
from storage.imported_values import merge_values
from storage.metrics import METRIC_COLUMNS, lock_metrics
from storage.models import Platform, PlatformConnection, new_id

ROWS_PER_BATCH = 2_000


class BadRowsError(InvalidError):
    """Some rows are not valid, so nothing was stored: correct them, or make it a partial import."""

    code: ClassVar[str] = "bad_rows"
    status: ClassVar[int] = 422

    def __init__(self, file: ImportFile) -> None:
        """Take the file that has them."""
        self.file = file
        super().__init__(
            rows=file.row_count,
            errors=[asdict(row) for row in file.errors],
            error_count=file.error_count,
        )


@dataclass(frozen=True, kw_only=True)
class ImportResult:
    """What an import changed; a day is one account's row of one date."""

    format: str
    rows: int
    days_inserted: int
    days_updated: int
    days_unchanged: int
    posts_inserted: int
    posts_updated: int
    posts_unchanged: int
    connections_created: int
    notes: list[str]
    errors: list[BadRow]
    error_count: int


async def import_upload(
    session: AsyncSession,
    user_id: UUID,
    source: BinaryIO,
    *,
    today: dt.date,
    timezone: str,
    account: str | None = None,
    partial: bool = False,
) -> ImportResult:
    """Open a file and store what it says, as `import_file` does.

    Raises BadFileError and AccountNeededError as well. A file that names no account is of
    `account`, or of the user's only one on its platform.
    """
    names: dict[Platform, list[str]] = defaultdict(list)
    for connection in await list_connections(session):
        names[Platform(connection.platform)].append(connection.username)
    file = await asyncio.to_thread(
        ImportFile, source, today=today, timezone=timezone, account=account, known_accounts=names
    )
    return await import_file(session, user_id, file, partial=partial)


async def import_file(
    session: AsyncSession, user_id: UUID, file: ImportFile, *, partial: bool = False
) -> ImportResult:
    """Read a file and store what it says; the same file again changes nothing.

    Raises BadRowsError when a row is bad and `partial` is not set, and BadFileError; the
    transaction must then be rolled back. A day that is not over yet is preliminary until a later
    import names it again. Memory does not grow with the file.
    """
    async with imported_rows(session):
        async for batch in _batches(file.rows()):
            await copy_rows(session, batch)
        # What is bad already needs neither the lock nor the accounts.
        if file.error_count and not partial:
            raise BadRowsError(file)
        await analyze_rows(session)
        await lock_metrics(session, user_id)
        connections, created = await _find_or_create_connections(session, user_id, file.accounts)
        await _check_conflicts(session, file, connections)
        if file.error_count and not partial:
            raise BadRowsError(file)
        days = await merge_values(session, connections, METRIC_COLUMNS)
        posts = await merge_posts(session, connections)
    if days.inserted or days.updated:
        await record_milestones(session, file.reading.today)
    return ImportResult(
        format=file.format,
        rows=file.row_count,
        days_inserted=days.inserted,
        days_updated=days.updated,
        days_unchanged=days.given - days.inserted - days.updated,
        posts_inserted=posts.inserted,
        posts_updated=posts.updated,
        posts_unchanged=posts.given - posts.inserted - posts.updated,
        connections_created=created,
        notes=file.notes,
        errors=file.errors,
        error_count=file.error_count,
    )


async def _batches(rows: Iterator[ImportedRow]) -> AsyncIterator[list[ImportedRow]]:
    """Read in a thread, so that other requests go on meanwhile."""
    while batch := await asyncio.to_thread(_take, rows):
        yield batch


def _take(rows: Iterator[ImportedRow]) -> list[ImportedRow]:
    return list(islice(rows, ROWS_PER_BATCH))


async def _check_conflicts(
    session: AsyncSession, file: ImportFile, connections: Sequence[UUID]
) -> None:
    limit = MAX_REPORTED_ERRORS
    found, count = await find_value_conflicts(session, connections, limit=limit)
    sentence = "Line {} has another value for the same day and metric."
    file.report_conflicts([_bad_row(each, "value", sentence) for each in found], count)
    found, count = await find_post_conflicts(session, connections, limit=limit)
    sentence = "Line {} says something else of the same post."
    file.report_conflicts([_bad_row(each, "post_id", sentence) for each in found], count)


def _bad_row(conflict: Conflict, column: str, sentence: str) -> BadRow:
    return BadRow(line=conflict.line, column=column, reason=sentence.format(conflict.first_line))


async def _find_or_create_connections(
    session: AsyncSession, user_id: UUID, accounts: Mapping[AccountKey, str]
) -> tuple[list[UUID], int]:
    """Return the connection of each account, in their order, and how many had to be created."""
    found: dict[AccountKey, UUID] = {}
    existing = await list_connections(session)
    # The name that the creator sees comes last, and wins over the platform's own identifier.
    for name in ("platform_account", "username"):
        for connection in existing:
            key = account_key(Platform(connection.platform), getattr(connection, name))
            found[key] = connection.id
    missing = {
        key: PlatformConnection(
            id=new_id(),
            user_id=user_id,
            platform=key.platform,
            platform_account=name,
            username=name,
            source="import",
        )
        for key, name in accounts.items()
        if key not in found
    }
    await create_connections(session, list(missing.values()))
    found |= {key: connection.id for key, connection in missing.items()}
    return [found[key] for key in accounts], len(missing)
