"""Changes to a plan that somebody asks for in words: what they may be, and the plan they make.

A language model fills them in, so what it writes keeps the rules of plans, and its numbers need a
source. When, where and in which form a post goes out is the creator's own choice.
"""

import datetime as dt
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from core.errors import InvalidError
from domain.plans.evidence import Evidence, OfferedTime
from domain.plans.inputs import MAX_DAYS, MAX_POSTS_PER_WEEK
from domain.plans.plan import WEEKDAYS, Caption, Line, Name, Plan, PlanItem, WeekdayName
from domain.plans.rules import check_plan, week_of
from domain.plans.texts import TEXTS
from domain.plans.weeks import list_weeks
from storage.models import Platform

MAX_CHANGES = 40
MAX_TOLD = 5
CHOSEN = "It is where you wanted it."
CHOSEN_FORM = "It is the form that you wanted."
ADDED = "You asked for this post."


class RevisionError(InvalidError):
    """The plan cannot be changed like this."""

    code = "invalid_revision"


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


class PostPick(_Strict):
    """Which posts of the plan are meant: those that fit everything that is given."""

    date: dt.date | None = None
    weekday: WeekdayName | None = None
    week: int | None = Field(None, ge=1, description="The number of the plan's week, from 1.")
    platform: Platform | None = None
    format: Name | None = Field(None, description="reel, photo, video …")

    def fits(self, plan: Plan, item: PlanItem) -> bool:
        """Tell whether a post is meant."""
        return all(
            (
                self.date in (None, item.date),
                self.weekday in (None, WEEKDAYS[item.date.weekday()]),
                self.week is None or self.week == week_of(plan, item.date),
                self.platform in (None, item.platform),
                self.format is None or self.format.casefold() == item.format.casefold(),
            )
        )


class MovePost(_Strict):
    """Move one post to another day, time or platform; what is left out stays.

    `to_weekday` is that of the same week.
    """

    do: Literal["move_post"]
    post: PostPick
    to_date: dt.date | None = None
    to_weekday: WeekdayName | None = None
    to_time: dt.time | None = None
    to_platform: Platform | None = None

    @model_validator(mode="after")
    def _goes_somewhere(self) -> Self:
        if not any((self.to_date, self.to_weekday, self.to_platform)) and self.to_time is None:
            raise ValueError("say where to: to_date, to_weekday, to_time or to_platform")
        return self


class RewritePost(_Strict):
    """Write other words for one post, or give it another form; what is left out stays."""

    do: Literal["rewrite_post"]
    post: PostPick
    hook: Line | None = None
    caption: Caption | None = None
    call_to_action: Line | None = None
    format: Name | None = None

    @model_validator(mode="after")
    def _writes_something(self) -> Self:
        if not any((self.hook, self.caption, self.call_to_action, self.format)):
            raise ValueError("say what to write: hook, caption, call_to_action or format")
        return self


class AddPost(_Strict):
    """Add a post."""

    do: Literal["add_post"]
    date: dt.date
    time: dt.time
    platform: Platform
    format: Name
    hook: Line
    caption: Caption
    call_to_action: Line
    pillar: Name | None = None


class RemovePosts(_Strict):
    """Take out every post that fits, such as all on a platform."""

    do: Literal["remove_posts"]
    posts: PostPick

    @model_validator(mode="after")
    def _names_some(self) -> Self:
        if not self.posts.model_dump(exclude_none=True):
            raise ValueError("say which posts: date, weekday, week, platform or format")
        return self


class SetLoad(_Strict):
    """Keep only so many posts a week."""

    do: Literal["set_load"]
    posts_per_week: int = Field(ge=1, le=MAX_POSTS_PER_WEEK)


class ShiftPlan(_Strict):
    """Move the whole plan by so many days: later, or with a minus earlier."""

    do: Literal["shift_plan"]
    days: int = Field(ge=-MAX_DAYS, le=MAX_DAYS)


