"""Queries over audiences: who follows an account."""

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import delete, exists, func, select
from sqlalchemy.dialects.postgresql import distinct_on, insert
from sqlalchemy.ext.asyncio import AsyncSession

from storage.models import AudienceSnapshot, PlatformConnection


@dataclass(frozen=True, kw_only=True)
class Snapshot:
    """An account's audience on a day by one dimension; shares are percent by name."""

    platform: str
    account: str
    dimension: str
    date: dt.date
    shares: dict[str, float]


async def list_latest_snapshots(
    session: AsyncSession,
    start: dt.date,
    end: dt.date,
    *,
    platform: str | None = None,
    account: str | None = None,
) -> list[Snapshot]:
    """Return the last snapshot of the period of each account and dimension, in that order."""
    statement = (
        select(
            PlatformConnection.platform,
            PlatformConnection.username.label("account"),
            AudienceSnapshot.dimension,
            AudienceSnapshot.date,
            AudienceSnapshot.shares,
        )
        .join(PlatformConnection, PlatformConnection.id == AudienceSnapshot.connection_id)
        .where(AudienceSnapshot.date.between(start, end))
        .ext(distinct_on(AudienceSnapshot.connection_id, AudienceSnapshot.dimension))
        .order_by(
            AudienceSnapshot.connection_id,
            AudienceSnapshot.dimension,
            AudienceSnapshot.date.desc(),
        )
    )
    if platform:
        statement = statement.where(PlatformConnection.platform == platform)
    if account:
        statement = statement.where(PlatformConnection.username == account)
    rows = await session.execute(statement)
    return sorted(
        (Snapshot(**row) for row in rows.mappings()),
        key=lambda found: (found.platform, found.account, found.dimension),
    )


async def has_snapshots(session: AsyncSession, connection_ids: Collection[UUID]) -> bool:
    """Tell whether anything is known of the audience of one of these accounts."""
    of_them = AudienceSnapshot.connection_id.in_(connection_ids)
    return bool(await session.scalar(select(exists().where(of_them))))


async def delete_snapshots(session: AsyncSession, connection_ids: Collection[UUID]) -> None:
    """Delete all that is known of the audiences of these accounts."""
    of_them = AudienceSnapshot.connection_id.in_(connection_ids)
    await session.execute(delete(AudienceSnapshot).where(of_them))


async def write_snapshots(session: AsyncSession, snapshots: Sequence[AudienceSnapshot]) -> None:
    """Store snapshots; one of the same account, dimension and day is replaced if it differs."""
    if not snapshots:
        return
    columns = ("connection_id", "dimension", "date", "user_id", "shares")
    rows = [{name: getattr(snapshot, name) for name in columns} for snapshot in snapshots]
    statement = insert(AudienceSnapshot).values(rows)
    await session.execute(
        statement.on_conflict_do_update(
            index_elements=["connection_id", "dimension", "date"],
            set_={"shares": statement.excluded.shares, "collected_at": func.now()},
            where=AudienceSnapshot.shares.is_distinct_from(statement.excluded.shares),
        )
    )
