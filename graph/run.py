"""Runs: each answers one turn in a task of its own, which no reader can slow down or end.

An answer is written to the run's log while it comes, and stored when it ends. Finish, stop,
failure and time-out go through `_close`: open parts are closed, and what was said is kept.
"""

import asyncio
import logging
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Self
from uuid import UUID
from weakref import WeakValueDictionary

from langchain_core.messages import AIMessage, AIMessageChunk, ToolMessage
from sqlalchemy.exc import OperationalError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.ext.asyncio import AsyncSession

from agents.catalog import get_agent
from agents.models import Model
from core.clock import Clock, local_date
from core.errors import AppError
from core.settings import Settings
from domain.conversations import (
    Answer,
    Ask,
    ConversationBusyError,
    Regenerate,
    Turn,
    close_turn,
    open_turn,
)
from domain.grounding import Verdict, check_numbers
from graph.conversation import ConversationGraph, build_conversation
from graph.events import RunLog, RunSink
from graph.history import model_messages
from storage.database import Database
from storage.messages import find_answer
from storage.metrics import Coverage, list_coverage
from storage.models import RunStatus, new_id
from storage.runs import OPEN_STATUSES, close_run, extend_leases
from tools.context import RunContext

logger = logging.getLogger(__name__)

LEASE = timedelta(seconds=20)
LEASE_RENEWAL = timedelta(seconds=5)
# How long to wait before each further try to store an answer while the database is away.
STORE_RETRIES = tuple(timedelta(seconds=seconds) for seconds in (0.2, 1, 3, 6))
# How long the log of a finished run stays readable for a client that returns.
LOG_RETENTION = timedelta(minutes=15)


class RunTimeoutError(AppError):
    """The answer took too long and was ended. What had been said is kept."""

    code = "run_timeout"


class EmptyAnswerError(AppError):
    """The language model gave no answer. Try again, or ask in other words."""

    code = "empty_answer"


class InternalError(AppError):
    """Something went wrong on our side. Your question is kept: try again."""

    code = "internal_error"


class PastFailureError(AppError):
    """This answer failed. Your question is kept: ask for another answer."""

    code = "run_failed"


class LostRunError(AppError):
    """The server went away while it answered. Your question is kept: ask for another answer."""

    code = "run_lost"


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


@dataclass(frozen=True, kw_only=True)
class RunHandle:
    """A run, and the log by which readers follow it."""

    run_id: UUID
    conversation_id: UUID
    log: RunLog


@dataclass(frozen=True, kw_only=True, eq=False)
class _ActiveRun:
    """What answering a turn needs at hand."""

    handle: RunHandle
    turn: Turn
    asker: Asker
    sink: RunSink
    context: RunContext
    message_id: UUID


