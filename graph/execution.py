"""The execution of one run: the graph speaks into the sink, and what it said is stored.

Finish, pause, stop, failure and time-out all go through `_close`: open parts are closed, and what
was said is kept.
"""

import asyncio
import logging
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from langchain_core.messages import AIMessage, AIMessageChunk, ToolMessage
from langchain_core.runnables import RunnableConfig
from langgraph.types import Command
from sqlalchemy.exc import SQLAlchemyError

from agents.catalog import get_agent
from agents.faults import check_ending
from core.errors import AppError
from domain.answers import Answer
from domain.approvals import ApprovalRequest, Decision
from domain.conversations import Turn
from domain.grounding.verdict import check_numbers
from domain.usage import extend_reservation
from graph.changes import Changes
from graph.closing import (
    InternalError,
    LostRunError,
    RunTimeoutError,
    close_without_answer,
    store_answer,
)
from graph.conversation import ROUTE, ConversationGraph, ConversationState
from graph.history import model_messages, previous_agent, split_path
from graph.job_watch import JobWatch
from graph.notes import dump_notes, load_notes, take_notes
from graph.observation import RunObservation
from graph.resources import Resources
from graph.sink import RunSink
from graph.tokens import TokenMeter
from storage.conversations import write_summary
from storage.models import RunStatus, new_id
from tools.context import RunContext

logger = logging.getLogger(__name__)

# What is said in place of sentences that strict grounding held back.
LEFT_OUT = "I left out what has no source in your numbers."


@dataclass(frozen=True, kw_only=True)
class Work:
    """What a run has to do: answer its question, or go on with its creator's decisions."""

    turn: Turn
    graph: ConversationGraph
    decisions: Sequence[Decision] = ()


