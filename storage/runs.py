"""Queries over runs: one turn being answered, or how it ended."""

import datetime as dt
from collections.abc import Collection, Sequence
from uuid import UUID

from sqlalchemy import Text, cast, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from core.errors import NotFoundError
from storage.models import Run, RunStatus

# Tells every process the id of a run that is to be stopped.
STOPS_CHANNEL = "run_stops"
OPEN_STATUSES = (RunStatus.RUNNING, RunStatus.WAITING)


class RunNotFoundError(NotFoundError):
    """There is no such run."""

    code = "run_not_found"


async def get_run(session: AsyncSession, run_id: UUID) -> Run:
    """Return the run with this id."""
    run = await session.get(Run, run_id)
    if run is None:
        raise RunNotFoundError
    return run


async def find_open_run(session: AsyncSession, conversation_id: UUID) -> Run | None:
    """Return the conversation's running or waiting run."""
    return await session.scalar(
        select(Run).where(Run.conversation_id == conversation_id, Run.status.in_(OPEN_STATUSES))
    )


async def find_last_run(session: AsyncSession, question_id: UUID) -> Run | None:
    """Return the newest run that answers, or answered, this question."""
    return await session.scalar(
        select(Run).where(Run.question_id == question_id).order_by(Run.id.desc()).limit(1)
    )


async def list_statuses(session: AsyncSession, conversation_id: UUID) -> dict[UUID, str]:
    """Return how each run of the conversation stands."""
    rows = await session.execute(
        select(Run.id, Run.status).where(Run.conversation_id == conversation_id)
    )
    return {row.id: row.status for row in rows}


async def close_run(
    session: AsyncSession,
    run: Run,
    status: RunStatus,
    now: dt.datetime,
    *,
    error_code: str | None = None,
) -> bool:
    """Close a run that is still open, or let it wait; tell whether it was open.

    A run that another process has taken over since it was read is left to that one.
    """
    finished_at = None if status == RunStatus.WAITING else now
    closed = await session.scalar(
        update(Run)
        .where(Run.id == run.id, Run.owner == run.owner, Run.status.in_(OPEN_STATUSES))
        .values(status=status, finished_at=finished_at, error_code=error_code)
        .returning(Run.id)
    )
    return closed is not None


async def reopen_run(
    session: AsyncSession,
    run: Run,
    *,
    owner: UUID,
    lease_until: dt.datetime,
    resumed_after: int,
) -> None:
    """Let a waiting run go on in this process, behind its last event so far."""
    run.status, run.owner, run.lease_until = RunStatus.RUNNING, owner, lease_until
    run.resumed_after, run.stop_requested = resumed_after, False
    await session.flush()


async def find_run_by_key(session: AsyncSession, conversation_id: UUID, key: str) -> Run | None:
    """Return the conversation's run whose id ends in these eight characters."""
    return await session.scalar(
        select(Run).where(
            Run.conversation_id == conversation_id, func.right(cast(Run.id, Text), 8) == key
        )
    )


async def lock_lost_run(session: AsyncSession, run_id: UUID, now: dt.datetime) -> Run | None:
    """Return the run, locked, if it is still open and the process that answered it is gone."""
    return await session.scalar(
        select(Run)
        .where(Run.id == run_id, Run.status == RunStatus.RUNNING, Run.lease_until < now)
        .with_for_update(key_share=True)  # its events can still be stored
    )


async def list_lost_runs(session: AsyncSession, now: dt.datetime, *, limit: int) -> Sequence[Run]:
    """Return open runs whose processes are gone, oldest first."""
    found = await session.scalars(
        select(Run)
        .where(Run.status == RunStatus.RUNNING, Run.lease_until < now)
        .order_by(Run.id)
        .limit(limit)
    )
    return found.all()


async def list_running(session: AsyncSession, user_id: UUID) -> list[UUID]:
    """Return the user's conversations that are being answered."""
    found = await session.scalars(
        select(Run.conversation_id).where(Run.user_id == user_id, Run.status == RunStatus.RUNNING)
    )
    return list(found)


async def request_stop(session: AsyncSession, run_id: UUID) -> None:
    """Ask the process that answers this run to stop."""
    await session.execute(update(Run).where(Run.id == run_id).values(stop_requested=True))
    await session.execute(select(func.pg_notify(STOPS_CHANNEL, str(run_id))))


async def extend_leases(
    session: AsyncSession, owner: UUID, run_ids: Collection[UUID], lease_until: dt.datetime
) -> dict[UUID, bool]:
    """Tell other processes that these runs are still being answered.

    Returns those that are still this owner's, each with whether its stop is asked for.
    """
    rows = await session.execute(
        update(Run)
        .where(Run.id.in_(run_ids), Run.owner == owner, Run.status == RunStatus.RUNNING)
        .values(lease_until=lease_until)
        .returning(Run.id, Run.stop_requested)
    )
    return {row.id: row.stop_requested for row in rows}
