"""What is logged, measured and traced of a run: ids, names and numbers, never what was said."""

import logging
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from agents.catalog import AGENTS, list_agents
from core import metrics
from core.errors import AppError, UpstreamError
from core.logging import log_ids, name_error
from core.tracing import begin_span
from graph.sink import RunSink
from storage.models import Run, RunStatus

logger = logging.getLogger(__name__)

for _status in set(RunStatus) - {RunStatus.RUNNING}:
    for _agent in list_agents():  # shown from the start: Prometheus sees no increase from nothing
        metrics.RUNS.labels(_status, _agent.name)

TOOLS = frozenset(tool.name for agent in AGENTS.values() for tool in agent.tools)


class RunObservation:
    """Watches one run, from its start or its going on, to its end or pause."""

    def __init__(self, run: Run, sink: RunSink, *, model: str) -> None:
        """Begin to watch."""
        self._ids = {"run_id": str(run.id), "conversation_id": str(run.conversation_id)}
        self._sink = sink
        self._model = model
        self._began = time.monotonic()
        self._tokens_before = sink.tokens or 0
        self._answered_before = _answered_calls(sink.parts)
        self._span = begin_span("run", _named(self._ids))
        self._state = "answering"
        metrics.OPEN_RUNS.labels(self._state).inc()

    @contextmanager
    def as_parent(self) -> Iterator[None]:
        """Let the tasks that are created in this block belong to the run."""
        with log_ids(**self._ids), self._span.as_parent():
            yield

    def begin_storing(self) -> None:
        """Note that all is said."""
        metrics.OPEN_RUNS.labels(self._state).dec()
        self._state = "storing"
        metrics.OPEN_RUNS.labels(self._state).inc()

    def end(self, status: RunStatus, error: AppError | None, *, agent: str) -> None:
        """Note how it ended, in one line and in the metrics. Call once."""
        seconds = time.monotonic() - self._began
        first_text_at = self._sink.first_text_at
        first_token_seconds = first_text_at and round(first_text_at - self._began, 3)
        tokens = (self._sink.tokens or 0) - self._tokens_before
        answered = _answered_calls(self._sink.parts)
        tools = [answered[call] for call in answered if call not in self._answered_before]
        summary = {
            "status": str(status),
            "agent": agent,
            "model": self._model,
            "seconds": round(seconds, 3),
            "first_token_seconds": first_token_seconds,
            "tokens": tokens,
            "tools": tools,
            "error": error and error.code,
            "cause": error and error.__cause__ and name_error(error.__cause__),
        }
        metrics.OPEN_RUNS.labels(self._state).dec()
        metrics.RUNS.labels(status, agent).inc()
        metrics.RUN_SECONDS.labels(agent).observe(seconds)
        if first_token_seconds is not None:
            metrics.FIRST_TOKEN_SECONDS.labels(agent).observe(first_token_seconds)
        if tokens:
            metrics.TOKENS.labels(self._model, agent).inc(tokens)
        if error:
            metrics.RUN_ERRORS.labels(error.code).inc()
            self._span.fail(error.code)
        if isinstance(error, UpstreamError):
            metrics.UPSTREAM_ERRORS.labels(error.code).inc()
        self._span.set(_named({**summary, "tools": len(tools)}))
        self._span.end()
        line = (
            "run %(status)s agent=%(agent)s model=%(model)s seconds=%(seconds)s "
            "first_token_seconds=%(first_token_seconds)s tokens=%(tokens)s tools=%(tools)s"
        )
        if error:
            logger.warning(f"{line} error=%(error)s cause=%(cause)s", summary)  # noqa: G004  # ours
        else:
            logger.info(line, summary)


def _answered_calls(parts: Sequence[dict[str, Any]]) -> dict[str, str]:
    """Return the tools that have answered, by call; a name that is not ours a model made up."""
    return {
        part["toolCallId"]: part["toolName"] if part["toolName"] in TOOLS else metrics.UNKNOWN
        for part in parts
        if part["type"] == "dynamic-tool" and part["state"].startswith("output-")
    }


def _named(values: dict[str, Any]) -> dict[str, Any]:
    """Return span attributes of the suite's own."""
    return {f"dreamsuite.{name}": value for name, value in values.items()}
