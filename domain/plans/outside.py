"""Plans that an outside engine wrote: they keep the same rules, and rest on the same figures."""

from pydantic import Field

from domain.engines import InvalidResultError
from domain.plans.assembly import assemble_plan, find_broken_rules, is_recent
from domain.plans.evidence import Evidence
from domain.plans.finishing import finish_plan
from domain.plans.inputs import PlanInput
from domain.plans.plan import (
    MAX_ITEMS,
    MetricFocus,
    Name,
    Pillar,
    Plan,
    PlanGoal,
    PlanItem,
    PlanPart,
    RoutineStep,
    Sentence,
    Trend,
    WeekTheme,
)

MAX_TOLD = 5


class WrittenPlan(PlanPart):
    """What is an engine's to write; what was asked for and measured is added to it.

    `model` is the name under which it is shown who wrote the plan.
    """

    model: Name = "outside engine"
    goals: list[PlanGoal] = Field(default_factory=list, max_length=10)
    pillars: list[Pillar] = Field(default_factory=list, max_length=8)
    weeks: list[WeekTheme] = Field(default_factory=list, max_length=20)
    items: list[PlanItem] = Field(min_length=1, max_length=MAX_ITEMS)
    metrics: list[MetricFocus] = Field(default_factory=list, max_length=10)
    routine: list[RoutineStep] = Field(default_factory=list, max_length=40)
    trends: list[Trend] = Field(default_factory=list, max_length=10)
    notes: list[Sentence] = Field(default_factory=list, max_length=20)


def complete_plan(
    written: WrittenPlan, *, template: str, title: str, asked: PlanInput, evidence: Evidence
) -> Plan:
    """Return the whole plan. Raises `InvalidResultError` where it breaks a rule of plans."""
    trends = [trend for trend in written.trends if is_recent(trend.date, evidence.today)]
    parts = written.model_dump(mode="json", exclude={"model", "notes", "trends"})
    plan = assemble_plan(
        asked,
        evidence,
        template=template,
        title=title,
        model=written.model,
        notes=[*evidence.notes, *written.notes],
        written={**parts, "trends": trends},
    )
    broken = find_broken_rules(plan, asked, evidence)
    if broken:
        told = "; ".join(each.message for each in broken[:MAX_TOLD])
        count = "a rule" if len(broken) == 1 else f"{len(broken)} rules"
        raise InvalidResultError(f"The plan breaks {count}: {told}.", field="result.plan")
    return finish_plan(plan, evidence.locale)
