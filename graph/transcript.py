"""From the chunks of a run back to the message they tell: what a client of the stream would hold.

The inverse of `graph/chunks.py`, for a run whose process went away before it stored its answer.
"""

from collections.abc import Iterable, Iterator
from typing import Any
from uuid import UUID

from domain.approvals import Part
from graph import chunks
from graph.chunks import Chunk

TOOL_ENDS = ("output-available", "output-error", "output-denied")


class Transcript:
    """A message as far as its chunks tell it."""

    def __init__(self, told: Iterable[Chunk] = ()) -> None:
        """Take the run's chunks, in order."""
        self.message_id: UUID | None = None
        self.agent: str | None = None
        self.model: str | None = None
        self.parts: list[Part] = []
        self._texts: dict[str, Part] = {}
        self._has_open_step = False
        for chunk in told:
            self._take(chunk)

    @property
    def text(self) -> str:
        """All that was said, without tool calls."""
        return chunks.text_of(self.parts)

    def close(self, reason: str) -> Iterator[Chunk]:
        """Close what is open, and yield the chunks that tell so; open tools failed for this."""
        for text_id, part in self._texts.items():
            if part["state"] != "done":
                part["state"] = "done"
                yield {"type": "text-end", "id": text_id}
        for part in self.parts:
            if part["type"] == "dynamic-tool" and part["state"] not in TOOL_ENDS:
                part |= {"state": "output-error", "errorText": reason}
                yield chunks.tool_outcome(part)
        if self._has_open_step:
            self._has_open_step = False
            yield {"type": "finish-step"}

    def _take(self, chunk: Chunk) -> None:
        match chunk["type"]:
            case "start" | "message-metadata":
                self._take_metadata(chunk)
            case "start-step":
                self._has_open_step = True
                self.parts.append({"type": "step-start"})
            case "finish-step":
                self._has_open_step = False
            case "text-start" | "text-delta" | "text-end":
                self._take_text(chunk)
            case str(kind) if kind.startswith("tool-"):
                self._take_tool(chunk)
            case str(kind) if kind.startswith("data-"):
                self._take_data(chunk)

    def _take_metadata(self, chunk: Chunk) -> None:
        metadata = chunk["messageMetadata"]
        if "messageId" in chunk:
            self.message_id = UUID(chunk["messageId"])
        self.agent = metadata.get("agent", self.agent)
        self.model = metadata.get("model", self.model)

    def _take_text(self, chunk: Chunk) -> None:
        match chunk["type"]:
            case "text-start":
                part: Part = {"type": "text", "text": "", "state": "streaming"}
                self._texts[chunk["id"]] = part
                self.parts.append(part)
            case "text-delta":
                self._texts[chunk["id"]]["text"] += chunk["delta"]
            case _:
                self._texts[chunk["id"]]["state"] = "done"

    def _take_data(self, chunk: Chunk) -> None:
        """Take a part of the suite's own; the same id again takes its place."""
        for place, part in enumerate(self.parts):
            if chunks.is_same_part(part, chunk):
                self.parts[place] = dict(chunk)
                return
        self.parts.append(dict(chunk))

    def _take_tool(self, chunk: Chunk) -> None:
        if chunk["type"] == "tool-input-start":
            self.parts.append(
                {
                    "type": "dynamic-tool",
                    "toolName": chunk["toolName"],
                    "toolCallId": chunk["toolCallId"],
                    "state": "input-streaming",
                    "input": None,
                }
            )
            return
        # An approval has the id of its tool call.
        part = self._tool(chunk.get("toolCallId") or chunk["approvalId"])
        match chunk["type"]:
            case "tool-input-available":
                is_edited = "approval" in part
                state = part["state"] if is_edited else "input-available"
                part |= {"input": chunk["input"], "state": state}
            case "tool-approval-request":
                descriptor = chunk["approvalDescriptor"]
                approval: dict[str, Any] = {"id": chunk["approvalId"], "descriptor": descriptor}
                part |= {"state": "approval-requested", "approval": approval}
            case "tool-approval-response":
                reason = {"reason": chunk["reason"]} if "reason" in chunk else {}
                approval = part["approval"] | {"approved": chunk["approved"]} | reason
                part |= {"state": "approval-responded", "approval": approval}
            case "tool-output-available":
                part |= {"state": "output-available", "output": chunk["output"]}
            case "tool-output-error":
                part |= {"state": "output-error", "errorText": chunk["errorText"]}
            case "tool-output-denied":
                part["state"] = "output-denied"

    def _tool(self, call_id: str) -> Part:
        return next(part for part in self.parts if part.get("toolCallId") == call_id)