class Rename(_Strict):
    """Give the plan another title."""

    do: Literal["rename"]
    title: Line


Change = Annotated[
    MovePost | RewritePost | AddPost | RemovePosts | SetLoad | ShiftPlan | Rename,
    Field(discriminator="do"),
]


class Revision(_Strict):
    """Changes, in the order in which they are made."""

    changes: list[Change] = Field(min_length=1, max_length=MAX_CHANGES)


def revise(
    plan: Plan, changes: Sequence[Change], *, said: str, locale: str
) -> tuple[Plan, list[str]]:
    """Return the changed plan, and a sentence on each change.

    `said` are the creator's own words, whose numbers need no figure. Raises `RevisionError` that
    names the change and what is wrong with it.
    """
    revised, told = plan, []
    for number, change in enumerate(changes, 1):
        try:
            revised, sentence = _APPLY[change.do](revised, change)
        except RevisionError as error:
            raise RevisionError(f"Change {number}, {change.do}: {error.detail}") from None
        told.append(sentence)
    in_order = sorted(revised.items, key=lambda item: (item.date, item.time, item.platform))
    revised = revised.model_copy(update={"items": in_order})
    _check(plan, revised, said, locale)
    return revised, told


def _check(plan: Plan, revised: Plan, said: str, locale: str) -> None:
    """Refuse what breaks more rules than before: the creator may have broken some themselves."""
    if not revised.items:
        raise RevisionError("A plan keeps one post at least. To be rid of it, delete the plan.")
    known = [text for item in plan.items for text in _texts(item)]
    if any("{{" in text for item in revised.items for text in _texts(item) if text not in known):
        raise RevisionError("Write no {{references}} into the texts of a plan, only plain words.")
    backed = "\n\n".join([said, plan.goal, *known])
    before, after = (_broken(each, backed, locale) for each in (plan, revised))
    allowed = Counter(rule for rule, _ in before)
    found = [
        message
        for rule, message in after
        if Counter(rule for rule, _ in after)[rule] > allowed[rule]
        and (rule, message) not in before
    ]
    if found:
        raise RevisionError("; ".join(found[:MAX_TOLD]) + ".")


def _broken(plan: Plan, said: str, locale: str) -> list[tuple[str, str]]:
    times = [
        OfferedTime(
            platform=item.platform, weekday=item.date.weekday(), time=item.time, basis="default"
        )
        for item in plan.items
    ]
    evidence = Evidence(today=plan.start, timezone=plan.timezone, locale=locale, times=times)
    broken = check_plan(plan, evidence, said=said)
    return [(each.rule, each.message) for each in broken if each.rule != "load"]


def _texts(item: PlanItem) -> list[str]:
    return [text for name in TEXTS["items"] if (text := getattr(item, name))]


def _pick(plan: Plan, pick: PostPick) -> list[PlanItem]:
    found = [item for item in plan.items if pick.fits(plan, item)]
    if not found:
        raise RevisionError("there is no such post in the plan")
    return found


def _pick_one(plan: Plan, pick: PostPick) -> PlanItem:
    found = _pick(plan, pick)
    if len(found) > 1:
        listed = "; ".join(_name(item) for item in found[:MAX_TOLD])
        raise RevisionError(f"{len(found)} posts fit, name one by date and platform: {listed}")
    return found[0]


def _with(plan: Plan, old: PlanItem, **fields: Any) -> Plan:
    new = old.model_copy(update=fields)
    return plan.model_copy(update={"items": [new if it is old else it for it in plan.items]})


def _chosen(why: str) -> dict[str, Any]:
    """Return what stands in the place of figures that spoke for another time or form."""
    return {"figure": None, "no_figure_reason": why, "why": why}


