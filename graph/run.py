"""Runs: each answers one turn, in a task of its own that no reader can slow down or end."""

import asyncio
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any, Self
from uuid import UUID
from weakref import WeakValueDictionary

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession

from agents.catalog import get_agent
from core.clock import local_date
from core.errors import AppError
from domain.approvals import Decision
from domain.conversations import (
    Ask,
    ConversationBusyError,
    Regenerate,
    Turn,
    abandon_run,
    open_turn,
    reopen_turn,
)
from graph import chunks
from graph.answer_text import AnswerText
from graph.conversation import ConversationGraph, build_conversation
from graph.events import RunLog
from graph.execution import Execution, LostRunError, Resources, Work
from graph.history import list_figures
from graph.sink import RunSink, outside_texts
from storage.goals import list_goals
from storage.messages import find_answer
from storage.metrics import list_coverage
from storage.models import ChatMessage, RunStatus, new_id
from storage.runs import extend_leases, find_open_run
from tools.context import RunContext

logger = logging.getLogger(__name__)

LEASE = timedelta(seconds=20)
LEASE_RENEWAL = timedelta(seconds=5)
# How long the log of a finished run stays readable for a client that returns.
LOG_RETENTION = timedelta(minutes=15)


class PastFailureError(AppError):
    """This answer failed. Your question is kept: ask for another answer."""

    code = "run_failed"


# How a run that is no longer in memory tells why it has no whole answer.
_PAST_ERRORS: dict[str, type[AppError]] = {
    RunStatus.FAILED: PastFailureError,
    RunStatus.LOST: LostRunError,
}


@dataclass(frozen=True, kw_only=True)
class Asker:
    """Who asks, as the server knows it, never as a client or a model says."""

    user_id: UUID
    timezone: str
    locale: str
    brand: Mapping[str, Any] | None = None


@dataclass(frozen=True, kw_only=True)
class RunHandle:
    """A run, and the log by which readers follow it."""

    run_id: UUID
    conversation_id: UUID
    log: RunLog


