"""Stories planted into generated creators, each for the detector that is to tell it."""

import math
from collections.abc import Callable, Mapping
from dataclasses import replace

from domain.analytics.posts import Post
from domain.insights.candidates import Detector
from domain.insights.evidence import Evidence
from domain.insights.finding import find_candidates
from domain.insights.ranking import choose
from storage.models import Metric
from tests.creators import a_year_of_posts
from tests.insight_creators import Story, a_creator

Build = Callable[[int], Evidence]


def is_told(detector: Detector, evidence: Evidence) -> bool:
    """Tell whether a detector's story is among what is told, which is five insights at most."""
    chosen = choose(find_candidates(evidence), {}, evidence.today)
    assert len(chosen) <= 5
    return any(candidate.detector is detector for candidate in chosen)


def lately(days: int, factor: float) -> Story:
    """Have the last days of every count be that many times what they were."""

    def tell(metric: Metric, values: list[int]) -> list[int]:
        if metric is Metric.FOLLOWERS:
            return values
        return [*values[:-days], *(round(factor * value) for value in values[-days:])]

    return tell


def steadily(growth: float) -> Story:
    """Have every count grow by a factor of e^growth in a year."""

    def tell(metric: Metric, values: list[int]) -> list[int]:
        if metric is Metric.FOLLOWERS:
            return values
        return [round(value * math.exp(growth * day / 365)) for day, value in enumerate(values)]

    return tell


def followers_drift(metric: Metric, values: list[int]) -> list[int]:
    """Have followers come in every day, nearly as many as a day usually differs by."""
    drift = max(8, round(0.9 * _usual(values)))
    return [value + drift for value in values] if metric is Metric.FOLLOWERS else values


def followers_jump(metric: Metric, values: list[int]) -> list[int]:
    """Have forty times what a day usually differs by come yesterday."""
    jump = 40 * max(_usual(values), 3)
    return [*values[:-1], jump] if metric is Metric.FOLLOWERS else values


def _usual(changes: list[int]) -> int:
    return sorted(map(abs, changes))[len(changes) // 2]


def _of_numbers(story: Story) -> Build:
    return lambda seed: a_creator(seed, story, posts=[], level=400, kind="lognormal", spread=0.3)


def _of_posts(write: Callable[[int], list[Post]]) -> Build:
    return lambda seed: replace(a_creator(seed, posts=write(seed), days=1), series=[])


def _with_cats(seed: int) -> list[Post]:
    """Return posts of which those about cats earn two and a half times as much."""
    return [
        Post(replace(post.row, likes=round(2.5 * (post.row.likes or 0))), post.zone)
        if "cat" in (post.row.caption or "").split()
        else post
        for post in a_year_of_posts(seed)
    ]


STORIES: Mapping[str, tuple[Detector, Build]] = {
    "four weeks of 1.8 times as much": (Detector.GROWTH, _of_numbers(lately(28, 1.8))),
    "a year of growth": (Detector.GROWTH, _of_numbers(steadily(0.6))),
    "a year of new followers": (Detector.GROWTH, _of_numbers(followers_drift)),
    "four weeks of little more than half": (Detector.DROP, _of_numbers(lately(28, 0.55))),
    "a year of decline": (Detector.DROP, _of_numbers(steadily(-0.6))),
    "a viral day": (Detector.ANOMALY, _of_numbers(lately(1, 10))),
    "a dead week": (Detector.ANOMALY, _of_numbers(lately(7, 0.2))),
    "a jump of followers": (Detector.ANOMALY, _of_numbers(followers_jump)),
    "a platform that takes over": (
        Detector.CONCENTRATION,
        lambda seed: a_creator(seed, lately(28, 5), posts=[], level=400, kind="overdispersed"),
    ),
    "a best hour": (
        Detector.BEST_TIME,
        _of_posts(lambda seed: a_year_of_posts(seed, best_hour=True)),
    ),
    "a best form": (
        Detector.BEST_FORMAT,
        _of_posts(lambda seed: a_year_of_posts(seed, best_form="reel")),
    ),
    "a topic that does well": (Detector.TOPIC, _of_posts(_with_cats)),
}
