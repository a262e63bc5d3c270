"""The sink of a run: what agents say becomes events, and the parts of the message to store.

Model text reaches a run only through `RunSink.emit`.
"""

import re
import time
from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

import orjson
from langchain_core.messages import AIMessage, AIMessageChunk, ToolMessage
from langchain_core.messages.tool import ToolCallChunk

from core.errors import AppError
from domain.approvals import ApprovalRequest, Decision, Part
from domain.job_parts import JOB_PART, find_job_shown
from domain.references import FilledReference
from graph import chunks
from graph.answer_text import AnswerText
from graph.events import RunLog
from storage.models import RunStatus
from storage.run_events import Batch

MAX_TOKENS = 2**31 - 1  # what the column holds; more is nonsense from upstream
UNSTORABLE = re.compile("[\0\ud800-\udfff]")
REPLACEMENT = "\ufffd"
OUTSIDE_FIELDS = ("title", "plan_title", "hook", "caption", "topic")
SHORT_NAME = 48
CUT = "…"  # behind a text that named a figure which does not exist, and was not corrected


class RunSink:
    """Turns what a run says into events and into the parts of the message to store."""

    def __init__(
        self,
        log: RunLog,
        new_text: Callable[[], AnswerText],
        *,
        names: set[str] | None = None,
        parts: Sequence[Part] = (),
        tokens: int | None = None,
    ) -> None:
        """Write to this log; `parts` and `tokens` are what a paused run had before.

        `new_text` begins the text of a part; `names` collects the texts from outside that tools
        return: titles, captions, topics.
        """
        self.names = set() if names is None else names
        self.parts: list[Part] = [dict(part) for part in parts]
        self.tokens = tokens
        self.model: str | None = None
        self.first_text_at: float | None = None
        self._log = log
        self._new_text = new_text
        self._open_text: Part | None = None
        self._writer: AnswerText | None = None
        self._writers: list[tuple[Part, AnswerText]] = []
        self._message_id: str | None = None
        self._text_count = sum(part["type"] == "text" for part in parts)
        self._open_tools: dict[str, Part] = {
            part["toolCallId"]: part
            for part in self.parts
            if part.get("state") == "approval-responded"
        }
        self._tool_ids: dict[int | None, str] = {}
        self._has_open_step = False
        self._has_open_call = False
        self._ending: list[chunks.Chunk] = []

    @property
    def text(self) -> str:
        """All that was said, without tool calls."""
        return chunks.text_of(self.parts)

    @property
    def references(self) -> list[FilledReference]:
        """The figure references that were filled in, and where they stand in `text`."""
        found: list[FilledReference] = []
        start = 0
        writers = {id(part): writer for part, writer in self._writers}
        for part in self.parts:
            if part["type"] != "text" or not part["text"]:
                continue
            if writer := writers.get(id(part)):
                found += [
                    FilledReference(start + each.start, start + each.end, each.figure_id)
                    for each in writer.references
                ]
            start += len(part["text"]) + len(chunks.PARAGRAPH)
        return found

    @property
    def withheld(self) -> list[str]:
        """The sentences that did not pass the check."""
        return [sentence for _, writer in self._writers for sentence in writer.withheld]

    @property
    def jobs(self) -> list[dict[str, Any]]:
        """The jobs that are shown."""
        return [part["data"] for part in self.parts if part["type"] == JOB_PART]

    def start(self, message_id: UUID, metadata: dict[str, Any]) -> None:
        """Say which message this is, who answers, and with which model."""
        self._write(chunks.start(message_id, metadata))

    def emit(self, chunk: AIMessageChunk) -> None:
        """Take a piece of a model's message: some text, or some of a tool call."""
        self._start_call()
        if chunk.id != self._message_id and self._writer:
            self._writer.begin_message()
        self._message_id = chunk.id
        if chunk.text:
            self._add_text(clean_text(chunk.text))
        for piece in chunk.tool_call_chunks:
            self._add_tool_input(piece)

    def say(self, sentence: str) -> None:
        """Add a paragraph of the suite's own."""
        self._close_text()
        self._show(sentence)
        self._close_text()

    def finish_model_call(self, message: AIMessage) -> None:
        """Take the whole message of a model call: its tool calls are complete now."""
        if not self._has_open_call:  # a model that does not stream
            self._start_call()
            if message.text:
                self._add_text(clean_text(message.text))
        self._has_open_call = False
        self._close_text()
        if model := message.response_metadata.get("model_name"):
            self.model = clean_text(model)
        if message.usage_metadata:
            self.count_tokens(message.usage_metadata["total_tokens"])
        for call in message.tool_calls:
            self._complete_tool_input(
                clean_text(call["id"] or ""), clean_text(call["name"]), clean_json(call["args"])
            )

    def count_tokens(self, tokens: int) -> None:
        """Add what a model call cost."""
        self.tokens = min((self.tokens or 0) + max(tokens, 0), MAX_TOKENS)

    def emit_tool_result(self, message: ToolMessage) -> dict[str, Any] | None:
        """Take what a tool answered, or why it could not; return the job that it is about."""
        part = self._tool_part(clean_text(message.tool_call_id), clean_text(message.name or "tool"))
        if message.status != "error":
            output = _parse_output(message.text)
            self.names |= outside_texts(output)
            self._end_tool(part, state="output-available", output=output)
            if job := find_job_shown(output):
                self.show_job(job)
            return job
        if part.get("approval", {}).get("approved") is False:
            self._end_tool(part, state="output-denied")
        else:
            self._end_tool(part, state="output-error", errorText=clean_text(message.text))
        return None

    def show_job(self, job: dict[str, Any]) -> None:
        """Add a part that shows how far a job is; the same job again takes its place."""
        self.emit_data("job", job, part_id=job["job_id"])

    def request_approval(self, request: ApprovalRequest) -> None:
        """Ask the creator about a tool call, as a card with a title."""
        part = self._open_tools.pop(request.id)
        descriptor = clean_json(request.model_dump(mode="json", exclude={"id"}))
        approval = {"id": request.id, "descriptor": descriptor}
        part |= {"state": "approval-requested", "approval": approval}
        self._write(chunks.approval_request(part))

    def respond(self, decision: Decision) -> None:
        """Say what the creator decided."""
        part = self._open_tools[decision.id]
        if decision.type == "edit":
            part["input"] = clean_json(decision.input)
            self._write(chunks.tool_input(part))
        self._write(chunks.approval_response(decision))

    def name_agent(self, agent: str) -> None:
        """Say which agent answers, once it is chosen."""
        self._write({"type": "message-metadata", "messageMetadata": {"agent": agent}})

    def emit_data(self, name: str, value: dict[str, Any], *, part_id: str | None = None) -> None:
        """Add a part of the suite's own, `data-<name>`; the same id again takes its place."""
        part = {"type": f"data-{name}", "id": part_id or name, "data": value}
        places = [n for n, old in enumerate(self.parts) if chunks.is_same_part(old, part)]
        if places:
            self.parts[places[0]] = part
        else:
            self.parts.append(part)
        self._write(part)

    def close_parts(self, reason: str) -> None:
        """Close what is open; tools that have not answered failed for this reason."""
        self._close_text()
        for part in list(self._open_tools.values()):
            self._end_tool(part, state="output-error", errorText=reason)
        self._close_step()

    def seal(
        self, status: RunStatus, metadata: dict[str, Any], *, error: AppError | None = None
    ) -> Batch:
        """Prepare to say how the run ended, or that it waits; return what is to be stored."""
        self._ending = list(chunks.finish(status, metadata, error))
        return self._log.seal(self._ending)

    def finish(self) -> None:
        """Say what was prepared, and close the log."""
        for chunk in self._ending:
            self._write(chunk)
        self._log.close()

    def _write(self, chunk: dict[str, Any]) -> None:
        self._log.append(chunk)

    def _start_call(self) -> None:
        """Open a step: one model call and the tools it asks for."""
        if self._has_open_call:
            return
        self._close_step()
        self._has_open_call = self._has_open_step = True
        self._tool_ids = {}
        self.parts.append({"type": "step-start"})
        self._write({"type": "start-step"})

    def _close_step(self) -> None:
        self._close_text()
        if self._has_open_step:
            self._has_open_step = False
            self._write({"type": "finish-step"})

    def _add_text(self, delta: str) -> None:
        self._writer = self._writer or self._new_text()
        self._show(self._writer.feed(delta))

    def _show(self, delta: str) -> None:
        if not delta:
            return
        self.first_text_at = self.first_text_at or time.monotonic()
        if self._open_text is None:
            self._open_text = {"type": "text", "text": "", "state": "streaming"}
            self.parts.append(self._open_text)
            if self._writer:
                self._writers.append((self._open_text, self._writer))
            self._write({"type": "text-start", "id": str(self._text_count)})
        self._open_text["text"] += delta
        self._write({"type": "text-delta", "id": str(self._text_count), "delta": delta})

    def _close_text(self) -> None:
        if self._writer:
            self._show(self._writer.flush() + (CUT if self._writer.is_cut else ""))
            self._writer = None
        if self._open_text is None:
            return
        self._open_text["state"] = "done"
        self._open_text = None
        self._write({"type": "text-end", "id": str(self._text_count)})
        self._text_count += 1

    def _add_tool_input(self, piece: ToolCallChunk) -> None:
        """Pass on a piece of a tool call; only its first piece carries id and name."""
        if piece["id"] and piece["name"]:
            self._close_text()
            call_id = self._tool_ids[piece["index"]] = clean_text(piece["id"])
            self._tool_part(call_id, clean_text(piece["name"]))
        open_id = self._tool_ids.get(piece["index"])
        if open_id and piece["args"]:
            self._write(
                {
                    "type": "tool-input-delta",
                    "toolCallId": open_id,
                    "inputTextDelta": clean_text(piece["args"]),
                }
            )

    def _tool_part(self, call_id: str, name: str) -> Part:
        """Return the part of a tool call, opening it when it is new."""
        for part in self.parts:
            if part.get("toolCallId") == call_id:
                return part
        part = {
            "type": "dynamic-tool",
            "toolName": name,
            "toolCallId": call_id,
            "state": "input-streaming",
            "input": None,
        }
        self.parts.append(part)
        self._open_tools[call_id] = part
        self._write(chunks.tool_start(part))
        return part

    def _complete_tool_input(self, call_id: str, name: str, arguments: Any) -> None:
        part = self._tool_part(call_id, name)
        part |= {"state": "input-available", "input": arguments}
        self._write(chunks.tool_input(part))

    def _end_tool(self, part: Part, **outcome: Any) -> None:
        self._open_tools.pop(part["toolCallId"], None)
        part |= outcome
        self._write(chunks.tool_outcome(part))


