"""Figures with all that decides whether a sentence can mean them."""

import datetime as dt
from dataclasses import dataclass
from typing import Literal

from domain.audience import METRIC as AUDIENCE_METRIC
from domain.audience import find_part
from domain.figures import Figure
from domain.grounding.aspects import aspect_of_part, aspects_of, dimension
from domain.grounding.mentions import FAMILIES
from storage.models import AudienceDimension

# What a number is counted for: "a day", "per week"; nothing where it is no rate.
Per = Literal["", "day", "week", "month", "post", "comment", "like", "share", "save", "view"]
PER_DAYS: dict[Per, int] = {"day": 1, "week": 7, "month": 30}

MAX_LAG_DAYS = 3
# The dimensions of parts of an audience.
AUDIENCE = tuple(AudienceDimension)

_SIGNED = ("change", "growth", "gained", "net", "difference", "trend")
_OTHER_FAMILIES = {"posts": "posts"}
# Figures whose observations are posts, and not days.
_OF_POSTS = ("posts", "rate", "form_", "relative_")
# Figures that are no total of what they count, and so add up to nothing.
_UNSUMMED = (
    *("typical", "usual", "average", "median", "mean", "relative", "index", "weeks", "days_left"),
    *("_low", "_high"),
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Source:
    """A figure with what decides whether a sentence can mean it."""

    id: str
    value: float
    unit: str
    metric: str
    family: str | None
    is_signed: bool
    platform: str | None
    account: str | None
    aspects: frozenset[str]
    per: Per
    start: dt.date
    end: dt.date
    posts: int | None  # how many are behind it

    @property
    def place(self) -> tuple[str | None, str | None]:
        """Platform and account, null for all."""
        return self.platform, self.account

    @property
    def kind(self) -> tuple[str | None, str]:
        """Family and unit."""
        return self.family, self.unit

    @property
    def days(self) -> tuple[dt.date, dt.date]:
        """First and last day."""
        return self.start, self.end

    @property
    def is_level(self) -> bool:
        """Whether it is how many there are, and not how many came."""
        is_count = self.family == "follower" and self.unit == "count"
        return is_count and not (self.is_signed or self.per)

    @property
    def is_post(self) -> bool:
        """Whether it is of one post."""
        return self.metric.startswith("post_")

    @property
    def is_forecast(self) -> bool:
        """Whether it is of days that lie ahead."""
        return self.metric.startswith("forecast_")

    @property
    def is_usual(self) -> bool:
        """Whether it is what is usual around some days."""
        return self.metric.startswith(("typical_", "usual_"))

    @property
    def is_bound(self) -> bool:
        """Whether it is one end of a forecast's range."""
        return self.is_forecast and self.metric.endswith(("_low", "_high"))

    @property
    def is_share(self) -> bool:
        """Whether it is a percentage of a whole, of which there is a rest."""
        return self.unit == "percent" and self.metric.startswith(("share_of", "goal_p"))

    @property
    def is_audience(self) -> bool:
        """Whether it is the share of a part of an audience."""
        return self.metric.startswith(AUDIENCE_METRIC)

    def aspects_of(self, name: str) -> set[str]:
        """Return its aspects of one dimension."""
        return {aspect for aspect in self.aspects if dimension(aspect) == name}

    @property
    def is_summable(self) -> bool:
        """Whether figures like it may be added up."""
        if self.unit == "percent":
            return self.metric.startswith("share_of")
        return self.unit != "times" and not any(word in self.metric for word in _UNSUMMED)


def build_source(figure: Figure) -> Source:
    """Return the figure as a source; its value must be known."""
    metric = figure.metric
    families = (*FAMILIES, *_OTHER_FAMILIES)
    part = find_part(figure)
    words = metric if part else f"{metric} {figure.label}".lower()
    counts_posts = metric != "posts" and any(word in words for word in _OF_POSTS)
    return Source(
        id=figure.id,
        value=figure.value or 0,
        unit="times" if metric.startswith("relative_") else figure.unit,
        metric=metric,
        family=next((family for family in families if family in metric), None),
        is_signed=(figure.value or 0) < 0
        or (any(word in words for word in _SIGNED) and "weeks" not in metric),
        platform=figure.platform,
        account=figure.account,
        aspects=frozenset({aspect_of_part(part)}) if part else aspects_of(figure.label, metric),
        per=_per(metric, figure.unit),
        start=figure.start,
        end=figure.end,
        posts=figure.observations if counts_posts else None,
    )


def _per(metric: str, unit: str) -> Per:
    if unit == "percent":
        return ""
    if "per_day" in metric or "pace" in metric:
        return "day"
    return "week" if metric.startswith(("trend_of", "average_weekly")) else ""
