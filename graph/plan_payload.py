"""What a plan in the making holds, read for the model that writes its next part."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from agents.plans.payload import (
    Payload,
    Request,
    SlotToFill,
    SoFar,
    WeekLoad,
    figure_rows,
    of_week,
)
from agents.plans.template import PlanStage, PlanTemplate
from domain.plans.evidence import Evidence
from domain.plans.inputs import PlanInput
from domain.plans.plan import WEEKDAYS, WeekdayName
from domain.plans.schedule import PlanSlot
from domain.plans.weeks import list_weeks
from graph.plan_state import PlanState, week_of_part


def read_request(template: PlanTemplate, state: PlanState) -> PlanInput:
    """Return what was asked for."""
    return template.input.model_validate(state["request"])


def collect_fields(
    template: PlanTemplate, state: PlanState, *, before: PlanStage | None = None
) -> dict[str, list[Any]]:
    """Return what the stages wrote, field by field; the weeks of a stage follow each other."""
    fields: dict[str, list[Any]] = {}
    for stage in template.stages:
        if stage == before:
            break
        own = [part for part in state["parts"] if week_of_part(part)[0] == stage.name]
        for part in sorted(own, key=lambda part: week_of_part(part)[1] or 0):
            for name, values in state["parts"][part].items():
                fields[name] = [*fields.get(name, []), *values]
    return fields


def build_payload(
    template: PlanTemplate, state: PlanState, stage: PlanStage, week: int | None = None
) -> Payload:
    """Return what the model of a stage is shown; of a weekly stage, for one week."""
    asked, slots = read_request(template, state), _slots(state)
    evidence = Evidence.model_validate(state["evidence"])
    so_far = SoFar.model_validate(collect_fields(template, state, before=stage))
    loads = _loads(asked, slots)
    own = [
        SlotToFill(**slot.model_dump(), pillar=pillar)
        for slot, pillar in zip(slots, so_far.deal_pillars(loads), strict=True)
        if slot.week == week
    ]
    shown = evidence if week is None else of_week(evidence, own)
    return Payload(
        stage=stage.name,
        write=stage.fields,
        request=Request(
            goal=asked.goal,
            start=asked.period.start,
            end=asked.period.end,
            platforms=list(asked.platforms),
            posts_per_week=asked.posts_per_week,
            form=asked.form,
        ),
        evidence=shown.model_copy(update={"figures": []}),
        figures=figure_rows(shown),
        weeks=loads,
        weekdays=_weekdays(slots),
        so_far=so_far,
        week=week,
        slots=own,
    )


def _slots(state: PlanState) -> list[PlanSlot]:
    return [PlanSlot.model_validate(slot) for slot in state["slots"]]


def _loads(asked: PlanInput, slots: Sequence[PlanSlot]) -> list[WeekLoad]:
    return [
        WeekLoad(
            number=week.number,
            start=week.start,
            end=week.end,
            platforms=[slot.platform for slot in slots if slot.week == week.number],
        )
        for week in list_weeks(asked.period.start, asked.period.end, asked.posts_per_week)
    ]


def _weekdays(slots: Sequence[PlanSlot]) -> list[WeekdayName]:
    """Return the days on which posts go out, the busiest first; of equal ones the earlier."""
    posts = Counter(slot.date.weekday() for slot in slots)
    return [WEEKDAYS[day] for day in sorted(posts, key=lambda day: (-posts[day], day))]
