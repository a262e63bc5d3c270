"""Storing a creator's own numbers from a CSV file."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import ClassVar
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from core.errors import InvalidError
from domain.metric_file import AccountKey, BadRow, MetricFile, account_key
from storage.connections import create_connections, list_connections
from storage.metrics import DayValues, lock_metrics, write_days
from storage.models import DayStatus, Platform, PlatformConnection, new_id


class BadRowsError(InvalidError):
    """Some rows are not valid, so nothing was stored: correct them, or make it a partial import."""

    code: ClassVar[str] = "bad_rows"
    status: ClassVar[int] = 422

    def __init__(self, file: MetricFile) -> None:
        """Take the file that has them."""
        self.file = file
        super().__init__(
            rows=file.rows,
            errors=[asdict(row) for row in file.errors],
            error_count=file.error_count,
        )


@dataclass(frozen=True, kw_only=True)
class ImportResult:
    """What an import changed; a day is one account's row of one date."""

    rows: int
    days_inserted: int
    days_updated: int
    days_unchanged: int
    connections_created: int
    errors: list[BadRow]
    error_count: int


async def import_metrics(
    session: AsyncSession, user_id: UUID, file: MetricFile, *, partial: bool = False
) -> ImportResult:
    """Store a parsed file; the same file again changes nothing.

    Raises BadRowsError, and stores nothing, when a row is bad and `partial` is not set. A day
    that is not over yet (`file.today`) is preliminary until a later import names it again.
    """
    if file.errors and not partial:
        raise BadRowsError(file)
    await lock_metrics(session, user_id)
    connections, created = await _find_or_create_connections(session, user_id, file.accounts)
    written = await write_days(
        session,
        [
            DayValues(
                connection_id=connections[key],
                date=date,
                status=DayStatus.PRELIMINARY if date == file.today else DayStatus.FINAL,
                values=values,
            )
            for (key, date), values in file.days.items()
        ],
    )
    return ImportResult(
        rows=file.rows,
        days_inserted=written.inserted,
        days_updated=written.updated,
        days_unchanged=len(file.days) - written.inserted - written.updated,
        connections_created=created,
        errors=file.errors,
        error_count=file.error_count,
    )


async def _find_or_create_connections(
    session: AsyncSession, user_id: UUID, accounts: Mapping[AccountKey, str]
) -> tuple[dict[AccountKey, UUID], int]:
    """Return the connection of each account, and how many had to be created."""
    found: dict[AccountKey, UUID] = {}
    existing = await list_connections(session)
    # The name that the creator sees comes last, and wins over the platform's own identifier.
    for name in ("platform_account", "username"):
        for connection in existing:
            key = account_key(Platform(connection.platform), getattr(connection, name))
            found[key] = connection.id
    missing = [
        PlatformConnection(
            id=new_id(),
            user_id=user_id,
            platform=key.platform,
            platform_account=name,
            username=name,
            source="import",
        )
        for key, name in accounts.items()
        if key not in found
    ]
    await create_connections(session, missing)
    found |= {account_key(Platform(c.platform), c.username): c.id for c in missing}
    return found, len(missing)
