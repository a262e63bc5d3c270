"""What the analytics routes answer with. Every number is a figure: it knows where it is from."""

import datetime as dt
from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from domain.analytics.growth import Period
from domain.figures import Figure, Unit
from storage.models import AudienceDimension, Metric, Platform

_FRAME: dict[str, Any] = {
    "period": {"start": "2026-03-30", "end": "2026-03-31", "days": 2},
    "previous": None,
    "timezone": "Europe/Berlin",
}


def _example(metric: str, label: str, value: float | None, **fields: Any) -> dict[str, Any]:
    """Return a figure about Instagram for an example."""
    return {
        "id": "f1",
        "label": f"{label}, Instagram",
        "value": value,
        "unit": "count",
        "metric": metric,
        "platform": "instagram",
        "account": None,
        "from": "2026-03-30",
        "to": "2026-03-31",
        "status": "final",
        "observations": 2,
    } | fields


def _examples(**fields: Any) -> ConfigDict:
    return ConfigDict(json_schema_extra={"examples": [_FRAME | fields]})


_VIEWS: dict[str, Any] = {
    "platform": "instagram",
    "account": None,
    "value": _example("views", "views", 465),
    "growth": None,
    "compared": None,
    "compared_level": None,
    "series": {"values": [465, None], "preliminary": [], "changes": None, "previous": None},
}
_NUMBERS: dict[str, Any] = {
    "accounts": [{"platform": "instagram", "account": "mira.makes", "source": "import"}],
    "dates": ["2026-03-30", "2026-03-31"],
    "previous_dates": None,
    "metrics": [
        {
            "metric": "views",
            "label": "views",
            "unit": "count",
            "is_level": False,
            "is_unique": False,
            "total": _VIEWS,
            "platforms": [_VIEWS | {"accounts": []}],
            "notes": ["instagram mira.makes: 1 of 2 days are unknown"],
        }
    ],
}
_POST: dict[str, Any] = {
    "id": "0199a4e2-7c1b-7d3e-8f00-5a1b2c3d4e5f",
    "post_id": "C4a1",
    "platform": "instagram",
    "account": "mira.makes",
    "post_type": "reel",
    "posted_at": "2026-03-30T18:30:00+02:00",
    "caption": "Glaze day, at last",
    "permalink": "https://www.instagram.com/reel/C4a1/",
}


class PeriodOut(BaseModel):
    """Days, both ends included, as the platforms count them."""

    model_config = ConfigDict(from_attributes=True)

    start: dt.date
    end: dt.date
    days: int

    @classmethod
    def of(cls, period: Period) -> "PeriodOut":
        return cls(start=period.start, end=period.end, days=period.days)


class AccountOut(BaseModel):
    """An account that the answer is about."""

    platform: Platform
    account: str
    source: str = Field(description="`oauth` after a sign-in to the platform, else `import`.")


class AnalyticsOut(BaseModel):
    """What every analytics answer begins with."""

    period: PeriodOut
    previous: PeriodOut | None = Field(description="Null unless `compare` asks for it.")
    timezone: str = Field(description="IANA name; decides which days were over.")


class SeriesOut(BaseModel):
    """One value for each of the answer's `dates`; null where a day is unknown."""

    values: list[int | None]
    preliminary: list[dt.date] = Field(description="Known days that are still being counted.")
    changes: list[int | None] | None = Field(
        description="For followers: the difference to the day before; null where unknown."
    )
    previous: list[int | None] | None = Field(
        description="The values of the previous period, for its `previous_dates`."
    )


class GrowthOut(BaseModel):
    """How followers changed over the period, from the close of the day before it."""

    change: Figure
    percent: Figure
    start: Figure
    end: Figure


class ComparedOut(BaseModel):
    """A number of the period, of the previous one, and what is between them."""

    is_per_day: bool = Field(
        description="Averages per known day, because some days of a period are unknown."
    )
    now: Figure
    before: Figure
    change: Figure
    percent: Figure


class PlaceOut(BaseModel):
    """A metric of an account (`account` set), of a platform, or of all platforms (both null)."""

    platform: Platform | None
    account: str | None
    value: Figure = Field(description="A total over the period, or the last known level in it.")
    growth: GrowthOut | None = Field(description="Followers only.")
    compared: ComparedOut | None = Field(
        description="With `compare`; for followers what was gained in each period."
    )
    compared_level: ComparedOut | None = Field(
        description="With `compare`, for followers: the counts at the end of each period."
    )
    series: SeriesOut


class PlatformOut(PlaceOut):
    """A platform, with its accounts if it has several."""

    accounts: list[PlaceOut]


class MetricOut(BaseModel):
    """One metric, in all and by platform."""

    metric: Metric
    label: str
    unit: Unit
    is_level: bool = Field(description="A count at the end of a day, never summed over days.")
    is_unique: bool = Field(description="Counts people once a day: platforms have no sum.")
    total: PlaceOut | None = Field(
        description="All that was asked for together; of the only place, if there is just one. "
        "Null where people overlap, and where nothing is known."
    )
    platforms: list[PlatformOut] = Field(
        description="Each platform that was asked for, also where the metric is unknown."
    )
    notes: list[str] = Field(description="What is missing, and why; sentences to show.")