def _move(plan: Plan, change: MovePost) -> tuple[Plan, str]:
    item = _pick_one(plan, change.post)
    date = change.to_date or item.date
    if change.to_weekday:
        ahead = WEEKDAYS.index(change.to_weekday) - item.date.weekday()
        date = item.date + dt.timedelta(days=ahead)
    place = {
        "date": date,
        "time": item.time if change.to_time is None else change.to_time.replace(tzinfo=None),
        "platform": change.to_platform or item.platform,
    }
    if place == {"date": item.date, "time": item.time, "platform": item.platform}:
        raise RevisionError(f"it is there already: {_name(item)}")
    moved = item.model_copy(update=place)
    return _with(plan, item, **place, **_chosen(CHOSEN)), f"{_name(item)} is now {_name(moved)}"


def _rewrite(plan: Plan, change: RewritePost) -> tuple[Plan, str]:
    item = _pick_one(plan, change.post)
    fields = change.model_dump(exclude_none=True, exclude={"do", "post"})
    names = " and ".join(name.replace("_", " ") for name in fields)
    if change.format and change.format.casefold() != item.format.casefold():
        fields |= _chosen(CHOSEN_FORM)
    return _with(plan, item, **fields), f"another {names}: {_name(item)}"


def _add(plan: Plan, change: AddPost) -> tuple[Plan, str]:
    fields = change.model_dump(exclude={"do"}) | {"time": change.time.replace(tzinfo=None)}
    item = PlanItem.model_validate(fields | _chosen(ADDED))
    return plan.model_copy(update={"items": [*plan.items, item]}), f"added: {_name(item)}"


def _remove(plan: Plan, change: RemovePosts) -> tuple[Plan, str]:
    gone = _pick(plan, change.posts)
    left = [item for item in plan.items if item not in gone]
    listed = "; ".join(_name(item) for item in gone[:MAX_TOLD])
    more = "; and others" if len(gone) > MAX_TOLD else ""
    return plan.model_copy(update={"items": left}), f"taken out: {listed}{more}"


def _set_load(plan: Plan, change: SetLoad) -> tuple[Plan, str]:
    """Take out of each week what rests on no figure, then of the platform that has most."""
    if change.posts_per_week >= plan.posts_per_week:
        raise RevisionError("the plan has no more than that; add posts one by one with add_post")
    kept: list[PlanItem] = []
    for week in list_weeks(plan.start, plan.end, change.posts_per_week):
        own = [item for item in plan.items if week_of(plan, item.date) == week.number]
        while len(own) > week.posts:
            load = Counter(item.platform for item in own)
            own.remove(min(reversed(own), key=lambda it: (bool(it.figure), -load[it.platform])))
        kept += own
    changed = {"items": kept, "posts_per_week": change.posts_per_week}
    return plan.model_copy(update=changed), "fewer posts a week, as you asked"


def _shift(plan: Plan, change: ShiftPlan) -> tuple[Plan, str]:
    if not change.days:
        raise RevisionError("by how many days?")
    step = dt.timedelta(days=change.days)
    reasons = {} if change.days % len(WEEKDAYS) == 0 else _chosen(CHOSEN)
    items = [item.model_copy(update={"date": item.date + step, **reasons}) for item in plan.items]
    changed = {"items": items, "start": plan.start + step, "end": plan.end + step}
    moved = plan.model_copy(update=changed)
    return moved, f"the plan now goes from {moved.start} to {moved.end}"


def _rename(plan: Plan, change: Rename) -> tuple[Plan, str]:
    return plan.model_copy(update={"title": change.title}), f"renamed to “{change.title}”"


def _name(item: PlanItem) -> str:
    day = WEEKDAYS[item.date.weekday()]
    return f"{item.format} on {item.platform}, {day} {item.date} {item.time:%H:%M}"


_APPLY: Mapping[str, Callable[[Plan, Any], tuple[Plan, str]]] = {
    "move_post": _move,
    "rewrite_post": _rewrite,
    "add_post": _add,
    "remove_posts": _remove,
    "set_load": _set_load,
    "shift_plan": _shift,
    "rename": _rename,
}
