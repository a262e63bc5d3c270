"""Approvals: what a run asks its creator before it goes on, and what they decide.

An approval stands in the tool part of the answer that asks for it, in the AI SDK's states:
`approval-requested`, then `approval-responded`, then the tool's output or `output-denied`.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from pydantic import BaseModel, Field

from core.errors import ConflictError, InvalidError

Part = dict[str, Any]

LEFT_OPEN = "The creator went on without deciding."


class RunNotWaitingError(ConflictError):
    """This run does not wait for an approval, or not any more."""

    code = "run_not_waiting"


class UndecidedError(InvalidError):
    """Decide about each open approval of the run, once, and about no others."""

    code = "undecided"


class ApprovalRequest(BaseModel):
    """What the creator is asked: the card's title, and the arguments that would be used.

    `id` is that of the tool call; `fields` is the JSON schema of what may be edited.
    """

    id: str
    title: str
    input: dict[str, Any]
    fields: dict[str, Any] = Field(default_factory=dict)


class Decision(BaseModel):
    """What the creator decided about one approval."""

    id: str = Field(description="The approval's id, which is that of the tool call.")
    type: Literal["approve", "edit", "reject"]
    input: dict[str, Any] | None = Field(
        None, description="With `edit`: the arguments to use instead of those asked for."
    )
    reason: str | None = Field(None, max_length=1000, description="Told to the agent.")

    @property
    def is_approved(self) -> bool:
        """Whether the tool may act."""
        return self.type != "reject"


def open_approvals(parts: Sequence[Part]) -> list[str]:
    """Return the ids of the approvals that are not decided."""
    return [part["approval"]["id"] for part in parts if _is_open(part)]


def decide(parts: Sequence[Part], decisions: Sequence[Decision]) -> list[Part]:
    """Return the parts with the decisions written down."""
    by_id = {decision.id: decision for decision in decisions}
    return [_decided(part, by_id) for part in parts]


def abandon(parts: Sequence[Part]) -> list[Part]:
    """Return the parts with every open approval denied."""
    return [
        part
        | {
            "state": "output-denied",
            "approval": part["approval"] | {"approved": False, "reason": LEFT_OPEN},
        }
        if _is_open(part)
        else part
        for part in parts
    ]


def _is_open(part: Part) -> bool:
    return part.get("state") == "approval-requested"


def _decided(part: Part, decisions: Mapping[str, Decision]) -> Part:
    decision = decisions.get(part["approval"]["id"]) if _is_open(part) else None
    if decision is None:
        return part
    approval = part["approval"] | {"approved": decision.is_approved}
    if decision.reason:
        approval |= {"reason": decision.reason}
    return part | {"state": "approval-responded", "approval": approval}


def are_decided(parts: Sequence[Part], decisions: Sequence[Decision]) -> bool:
    """Tell whether each of these decisions is written down already."""
    known = {
        approval["id"]: approval["approved"]
        for part in parts
        if "approved" in (approval := part.get("approval") or {})
    }
    return bool(decisions) and all(
        known.get(decision.id) is decision.is_approved for decision in decisions
    )