class Runs:
    """Starts, resumes, finds and stops the runs of this process."""

    def __init__(self, resources: Resources) -> None:
        """Take what runs share. Use as a context manager: leases are kept meanwhile."""
        self._resources = resources
        self._database = resources.database
        self._owner = new_id()
        self._graphs: dict[str, ConversationGraph] = {}
        self._handles: dict[UUID, RunHandle] = {}
        self._executions: dict[UUID, Execution] = {}
        self._starts: WeakValueDictionary[tuple[UUID, object], asyncio.Lock] = WeakValueDictionary()
        self._leases: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        """Begin to keep the leases of the runs."""
        self._leases = asyncio.create_task(self._keep_leases(), name="run leases")
        return self

    async def __aexit__(self, *_: object) -> None:
        """Stop every run, keeping what it has said."""
        await asyncio.gather(*(self.stop(handle) for handle in list(self._handles.values())))
        if self._leases:
            self._leases.cancel()

    async def start(
        self, asker: Asker, key: str | None, request: Ask | Regenerate, *, agent: str
    ) -> RunHandle:
        """Store the question and begin to answer it; the same request again finds its first run.

        Raises `UnknownAgentError` and what `open_turn` raises.
        """
        graph = self._graph(agent)
        async with self._turnstile(asker, key):
            now = self._resources.clock()
            async with self._database.user_session(asker.user_id) as session:
                turn = await open_turn(
                    session,
                    asker.user_id,
                    key,
                    request,
                    agent=agent,
                    owner=self._owner,
                    lease_until=now + LEASE,
                    now=now,
                )
                if turn.is_repeated:
                    return self._handles.get(turn.run.id) or await _replay(session, turn)
                context = await self._context(session, asker, turn)
            handle = self._begin(Work(turn=turn, graph=graph), context)
        if turn.abandoned_run_id:
            await self._resources.checkpoints.delete(turn.abandoned_run_id)
        return handle

    async def resume(self, asker: Asker, run_id: UUID, decisions: Sequence[Decision]) -> RunHandle:
        """Let a run that waits for approvals go on; the same decisions again find it going.

        What follows is in the log behind `resumed_at`. Raises what `reopen_turn` raises.
        """
        async with self._turnstile(asker, run_id):
            async with self._database.user_session(asker.user_id) as session:
                turn = await reopen_turn(
                    session,
                    run_id,
                    decisions,
                    owner=self._owner,
                    lease_until=self._resources.clock() + LEASE,
                )
                if turn.is_repeated:
                    return self._handles.get(run_id) or await _replay(session, turn)
                context = await self._context(session, asker, turn)
            graph = self._graph(turn.run.agent)
            work = Work(turn=turn, graph=graph, decisions=decisions)
            return self._begin(work, context)

    def find_open(self, conversation_id: UUID) -> RunHandle | None:
        """Return the conversation's run that is being answered now."""
        for handle in self._handles.values():
            if handle.conversation_id == conversation_id and not handle.log.is_closed:
                return handle
        return None

    def find_by_key(self, conversation_id: UUID, key: str) -> RunHandle | None:
        """Return the conversation's run whose events carry this key; see `RunLog.key`."""
        for handle in self._handles.values():
            if handle.conversation_id == conversation_id and handle.log.key == key:
                return handle
        return None

    async def stop(self, handle: RunHandle) -> None:
        """Stop the run, and return when what it had said is stored."""
        if execution := self._executions.get(handle.run_id):
            execution.stop()
        async for _ in handle.log.read(len(handle.log)):
            pass

    async def abandon(self, user_id: UUID, conversation_id: UUID) -> UUID | None:
        """Close the conversation's run that waits for approvals, approving nothing."""
        async with self._database.user_session(user_id) as session:
            run = await find_open_run(session, conversation_id)
            if run is None or run.status != RunStatus.WAITING:
                return None
            await abandon_run(session, run, self._resources.clock())
        await self._resources.checkpoints.delete(run.id)
        return run.id

    def _turnstile(self, asker: Asker, key: object) -> asyncio.Lock:
        """Let one in at a time, so that the same request at the same moment finds the run begun."""
        return self._starts.setdefault((asker.user_id, key), asyncio.Lock())

    async def _context(self, session: AsyncSession, asker: Asker, turn: Turn) -> RunContext:
        return RunContext(
            run_id=turn.run.id,
            user_id=asker.user_id,
            database=self._database,
            today=local_date(self._resources.clock(), asker.timezone),
            timezone=asker.timezone,
            locale=asker.locale,
            accounts=await list_coverage(session),
            brand=asker.brand,
            goals=await list_goals(session, status="active"),
        )

    def _begin(self, work: Work, context: RunContext) -> RunHandle:
        run, answer = work.turn.run, work.turn.answer
        handle = self._handles.get(run.id) or RunHandle(
            run_id=run.id, conversation_id=run.conversation_id, log=RunLog(run.id)
        )
        log = handle.log
        parts = answer.parts if answer else []
        if answer:
            if not len(log):
                _tell(log, answer)
            log.reopen()
            context.figures.figures.extend(list_figures(parts))
        tokens = answer.tokens_used if answer else None
        names = {text for part in parts for text in outside_texts(part.get("output"))}
        new_text = partial(
            AnswerText,
            context.figures,
            context.locale,
            question=work.turn.question.text,
            today=context.today,
            names=names,
            is_strict=self._resources.settings.grounding == "strict",
        )
        self._handles[run.id] = handle
        self._executions[run.id] = Execution(
            self._resources,
            work,
            RunSink(log, new_text, names=names, parts=parts, tokens=tokens),
            context,
            on_end=lambda: self._end(handle),
        )
        return handle

    def _end(self, handle: RunHandle) -> None:
        """Keep the log for clients that return, unless the run has gone on meanwhile."""
        length = len(handle.log)

        def forget() -> None:
            if len(handle.log) == length:
                self._handles.pop(handle.run_id, None)

        self._executions.pop(handle.run_id, None)
        asyncio.get_running_loop().call_later(LOG_RETENTION.total_seconds(), forget)

    async def _keep_leases(self) -> None:
        """Renew the leases of this process's runs until cancelled."""
        while True:
            await asyncio.sleep(LEASE_RENEWAL.total_seconds())
            if not self._executions:
                continue
            lease_until = self._resources.clock() + LEASE
            try:
                async with self._database.service_session() as session:
                    await extend_leases(session, list(self._executions), lease_until)
            except SQLAlchemyError:
                logger.warning("leases could not be renewed; trying again", exc_info=True)

    def _graph(self, name: str) -> ConversationGraph:
        """Return the graph of an agent, compiled at its first use."""
        if name not in self._graphs:
            self._graphs[name] = build_conversation(
                get_agent(name).name, self._resources.model, self._resources.settings
            )
        return self._graphs[name]


async def _replay(session: AsyncSession, turn: Turn) -> RunHandle:
    """Return a closed log of what a run that is no longer in memory had said."""
    if turn.run.status == RunStatus.RUNNING:
        raise ConversationBusyError
    log = RunLog(turn.run.id)
    answer = await find_answer(session, turn.run.id)
    if answer:
        _tell(log, answer)
    error = _PAST_ERRORS.get(turn.run.status)
    metadata = {"tokens": answer.tokens_used if answer else None}
    for chunk in chunks.finish(RunStatus(turn.run.status), metadata, error() if error else None):
        log.append(chunk)
    log.close()
    return RunHandle(run_id=turn.run.id, conversation_id=turn.conversation.id, log=log)


def _tell(log: RunLog, answer: ChatMessage) -> None:
    """Write down what a message's run must have said."""
    log.append(chunks.start(answer.id, {"agent": answer.agent, "model": answer.model_used}))
    for chunk in chunks.stored(answer.parts):
        log.append(chunk)
