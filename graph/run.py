"""Runs: each answers one turn, in a task of its own that no reader can slow down or end."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Self
from uuid import UUID
from weakref import WeakValueDictionary

from agents.catalog import get_agent
from core.errors import AppError
from core.tasks import end_tasks, keep_going
from domain.answers import abandon_run
from domain.approvals import Decision
from domain.conversations import (
    Ask,
    ConversationBusyError,
    Regenerate,
    Turn,
    open_turn,
    reopen_turn,
)
from graph.changes import Changes
from graph.closing import ServerStoppedError
from graph.conversation import ConversationGraph, build_conversation
from graph.events import RunLog
from graph.execution import Execution, Work
from graph.leases import keep_leases
from graph.log_follower import LogFollower
from graph.log_writer import LogWriter
from graph.preparation import Asker, open_log, open_sink, read_context
from graph.replay import replay
from graph.rescue import Rescuer
from graph.resources import Resources
from storage.conversations import find_conversation
from storage.messages import find_answer
from storage.models import Run, RunStatus, new_id
from storage.run_events import EVENTS_CHANNEL, read_news
from storage.runs import (
    STOPS_CHANNEL,
    find_open_run,
    find_run_by_key,
    get_run,
    request_stop,
)
from tools.context import RunContext
from tools.edits import check_edits


@dataclass(frozen=True, kw_only=True)
class RunHandle:
    """A run, and the log by which readers follow it."""

    run_id: UUID
    user_id: UUID
    conversation_id: UUID
    log: RunLog


class Runs:
    """Starts and resumes runs in this process; finds, follows and stops those of any process."""

    def __init__(self, resources: Resources, changes: Changes) -> None:
        """Take what runs share. Use as a context manager: leases are kept meanwhile."""
        self._resources = resources
        self._changes = changes
        self._database = resources.database
        self._owner = new_id()
        self._lease = timedelta(seconds=resources.settings.lease_seconds)
        self._graphs: dict[str, ConversationGraph] = {}
        self._handles: dict[UUID, RunHandle] = {}
        self._executions: dict[UUID, Execution] = {}
        self._starts: WeakValueDictionary[tuple[UUID, object], asyncio.Lock] = WeakValueDictionary()
        self._rescuer = Rescuer(resources)
        self._writer = LogWriter(self._database, self._owner, self._stop_here)
        self._follower = LogFollower(self._database, resources.clock, self._rescuer.close_lost)
        self._services: list[asyncio.Task[None]] = []
        self._drained_at: float | None = None  # by the clock of the event loop

    @property
    def channels(self) -> dict[str, Callable[[str], None]]:
        """What is to be called with the notifications of each channel."""
        return {EVENTS_CHANNEL: self._follower.notify, STOPS_CHANNEL: self._hear_stop}

    async def __aenter__(self) -> Self:
        """Begin to store, follow and rescue."""
        services: dict[str, Callable[[], Awaitable[None]]] = {
            "run leases": partial(
                keep_leases,
                self._database,
                self._resources.clock,
                self._owner,
                self._lease,
                self._executions,
                self._stop_here,
            ),
            "run events": self._writer.run,
            "followed runs": self._follower.run,
            "lost runs": self._rescuer.run,
        }
        self._services = [
            asyncio.create_task(keep_going(name, service), name=name)
            for name, service in services.items()
        ]
        return self

    async def __aexit__(self, *_: object) -> None:
        """Stop every run, unless a drain lets it finish, keeping what it has said."""
        await self.drain(grace_seconds=0)
        await end_tasks(self._services)

    async def drain(self, *, grace_seconds: float) -> None:
        """Let running answers finish for so long, then stop them, keeping what they have said.

        The first drain says how long, also for later ones and for answers that begin meanwhile.
        """
        if self._drained_at is None:
            self._drained_at = asyncio.get_running_loop().time() + grace_seconds
        with suppress(TimeoutError):
            async with asyncio.timeout_at(self._drained_at):
                await self._wait_idle()
        for execution in list(self._executions.values()):
            execution.stop(ServerStoppedError())
        await self._wait_idle()

    async def _wait_idle(self) -> None:
        while self._executions:
            await next(iter(self._executions.values())).wait()

    async def start(
        self, asker: Asker, key: str | None, request: Ask | Regenerate, *, agent: str
    ) -> RunHandle:
        """Store the question and begin to answer it; the same request again finds its first run.

        Raises `UnknownAgentError` and what `open_turn` raises.
        """
        graph = self._graph(agent)
        async with self._turnstile(asker, key):
            try:
                turn, context = await self._open_turn(asker, key, request, agent)
            except ConversationBusyError as busy:
                if not await self._close_lost(asker, busy.run_id):
                    raise
                turn, context = await self._open_turn(asker, key, request, agent)
            if context is None:
                return await self._find(turn.run) or await self._replay(turn)
            handle = self._begin(Work(turn=turn, graph=graph), context)
        if turn.abandoned_run_id:
            await self._resources.checkpoints.delete(turn.abandoned_run_id)
        return handle

    async def resume(self, asker: Asker, run_id: UUID, decisions: Sequence[Decision]) -> RunHandle:
        """Let a run that waits for approvals go on; the same decisions again find it going.

        What follows is in the log behind `resumed_at`. Raises what `reopen_turn` and `check_edits`
        raise.
        """
        async with self._turnstile(asker, run_id):
            now = self._resources.clock()
            async with self._database.user_session(asker.user_id) as session:
                turn = await reopen_turn(
                    session,
                    run_id,
                    decisions,
                    owner=self._owner,
                    lease_until=now + self._lease,
                    now=now,
                    timezone=asker.timezone,
                    is_metered=self._resources.model.is_metered,
                )
                if not turn.is_repeated:
                    context = await read_context(session, self._resources, asker, turn)
                    await check_edits(session, context, turn.parts, decisions)
                    [told] = await read_news(session, {run_id: 0})
            if turn.is_repeated:
                return await self._find(turn.run) or await self._replay(turn)
            graph = self._graph(turn.run.agent)
            work = Work(turn=turn, graph=graph, decisions=decisions)
            return self._begin(work, context, told=told.chunks)

    async def find_open(self, user_id: UUID, conversation_id: UUID) -> RunHandle | None:
        """Return the conversation's run that is being answered now, by whichever process."""
        async with self._database.user_session(user_id) as session:
            run = await find_open_run(session, conversation_id)
        return await self._find(run) if run and run.status == RunStatus.RUNNING else None

    async def find_by_event(
        self, user_id: UUID, conversation_id: UUID, event_id: str
    ) -> RunHandle | None:
        """Return the conversation's run that has told this event; None when it has expired."""
        key = event_id.partition(":")[0]
        async with self._database.user_session(user_id) as session:
            run = await find_run_by_key(session, conversation_id, key)
        return await self._find(run) if run else None

    async def stop(self, handle: RunHandle) -> None:
        """Stop the run, whichever process answers it; return when what it had said is stored."""
        if execution := self._executions.get(handle.run_id):
            execution.stop()
        elif not handle.log.is_closed:
            async with self._database.user_session(handle.user_id) as session:
                await request_stop(session, handle.run_id)
        await handle.log.wait_closed()

    async def stop_open(self, user_id: UUID, conversation_id: UUID) -> UUID | None:
        """Stop the conversation's open run, or abandon it; return which one that was."""
        for _ in range(2):  # one that waited may have gone on meanwhile
            if run := await self.find_open(user_id, conversation_id):
                await self.stop(run)
                return run.run_id
            if abandoned := await self._abandon(user_id, conversation_id):
                return abandoned
        return None

    async def _abandon(self, user_id: UUID, conversation_id: UUID) -> UUID | None:
        """Close the conversation's run that waits for approvals, approving nothing."""
        async with self._database.user_session(user_id) as session:
            # Locked, or the run could go on meanwhile.
            await find_conversation(session, str(conversation_id), is_locked=True)
            run = await find_open_run(session, conversation_id)
            if run is None or run.status != RunStatus.WAITING:
                return None
            await abandon_run(session, run, self._resources.clock())
        await self._resources.checkpoints.delete(run.id)
        return run.id

    async def _open_turn(
        self, asker: Asker, key: str | None, request: Ask | Regenerate, agent: str
    ) -> tuple[Turn, RunContext | None]:
        """Store the question and its run; no context for a request that has come before."""
        now = self._resources.clock()
        async with self._database.user_session(asker.user_id) as session:
            turn = await open_turn(
                session,
                asker.user_id,
                key,
                request,
                agent=agent,
                owner=self._owner,
                lease_until=now + self._lease,
                now=now,
                timezone=asker.timezone,
                is_metered=self._resources.model.is_metered,
            )
            return turn, None if turn.is_repeated else await read_context(
                session, self._resources, asker, turn
            )

    async def _close_lost(self, asker: Asker, run_id: UUID) -> bool:
        """Close the run if its process is gone; tell whether it was."""
        async with self._database.user_session(asker.user_id) as session:
            run = await get_run(session, run_id)
        if run.lease_until >= self._resources.clock():
            return False
        await self._rescuer.close_lost(run)
        return True  # or it was closed by somebody else, or it is too early: the next try tells

    async def _find(self, run: Run) -> RunHandle | None:
        """Return a run with its log; None when its events have expired."""
        if handle := self._handles.get(run.id):
            return handle
        log = await self._follower.follow(run.id)
        if log.is_closed and not len(log):
            return None
        return _handle(run, log)

    def _turnstile(self, asker: Asker, key: object) -> asyncio.Lock:
        """Let one in at a time, so that the same request at the same moment finds the run begun."""
        return self._starts.setdefault((asker.user_id, key), asyncio.Lock())

    def _begin(self, work: Work, context: RunContext, *, told: Sequence[bytes] = ()) -> RunHandle:
        """Let the run go, behind what it has told before it paused."""
        run, log = work.turn.run, open_log(work.turn, told)
        handle = _handle(run, log)
        self._handles[run.id] = handle
        self._writer.add(log)
        self._executions[run.id] = Execution(
            self._resources,
            work,
            open_sink(self._resources, log, work.turn, context),
            context,
            changes=self._changes,
            on_end=lambda: self._end(handle),
        )
        if self._drained_at is not None:
            stop = partial(self._stop_here, run.id, ServerStoppedError())
            asyncio.get_running_loop().call_at(self._drained_at, stop)
        return handle

    def _end(self, handle: RunHandle) -> None:
        """Forget a run that has ended: who comes later reads the stored events."""
        self._executions.pop(handle.run_id, None)
        self._handles.pop(handle.run_id, None)
        self._writer.remove(handle.log)

    def _stop_here(self, run_id: UUID, reason: AppError | None = None) -> None:
        if execution := self._executions.get(run_id):
            execution.stop(reason)

    def _hear_stop(self, payload: str) -> None:
        self._stop_here(UUID(payload))

    async def _replay(self, turn: Turn) -> RunHandle:
        """Return a closed log of what a run whose events have expired had said."""
        run = turn.run
        async with self._database.user_session(run.user_id) as session:
            answer = await find_answer(session, run.id)
        return _handle(run, replay(run, answer))

    def _graph(self, name: str) -> ConversationGraph:
        """Return the graph of an agent, compiled at its first use."""
        if name not in self._graphs:
            self._graphs[name] = build_conversation(
                get_agent(name).name, self._resources.model, self._resources.settings
            )
        return self._graphs[name]


def _handle(run: Run, log: RunLog) -> RunHandle:
    return RunHandle(
        run_id=run.id, user_id=run.user_id, conversation_id=run.conversation_id, log=log
    )
