"""What the demo creator's accounts count on each day: from new posts, and from all older ones."""

import datetime as dt
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from random import Random

from domain.demo.audience import AUDIENCES, build_activity, build_followers
from domain.demo.posts import Publication, rates
from domain.demo.year import Year
from storage.models import DayStatus, Metric, Platform

INTERACTIONS = (Metric.LIKES, Metric.COMMENTS, Metric.SHARES, Metric.SAVES)

Counts = Counter[tuple[dt.date, Metric]]


@dataclass(frozen=True, kw_only=True)
class DemoDay:
    """One account's day: the metrics that its platform reports; null has not arrived yet."""

    platform: Platform
    date: dt.date
    status: DayStatus
    values: dict[Metric, int | None]


@dataclass(frozen=True, kw_only=True)
class Reporting:
    """What a platform tells of a day, and what older posts earn on one.

    `background` is what older posts earn of `counted` when the account is as large as today;
    `rates` are what follows from it. Metrics other than the `live` ones arrive `late_days` late.
    """

    metrics: tuple[Metric, ...]
    background: int
    rates: dict[Metric, float]
    weekdays: tuple[float, ...]
    counted: Metric = Metric.VIEWS
    live: tuple[Metric, ...] = ()
    late_days: int = 0


REPORTINGS = {
    Platform.INSTAGRAM: Reporting(
        metrics=(
            Metric.FOLLOWERS,
            Metric.POSTS,
            Metric.REACH,
            Metric.VIEWS,
            Metric.ENGAGEMENT,
            *INTERACTIONS,
        ),
        background=2_600,
        rates=rates(likes=0.018, comments=0.001, shares=0.0012, saves=0.002, reach=0.74),
        weekdays=(0.94, 0.97, 0.98, 1.05, 0.97, 1.0, 1.09),
    ),
    Platform.FACEBOOK: Reporting(
        metrics=(
            Metric.FOLLOWERS,
            Metric.POSTS,
            Metric.REACH,
            Metric.VIEWS,
            Metric.ENGAGEMENT,
        ),
        background=950,
        rates=rates(likes=0.013, comments=0.002, reach=0.74),
        weekdays=(1.03, 1.02, 1.02, 1.0, 0.96, 0.93, 1.04),
    ),
    Platform.YOUTUBE: Reporting(
        metrics=(
            Metric.FOLLOWERS,
            Metric.POSTS,
            Metric.VIEWS,
            Metric.WATCH_TIME_MINUTES,
            Metric.ENGAGEMENT,
            Metric.LIKES,
            Metric.COMMENTS,
        ),
        background=900,
        rates=rates(likes=0.021, comments=0.0014, watch_time_minutes=2.1),
        weekdays=(0.93, 0.92, 0.95, 0.97, 1.02, 1.09, 1.12),
        live=(Metric.FOLLOWERS, Metric.POSTS),
        late_days=2,
    ),
    Platform.SPOTIFY: Reporting(
        metrics=(Metric.FOLLOWERS, Metric.POSTS, Metric.STREAMS, Metric.LISTENERS),
        background=1_450,
        rates=rates(listeners=0.56),
        weekdays=(0.99, 0.97, 0.98, 1.0, 1.1, 1.04, 0.92),
        counted=Metric.STREAMS,
        late_days=1,
    ),
}


def build_days(year: Year, publications: Sequence[Publication], rng: Random) -> list[DemoDay]:
    """Return every account's days, by account and date."""
    activity = build_activity(year, [publication.day for publication in publications])
    return [
        day
        for platform in Platform
        for day in _build_days(
            platform,
            year,
            [publication for publication in publications if publication.platform == platform],
            activity,
            rng,
        )
    ]


def _build_days(
    platform: Platform,
    year: Year,
    publications: Sequence[Publication],
    activity: Mapping[dt.date, float],
    rng: Random,
) -> Iterator[DemoDay]:
    reporting = REPORTINGS[platform]
    counts = _count_posts(year, publications)
    _add_background(counts, platform, year, activity, rng)
    followers = build_followers(platform, year, activity, rng)
    for date, level in zip(year.days, followers, strict=True):
        counts[date, Metric.FOLLOWERS] = level
        counts[date, Metric.ENGAGEMENT] = sum(counts[date, metric] for metric in INTERACTIONS)
        is_late = year.age(date) < reporting.late_days
        values = {
            metric: None if is_late and metric not in reporting.live else counts[date, metric]
            for metric in reporting.metrics
        }
        if not any(value is not None for value in values.values()):
            status = DayStatus.UNAVAILABLE
        elif is_late or date == year.today:
            status = DayStatus.PRELIMINARY
        else:
            status = DayStatus.FINAL
        yield DemoDay(platform=platform, date=date, status=status, values=values)


def _count_posts(year: Year, publications: Sequence[Publication]) -> Counts:
    """Return what the posts earn on each day, and how many there are on each."""
    counts: Counts = Counter()
    for publication in publications:
        counts[publication.day, Metric.POSTS] += 1
        last = min(publication.life_days, year.age(publication.day) + 1)
        for metric in publication.totals:
            before = 0
            for days in range(1, last + 1):
                date = publication.day + dt.timedelta(days=days - 1)
                so_far = publication.count(metric, year.elapsed(publication.day, date))
                counts[date, metric] += so_far - before
                before = so_far
    return counts


def _add_background(
    counts: Counts,
    platform: Platform,
    year: Year,
    activity: Mapping[dt.date, float],
    rng: Random,
) -> None:
    reporting, audience = REPORTINGS[platform], AUDIENCES[platform]
    for date in year.days:
        total = (
            reporting.background
            * audience.attention(year.age(date))
            * reporting.weekdays[date.weekday()]
            * audience.momentum(activity[date])
            * rng.gauss(1, 0.06)
            * year.elapsed(date, date)
        )
        counts[date, reporting.counted] += round(total)
        for metric, rate in reporting.rates.items():
            counts[date, metric] += round(total * rate * rng.uniform(0.9, 1.1))
