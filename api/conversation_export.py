"""A conversation to keep: as JSON for programs, as Markdown for people."""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal
from uuid import UUID
from zoneinfo import ZoneInfo

from pydantic import BaseModel, Field

from agents.catalog import list_agents
from domain.figures import Figure
from domain.number_format import format_figure
from graph.history import list_figures
from storage.models import ChatMessage, Conversation, MessageFeedback, Rating, RunStatus

_ENDINGS = {
    RunStatus.STOPPED: "stopped before its end",
    RunStatus.FAILED: "failed before its end",
    RunStatus.LOST: "lost before its end",
    RunStatus.RUNNING: "still being answered",
    RunStatus.WAITING: "waiting for an approval",
}


class ExportedNumber(BaseModel):
    """A number of an answer, and what it comes from; without any of it, it has no source."""

    text: str
    value: float | None
    figures: list[Figure] = Field(description="One, or those that it was calculated from.")
    derivation: str | None = Field(description="How it was calculated; null if it was not.")
    is_from_question: bool


class ExportedMessage(BaseModel):
    """A question or an answer, in words."""

    id: str
    role: Literal["user", "assistant"]
    created_at: dt.datetime
    agent: str | None
    model: str | None
    status: RunStatus | None
    text: str
    numbers: list[ExportedNumber]
    rating: Rating | None
    comment: str | None


class ConversationExport(BaseModel):
    """A conversation with the messages of its shown path, the oldest first."""

    format: Literal["dream-suite-conversation"] = "dream-suite-conversation"
    version: Literal[1] = 1
    exported_at: dt.datetime
    timezone: str
    id: UUID
    client_id: str | None
    title: str
    pinned: bool
    created_at: dt.datetime
    updated_at: dt.datetime
    messages: list[ExportedMessage]


def build_export(
    conversation: Conversation,
    path: Sequence[ChatMessage],
    *,
    statuses: Mapping[UUID, str],
    feedback: Mapping[UUID, MessageFeedback],
    timezone: str,
    now: dt.datetime,
) -> ConversationExport:
    """Return all that a reader of the conversation may want to keep."""
    return ConversationExport(
        exported_at=now,
        timezone=timezone,
        id=conversation.id,
        client_id=conversation.client_id,
        title=conversation.title,
        pinned=conversation.pinned,
        created_at=conversation.created_at,
        updated_at=conversation.updated_at,
        messages=[_message(each, statuses, feedback.get(each.id)) for each in path],
    )


def render_markdown(export: ConversationExport, locale: str) -> str:
    """Return the conversation as a document."""
    zone = ZoneInfo(export.timezone)
    exported = f"Exported from Dream Suite on {_moment(export.exported_at, zone)}"
    lines = [f"# {_one_line(export.title)}", "", f"{exported} ({export.timezone})."]
    for message in export.messages:
        who = "You" if message.role == "user" else _agent_title(message.agent)
        lines += ["", f"## {who}, {_moment(message.created_at, zone)}", ""]
        lines += _body(message, locale)
    return "\n".join(lines) + "\n"


def _message(
    message: ChatMessage, statuses: Mapping[UUID, str], feedback: MessageFeedback | None
) -> ExportedMessage:
    figures = {figure.id: figure for figure in list_figures(message.parts)}
    numbers = (message.grounding or {}).get("numbers", ())
    return ExportedMessage(
        id=message.client_id or str(message.id),
        role="user" if message.role == "user" else "assistant",
        created_at=message.created_at,
        agent=message.agent,
        model=message.model_used,
        status=RunStatus(statuses[message.run_id]) if message.run_id else None,
        text=message.text,
        numbers=[_number(each, figures) for each in numbers],
        rating=Rating(feedback.rating) if feedback else None,
        comment=feedback.comment if feedback else None,
    )


def _number(number: Mapping[str, Any], figures: Mapping[str, Figure]) -> ExportedNumber:
    derivation = number.get("derivation") or {}
    ids = derivation.get("figures") or [number.get("figure")]
    return ExportedNumber(
        text=number["text"],
        value=number["value"],
        figures=[figures[each] for each in ids if each in figures],
        derivation=derivation.get("kind"),
        is_from_question=number.get("is_from_question", False),
    )


def _body(message: ExportedMessage, locale: str) -> Iterator[str]:
    if message.role == "user":
        yield from (f"> {line}".rstrip() for line in message.text.splitlines())
        return
    yield message.text or "(Nothing was said.)"
    if message.status in _ENDINGS:
        yield from ("", f"*This answer was {_ENDINGS[message.status]}.*")
    if message.numbers:
        yield from ("", "| Number | Where it comes from |", "|---|---|")
        for number in {each.text: each for each in message.numbers}.values():
            yield f"| {_cell(number.text)} | {_cell(_source(number, locale))} |"
    if message.rating:
        comment = f": “{_one_line(message.comment)}”" if message.comment else ""
        yield from ("", f"*You rated this answer {message.rating}{comment}*")


def _source(number: ExportedNumber, locale: str) -> str:
    figures = "; ".join(_figure(figure, locale) for figure in number.figures)
    if number.derivation:
        return f"{number.derivation.replace('_', ' ')} of: {figures}"
    return figures or ("your question" if number.is_from_question else "no source")


def _figure(figure: Figure, locale: str) -> str:
    days = str(figure.start) if figure.start == figure.end else f"{figure.start} to {figure.end}"
    is_exact = figure.status in {"final", "unavailable"}
    return f"{figure.label}: {format_figure(figure, locale)}, {days}" + (
        "" if is_exact else f" ({figure.status})"
    )


def _agent_title(name: str | None) -> str:
    titles = {agent.name: agent.title for agent in list_agents()}
    return titles.get(name or "", name or "Answer")


def _moment(moment: dt.datetime, zone: ZoneInfo) -> str:
    local = moment.astimezone(zone)
    return f"{local.day} {local:%B %Y, %H:%M}"


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _cell(text: str) -> str:
    return _one_line(text).replace("|", "\\|")
