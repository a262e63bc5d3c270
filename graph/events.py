"""What a run tells: an append-only log of events, and the sink that writes it.

Events are the chunks of the AI SDK's UI message stream, version 1
(https://ai-sdk.dev/docs/ai-sdk-ui/stream-protocol), with consecutive numbers. A log never waits
for a reader, and readers come and go; the parts that the sink collects on the way are the parts
of the stored UIMessage.
"""

import asyncio
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import orjson
from langchain_core.messages import AIMessage, AIMessageChunk, ToolMessage
from langchain_core.messages.tool import ToolCallChunk

from core.errors import AppError
from storage.models import ChatMessage, RunStatus

MAX_TOKENS = 2**31 - 1  # what the column holds; more is nonsense from upstream
UNSTORABLE = re.compile("[\0\ud800-\udfff]")
REPLACEMENT = "\ufffd"
FINISH_REASONS = {RunStatus.COMPLETED: "stop", RunStatus.STOPPED: "other"}


@dataclass(frozen=True, slots=True)
class Event:
    """One chunk of a run; `seq` counts from 1 without gaps, `data` is the chunk's JSON."""

    seq: int
    type: str
    data: bytes


class RunLog:
    """The events of one run, in order; kept in memory for readers that come late."""

    def __init__(self, run_id: UUID) -> None:
        """Open an empty log."""
        self.run_id = run_id
        self.is_closed = False
        self._events: list[Event] = []
        self._news = asyncio.Event()

    @property
    def key(self) -> str:
        """The run's part of an event id: the random end of its UUIDv7."""
        return self.run_id.hex[-8:]

    def __len__(self) -> int:
        """Return the number of events so far, which is the last event's `seq`."""
        return len(self._events)

    def append(self, chunk: dict[str, Any]) -> None:
        """Add a chunk and wake the readers."""
        # Copied: orjson's own result keeps the kilobytes of its buffer alive.
        data = bytes(memoryview(orjson.dumps(chunk)))
        self._events.append(Event(len(self) + 1, str(chunk["type"]), data))
        self._news.set()

    def close(self) -> None:
        """Add nothing more, and let the readers end."""
        self.is_closed = True
        self._news.set()

    async def read(self, after: int = 0) -> AsyncIterator[Event]:
        """Yield the events behind `after` as they come, until the log is closed."""
        position = after
        while True:
            while position < len(self):
                position += 1
                yield self._events[position - 1]
            if self.is_closed:
                return
            self._news.clear()
            await self._news.wait()


