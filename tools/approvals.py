"""Approvals: a tool that changes what is hard to undo asks the creator before it acts."""

from typing import Any

from langgraph.types import interrupt
from pydantic import BaseModel

from core.errors import FinalToolError
from domain.approvals import ApprovalRequest, Decision
from tools.context import Runtime


class DeclinedError(FinalToolError):
    """The creator declined, and nothing was changed."""


def request_approval(
    runtime: Runtime, title: str, arguments: dict[str, Any], model: type[BaseModel]
) -> dict[str, Any]:
    """Pause the run until the creator has decided; return the arguments to use.

    `model` is what the arguments have to be, also once the creator has edited them; they have to
    be checked again. The tool is called again from its start when the run goes on: what it does
    before must only read. Raises `DeclinedError`.
    """
    request = ApprovalRequest(
        id=runtime.tool_call_id or "",
        title=title,
        input=arguments,
        fields=model.model_json_schema(),
    )
    decisions = runtime.context.decisions
    if request.id not in decisions:  # a call that waited for the database is not asked about again
        told = interrupt(request.model_dump(mode="json"))
        decisions[request.id] = Decision.model_validate(told)
    decision = decisions[request.id]
    if not decision.is_approved:
        reason = f" They said: {decision.reason!r}" if decision.reason else ""
        raise DeclinedError(f"The creator declined; nothing was changed.{reason}")
    return arguments if decision.input is None else decision.input
