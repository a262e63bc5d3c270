"""What a plan is made of; every text in it may come from a language model or from outside."""

import datetime as dt
import re
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
)

from domain.figures import Figure
from storage.models import Metric, Platform

MAX_ITEMS = 300
# Other years are typing errors, and at the ends of the calendar no time zone can be told.
FIRST_DAY, LAST_DAY = dt.date(2000, 1, 1), dt.date(2199, 12, 31)
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f\x7f-\x9f]")  # C0 without white space, DEL, C1
WeekdayName = Literal["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]
WEEKDAYS: tuple[WeekdayName, ...] = (
    "Monday",
    "Tuesday",
    "Wednesday",
    "Thursday",
    "Friday",
    "Saturday",
    "Sunday",
)


def _clean(text: Any) -> Any:
    """Return a text whose lines end as usual, without control characters: files have them not."""
    if not isinstance(text, str):
        return text
    return _CONTROL.sub("", "\n".join(text.splitlines()))


def _one_line(text: Any) -> Any:
    return " ".join(_clean(text).split()) if isinstance(text, str) else text


def _web_address(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError("give the address of a web page: https://…")
    return url


def _up_to(longest: int) -> StringConstraints:
    return StringConstraints(strip_whitespace=True, min_length=1, max_length=longest)


_CLEAN, _ONE_LINE = BeforeValidator(_clean), BeforeValidator(_one_line)
# What stands later is done earlier: texts are cleaned before they are measured.
Name = Annotated[str, _up_to(80), _ONE_LINE]
Line = Annotated[str, _up_to(200), _ONE_LINE]
Sentence = Annotated[str, _up_to(500), _CLEAN]
Caption = Annotated[str, _up_to(2200), _CLEAN]  # Instagram's limit, the lowest of the platforms
Day = Annotated[dt.date, Field(ge=FIRST_DAY, le=LAST_DAY)]
ClockTime = Annotated[dt.time, AfterValidator(lambda time: time.replace(tzinfo=None))]
FigureId = Annotated[str, StringConstraints(pattern=r"^f\d{1,6}$")]
WebAddress = Annotated[str, _up_to(500), _ONE_LINE, AfterValidator(_web_address)]


class PlanPart(BaseModel):
    """A part of a plan; what does not belong there is left out."""

    model_config = ConfigDict(extra="ignore")


class PlanGoal(PlanPart):
    """What the plan is to reach."""

    title: Line
    why: Sentence = Field(description="Where it stands and what that means for the plan.")
    figure: FigureId | None = Field(None, description="The figure that tells where it stands.")


class Pillar(PlanPart):
    """A subject that the posts come back to."""

    name: Name
    description: Sentence
    topics: list[Name] = Field(default_factory=list, max_length=8)
    figure: FigureId | None = Field(None, description="The figure behind it, if there is one.")


class WeekTheme(PlanPart):
    """What a week is about."""

    week: int = Field(ge=1, le=20, description="The number of the week in the plan, from 1.")
    theme: Line
    pillar: Name | None = Field(None, description="The pillar that most of its posts belong to.")


class PlanItem(PlanPart):
    """A post to make. Either `figure` names the number behind the choice, or
    `no_figure_reason` says why there is none.
    """

    date: Day
    time: ClockTime = Field(description="On the creator's clock.", examples=["18:00"])
    platform: Platform
    format: Name = Field(description="The platform's own word: reel, photo, carousel, video …")
    pillar: Name | None = None
    hook: Line = Field(description="The first words that are read or heard.")
    caption: Caption = Field(description="A draft, in the creator's voice.")
    call_to_action: Line
    why: Sentence = Field(description="Why this post at this time, in one or two sentences.")
    figure: FigureId | None = None
    no_figure_reason: Sentence | None = None


class MetricFocus(PlanPart):
    """A number to watch."""

    metric: Metric
    platform: Platform | None = None
    why: Sentence
    figure: FigureId | None = Field(None, description="Where it stands now.")


class RoutineStep(PlanPart):
    """Something to do every week."""

    weekday: WeekdayName
    minutes: int = Field(ge=5, le=600)
    task: Sentence


class Trend(PlanPart):
    """Something that others report: outside knowledge, which no figure of the creator backs."""

    title: Line
    summary: Sentence
    source_url: WebAddress
    date: dt.date = Field(description="When the source was published.")
    kind: Literal["outside knowledge"] = "outside knowledge"


class Plan(PlanPart):
    """A plan as it is stored, shown and edited. Weeks run from Monday to Sunday.

    `model` wrote it: `offline`, or a language model's name. `figures` are those it names.
    """

    template: Name
    title: Line
    goal: Sentence
    start: dt.date
    end: dt.date
    timezone: Name
    platforms: list[Platform] = Field(max_length=len(Platform))
    posts_per_week: int = Field(ge=1, le=21)
    model: Name
    goals: list[PlanGoal] = Field(default_factory=list, max_length=10)
    pillars: list[Pillar] = Field(default_factory=list, max_length=8)
    weeks: list[WeekTheme] = Field(default_factory=list, max_length=20)
    items: list[PlanItem] = Field(default_factory=list, max_length=MAX_ITEMS)
    metrics: list[MetricFocus] = Field(default_factory=list, max_length=10)
    routine: list[RoutineStep] = Field(default_factory=list, max_length=40)
    trends: list[Trend] = Field(default_factory=list, max_length=10)
    notes: list[Sentence] = Field(default_factory=list, max_length=40)
    figures: list[Figure] = Field(default_factory=list, max_length=400)
