"""The rules that every plan keeps, whoever wrote it."""

import datetime as dt
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal
from zoneinfo import ZoneInfo

from domain.plans.evidence import Evidence
from domain.plans.plan import WEEKDAYS, Plan, PlanItem
from domain.plans.texts import TEXTS, Grounding, six_grams
from domain.plans.times import is_on_clock
from domain.plans.weeks import list_weeks
from storage.models import Platform

Rule = Literal[
    "period",
    "platform",
    "time",
    "load",
    "week",
    "caption",
    "hook",
    "figure",
    "number",
    "pillar",
    "hours",
    "length",
]


@dataclass(frozen=True, kw_only=True)
class BrokenRule:
    """What is wrong, in a sentence; `week` is null for what belongs to no week."""

    rule: Rule
    part: str
    message: str
    week: int | None = None


def check_plan(
    plan: Plan, evidence: Evidence, *, said: str, minutes_per_week: int | None = None
) -> list[BrokenRule]:
    """Return the rules that the plan breaks; `said` are the creator's own words.

    References to figures may still stand in its texts.
    """
    return [
        *_check_items(plan, evidence),
        *_check_load(plan),
        *_check_weeks(plan),
        *_check_words(plan),
        *_check_figures(plan),
        *_check_numbers(plan, evidence, said),
        *_check_routine(plan, minutes_per_week),
    ]


def week_of(plan: Plan, day: dt.date) -> int:
    """Return the number of the week that a day lies in, from 1."""
    monday = plan.start - dt.timedelta(days=plan.start.weekday())
    return (day - monday).days // 7 + 1


def _check_items(plan: Plan, evidence: Evidence) -> Iterator[BrokenRule]:
    offered = {(time.platform, time.weekday, time.time) for time in evidence.times}
    pillars = {pillar.name for pillar in plan.pillars}
    zone = ZoneInfo(evidence.timezone)
    moments: Counter[tuple[dt.date, dt.time, Platform]] = Counter()
    for item in plan.items:
        is_inside = plan.start <= item.date <= plan.end
        if not is_inside:
            message = f"{item.date} is not between {plan.start} and {plan.end}"
            yield _broken(plan, item, "period", message)
        if item.platform not in plan.platforms:
            yield _broken(plan, item, "platform", f"{item.platform} was not asked for")
        elif (item.platform, item.date.weekday(), item.time) not in offered:
            day = WEEKDAYS[item.date.weekday()]
            message = f"{day} {item.time:%H:%M} is none of the times offered for {item.platform}"
            yield _broken(plan, item, "time", message)
        elif is_inside and not is_on_clock(dt.datetime.combine(item.date, item.time), zone):
            message = f"clocks are put forward on {item.date}, and never show {item.time:%H:%M}"
            yield _broken(plan, item, "time", message)
        moment = (item.date, item.time, item.platform)
        if item.pillar and item.pillar not in pillars:
            yield _broken(plan, item, "pillar", f"there is no pillar “{item.pillar}”")
        moments[moment] += 1
        if moments[moment] > 1:
            yield _broken(plan, item, "time", f"two posts on {item.platform} at the same time")


def _check_load(plan: Plan) -> Iterator[BrokenRule]:
    if not plan.items:
        yield BrokenRule(rule="load", part="items", message="the plan has no posts")
        return
    found = Counter(week_of(plan, item.date) for item in plan.items)
    for week in list_weeks(plan.start, plan.end, plan.posts_per_week):
        if found[week.number] != week.posts:
            message = (
                f"the week from {week.start} to {week.end} has {found[week.number]} posts, "
                f"and {week.posts} were asked for"
            )
            yield BrokenRule(rule="load", part="items", message=message, week=week.number)


def _check_weeks(plan: Plan) -> Iterator[BrokenRule]:
    numbers = {week.number for week in list_weeks(plan.start, plan.end, plan.posts_per_week)}
    pillars = {pillar.name for pillar in plan.pillars}
    for each in plan.weeks:
        if each.week not in numbers:
            message = f"there is no week {each.week} without a theme"
            yield BrokenRule(rule="week", part="weeks", message=message)
        numbers.discard(each.week)
        if each.pillar and each.pillar not in pillars:
            message = f"week {each.week}: there is no pillar “{each.pillar}”"
            yield BrokenRule(rule="pillar", part="weeks", message=message)


def _check_words(plan: Plan) -> Iterator[BrokenRule]:
    """Find what is said twice; the later post is the one to change."""
    seen: dict[tuple[str, ...], PlanItem] = {}
    hooks: dict[str, PlanItem] = {}
    for item in plan.items:
        own = six_grams(item.caption)
        if shared := sorted(gram for gram in own if gram in seen):
            before = seen[shared[0]]
            message = f"its caption shares “{' '.join(shared[0])}” with that of {before.date}"
            yield _broken(plan, item, "caption", message)
        seen |= dict.fromkeys(own, item)
        hook = item.hook.casefold()
        if hook in hooks:
            yield _broken(plan, item, "hook", f"its hook is that of {hooks[hook].date}")
        hooks.setdefault(hook, item)


def _check_figures(plan: Plan) -> Iterator[BrokenRule]:
    known = {figure.id for figure in plan.figures if figure.value is not None}
    for item in plan.items:
        if item.figure and item.figure not in known:
            yield _broken(plan, item, "figure", f"there is no figure {item.figure}")
        elif bool(item.figure) == bool(item.no_figure_reason):
            message = "it has to name a figure, or say why there is none, and not both"
            yield _broken(plan, item, "figure", message)
    for name in ("goals", "pillars", "metrics"):
        for part in getattr(plan, name):
            if part.figure and part.figure not in known:
                message = f"there is no figure {part.figure}"
                yield BrokenRule(rule="figure", part=name, message=message)


def _check_numbers(plan: Plan, evidence: Evidence, said: str) -> Iterator[BrokenRule]:
    names = [*evidence.names(), *(trend.title for trend in plan.trends)]
    grounding = Grounding(plan.figures, evidence.locale, said=said, names=names)
    for name, fields in TEXTS.items():
        for part in getattr(plan, name):
            for field in fields:
                for fault in grounding.find_faults(getattr(part, field) or ""):
                    message = f"{field}: {fault}"
                    if isinstance(part, PlanItem):
                        yield _broken(plan, part, "number", message)
                    else:
                        yield BrokenRule(rule="number", part=name, message=message)


def _check_routine(plan: Plan, minutes_per_week: int | None) -> Iterator[BrokenRule]:
    minutes = sum(step.minutes for step in plan.routine)
    if minutes_per_week is not None and minutes > minutes_per_week:
        message = f"the routine takes {minutes} minutes, and there are {minutes_per_week}"
        yield BrokenRule(rule="hours", part="routine", message=message)


def _broken(plan: Plan, item: PlanItem, rule: Rule, message: str) -> BrokenRule:
    where = f"{item.date} {item.time:%H:%M} {item.platform}"
    return BrokenRule(
        rule=rule, part="items", message=f"{where}: {message}", week=week_of(plan, item.date)
    )