class Execution:
    """One run being answered, in tasks of its own, which no reader can slow down or end."""

    def __init__(
        self,
        resources: Resources,
        work: Work,
        sink: RunSink,
        context: RunContext,
        *,
        changes: Changes,
        on_end: Callable[[], None],
    ) -> None:
        """Take what the run needs; `on_end` is called when it is over."""
        self._resources = resources
        self._work = work
        self._sink = sink
        self._context = context
        self._on_end = on_end
        answer = work.turn.answer
        self._run = work.turn.run
        self._agent = (answer and answer.agent) or self._run.agent
        self._message_id = answer.id if answer else new_id()
        self._started = time.monotonic() - ((answer and answer.processing_time_ms) or 0) / 1000
        self._may_pause = get_agent(self._run.agent).may_pause
        self._approvals: list[ApprovalRequest] = []
        self._stop_reason: AppError | None = None
        self._last_message: AIMessage | None = None
        self._observation = RunObservation(self._run, sink, model=resources.model.name)
        self._jobs = JobWatch(resources.database, changes, self._run.user_id, sink.show_job)
        self._tokens = TokenMeter(self._run.reserved_tokens, self._reserve, self.stop)
        # Two tasks: a stop cancels the answer, even one that has not begun, and never its storing.
        with self._observation.as_parent():
            self._answering = asyncio.create_task(self._answer(), name=f"answer {self._run.id}")
            self._executing = asyncio.create_task(self._execute(), name=f"run {self._run.id}")

    async def wait(self) -> None:
        """Return when the run is over, and nothing of it is left to do."""
        await asyncio.wait([self._executing])

    def stop(self, reason: AppError | None = None) -> None:
        """End the answer where it is; what was said is kept. With a reason it has failed."""
        self._stop_reason = reason
        self._answering.cancel()

    async def _execute(self) -> None:
        """Wait for the answer, however it ends, and close the run."""
        status = RunStatus.COMPLETED
        error: AppError | None = None
        try:
            async with asyncio.timeout(self._resources.settings.run_timeout_seconds):
                await self._answering
            if self._approvals:
                status = RunStatus.WAITING
        except asyncio.CancelledError:
            error = self._stop_reason
            status = RunStatus.FAILED if error else RunStatus.STOPPED
        except TimeoutError:
            status, error = RunStatus.FAILED, RunTimeoutError()
        except AppError as known:
            logger.debug("run %s failed", self._run.id, exc_info=known)
            status, error = RunStatus.FAILED, known
        except Exception:  # whatever it is, the run ends and its reader is told
            logger.exception("run %s failed", self._run.id)
            status, error = RunStatus.FAILED, InternalError()
        try:
            await self._close(status, error)
        finally:
            self._on_end()

    async def _answer(self) -> None:
        """Stream the graph into the sink."""
        turn, sink = self._work.turn, self._sink
        sink.start(
            self._message_id,
            {
                "agent": self._agent,
                "model": self._resources.model.name,
                "runId": str(self._run.id),
                "conversationId": str(turn.conversation.id),
            },
        )
        for decision in self._work.decisions:
            sink.respond(decision)
        self._jobs.show(*sink.jobs)
        graph, config = self._work.graph, self._config()
        if self._may_pause:
            graph = graph.copy({"checkpointer": self._resources.checkpoints.saver()})
        resumption = await self._resumption(graph, config) if turn.answer else None
        history = await self._read_history()
        async for part in graph.astream(
            resumption or history,
            config,
            context=self._context,
            stream_mode=["messages", "updates"],
            subgraphs=True,
            durability="exit" if graph.checkpointer else None,
            version="v2",
        ):
            match part["type"]:
                case "messages":
                    chunk = part["data"][0]
                    if isinstance(chunk, AIMessageChunk):
                        sink.emit(chunk)
                case "updates":
                    self._follow(part["data"], is_agent=bool(part["ns"]))
        if sink.withheld:
            sink.say(LEFT_OUT)
        if not self._approvals:
            check_ending(self._last_message)

    async def _read_history(self) -> ConversationState:
        """Return what the model reads; what is too old for it becomes notes."""
        turn, resources = self._work.turn, self._resources
        notes = load_notes(turn.conversation.summary, turn.path)
        old, path = split_path(turn.path)
        if old:
            notes, tokens = await take_notes(resources.model, notes, old, self._config())
            self._sink.count_tokens(tokens)
            async with resources.database.user_session(self._run.user_id) as session:
                summary = dump_notes(notes, old[-1])
                await write_summary(session, turn.conversation.id, summary)
        if notes:
            self._context = replace(self._context, notes=notes.model_dump(exclude_defaults=True))
        return {"messages": model_messages(path), "previous_agent": previous_agent(turn.path)}

    def _config(self) -> RunnableConfig:
        return {
            "recursion_limit": 4 * self._resources.settings.run_model_calls + 10,
            "configurable": {"thread_id": str(self._run.id)},
            "callbacks": [self._tokens] if self._resources.model.is_metered else [],
        }

    async def _reserve(self, tokens: int) -> int:
        """Set more tokens of the creator's day aside; a database that is away ends no answer."""
        database, clock = self._resources.database, self._resources.clock
        try:
            async with database.user_session(self._run.user_id) as session:
                return await extend_reservation(
                    session,
                    self._run.id,
                    needed=tokens,
                    timezone=self._context.timezone,
                    now=clock(),
                )
        except SQLAlchemyError:
            logger.warning("no tokens set aside for run %s", self._run.id, exc_info=True)
            return tokens

    async def _resumption(self, graph: ConversationGraph, config: RunnableConfig) -> Command[Any]:
        """Return the command that gives each pause of the graph its decision."""
        decisions = {decision.id: decision for decision in self._work.decisions}
        paused = await graph.aget_state(config)
        return Command(
            resume={
                pause.id: decisions[pause.value["id"]].model_dump(mode="json")
                for pause in paused.interrupts
            }
        )

    def _follow(self, updates: Mapping[str, Any], *, is_agent: bool) -> None:
        """Take what a node of the graph, or of an agent in it, has finished."""
        if "__metadata__" in updates:  # told before the pause
            return
        if not is_agent:
            requests = [pause.value for pause in updates.get("__interrupt__", ())]
            self._approvals += [ApprovalRequest.model_validate(each) for each in requests]
            if routed := updates.get(ROUTE):
                self._agent = routed["agent"]
                self._sink.name_agent(self._agent)
                self._sink.count_tokens(routed["routing_tokens"] or 0)
            return
        for update in updates.values():
            for message in update.get("messages", ()) if isinstance(update, dict) else ():
                match message:
                    case AIMessage():
                        self._last_message = message
                        self._sink.finish_model_call(message)
                    case ToolMessage():
                        if job := self._sink.emit_tool_result(message):
                            self._jobs.show(job)

    async def _close(self, status: RunStatus, error: AppError | None) -> None:
        """Close open parts, store the answer, and only then tell readers that it is done."""
        sink = self._sink
        self._observation.begin_storing()
        await self._jobs.end()
        elapsed_ms = round((time.monotonic() - self._started) * 1000)
        try:
            for request in self._approvals if status == RunStatus.WAITING else ():
                sink.request_approval(request)
            sink.close_parts("The answer was stopped." if error is None else error.detail)
            answer = self._finished_answer(elapsed_ms)
            events = sink.seal(status, self._totals(elapsed_ms), error=error)
            if not await store_answer(self._resources, self._run, status, answer, events, error):
                error = LostRunError()
                sink.seal(RunStatus.LOST, self._totals(elapsed_ms), error=error)
                status = RunStatus.LOST
        except Exception:  # whatever it is: left open, its conversation is busy for ever
            logger.exception("the answer of run %s could not be stored", self._run.id)
            status, error = RunStatus.FAILED, InternalError()
            events = sink.seal(status, self._totals(elapsed_ms), error=error)
            await close_without_answer(self._resources, self._run, events, self._tokens.usage)
        finally:
            sink.finish()
            self._observation.end(status, error, agent=self._agent)
        if self._may_pause and status != RunStatus.WAITING:
            await self._resources.checkpoints.delete(self._run.id)

    def _totals(self, elapsed_ms: int) -> dict[str, Any]:
        return {"tokens": self._sink.tokens, "processingTimeMs": elapsed_ms}

    def _finished_answer(self, elapsed_ms: int) -> Answer:
        """Return what there is to store; what was said before a stop or failure is checked too."""
        sink = self._sink
        grounding = None
        if sink.text:
            question = self._work.turn.question.text
            verdict = check_numbers(
                sink.text,
                self._context.figures.figures,
                question,
                references=sink.references,
                today=self._context.today,
                names=sink.names,
            )
            grounding = verdict.model_dump(mode="json")
            if sink.withheld:
                grounding["withheld"] = sink.withheld
            sink.emit_data("grounding", grounding)
        return Answer(
            message_id=self._message_id,
            agent=self._agent,
            parts=sink.parts,
            text=sink.text,
            model=sink.model or self._resources.model.name,
            tokens=sink.tokens,
            processing_time_ms=elapsed_ms,
            grounding=grounding,
            usage=self._tokens.usage,
        )
