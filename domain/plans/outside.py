"""Plans that an outside engine wrote: they keep the same rules, and rest on the same figures."""

import datetime as dt

from pydantic import Field

from domain.engines import InvalidResultError
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
from domain.plans.rules import check_plan

MAX_TREND_AGE = dt.timedelta(days=183)
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
    first = evidence.today - MAX_TREND_AGE
    fields = written.model_dump(mode="json")
    fields["trends"] = [trend for trend in written.trends if first <= trend.date <= evidence.today]
    fields["notes"] = [*evidence.notes, *written.notes]
    plan = Plan.model_validate(
        {
            **fields,
            "template": template,
            "title": f"{title}: {asked.goal}"[:200],
            "goal": asked.goal,
            "start": asked.period.start,
            "end": asked.period.end,
            "timezone": evidence.timezone,
            "platforms": list(asked.platforms),
            "posts_per_week": asked.posts_per_week,
            "figures": evidence.figures,
        }
    )
    hours = asked.form.get("hours_per_week")
    broken = check_plan(
        plan,
        evidence,
        said="\n\n".join(map(str, [asked.goal, *asked.form.values(), *evidence.brand.values()])),
        minutes_per_week=60 * hours if hours else None,
    )
    if broken:
        told = "; ".join(each.message for each in broken[:MAX_TOLD])
        raise InvalidResultError(f"The plan breaks {len(broken)} rules: {told}.")
    return finish_plan(plan, evidence.locale)
