"""The demo creator as a whole: her accounts, days, posts, audiences and goals."""

import datetime as dt
from dataclasses import dataclass
from random import Random

from domain.demo.audience import AUDIENCES
from domain.demo.days import DemoDay, build_days
from domain.demo.listeners import DemoAudience, build_audiences
from domain.demo.posts import Publication, build_publications
from domain.demo.year import Year, build_year
from storage.models import Metric, Platform

SEED = 20_231


@dataclass(frozen=True, kw_only=True)
class DemoPost:
    """A post with its counts as of today; null is what the platform does not tell."""

    platform: Platform
    platform_post_id: str
    post_type: str
    caption: str
    posted_at: dt.datetime
    likes: int | None
    comments: int | None
    shares: int | None
    saves: int | None
    views: int | None
    plays: int | None
    reach: int | None


@dataclass(frozen=True, kw_only=True)
class DemoGoal:
    """A goal of hers."""

    title: str
    metric: Metric
    platform: Platform
    start_value: int
    target_value: int
    start_date: dt.date
    due_date: dt.date


@dataclass(frozen=True, kw_only=True)
class DemoCreator:
    """All that is known of the demo creator; days are by account and date, posts by time."""

    accounts: dict[Platform, str]
    days: list[DemoDay]
    posts: list[DemoPost]
    audiences: list[DemoAudience]
    goals: list[DemoGoal]


def build_demo(today: dt.date) -> DemoCreator:
    """Build the year that ends today; the same day always gives the same one."""
    rng = Random(SEED)  # noqa: S311 - invented data, not a secret
    year = build_year(today)
    publications = build_publications(year, rng)
    days = build_days(year, publications, rng)
    return DemoCreator(
        accounts={platform: AUDIENCES[platform].account for platform in Platform},
        days=days,
        posts=[
            _build_post(number, publication, year)
            for number, publication in enumerate(publications, start=1)
        ],
        audiences=list(build_audiences(today)),
        goals=_build_goals(today, days),
    )


def _build_post(number: int, publication: Publication, year: Year) -> DemoPost:
    days = year.elapsed(publication.day, year.today)
    counts = {metric: publication.count(metric, days) for metric in publication.totals}
    return DemoPost(
        platform=publication.platform,
        platform_post_id=f"demo-{number:03}",
        post_type=publication.form.post_type,
        caption=publication.caption,
        posted_at=publication.moment.astimezone(dt.UTC),
        likes=counts.get(Metric.LIKES),
        comments=counts.get(Metric.COMMENTS),
        shares=counts.get(Metric.SHARES),
        saves=counts.get(Metric.SAVES),
        views=counts.get(Metric.VIEWS),
        plays=counts.get(Metric.STREAMS),
        reach=counts.get(Metric.REACH),
    )


def _build_goals(today: dt.date, days: list[DemoDay]) -> list[DemoGoal]:
    followers = {(day.platform, day.date): day.values[Metric.FOLLOWERS] for day in days}

    def goal(platform: Platform, title: str, target: int, since: int, due: int) -> DemoGoal:
        start = today - dt.timedelta(days=since)
        return DemoGoal(
            title=title,
            metric=Metric.FOLLOWERS,
            platform=platform,
            start_value=followers[platform, start] or 0,
            target_value=target,
            start_date=start,
            due_date=today + dt.timedelta(days=due),
        )

    return [
        goal(Platform.INSTAGRAM, "25,000 followers on Instagram", 25_000, since=300, due=42),
        goal(Platform.YOUTUBE, "10,000 subscribers on YouTube", 10_000, since=240, due=60),
    ]
