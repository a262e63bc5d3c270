"""What the tools returned in this turn, and how it is told apart."""

import datetime as dt
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from langchain_core.messages import AIMessage, BaseMessage, ToolCall, ToolMessage
from pydantic import ValidationError

from agents.offline.answers.notes import Note
from agents.offline.answers.nouns import label
from agents.offline.answers.places import EVERYWHERE, Place
from agents.offline.answers.wording import when
from agents.offline.calls import Call
from agents.offline.dates.spans import Span
from core.errors import FinalToolError, RetryableToolError
from domain.figures import Figure
from storage.models import Metric
from tools.results import ToolResult


@dataclass(frozen=True, kw_only=True)
class Answered:
    """A call that a tool answered; `span` are the days that were asked for."""

    tool: str
    args: dict[str, Any]
    span: Span | None
    result: ToolResult

    @property
    def metric(self) -> Metric:
        """The metric that was asked for."""
        return Metric(self.args.get("metric", Metric.FOLLOWERS))

    @property
    def when(self) -> str:
        """The asked days as they stand in a sentence."""
        return when(self.span) if self.span else ""

    @property
    def place(self) -> Place:
        """The place that was asked for."""
        return self.args.get("platform"), self.args.get("account")

    def figures(self, metric: str | None = None) -> dict[Place, Figure]:
        """Return the figure of each place, in the tool's order, the first where it has several."""
        found: dict[Place, Figure] = {}
        for figure in self.result.figures:
            if metric is None or figure.metric == metric:
                found.setdefault((figure.platform, figure.account), figure)
        return found


@dataclass(frozen=True, kw_only=True)
class Results:
    """The answered calls of a turn, and what the tools that failed said."""

    answered: list[Answered]
    errors: list[str]

    def of(self, *tools: str) -> list[Answered]:
        """Return the answers of these tools."""
        return [answer for answer in self.answered if answer.tool in tools]

    def notes(self) -> list[Note]:
        """Return all notes, each once."""
        has_several = len({answer.metric for answer in self.answered}) > 1
        notes = (
            Note(text=text, about=label(answer.metric) if has_several else "")
            for answer in self.answered
            for text in answer.result.notes
        )
        return list(dict.fromkeys(notes))


def top_places(places: Collection[Place]) -> list[Place]:
    """Return the place that says it all: everything, else a platform; else every account."""
    if EVERYWHERE in places:
        return [EVERYWHERE]
    return [place for place in places if place[1] is None] or list(places)


def is_pair(answers: Sequence[Answered]) -> bool:
    """Tell whether the same was asked of two periods."""
    if len(answers) != len(("one", "other")):
        return False
    one, other = answers
    same = (one.tool, one.metric, one.place) == (other.tool, other.metric, other.place)
    return same and one.span != other.span


def read_results(
    messages: Sequence[BaseMessage], spans: Iterable[Span], only: Sequence[Call] | None = None
) -> Results:
    """Match the tool messages of a turn with the calls they answer, or with only some of them.

    `spans` are the asked ones.
    """
    calls = {
        call["id"]: call
        for message in messages
        if isinstance(message, AIMessage)
        for call in message.tool_calls
    }
    answered: list[Answered] = []
    errors: list[str] = []
    for message in messages:
        if not isinstance(message, ToolMessage):
            continue
        call = calls.get(message.tool_call_id)
        if only is not None and (call is None or not _is_among(call, only)):
            continue
        result = _parse(message)
        if result is None or call is None:
            errors.append(_without_advice(str(message.text)))
            continue
        answered.append(
            Answered(
                tool=call["name"],
                args=call["args"],
                span=_span(call["args"], spans),
                result=result,
            )
        )
    return Results(answered=answered, errors=errors)


def _without_advice(error: str) -> str:
    """Return what went wrong without what a model is told about trying again."""
    for kind in (RetryableToolError, FinalToolError):
        error = error.removesuffix(f" {kind.advice}")
    return error


def _is_among(call: ToolCall, calls: Sequence[Call]) -> bool:
    return any(call["name"] == other.tool and call["args"] == other.args for other in calls)


def _parse(message: ToolMessage) -> ToolResult | None:
    if message.status == "error":
        return None
    try:
        return ToolResult.model_validate_json(message.text)
    except ValidationError:
        return None


def _span(args: dict[str, Any], spans: Iterable[Span]) -> Span | None:
    try:
        asked = Span(
            start=dt.date.fromisoformat(args["start"]), end=dt.date.fromisoformat(args["end"])
        )
    except (KeyError, TypeError, ValueError):
        return None
    named = (one for span in spans for one in (span, span.previous()))
    return next((one for one in named if (one.start, one.end) == (asked.start, asked.end)), asked)
