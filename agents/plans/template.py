"""A plan template: a form to fill in, and the stages in which a plan is made from it."""

from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from pydantic import BaseModel

from domain.plans.inputs import PlanInput
from domain.plans.plan import Plan

Role = Literal["plan", "trends"]


@dataclass(frozen=True, kw_only=True)
class PlanStage:
    """A part of a plan that a model writes: fields of `Plan`, those that `output` has.

    A weekly stage is asked once for each week that has posts, all at the same time. An optional
    one is left out with a note where its model is missing or fails. `message` is shown while it
    is being written.
    """

    name: str
    title: str
    message: str
    prompt: str
    output: type[BaseModel]
    is_weekly: bool = False
    is_optional: bool = False
    role: Role = "plan"

    @property
    def fields(self) -> list[str]:
        """Return which fields of the plan it writes."""
        return list(self.output.model_fields)


@dataclass(frozen=True, kw_only=True)
class PlanTemplate:
    """A kind of plan. Its stages come in this order, and read what the earlier ones wrote.

    Each field of the plan is written by one stage, and a weekly stage follows one that is not.
    """

    name: str
    title: str
    input: type[PlanInput]
    stages: tuple[PlanStage, ...]

    def __post_init__(self) -> None:
        """Refuse stages that could not be put together."""
        fields = [field for stage in self.stages for field in stage.fields]
        weekly = [stage.is_weekly for stage in self.stages]
        assert len(fields) == len(set(fields)), "two stages write the same field"
        assert set(fields) <= set(Plan.model_fields), "a stage writes what a plan does not have"
        assert (True, True) not in pairwise(weekly), "two weekly stages follow each other"
