"""What a plan in the making holds, all of it JSON, so that any release can read it back."""

import operator
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Annotated, Any, TypedDict

from agents.models import Model
from tools.plan_evidence import Facts

Report = Callable[[str, int, str], Awaitable[None]]


def _merge(one: dict[str, Any], other: dict[str, Any]) -> dict[str, Any]:
    return one | other


class PlanState(TypedDict, total=False):
    """What the stages read and write.

    `parts` are what stages wrote, by stage, or by stage and week: `calendar 2`. `faults` are the
    broken rules of those parts; `plan` is there when none is broken.
    """

    request: dict[str, Any]
    evidence: dict[str, Any]
    slots: list[dict[str, Any]]
    parts: Annotated[dict[str, Any], _merge]
    notes: Annotated[list[str], operator.add]
    tokens: Annotated[int, operator.add]
    faults: dict[str, list[str]]
    plan: dict[str, Any]


class PartTask(TypedDict):
    """A part to be written beside others: what its model is shown, and the percent it comes to."""

    part: str
    payload: dict[str, Any]
    percent: int


@dataclass(frozen=True, kw_only=True)
class PlanContext:
    """What making a plan needs: the creator's facts, and models.

    `trends` is null where no model knows what is talked about. `report` tells stage, percent and
    a sentence, and raises where the work is not wanted any more.
    """

    read: Callable[[], Awaitable[Facts]]
    model: Model
    trends: Model | None
    report: Report


def part_name(stage: str, week: int | None = None) -> str:
    """Return how a part is called."""
    return stage if week is None else f"{stage} {week}"


def week_of_part(part: str) -> tuple[str, int | None]:
    """Return the stage of a part, and its week."""
    stage, _, week = part.partition(" ")
    return stage, int(week) if week else None
