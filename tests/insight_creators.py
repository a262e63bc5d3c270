"""Whole generated creators for the detectors of insights: a year of noise, and planted stories."""

import datetime as dt
from collections.abc import Callable
from dataclasses import replace
from random import Random

from domain.analytics.posts import Post, settled
from domain.insights.candidates import Candidate
from domain.insights.evidence import AccountSeries, Evidence
from domain.insights.finding import find_candidates
from domain.insights.ranking import choose
from storage.models import Metric
from tests.creators import LAST_DAY, a_year_of_posts
from tests.series import PLATFORMS, dated, follower_levels, noisy_changes, noisy_counts

TODAY = LAST_DAY + dt.timedelta(days=1)
COUNTED = (Metric.ENGAGEMENT, Metric.VIEWS, Metric.REACH)
DAYS = 400

# Changes the daily counts of a metric (or the changes of followers) on Instagram.
Story = Callable[[Metric, list[int]], list[int]]


def a_creator(
    seed: int,
    story: Story | None = None,
    *,
    posts: list[Post] | None = None,
    days: int = DAYS,
    level: float | None = None,
    kind: str | None = None,
    spread: float | None = None,
) -> Evidence:
    """Return a creator on four platforms whose numbers are noise, but for a story on Instagram.

    Each metric is noise of its own, which gives chance more to work with than a real creator
    would: there, views and reach rise and fall together. Level, kind and spread of the noise are
    drawn at random where they are not given.
    """
    random = Random(seed)
    first = TODAY - dt.timedelta(days=days)
    series = []
    for platform in PLATFORMS:
        memory = 0.0 if story else random.choice((0.0, 0.0, 0.3, 0.6))
        for metric in (Metric.FOLLOWERS, *COUNTED):
            if metric is Metric.FOLLOWERS:
                values = _follower_changes(random, days, memory)
            else:
                values = noisy_counts(
                    random, days=days, level=level, kind=kind, spread=spread, memory=memory
                )
            if story and platform == "instagram":
                values = story(metric, values)
            if metric is Metric.FOLLOWERS:
                values = follower_levels(values)
            series.append(
                AccountSeries(
                    platform=platform, account="luna", metric=metric, values=dated(values, first)
                )
            )
    if posts is None:
        posts = a_year_of_posts(seed)
    return Evidence(today=TODAY, series=series, posts=settled(posts, TODAY))


def on_morning(evidence: Evidence, today: dt.date) -> Evidence:
    """Return what was known on an earlier morning."""
    return replace(
        evidence,
        today=today,
        series=[
            replace(each, values={day: value for day, value in each.values.items() if day < today})
            for each in evidence.series
        ],
        posts=settled([post for post in evidence.posts if post.date < today], today),
    )


def told_over(evidence: Evidence, mornings: int) -> list[Candidate]:
    """Return everything that is told on the last mornings, each finding when it is news."""
    told: dict[str, dt.date] = {}
    insights = []
    for step in range(mornings - 1, -1, -1):
        today = evidence.today - dt.timedelta(days=step)
        morning = replace(on_morning(evidence, today), told=told)
        for candidate in choose(find_candidates(morning), told, today):
            told[candidate.finding] = today
            insights.append(candidate)
    return insights


def _follower_changes(random: Random, days: int, memory: float) -> list[int]:
    """Return changes that are noise: alike up and down, or what was won less what was lost."""
    if random.random() < 0.5:
        return noisy_changes(random, days=days, memory=memory)
    level = random.uniform(5, 60)
    won = noisy_counts(random, days=days, level=level)
    lost = noisy_counts(random, days=days, level=level, kind="poisson")
    usual = sum(won) - sum(lost)
    return [plus - minus - usual // days for plus, minus in zip(won, lost, strict=True)]