class RunSink:
    """Turns what a run says into events and into the parts of the message to store.

    Model text reaches a run only through `emit`.
    """

    def __init__(self, log: RunLog) -> None:
        """Write to this log."""
        self.parts: list[dict[str, Any]] = []
        self.tokens: int | None = None
        self.model: str | None = None
        self._log = log
        self._open_text: dict[str, Any] | None = None
        self._text_count = 0
        self._open_tools: dict[str, dict[str, Any]] = {}
        self._tool_ids: dict[int | None, str] = {}
        self._has_open_step = False
        self._has_open_call = False

    @property
    def text(self) -> str:
        """All that was said, without tool calls."""
        return "\n\n".join(
            part["text"] for part in self.parts if part["type"] == "text" and part["text"]
        )

    def start(self, message_id: UUID, metadata: dict[str, Any]) -> None:
        """Say which message this is, who answers, and with which model."""
        self._write({"type": "start", "messageId": str(message_id), "messageMetadata": metadata})

    def emit(self, chunk: AIMessageChunk) -> None:
        """Take a piece of a model's message: some text, or some of a tool call."""
        self._start_call()
        if chunk.text:
            self._add_text(clean_text(chunk.text))
        for piece in chunk.tool_call_chunks:
            self._add_tool_input(piece)

    def finish_model_call(self, message: AIMessage) -> None:
        """Take the whole message of a model call: its tool calls are complete now."""
        if not self._has_open_call:  # a model that does not stream
            self._start_call()
            if message.text:
                self._add_text(clean_text(message.text))
        self._has_open_call = False
        self._close_text()
        self.model = message.response_metadata.get("model_name") or self.model
        if message.usage_metadata:
            self.tokens = min(
                (self.tokens or 0) + message.usage_metadata["total_tokens"], MAX_TOKENS
            )
        for call in message.tool_calls:
            self._complete_tool_input(str(call["id"]), call["name"], clean_json(call["args"]))

    def emit_tool_result(self, message: ToolMessage) -> None:
        """Take what a tool answered, or why it could not."""
        name = message.name or "tool"
        if message.status == "error":
            part = self._tool_part(message.tool_call_id, name)
            self._fail_tool(part, clean_text(message.text))
        else:
            self._complete_tool(message.tool_call_id, name, _parse_output(message.text))

    def emit_data(self, name: str, value: dict[str, Any]) -> None:
        """Add a part of the suite's own, `data-<name>`; the same name again replaces it."""
        part = {"type": f"data-{name}", "id": name, "data": value}
        self.parts = [old for old in self.parts if old["type"] != part["type"]] + [part]
        self._write(part)

    def close_parts(self, reason: str | None) -> None:
        """Close what is open; tools that have not answered failed for this reason."""
        self._close_text()
        for part in list(self._open_tools.values()):
            self._fail_tool(part, reason or "The tool did not answer.")
        self._close_step()

    def finish(
        self, status: RunStatus, metadata: dict[str, Any], *, error: AppError | None = None
    ) -> None:
        """Say how the run ended, and close the log."""
        if error:
            self._write({"type": "error", "errorText": error.detail, "code": error.code})
        if status == RunStatus.STOPPED:
            self._write({"type": "abort"})
        self._write(
            {
                "type": "finish",
                "finishReason": FINISH_REASONS.get(status, "error"),
                "messageMetadata": {"status": status, **metadata},
            }
        )
        self._log.close()

    def replay(
        self, answer: ChatMessage | None, status: str, *, error: AppError | None = None
    ) -> None:
        """Tell a stored answer again, in whole parts, and close the log."""
        if answer:
            self.start(answer.id, {"agent": answer.agent, "model": answer.model_used})
            for part in answer.parts:
                self._replay_part(part)
            self.close_parts(None)
        tokens = answer.tokens_used if answer else None
        self.finish(RunStatus(status), {"tokens": tokens}, error=error)

    def _replay_part(self, part: dict[str, Any]) -> None:
        match part["type"]:
            case "step-start":
                self._has_open_call = False
                self._start_call()
            case "text":
                self._close_text()
                self._add_text(part["text"])
            case "dynamic-tool":
                self._complete_tool_input(part["toolCallId"], part["toolName"], part["input"])
                if part["state"] == "output-available":
                    self._complete_tool(part["toolCallId"], part["toolName"], part["output"])
                else:
                    self._fail_tool(self._open_tools[part["toolCallId"]], part["errorText"])
            case _:
                self._write(part)

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
        if self._open_text is None:
            self._open_text = {"type": "text", "text": "", "state": "streaming"}
            self.parts.append(self._open_text)
            self._write({"type": "text-start", "id": str(self._text_count)})
        self._open_text["text"] += delta
        self._write({"type": "text-delta", "id": str(self._text_count), "delta": delta})

    def _close_text(self) -> None:
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
            self._tool_ids[piece["index"]] = piece["id"]
            self._tool_part(piece["id"], piece["name"])
        call_id = self._tool_ids.get(piece["index"])
        if call_id and piece["args"]:
            self._write(
                {
                    "type": "tool-input-delta",
                    "toolCallId": call_id,
                    "inputTextDelta": clean_text(piece["args"]),
                }
            )

    def _tool_part(self, call_id: str, name: str) -> dict[str, Any]:
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
        self._write(
            {"type": "tool-input-start", "toolCallId": call_id, "toolName": name, "dynamic": True}
        )
        return part

    def _complete_tool_input(self, call_id: str, name: str, arguments: Any) -> None:
        part = self._tool_part(call_id, name)
        part |= {"state": "input-available", "input": arguments}
        self._write(
            {
                "type": "tool-input-available",
                "toolCallId": call_id,
                "toolName": name,
                "input": arguments,
                "dynamic": True,
            }
        )

    def _complete_tool(self, call_id: str, name: str, output: Any) -> None:
        part = self._tool_part(call_id, name)
        part |= {"state": "output-available", "output": output}
        self._open_tools.pop(call_id, None)
        self._write(
            {
                "type": "tool-output-available",
                "toolCallId": call_id,
                "output": output,
                "dynamic": True,
            }
        )

    def _fail_tool(self, part: dict[str, Any], reason: str) -> None:
        self._open_tools.pop(part["toolCallId"], None)
        part |= {"state": "output-error", "errorText": reason}
        self._write(
            {
                "type": "tool-output-error",
                "toolCallId": part["toolCallId"],
                "errorText": reason,
                "dynamic": True,
            }
        )


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
