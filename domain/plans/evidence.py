"""What a plan rests on: the creator's own figures, read once and then kept with the plan."""

import datetime as dt
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from domain.figures import Figure
from storage.models import Platform

# cell: this weekday and hour. hour: this hour of any weekday. default: no figure, only custom.
TimeBasis = Literal["cell", "hour", "default"]


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True)


class OfferedTime(_Frozen):
    """A weekday (0 is Monday) and a full hour of the creator's clock that may be planned."""

    platform: Platform
    weekday: int
    time: dt.time
    basis: TimeBasis
    relative: float | None = None
    stands_out: bool = False
    figure: str | None = None
    posts_figure: str | None = None


class FormEvidence(_Frozen):
    """What posts of a form earn on a platform, the best form of each platform first."""

    platform: Platform
    form: str
    posts: int
    stands_out: bool = False
    figure: str | None = None


class TopicEvidence(_Frozen):
    """A hashtag, a word or two, and how many times the usual its posts earned.

    `label` is how people write it: a hashtag in words, as far as its words are known. `related`
    are the labels of topics that are in the same captions more often than chance would have it.
    """

    name: str
    label: str
    related: list[str] = Field(default_factory=list)
    posts: int
    relative: float
    stands_out: bool = False
    figure: str
    posts_figure: str


class TopPost(_Frozen):
    """One of the posts that earned most; `quote` are the first words of its caption.

    `topics` are the labels of those in its caption. All of it is outside text.
    """

    platform: Platform
    form: str
    date: dt.date
    caption: str
    quote: str
    topics: list[str] = Field(default_factory=list)
    figure: str


class GoalEvidence(_Frozen):
    """An active goal, and its figures."""

    title: str
    metric: str
    platform: Platform | None
    due: dt.date | None
    is_on_track: bool | None = None
    current: str | None = None
    left: str | None = None
    pace: str | None = None
    needed: str | None = None


class MetricEvidence(_Frozen):
    """A number of the last four weeks; a level for followers."""

    metric: str
    platform: Platform
    figure: str
    change: str | None = None


class Evidence(_Frozen):
    """All that is known when a plan begins. Lists are in order of what matters more."""

    today: dt.date
    timezone: str
    locale: str
    brand: dict[str, Any] = Field(default_factory=dict)
    # Posts per week in the last three months, by platform.
    rhythm: dict[Platform, float] = Field(default_factory=dict)
    times: list[OfferedTime] = Field(default_factory=list)
    forms: list[FormEvidence] = Field(default_factory=list)
    topics: list[TopicEvidence] = Field(default_factory=list)
    top_posts: list[TopPost] = Field(default_factory=list)
    goals: list[GoalEvidence] = Field(default_factory=list)
    metrics: list[MetricEvidence] = Field(default_factory=list)
    notes: list[str] = Field(default_factory=list)
    figures: list[Figure] = Field(default_factory=list)

    def figure_ids(self) -> set[str]:
        """Return the figures that anything here names."""
        parts = (self.times, self.forms, self.topics, self.top_posts, self.goals, self.metrics)
        found = [value for part in parts for each in part for value in vars(each).values()]
        known = {figure.id for figure in self.figures}
        return {value for value in found if isinstance(value, str) and value in known}

    def names(self) -> list[str]:
        """Return texts from outside, whose numbers are no claims."""
        texts = [text for post in self.top_posts for text in (post.caption, post.quote)]
        texts += [topic.name for topic in self.topics]
        texts += [goal.title for goal in self.goals]
        return [text for text in texts if text]
