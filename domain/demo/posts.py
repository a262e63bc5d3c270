"""When the demo creator posts, and what each post earns in its life."""

import datetime as dt
import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from random import Random
from statistics import median
from zoneinfo import ZoneInfo

from domain.demo.audience import AUDIENCES
from domain.demo.captions import (
    EVERYDAY,
    NEWS,
    QUESTIONS,
    SONGS,
    STAGE,
    TRACKS,
    VIDEOS,
    VIRAL_CAPTION,
    Theme,
    stream_captions,
)
from domain.demo.year import THURSDAY, Year
from storage.models import Metric, Platform

TIMEZONE = "Europe/Berlin"

BEST_WEEKDAY, BEST_HOUR, BEST_HOUR_FACTOR = THURSDAY, 18, 2.3
VIRAL_MINUTE, VIRAL_FACTOR, VIRAL_HALF_LIFE_DAYS = 5, 20.4, 1.8

# After ten half-lives a post earns nothing more.
LIFE_IN_HALF_LIVES = 10


@dataclass(frozen=True, kw_only=True)
class Format:
    """A form of post: how many a year, what it earns, and how soon that halves.

    `audience` is the median of `counted` when the account is as large as today; `rates` are what
    follows from it, per view or stream. A platform does not tell what has no rate.
    """

    post_type: str
    count: int
    theme: Theme
    audience: int
    rates: dict[Metric, float]
    half_life_days: float
    counted: Metric = Metric.VIEWS


@dataclass(frozen=True, kw_only=True)
class Series:
    """Formats that share a timetable: the possible local hours by weekday, Monday first."""

    platform: Platform
    hours: dict[int, tuple[int, ...]]
    formats: tuple[Format, ...]
    minutes: tuple[int, ...] = (0, 0, 2, 5, 10, 15, 30, 31, 45, 50)


@dataclass(frozen=True, kw_only=True)
class Publication:
    """A post with all it will ever earn; `moment` is in the creator's time zone."""

    platform: Platform
    form: Format
    moment: dt.datetime
    caption: str
    totals: dict[Metric, int]

    @property
    def day(self) -> dt.date:
        """Return the creator's calendar day of the post."""
        return self.moment.date()

    @property
    def life_days(self) -> int:
        """Return on how many days the post earns anything."""
        return math.ceil(LIFE_IN_HALF_LIVES * self.form.half_life_days)

    def count(self, metric: Metric, days: float) -> int:
        """Return the count when that many days, from the start of the post's day, are over."""
        half_lives = min(days / self.form.half_life_days, LIFE_IN_HALF_LIVES)
        return round(self.totals[metric] * (1 - math.pow(0.5, half_lives)))


def rates(**per_view: float) -> dict[Metric, float]:
    """Name metrics by keyword."""
    return {Metric(name): rate for name, rate in per_view.items()}


REEL = Format(
    post_type="reel",
    count=59,
    theme=SONGS,
    audience=6_300,
    rates=rates(likes=0.0295, comments=0.0021, shares=0.0034, saves=0.0052, reach=0.63),
    half_life_days=0.9,
)
PHOTO = Format(
    post_type="photo",
    count=62,
    theme=EVERYDAY,
    audience=4_000,
    rates=rates(likes=0.0245, comments=0.0016, shares=0.0007, saves=0.0012, reach=0.70),
    half_life_days=0.6,
)
CAROUSEL = Format(
    post_type="carousel",
    count=42,
    theme=QUESTIONS,
    audience=4_700,
    rates=rates(likes=0.0235, comments=0.0022, shares=0.0016, saves=0.0048, reach=0.68),
    half_life_days=0.8,
)
STORY = Format(
    post_type="story",
    count=20,
    theme=EVERYDAY,
    audience=1_700,
    rates=rates(shares=0.012, reach=0.71),
    half_life_days=0.4,
)
STATUS = Format(
    post_type="post",
    count=40,
    theme=EVERYDAY,
    audience=1_400,
    rates=rates(likes=0.017, comments=0.0032, shares=0.0021, reach=0.70),
    half_life_days=1.1,
)
SHORT = Format(
    post_type="short",
    count=50,
    theme=SONGS,
    audience=1_900,
    rates=rates(likes=0.034, comments=0.0018, watch_time_minutes=0.42),
    half_life_days=1.5,
)
VIDEO = Format(
    post_type="video",
    count=22,
    theme=VIDEOS,
    audience=2_600,
    rates=rates(likes=0.041, comments=0.0055, watch_time_minutes=2.9),
    half_life_days=3,
)
TRACK = Format(
    post_type="track",
    count=10,
    theme=TRACKS,
    audience=11_500,
    rates=rates(listeners=0.48),
    half_life_days=9,
    counted=Metric.STREAMS,
)

