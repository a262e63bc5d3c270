"""Closes the runs whose process went away, with what they had said, and forgets old events."""

import asyncio
import logging
import random
import time
from datetime import timedelta
from uuid import UUID

import orjson
from sqlalchemy.exc import DataError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession

from core import metrics
from core.clock import local_date
from domain.answers import Answer, close_turn
from domain.grounding.verdict import check_numbers
from domain.idempotency import RETENTION
from graph import chunks
from graph.closing import LostRunError
from graph.history import list_figures
from graph.resources import Resources
from graph.sink import outside_texts
from graph.transcript import Transcript
from storage.conversations import find_conversation
from storage.idempotency import delete_keys
from storage.models import ChatMessage, Run, RunStatus, User, new_id
from storage.run_events import Batch, delete_events, read_news
from storage.runs import list_lost_runs, lock_lost_run

logger = logging.getLogger(__name__)

# How often lost runs are looked for, as a part of a lease.
RESCUE = 1 / 4
# After a time without a database nobody's lease was renewed: so long, as a part of a lease, nobody
# is taken for dead.
CALM = 1 / 2
PRUNE_SECONDS = 60
MAX_RESCUED = 100
# How long the events of a finished run stay, for a client that returns.
EVENT_RETENTION = timedelta(minutes=15)


class Rescuer:
    """Every process has one; whoever comes first closes a lost run."""

    def __init__(self, resources: Resources) -> None:
        """Work on these resources' database."""
        self._resources = resources
        self._database = resources.database
        self._lease_seconds = resources.settings.lease_seconds
        self._calm_at = 0.0

    async def run(self) -> None:
        """Rescue and prune until cancelled."""
        next_pruning = time.monotonic() + PRUNE_SECONDS * random.random()  # noqa: S311
        while True:
            pause = self._lease_seconds * RESCUE
            await asyncio.sleep(pause * random.uniform(0.8, 1.2))  # noqa: S311
            try:
                await self.rescue()
                if time.monotonic() > next_pruning:
                    await self.prune()
                    next_pruning = time.monotonic() + PRUNE_SECONDS
            except (SQLAlchemyError, OSError):
                logger.warning("lost runs could not be looked for; trying again", exc_info=True)
                self._calm_at = time.monotonic() + self._lease_seconds * CALM

    async def rescue(self) -> None:
        """Close all lost runs."""
        async with self._database.service_session() as session:
            lost = await list_lost_runs(session, self._resources.clock(), limit=MAX_RESCUED)
        for run in lost:
            await self.close_lost(run)

    async def prune(self) -> None:
        """Delete the events, and the kept answers, that nobody may ask for any more."""
        now = self._resources.clock()
        async with self._database.service_session() as session:
            await delete_events(session, now - EVENT_RETENTION)
            await delete_keys(session, now - RETENTION)

    async def close_lost(self, run: Run) -> None:
        """Close this run if it is open and its process is gone.

        Two that try at once wait for each other; the second finds nothing to do.
        """
        if time.monotonic() < self._calm_at:
            return
        try:
            is_closed = await self._close(run)
        except SQLAlchemyError:
            logger.warning("lost run %s could not be closed", run.id, exc_info=True)
            return
        if is_closed:
            metrics.RUNS.labels(RunStatus.LOST, run.agent).inc()
            await self._resources.checkpoints.delete(run.id)

    async def _close(self, run: Run) -> bool:
        """Close the run with what it had said; tell whether there was anything to close."""
        try:
            return await self._try_to_close(run)
        except Exception as error:  # whatever it is: left open, its conversation is busy for ever
            if isinstance(error, SQLAlchemyError) and not isinstance(error, DataError):
                raise
            logger.exception("what lost run %s had said cannot be kept", run.id)
            return await self._try_to_close(run, is_kept=False)

    async def _try_to_close(self, run: Run, *, is_kept: bool = True) -> bool:
        async with self._database.user_session(run.user_id) as session:
            # Conversations are locked before their runs everywhere.
            await find_conversation(session, str(run.conversation_id), is_locked=True)
            if not await lock_lost_run(session, run.id, self._resources.clock()):
                return False
            await self._store(session, run.id, is_kept=is_kept)
        return True

    async def _store(self, session: AsyncSession, run_id: UUID, *, is_kept: bool) -> None:
        [news] = await read_news(session, {run_id: 0})
        run, told = news.run, len(news.chunks)
        transcript = Transcript(map(orjson.loads, news.chunks if is_kept else ()))
        error = LostRunError()
        ending = [
            *transcript.close(error.detail),
            *chunks.finish(RunStatus.LOST, {"tokens": None}, error),
        ]
        run.lost_after = told
        answer = Answer(
            message_id=transcript.message_id or new_id(),
            agent=transcript.agent or run.agent,
            parts=transcript.parts,
            text=transcript.text,
            model=transcript.model,
            tokens=None,
            processing_time_ms=None,
            grounding=await _check(session, run, transcript),
        )
        batch = Batch(
            run_id=run_id, first_seq=told + 1, chunks=[orjson.dumps(chunk) for chunk in ending]
        )
        now = self._resources.clock()
        await close_turn(
            session, run, RunStatus.LOST, answer, now, events=batch, error_code=error.code
        )
        logger.warning("run %s was lost; closed with %d events", run_id, told)


async def _check(
    session: AsyncSession, run: Run, transcript: Transcript
) -> dict[str, object] | None:
    """Return what backs the numbers that were said."""
    if not transcript.text:
        return None
    user = await session.get_one(User, run.user_id)
    question = await session.get_one(ChatMessage, run.question_id)
    names = {text for part in transcript.parts for text in outside_texts(part.get("output"))}
    verdict = check_numbers(
        transcript.text,
        list_figures(transcript.parts),
        question.text,
        today=local_date(run.created_at, user.timezone),
        names=names,
    )
    return verdict.model_dump(mode="json")
