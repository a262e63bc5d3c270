"""One stage of a plan: the offline model writes the fields that it is asked for."""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from langchain_core.messages import BaseMessage, HumanMessage
from pydantic import ValidationError

from agents.offline.plans.items import write_items
from agents.offline.plans.routine import write_metrics, write_routine
from agents.offline.plans.strategy import write_goals, write_pillars, write_weeks
from agents.plans.payload import Payload

PLAN_TOOL = "plan_"  # how the tools of plan stages begin

WRITERS: Mapping[str, Callable[[Payload], list[dict[str, Any]]]] = {
    "goals": write_goals,
    "pillars": write_pillars,
    "weeks": write_weeks,
    "items": write_items,
    "metrics": write_metrics,
    "routine": write_routine,
}


def write_part(messages: Sequence[BaseMessage]) -> dict[str, Any]:
    """Return the fields that the last message asks for; those that rules can write."""
    payload = _read(messages)
    if payload is None:
        return {}
    return {name: WRITERS[name](payload) for name in payload.write if name in WRITERS}


def _read(messages: Sequence[BaseMessage]) -> Payload | None:
    for message in messages:
        if isinstance(message, HumanMessage):
            try:
                return Payload.model_validate(json.loads(message.text.rpartition("\n")[2]))
            except (ValueError, ValidationError):
                continue
    return None