SERIES = (
    Series(
        platform=Platform.INSTAGRAM,
        hours={
            0: (12, 19),
            1: (17, 19),
            2: (12, 20),
            BEST_WEEKDAY: (BEST_HOUR,),
            4: (16, 18),
            5: (11, 14),
            6: (10, 19),
        },
        formats=(REEL, replace(REEL, theme=STAGE, count=24), PHOTO, CAROUSEL),
    ),
    Series(
        platform=Platform.INSTAGRAM,
        hours=dict.fromkeys(range(7), (8, 13, 21)),
        formats=(STORY, replace(STORY, theme=QUESTIONS, count=18)),
    ),
    Series(
        platform=Platform.FACEBOOK,
        hours={0: (12,), 2: (18, 19), 3: (12,), 4: (17,), 6: (11, 18)},
        formats=(
            STATUS,
            replace(STATUS, post_type="link", theme=NEWS, count=26, audience=1_000),
            replace(STATUS, post_type="video", theme=STAGE, count=26, audience=1_900),
        ),
    ),
    Series(platform=Platform.YOUTUBE, hours={1: (17,), 3: (17,), 5: (12,)}, formats=(SHORT,)),
    Series(platform=Platform.YOUTUBE, hours={6: (17,)}, formats=(VIDEO,), minutes=(0,)),
    Series(platform=Platform.SPOTIFY, hours={4: (0,)}, formats=(TRACK,), minutes=(0,)),
)


def build_publications(year: Year, rng: Random) -> list[Publication]:
    """Return the year's posts by time; none lies in the dead week, nor on today."""
    themes = dict.fromkeys(form.theme for series in SERIES for form in series.formats)
    captions = {theme: stream_captions(theme, rng) for theme in themes}
    publications = [
        Publication(
            platform=series.platform,
            form=form,
            moment=moment,
            caption=next(captions[form.theme]),
            totals=_draw_totals(series.platform, form, moment, year, rng),
        )
        for series in SERIES
        for moment, form in _schedule(series, year, rng)
    ]
    publications.append(_build_viral_reel(year, publications))
    return sorted(publications, key=lambda publication: publication.moment)


def _schedule(series: Series, year: Year, rng: Random) -> Iterator[tuple[dt.datetime, Format]]:
    closed = {*year.dead_week, year.viral_day, year.today}
    days = [day for day in year.days if day.weekday() in series.hours and day not in closed]
    forms = [form for form in series.formats for _ in range(form.count)]
    rng.shuffle(forms)
    for place, form in enumerate(forms):
        # One day out of each of equal parts of the year: irregular, but never silent for long.
        first, end = (part * len(days) // len(forms) for part in (place, place + 1))
        day = days[rng.randrange(first, end)]
        time = dt.time(rng.choice(series.hours[day.weekday()]), rng.choice(series.minutes))
        yield dt.datetime.combine(day, time, ZoneInfo(TIMEZONE)), form


def _draw_totals(
    platform: Platform, form: Format, moment: dt.datetime, year: Year, rng: Random
) -> dict[Metric, int]:
    attention = AUDIENCES[platform].attention(year.age(moment.date()))
    if platform is Platform.INSTAGRAM and (moment.weekday(), moment.hour) == (
        BEST_WEEKDAY,
        BEST_HOUR,
    ):
        attention *= BEST_HOUR_FACTOR
    total = form.audience * attention * rng.lognormvariate(0, 0.24)
    return {form.counted: round(total)} | {
        metric: round(total * rate * rng.uniform(0.88, 1.12)) for metric, rate in form.rates.items()
    }


def _build_viral_reel(year: Year, publications: list[Publication]) -> Publication:
    views = VIRAL_FACTOR * median(
        publication.totals[Metric.VIEWS]
        for publication in publications
        if publication.form.post_type == "reel"
    )
    time = dt.time(BEST_HOUR, VIRAL_MINUTE)
    return Publication(
        platform=Platform.INSTAGRAM,
        form=replace(REEL, half_life_days=VIRAL_HALF_LIFE_DAYS),
        moment=dt.datetime.combine(year.viral_day, time, ZoneInfo(TIMEZONE)),
        caption=VIRAL_CAPTION,
        totals={Metric.VIEWS: round(views)}
        | {metric: round(views * rate) for metric, rate in REEL.rates.items()},
    )
