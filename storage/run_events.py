"""Queries over the events of runs, and the notification that there are new ones."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ARRAY, Integer, Text, Uuid, bindparam, delete, func, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from storage.models import Run, RunEvents

# Tells every process which runs have news: their ids, separated by commas.
EVENTS_CHANNEL = "run_events"
# So many ids fit into one notification (8000 bytes).
MAX_BATCHES = 200

_NOTIFY = text("SELECT pg_notify(:channel, :payload)")
# A writer whose run was closed by somebody else writes nothing: the join sees a closed run, and
# `is_last` one that was closed while this statement ran. An older statement of the same writer,
# whose confirmation was lost, never shortens a row.
_APPEND = text(
    """
    WITH written AS (
        INSERT INTO run_events (run_id, first_seq, last_seq, user_id, is_last, chunks)
        SELECT runs.id, batch.first_seq, batch.last_seq, runs.user_id, false, batch.chunks
        FROM unnest(:run_ids, :first_seqs, :last_seqs, :chunks)
            AS batch (run_id, first_seq, last_seq, chunks)
        JOIN runs ON runs.id = batch.run_id
        WHERE runs.owner = :owner AND runs.status = 'running'
        ON CONFLICT (run_id, first_seq) DO UPDATE
            SET last_seq = excluded.last_seq, chunks = excluded.chunks
            WHERE NOT run_events.is_last AND run_events.last_seq <= excluded.last_seq
        RETURNING run_id
    )
    SELECT array_agg(run_id), pg_notify(:channel, string_agg(run_id::text, ',')) FROM written
    HAVING count(*) > 0
    """
).bindparams(
    bindparam("run_ids", type_=ARRAY(Uuid)),
    bindparam("first_seqs", type_=ARRAY(Integer)),
    bindparam("last_seqs", type_=ARRAY(Integer)),
    bindparam("chunks", type_=ARRAY(Text)),
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Batch:
    """Consecutive events of a run: the first one's number, and the chunks as JSON."""

    run_id: UUID
    first_seq: int
    chunks: Sequence[bytes]

    @property
    def last_seq(self) -> int:
        """Return the number of the last event."""
        return self.first_seq + len(self.chunks) - 1

    @property
    def lines(self) -> str:
        """Return the chunks, one per line: JSON has no line breaks of its own."""
        return b"\n".join(self.chunks).decode()


@dataclass(frozen=True, kw_only=True, slots=True)
class RunNews:
    """How a run stands, and its events behind a position."""

    run: Run
    chunks: Sequence[bytes]


async def append_events(session: AsyncSession, owner: UUID, batches: Sequence[Batch]) -> set[UUID]:
    """Store new events of runs, at most `MAX_BATCHES`; return the runs that are still the owner's.

    What was stored before is not stored twice. Events of other runs are not stored.
    """
    values = {
        "owner": owner,
        "channel": EVENTS_CHANNEL,
        "run_ids": [batch.run_id for batch in batches],
        "first_seqs": [batch.first_seq for batch in batches],
        "last_seqs": [batch.last_seq for batch in batches],
        "chunks": [batch.lines for batch in batches],
    }
    written = (await session.execute(_APPEND, values)).one_or_none()
    return set(written[0]) if written else set()


async def append_last_events(session: AsyncSession, run: Run, batch: Batch) -> None:
    """Store the events with which a run ends or pauses, in the transaction that closes it."""
    statement = insert(RunEvents).values(
        run_id=batch.run_id,
        first_seq=batch.first_seq,
        last_seq=batch.last_seq,
        user_id=run.user_id,
        is_last=True,
        chunks=batch.lines,
    )
    # The row may be there already, with less in it: written by this owner, but never confirmed.
    await session.execute(
        statement.on_conflict_do_update(
            index_elements=["run_id", "first_seq"],
            set_={name: statement.excluded[name] for name in ("last_seq", "is_last", "chunks")},
            where=RunEvents.last_seq <= statement.excluded.last_seq,
        )
    )
    await session.execute(_NOTIFY, {"channel": EVENTS_CHANNEL, "payload": str(run.id)})


async def read_news(session: AsyncSession, positions: Mapping[UUID, int]) -> list[RunNews]:
    """Return how runs stand, each with its events behind a position, as of one moment.

    Runs that do not exist, or that the session may not see, are left out.
    """
    wanted = (
        func.unnest(
            bindparam("ids", list(positions), type_=ARRAY(Uuid)),
            bindparam("positions", list(positions.values()), type_=ARRAY(Integer)),
        )
        .table_valued("run_id", "position")
        .render_derived()
    )
    rows = await session.execute(
        select(Run, RunEvents.first_seq, RunEvents.chunks)
        .join(wanted, wanted.c.run_id == Run.id)
        .outerjoin(
            RunEvents,
            (RunEvents.run_id == Run.id) & (RunEvents.last_seq > wanted.c.position),
        )
        .order_by(Run.id, RunEvents.first_seq)
        .execution_options(populate_existing=True)
    )
    found: dict[UUID, tuple[Run, list[bytes]]] = {}
    for run, first_seq, chunks in rows:
        _, news = found.setdefault(run.id, (run, []))
        if chunks is not None:
            known = positions[run.id] + len(news) - first_seq + 1
            news += chunks.encode().split(b"\n")[max(known, 0) :]
    return [RunNews(run=run, chunks=news) for run, news in found.values()]


async def last_seq_of(session: AsyncSession, run_id: UUID) -> int:
    """Return the number of the run's last stored event, or 0."""
    newest = select(func.max(RunEvents.last_seq)).where(RunEvents.run_id == run_id)
    return await session.scalar(newest) or 0


async def delete_events(session: AsyncSession, finished_before: dt.datetime) -> int:
    """Delete the events of runs that ended before this moment; return how many rows."""
    ended = select(Run.id).where(
        Run.finished_at < finished_before, Run.id.in_(select(RunEvents.run_id))
    )
    deleted = await session.scalars(
        delete(RunEvents).where(RunEvents.run_id.in_(ended)).returning(RunEvents.first_seq)
    )
    return len(deleted.all())