class Runs:
    """Starts, finds and stops the runs of this process."""

    def __init__(
        self, *, database: Database, settings: Settings, model: Model, clock: Clock
    ) -> None:
        """Take what a run needs. Use as a context manager: leases are kept meanwhile."""
        self._database = database
        self._settings = settings
        self._model = model
        self._clock = clock
        self._owner = new_id()
        self._graphs: dict[str, ConversationGraph] = {}
        self._handles: dict[UUID, RunHandle] = {}
        self._starts: WeakValueDictionary[tuple[UUID, str | None], asyncio.Lock] = (
            WeakValueDictionary()
        )
        self._executions: set[asyncio.Task[None]] = set()
        self._answers: dict[UUID, asyncio.Task[Verdict | None]] = {}
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
        # One at a time, so that the same request at the same moment finds the run begun.
        async with self._starts.setdefault((asker.user_id, key), asyncio.Lock()):
            now = self._clock()
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
                accounts = await list_coverage(session)
            return self._begin(turn, asker, accounts, graph)

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
        if answer := self._answers.get(handle.run_id):
            answer.cancel()
        async for _ in handle.log.read(len(handle.log)):
            pass

    def _begin(
        self, turn: Turn, asker: Asker, accounts: Sequence[Coverage], graph: ConversationGraph
    ) -> RunHandle:
        log = RunLog(turn.run.id)
        run = _ActiveRun(
            handle=RunHandle(run_id=turn.run.id, conversation_id=turn.conversation.id, log=log),
            turn=turn,
            asker=asker,
            sink=RunSink(log),
            context=RunContext(
                user_id=asker.user_id,
                database=self._database,
                today=local_date(self._clock(), asker.timezone),
                timezone=asker.timezone,
                locale=asker.locale,
                accounts=accounts,
            ),
            message_id=new_id(),
        )
        self._handles[turn.run.id] = run.handle
        # Two tasks: a stop cancels the answer, even one that has not begun, and never its storing.
        answer = asyncio.create_task(self._answer(run, graph), name=f"answer {turn.run.id}")
        self._answers[turn.run.id] = answer
        execution = asyncio.create_task(self._execute(run, answer), name=f"run {turn.run.id}")
        self._executions.add(execution)
        execution.add_done_callback(self._executions.discard)
        return run.handle

    async def _execute(self, run: _ActiveRun, answer: asyncio.Task[Verdict | None]) -> None:
        """Wait for the answer, however it ends, and close the run."""
        started = time.monotonic()
        status = RunStatus.COMPLETED
        error: AppError | None = None
        verdict: Verdict | None = None
        try:
            async with asyncio.timeout(self._settings.run_timeout_seconds):
                verdict = await answer
        except asyncio.CancelledError:
            status = RunStatus.STOPPED
        except TimeoutError:
            status, error = RunStatus.FAILED, RunTimeoutError()
        except AppError as known:
            cause = known.__cause__
            logger.warning("run %s failed: %s (%r)", run.handle.run_id, known.code, cause)
            status, error = RunStatus.FAILED, known
        except Exception:
            logger.exception("run %s failed", run.handle.run_id)
            status, error = RunStatus.FAILED, InternalError()
        elapsed_ms = round((time.monotonic() - started) * 1000)
        await self._close(run, status, error, verdict, elapsed_ms)

    async def _answer(self, run: _ActiveRun, graph: ConversationGraph) -> Verdict | None:
        """Stream the graph into the sink; return the verdict on the answer's numbers."""
        run.sink.start(
            run.message_id,
            {
                "agent": run.turn.run.agent,
                "model": self._model.name,
                "runId": str(run.handle.run_id),
                "conversationId": str(run.handle.conversation_id),
            },
        )
        verdict: Verdict | None = None
        async for part in graph.astream(
            {"messages": model_messages(run.turn.path)},
            {"recursion_limit": 4 * self._settings.run_model_calls + 10},
            context=run.context,
            stream_mode=["messages", "updates"],
            subgraphs=True,
            version="v2",
        ):
            match part["type"]:
                case "messages":
                    chunk = part["data"][0]
                    if isinstance(chunk, AIMessageChunk):
                        run.sink.emit(chunk)
                case "updates" if part["ns"]:
                    _follow_agent(run.sink, part["data"])
                case "updates":
                    verdict = (part["data"].get("ground") or {}).get("verdict", verdict)
        if not run.sink.text:
            raise EmptyAnswerError
        return verdict

    async def _close(
        self,
        run: _ActiveRun,
        status: RunStatus,
        error: AppError | None,
        verdict: Verdict | None,
        elapsed_ms: int,
    ) -> None:
        """Close open parts, store the answer, and only then tell readers that it is done."""
        sink = run.sink
        try:
            sink.close_parts("The answer was stopped." if error is None else error.detail)
            answer = self._finished_answer(run, verdict, elapsed_ms)
            if not await self._store(run, status, answer, error):
                status, error = RunStatus.LOST, LostRunError()
        except Exception:
            logger.exception("the answer of run %s could not be stored", run.handle.run_id)
            status, error = RunStatus.FAILED, InternalError()
            await self._close_without_answer(run)
        finally:
            sink.finish(
                status, {"tokens": sink.tokens, "processingTimeMs": elapsed_ms}, error=error
            )
            self._answers.pop(run.handle.run_id, None)
            forget = self._handles.pop
            asyncio.get_running_loop().call_later(
                LOG_RETENTION.total_seconds(), forget, run.handle.run_id, None
            )

    def _finished_answer(self, run: _ActiveRun, verdict: Verdict | None, elapsed_ms: int) -> Answer:
        """Return what there is to store; what was said before a stop or failure is checked too."""
        sink = run.sink
        if verdict is None and sink.text:
            verdict = check_numbers(sink.text, run.context.figures.figures, run.turn.question.text)
        grounding = verdict.model_dump(mode="json") if verdict else None
        if grounding:
            sink.emit_data("grounding", grounding)
        return Answer(
            message_id=run.message_id,
            parts=sink.parts,
            text=sink.text,
            model=sink.model or self._model.name,
            tokens=sink.tokens,
            processing_time_ms=elapsed_ms,
            grounding=grounding,
        )

    async def _store(
        self, run: _ActiveRun, status: RunStatus, answer: Answer, error: AppError | None
    ) -> bool:
        """Store the answer and close the run, waiting for a database that is away for a moment.

        Returns whether the run was still ours to close.
        """
        for retry in (*STORE_RETRIES, None):
            try:
                async with self._database.user_session(run.asker.user_id) as session:
                    return await close_turn(
                        session,
                        run.turn.run,
                        status,
                        answer,
                        self._clock(),
                        error_code=error.code if error else None,
                    )
            except (OperationalError, PoolTimeoutError):
                if retry is None:
                    raise
                logger.warning("storing run %s is tried again", run.handle.run_id, exc_info=True)
                await asyncio.sleep(retry.total_seconds())
        raise AssertionError("the last try returns or raises")

    async def _close_without_answer(self, run: _ActiveRun) -> None:
        """Let the conversation go on after an answer that could not be stored."""
        try:
            async with self._database.user_session(run.asker.user_id) as session:
                await close_run(
                    session,
                    run.handle.run_id,
                    RunStatus.FAILED,
                    self._clock(),
                    error_code=InternalError.code,
                )
        except SQLAlchemyError:  # its lease ends soon, and the next question closes it as lost
            logger.exception("run %s could not be closed", run.handle.run_id)

    async def _keep_leases(self) -> None:
        """Renew the leases of this process's runs until cancelled."""
        while True:
            await asyncio.sleep(LEASE_RENEWAL.total_seconds())
            if not self._answers:
                continue
            try:
                async with self._database.service_session() as session:
                    await extend_leases(session, list(self._answers), self._clock() + LEASE)
            except SQLAlchemyError:
                logger.warning("leases could not be renewed; trying again", exc_info=True)

    def _graph(self, name: str) -> ConversationGraph:
        """Return the graph of an agent, compiled at its first use."""
        agent = get_agent(name)
        if name not in self._graphs:
            self._graphs[name] = build_conversation(agent, self._model, self._settings)
        return self._graphs[name]


def _follow_agent(sink: RunSink, updates: Mapping[str, Any]) -> None:
    """Pass on the whole messages that the agent's model and tool nodes have finished."""
    for update in updates.values():
        for message in (update or {}).get("messages", ()):
            match message:
                case AIMessage():
                    sink.finish_model_call(message)
                case ToolMessage():
                    sink.emit_tool_result(message)


async def _replay(session: AsyncSession, turn: Turn) -> RunHandle:
    """Return a closed log of what a run that is no longer in memory had said."""
    if turn.run.status in OPEN_STATUSES:
        raise ConversationBusyError
    log = RunLog(turn.run.id)
    error = _PAST_ERRORS.get(turn.run.status)
    RunSink(log).replay(
        await find_answer(session, turn.run.id), turn.run.status, error=error() if error else None
    )
    return RunHandle(run_id=turn.run.id, conversation_id=turn.conversation.id, log=log)
