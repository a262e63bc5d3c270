"""Queries over what users have used per day, and what their runs have set aside of it.

A day's row is locked last in a transaction: conversations and runs come before it.
"""

import datetime as dt
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Row, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from storage.models import DailyUsage, PlatformConnection, Run, RunStatus, Tier, User


@dataclass(frozen=True, kw_only=True)
class DayTotals:
    """A user's tokens of one day: those used, and those set aside for runs under way."""

    model_tokens: int = 0
    reserved_tokens: int = 0

    @property
    def taken(self) -> int:
        """Return what is not left for others."""
        return self.model_tokens + self.reserved_tokens


@dataclass(frozen=True, kw_only=True)
class Reservation:
    """Tokens that a run has set aside of a user's day."""

    user_id: UUID
    date: dt.date
    tokens: int


async def add_usage(
    session: AsyncSession,
    user_id: UUID,
    date: dt.date,
    *,
    model_tokens: int = 0,
    estimated_tokens: int = 0,
    reserved_tokens: int = 0,
    runs: int = 0,
) -> DayTotals:
    """Add to a user's day, and return what it comes to; nobody else can until the commit."""
    added = insert(DailyUsage).values(
        user_id=user_id,
        date=date,
        model_tokens=model_tokens,
        estimated_tokens=estimated_tokens,
        reserved_tokens=reserved_tokens,
        runs=runs,
    )
    counts = (
        DailyUsage.model_tokens,
        DailyUsage.estimated_tokens,
        DailyUsage.reserved_tokens,
        DailyUsage.runs,
    )
    row = await session.execute(
        added.on_conflict_do_update(
            index_elements=[DailyUsage.user_id, DailyUsage.date],
            set_={count.key: count + added.excluded[count.key] for count in counts},
        ).returning(DailyUsage.model_tokens, DailyUsage.reserved_tokens)
    )
    model, reserved = row.one()
    return DayTotals(model_tokens=model, reserved_tokens=reserved)


async def read_totals(session: AsyncSession, user_id: UUID, date: dt.date) -> DayTotals:
    """Return the tokens of a user's day; a day without any has none."""
    row = await session.execute(
        select(DailyUsage.model_tokens, DailyUsage.reserved_tokens).where(
            DailyUsage.user_id == user_id, DailyUsage.date == date
        )
    )
    found = row.one_or_none()
    return DayTotals(model_tokens=found[0], reserved_tokens=found[1]) if found else DayTotals()


async def lock_reservation(session: AsyncSession, run_id: UUID) -> Reservation | None:
    """Return what a run has set aside, locked; None unless it is being answered."""
    row = await session.execute(
        select(Run.user_id, Run.usage_date, Run.reserved_tokens)
        .where(Run.id == run_id, Run.status == RunStatus.RUNNING)
        .with_for_update(key_share=True)  # its events can still be stored
    )
    return _reservation(row.one_or_none())


async def write_reservation(session: AsyncSession, run_id: UUID, tokens: int) -> None:
    """Store how much a run has set aside."""
    await session.execute(update(Run).where(Run.id == run_id).values(reserved_tokens=tokens))


async def take_reservation(session: AsyncSession, run_id: UUID) -> Reservation | None:
    """Return what a run had set aside, which is nothing from now on.

    None if the run costs no tokens.
    """
    before = (
        select(Run.id, Run.user_id, Run.usage_date, Run.reserved_tokens)
        .where(Run.id == run_id)
        .with_for_update(key_share=True)
        .cte("before")
    )
    row = await session.execute(
        update(Run)
        .where(Run.id == before.c.id)
        .values(reserved_tokens=0)
        .returning(before.c.user_id, before.c.usage_date, before.c.reserved_tokens)
        .execution_options(synchronize_session=False)
    )
    return _reservation(row.one_or_none())


async def get_tier(session: AsyncSession, user_id: UUID) -> Tier:
    """Return the user's tier as it is now."""
    row = await session.execute(select(User.tier).where(User.id == user_id))
    return Tier(row.scalar_one())


async def count_accounts(session: AsyncSession, user_id: UUID) -> dict[str, int]:
    """Return how many accounts the user has on each platform where they have any."""
    rows = await session.execute(
        select(PlatformConnection.platform, func.count().label("accounts"))
        .where(PlatformConnection.user_id == user_id)
        .group_by(PlatformConnection.platform)
    )
    return {row.platform: row.accounts for row in rows}


def _reservation(row: Row[UUID, dt.date | None, int] | None) -> Reservation | None:
    if row is None:
        return None
    user_id, date, tokens = row
    return Reservation(user_id=user_id, date=date, tokens=tokens) if date else None