def outside_texts(output: Any) -> set[str]:
    """Return the titles, captions and topics of a tool's rows, also as answers cut them."""
    rows = output.get("rows", ()) if isinstance(output, dict) else ()
    found = (row.get(name) for row in rows for name in OUTSIDE_FIELDS if isinstance(row, dict))
    texts = {" ".join(text.split()) for text in found if isinstance(text, str)}
    return texts | {text[:SHORT_NAME] for text in texts if len(text) > SHORT_NAME}


def clean_text(text: str) -> str:
    """Replace what neither UTF-8 nor PostgreSQL can hold: U+0000 and halves of surrogate pairs."""
    return UNSTORABLE.sub(REPLACEMENT, str(text))


def clean_json(value: Any) -> Any:
    """Do the same for all text of a JSON value, and make numbers beyond 64 bit null."""
    match value:
        case str():
            return clean_text(value)
        case dict():
            return {clean_text(key): clean_json(item) for key, item in value.items()}
        case list():
            return [clean_json(item) for item in value]
        case int() | float() if not -(2**63) <= value < 2**63:
            return None
        case _:
            return value


def _parse_output(text: str) -> Any:
    """Return a tool's JSON, and any other text as text."""
    try:
        return clean_json(orjson.loads(str(text)))  # LangChain hands out a subclass of str
    except orjson.JSONDecodeError:
        return clean_text(text)
