"""What a model is shown when it writes a part of a plan."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from domain.plans.evidence import Evidence
from domain.plans.plan import MetricFocus, Pillar, PlanGoal, Trend, WeekdayName, WeekTheme
from domain.plans.schedule import PlanSlot, deal_pillars
from storage.models import Platform


class WeekLoad(BaseModel):
    """A week of the plan, and where its posts go out, in order of time."""

    number: int
    start: dt.date
    end: dt.date
    platforms: list[Platform]


class SlotToFill(PlanSlot):
    """A post that is to be written, and the pillar it belongs to, if there are any."""

    pillar: str | None


class Request(BaseModel):
    """What the creator asked for; `form` is what else they said."""

    goal: str
    start: dt.date
    end: dt.date
    platforms: list[Platform]
    posts_per_week: int
    form: dict[str, Any] = Field(default_factory=dict)


class SoFar(BaseModel):
    """What earlier stages wrote."""

    goals: list[PlanGoal] = Field(default_factory=list)
    pillars: list[Pillar] = Field(default_factory=list)
    weeks: list[WeekTheme] = Field(default_factory=list)
    trends: list[Trend] = Field(default_factory=list)
    metrics: list[MetricFocus] = Field(default_factory=list)

    def deal_pillars(self, weeks: Sequence[WeekLoad]) -> list[str | None]:
        """Return the pillar of each post, in order of time; null without pillars."""
        names = [pillar.name for pillar in self.pillars]
        loads = {week.number: len(week.platforms) for week in weeks}
        if not names:
            return [None] * sum(loads.values())
        themes = {each.week: each.pillar for each in self.weeks if each.pillar in names}
        return [*deal_pillars(loads, themes, names)]


class Payload(BaseModel):
    """All of it. `week` and `slots` are those to write in a weekly stage.

    `weekdays` are those on which posts go out, the busiest first.
    `figures` are rows of id, label, value, unit, and the days from and to. `faults` tell what is
    wrong with `written`, which is to be mended.
    """

    model_config = ConfigDict(frozen=True)

    stage: str
    write: list[str]
    request: Request
    evidence: Evidence
    figures: list[list[str | float | None]]
    weeks: list[WeekLoad]
    weekdays: list[WeekdayName] = Field(default_factory=list)
    so_far: SoFar = Field(default_factory=SoFar)
    week: int | None = None
    slots: list[SlotToFill] = Field(default_factory=list)
    written: dict[str, Any] | None = None
    faults: list[str] = Field(default_factory=list)

    def text(self) -> str:
        """Return the JSON that a model reads, without what is empty."""
        return self.model_dump_json(exclude_defaults=True)


def figure_rows(evidence: Evidence) -> list[list[str | float | None]]:
    """Return the figures that the evidence names, in short."""
    named = evidence.figure_ids()
    return [
        [figure.id, figure.label, figure.value, figure.unit, str(figure.start), str(figure.end)]
        for figure in evidence.figures
        if figure.id in named
    ]


def of_week(evidence: Evidence, slots: Sequence[SlotToFill]) -> Evidence:
    """Return what matters to the posts of a week."""
    platforms = {slot.platform for slot in slots}
    weekdays = {slot.date.weekday() for slot in slots}
    return evidence.model_copy(
        update={
            "times": [
                time
                for time in evidence.times
                if time.platform in platforms and time.weekday in weekdays
            ],
            "forms": [form for form in evidence.forms if form.platform in platforms],
            "metrics": [],
        }
    )
