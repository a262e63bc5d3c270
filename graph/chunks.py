"""Chunks of the AI SDK's UI message stream, version 1, from the parts of a message.

Source: https://ai-sdk.dev/docs/ai-sdk-ui/stream-protocol. A part is a part of a UIMessage as it
is stored; its chunks tell a client how it came to be.
"""

import itertools
from collections.abc import Iterator, Sequence
from typing import Any
from uuid import UUID

from core.errors import AppError
from domain.approvals import Decision, Part
from storage.models import RunStatus

Chunk = dict[str, Any]

PARAGRAPH = "\n\n"

FINISH_REASONS = {
    RunStatus.COMPLETED: "stop",
    RunStatus.STOPPED: "other",
    RunStatus.WAITING: "tool-calls",
}


def start(message_id: UUID, metadata: dict[str, Any]) -> Chunk:
    """Say which message this is, who answers, and with which model."""
    return {"type": "start", "messageId": str(message_id), "messageMetadata": metadata}


def finish(
    status: RunStatus, metadata: dict[str, Any], error: AppError | None = None
) -> Iterator[Chunk]:
    """Say how the run ended, or that it waits."""
    if error:
        yield {"type": "error", "errorText": error.detail, "code": error.code}
    if status == RunStatus.STOPPED:
        yield {"type": "abort"}
    yield {
        "type": "finish",
        "finishReason": FINISH_REASONS.get(status, "error"),
        "messageMetadata": {"status": status, **metadata},
    }


def tool_start(part: Part) -> Chunk:
    """Open a tool call."""
    return _of_tool("tool-input-start", part, "toolName") | {"dynamic": True}


def tool_input(part: Part) -> Chunk:
    """Say with which arguments the tool is called."""
    return _of_tool("tool-input-available", part, "toolName", "input") | {"dynamic": True}


def approval_request(part: Part) -> Chunk:
    """Ask the creator before the tool acts."""
    approval = part["approval"]
    return _of_tool("tool-approval-request", part) | {
        "approvalId": approval["id"],
        "approvalDescriptor": approval["descriptor"],
    }


def approval_response(decision: Decision) -> Chunk:
    """Say what the creator decided."""
    return {
        "type": "tool-approval-response",
        "approvalId": decision.id,
        "approved": decision.is_approved,
        **({"reason": decision.reason} if decision.reason else {}),
    }


def tool_outcome(part: Part) -> Chunk:
    """Say what the tool answered, why it could not, or that it was not allowed to."""
    match part["state"]:
        case "output-available":
            return _of_tool("tool-output-available", part, "output") | {"dynamic": True}
        case "output-denied":
            return _of_tool("tool-output-denied", part)
        case _:
            return _of_tool("tool-output-error", part, "errorText") | {"dynamic": True}


def stored(parts: Sequence[Part]) -> Iterator[Chunk]:
    """Tell stored parts again, each as a whole."""
    text_ids = itertools.count()
    has_open_step = False
    for part in parts:
        if has_open_step and part["type"] not in {"text", "dynamic-tool"}:
            has_open_step = False
            yield {"type": "finish-step"}
        match part["type"]:
            case "step-start":
                has_open_step = True
                yield {"type": "start-step"}
            case "text":
                yield from _stored_text(part, str(next(text_ids)))
            case "dynamic-tool":
                yield from _stored_tool(part)
            case _:
                yield part
    if has_open_step:
        yield {"type": "finish-step"}


def is_same_part(part: Part, data: Part) -> bool:
    """Tell whether a data part takes the place of another: it has its type and id."""
    return (part["type"], part.get("id")) == (data["type"], data.get("id"))


def text_of(parts: Sequence[Part]) -> str:
    """Return all that a message says, without tool calls."""
    return PARAGRAPH.join(part["text"] for part in parts if part["type"] == "text" and part["text"])


def _stored_text(part: Part, text_id: str) -> Iterator[Chunk]:
    yield {"type": "text-start", "id": text_id}
    yield {"type": "text-delta", "id": text_id, "delta": part["text"]}
    yield {"type": "text-end", "id": text_id}


def _stored_tool(part: Part) -> Iterator[Chunk]:
    yield tool_start(part)
    yield tool_input(part)
    if approval := part.get("approval"):
        yield approval_request(part)
        if "approved" in approval:
            yield approval_response(
                Decision(
                    id=approval["id"],
                    type="approve" if approval["approved"] else "reject",
                    reason=approval.get("reason"),
                )
            )
    if part["state"].startswith("output-"):
        yield tool_outcome(part)


def _of_tool(kind: str, part: Part, *fields: str) -> Chunk:
    return {
        "type": kind,
        "toolCallId": part["toolCallId"],
        **{field: part[field] for field in fields},
    }