class NumbersOut(AnalyticsOut):
    """Metrics over a period, with a value for each of `dates`."""

    model_config = _examples(**_NUMBERS)

    accounts: list[AccountOut]
    dates: list[dt.date]
    previous_dates: list[dt.date] | None
    metrics: list[MetricOut] = Field(
        description="Main metrics always; others if you have ever known them."
    )


class RateOut(BaseModel):
    """Engagement per view, or per person reached, of posts; platforms measure it differently."""

    platform: Platform | None
    rate: Figure
    posts: Figure
    left_out: Figure = Field(description="Posts without views or engagement.")


class EngagementOut(NumbersOut):
    """Engagement and what it is made of, and the engagement rate of posts."""

    model_config = _examples(**_NUMBERS, rates=[])

    rates: list[RateOut] = Field(
        description="Of the posts of the period; all platforms first if there are several."
    )


class PostOut(BaseModel):
    """A post; its caption is text from outside."""

    id: UUID
    post_id: str = Field(description="Its id on the platform.")
    platform: Platform
    account: str
    post_type: str
    posted_at: dt.datetime = Field(description="With the offset of your time zone.")
    caption: str
    permalink: str | None


class RankedPostOut(PostOut):
    """A post with what it is ranked by, and what else is known of it."""

    value: Figure
    figures: list[Figure]


class FormOut(BaseModel):
    """What posts of one form earn; forms are compared within a platform only."""

    platform: Platform
    post_type: str
    stands_out: bool = Field(description="Clearly beats each other form of its platform.")
    posts: Figure
    median_engagement: Figure
    mean_engagement: Figure
    engagement_rate: Figure


class ContentOut(AnalyticsOut):
    """A page of posts, by rank."""

    model_config = _examples(
        items=[_POST | {"value": _example("post_engagement", "engagement", 518), "figures": []}],
        next=None,
        posts=1,
        share_of_top=None,
        forms=[],
        notes=[],
    )

    items: list[RankedPostOut]
    next: str | None = Field(description="Send it as `cursor` for the next page; null at the end.")
    posts: int = Field(description="Posts of the period; some may have no rank.")
    share_of_top: Figure | None = Field(
        description="Percent of all engagement that the best tenth of the posts earned."
    )
    forms: list[FormOut] | None = Field(description="Null on all pages but the first.")
    notes: list[str]


class CellPostOut(PostOut):
    """A post behind a cell."""

    engagement: int


class CellOut(BaseModel):
    """A weekday and an hour of your clock."""

    weekday: int = Field(ge=0, le=6, description="0 is Monday.")
    hour: int = Field(ge=0, le=23, description="When the hour begins.")
    posts: int = Field(description="Posts that are compared: settled, with known engagement.")
    rank: int | None = Field(description="1 is the best; null with fewer than three posts.")
    relative: Figure | None = Field(
        description="How many times the usual engagement of their kind its posts earned (median); "
        "null with fewer than three posts."
    )
    stands_out: bool
    behind: list[CellPostOut] = Field(description="Its posts, the newest first; at most 20.")


class SlotOut(BaseModel):
    """A time that clearly does best; null is every weekday, or every hour."""

    name: str
    weekday: int | None
    hour: int | None
    posts: Figure
    relative: Figure


class TimesOut(AnalyticsOut):
    """When posts do better than their kind usually does."""

    model_config = _examples(
        best=None,
        cells=[
            {
                "weekday": 0,
                "hour": 18,
                "posts": 1,
                "rank": None,
                "relative": None,
                "stands_out": False,
                "behind": [_POST | {"engagement": 518}],
            }
        ],
        notes=["no weekday and hour has enough posts; a longer period may help"],
    )

    best: SlotOut | None = Field(description="Null when no time clearly does better.")
    cells: list[CellOut] = Field(description="All 168, from Monday 00:00.")
    notes: list[str]


class ShareOut(BaseModel):
    """A part of an audience: as the platform names it, and as people call it."""

    name: str
    label: str
    percent: Figure
    previous: Figure | None


class AudiencePartOut(BaseModel):
    """An account's audience by one dimension, the largest share first."""

    platform: Platform
    account: str
    dimension: AudienceDimension
    date: dt.date
    previous_date: dt.date | None
    shares: list[ShareOut]


class AudienceOut(AnalyticsOut):
    """Who follows you, as last known in the period; empty where no platform has told."""

    model_config = _examples(
        items=[
            {
                "platform": "instagram",
                "account": "mira.makes",
                "dimension": "country",
                "date": "2026-03-31",
                "previous_date": None,
                "shares": [
                    {
                        "name": "DE",
                        "label": "Germany",
                        "percent": _example(
                            "audience_share_by_country",
                            "share of country Germany",
                            41.5,
                            unit="percent",
                        ),
                        "previous": None,
                    }
                ],
            }
        ],
        notes=[],
    )

    items: list[AudiencePartOut]
    notes: list[str]
