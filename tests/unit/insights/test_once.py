"""One event is one insight: not told again as its echo, nor beside what contradicts it."""

import datetime as dt
from collections.abc import Sequence
from random import Random

import pytest

from domain.insights.candidates import Candidate, Detector
from domain.insights.evidence import AccountSeries, Evidence
from domain.insights.finding import find_candidates
from domain.insights.growth import find_movements
from domain.insights.spread import find_concentration
from domain.insights.unusual import find_surprises
from storage.models import Metric
from tests.insight_creators import TODAY, a_creator, told_over
from tests.series import dated, follower_levels, noisy_changes, noisy_counts

VIRAL = (12, 7, 5, 3, 2.5, 2, 1.8)


def a_series(values: Sequence[int], metric: Metric = Metric.VIEWS, **fields: str) -> AccountSeries:
    """Return values up to yesterday."""
    first = TODAY - dt.timedelta(days=len(values))
    place = {"platform": "instagram", "account": "luna"} | fields
    return AccountSeries(metric=metric, values=dated(list(values), first), **place)


def calm(seed: int = 0, level: float = 500, days: int = 300) -> list[int]:
    return noisy_counts(Random(seed), days=days, level=level, kind="lognormal", spread=0.15)


def followers(changes: list[int]) -> AccountSeries:
    return a_series(follower_levels(changes), Metric.FOLLOWERS)


def lately(values: Sequence[int], factors: Sequence[float]) -> list[int]:
    changed = [
        round(value * factor)
        for value, factor in zip(values[-len(factors) :], factors, strict=True)
    ]
    return [*values[: -len(factors)], *changed]


def detectors(candidates: Sequence[Candidate]) -> list[Detector]:
    return [candidate.detector for candidate in candidates]


@pytest.mark.parametrize("seed", range(3))
def test_a_viral_post_is_told_once_in_two_weeks(seed: int) -> None:
    factors = [*VIRAL, *[1.0] * 7]
    views = a_series(lately(calm(seed), factors))
    reach = a_series(lately(calm(seed + 10), factors), Metric.REACH)
    told = told_over(Evidence(today=TODAY, series=[views, reach]), 14)
    assert detectors(told) == [Detector.ANOMALY]


@pytest.mark.parametrize("seed", range(3))
def test_an_account_that_has_gone_quiet_is_told_as_such_once_in_two_weeks(seed: int) -> None:
    told = told_over(Evidence(today=TODAY, series=[a_series(lately(calm(seed), [0.1] * 13))]), 14)
    assert detectors(told).count(Detector.ANOMALY) == 1


def test_followers_that_left_are_another_story_than_a_quiet_day() -> None:
    changes = [*[12, 9, 14, 11, 10, 13, 8] * 20, 11, -900]
    quiet = a_series(lately([500, 520, 480, 510, 490] * 28, [0.05, 0.05]))
    lost = followers(changes)
    found = list(find_surprises(Evidence(today=TODAY, series=[quiet, lost])))
    assert {each.facts["direction"] for each in found} == {"down", "lost"}
    assert len({each.finding for each in found}) == len(found) == 2


def test_growth_of_a_year_is_not_told_beside_a_month_in_which_it_fell() -> None:
    changes = noisy_changes(Random(1), days=365, drift=30, spread=8)
    year = find_movements(Evidence(today=TODAY, series=[followers(changes)]))
    assert detectors(list(year)) == [Detector.GROWTH]
    turned = [*changes[:-28], *(change - 25 for change in changes[-28:])]
    found = list(find_movements(Evidence(today=TODAY, series=[followers(turned)])))
    assert detectors(found) == [Detector.DROP]
    assert found[0].facts["kind"] == "pace"


def test_that_followers_grew_in_a_year_does_not_silence_a_month_of_twice_the_streams() -> None:
    place = {"platform": "spotify"}
    changes = [12 + (day * 7) % 5 for day in range(365)]
    fans = a_series(follower_levels(changes), Metric.FOLLOWERS, **place)
    before = Evidence(today=TODAY, series=[fans])
    [grew] = find_movements(before)
    streams = a_series(lately(calm(days=365), [2.2] * 28), Metric.STREAMS, **place)
    [picked_up] = find_movements(Evidence(today=TODAY, series=[fans, streams]))
    assert (grew.facts["kind"], picked_up.facts["kind"]) == ("trend", "pace")
    assert grew.finding != picked_up.finding


def test_what_grew_in_a_year_is_not_said_to_go_for_a_month() -> None:
    changes = [12 + (day * 7) % 5 for day in range(365)]
    evidence = Evidence(
        today=TODAY,
        series=[
            followers(changes),
            a_series(lately(calm(days=365), [2.2] * 28)),
        ],
    )
    [picked_up] = find_movements(evidence)
    assert picked_up.facts["also"] == ""


@pytest.mark.parametrize(("late", "is_told"), [([1, 1, 6, 6], False), ([6, 6, 6, 6], True)])
def test_two_strong_weeks_are_no_new_pace(late: list[int], *, is_told: bool) -> None:
    factors = [float(factor) for factor in late for _ in range(7)]
    found = find_movements(Evidence(today=TODAY, series=[a_series(lately(calm(), factors))]))
    assert [each.facts["kind"] for each in found] == (["pace"] if is_told else [])


@pytest.mark.parametrize(("level", "is_told"), [(150, True), (700, False)])
def test_a_platform_that_brought_most_before_has_not_taken_over(
    level: int, *, is_told: bool
) -> None:
    instagram = a_series(lately(calm(1, level), [5.0] * 28))
    youtube = a_series(calm(2, 400), platform="youtube")
    found = list(find_concentration(Evidence(today=TODAY, series=[instagram, youtube])))
    assert bool(found) is is_told


@pytest.mark.parametrize(
    ("before", "lately", "turn"),
    [
        (10, 30, "faster"), (30, 10, "slower"), (10, -20, "losing"),
        (-20, 10, "gaining_again"), (-30, -5, "losing_less"), (-5, -30, "losing_more"),
    ],
)  # fmt: skip
def test_the_pace_of_followers_turns(before: int, lately: int, turn: str) -> None:
    changes = noisy_changes(Random(3), days=200, spread=2)
    changes = [change + (before if day < 172 else lately) for day, change in enumerate(changes)]
    series = a_series(follower_levels(changes, 9_000), Metric.FOLLOWERS)
    found = [
        each for each in find_movements(Evidence(today=TODAY, series=[series]))
        if each.facts["kind"] == "pace"
    ]  # fmt: skip
    assert [each.facts["turn"] for each in found] == [turn]


def test_no_morning_tells_an_account_both_ways_of_one_metric() -> None:
    for seed in range(5):
        found = find_candidates(a_creator(seed, lambda _, values: lately(values, [0.3] * 28)))
        places = [
            (each.facts["platform"], each.facts["metric"], each.detector)
            for each in found
            if each.detector in (Detector.GROWTH, Detector.DROP)
        ]
        assert len({place[:2] for place in places}) == len(places)
