"""A plan put together of what was asked, what was measured, and what somebody wrote."""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pydantic import ValidationError

from domain.plans.evidence import Evidence
from domain.plans.finishing import finish_plan
from domain.plans.inputs import PlanInput
from domain.plans.plan import Plan
from domain.plans.rules import BrokenRule, check_plan, week_of
from domain.plans.texts import one_line, without_references

MAX_TITLE = 200
MAX_NOTE = 500
MAX_TREND_AGE = dt.timedelta(days=183)


def assemble_plan(
    asked: PlanInput,
    evidence: Evidence,
    *,
    template: str,
    title: str,
    model: str,
    notes: Sequence[str],
    written: Mapping[str, Sequence[Any]],
) -> Plan:
    """Return the plan with the parts that were `written`, which may still break rules."""
    return Plan.model_validate(
        {
            "template": template,
            "title": one_line(f"{title}: {asked.goal}", MAX_TITLE),
            "goal": asked.goal,
            "start": asked.period.start,
            "end": asked.period.end,
            "timezone": evidence.timezone,
            "platforms": list(asked.platforms),
            "posts_per_week": asked.posts_per_week,
            "model": model,
            "notes": [note[:MAX_NOTE] for note in notes],
            "figures": evidence.figures,
            **written,
        }
    )


def find_broken_rules(plan: Plan, asked: PlanInput, evidence: Evidence) -> list[BrokenRule]:
    """Return the rules that the plan breaks; the creator's own numbers need no figure."""
    hours = asked.form.get("hours_per_week")
    said = "\n\n".join(map(str, [asked.goal, *asked.form.values(), *evidence.brand.values()]))
    broken = check_plan(
        plan,
        evidence,
        said=f"{said}\n\n{without_references(said)}",  # as it is quoted, too
        minutes_per_week=60 * hours if hours else None,
    )
    return broken or list(_find_long_texts(plan, evidence.locale))


def _find_long_texts(plan: Plan, locale: str) -> Iterator[BrokenRule]:
    """Find what is too long once the values of figures stand where their references were."""
    finished = finish_plan(plan, locale)
    try:
        Plan.model_validate(finished.model_dump(mode="json", by_alias=True))
    except ValidationError as error:
        for found in error.errors():
            part, *place = found["loc"]
            week = week_of(plan, finished.items[int(place[0])].date) if part == "items" else None
            message = f"{place[-1]}, with its figures: {found['msg']}"
            yield BrokenRule(rule="length", part=str(part), message=message, week=week)


def is_recent(source: dt.date, today: dt.date) -> bool:
    """Tell whether a trend's source is of the last half year, and published already."""
    return today - MAX_TREND_AGE <= source <= today
