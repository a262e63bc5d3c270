"""Insights from noise: at most one in 1,000 creator-days; `tests.evals.insights` tries more."""

from random import Random

from domain.insights.chances import group_p, normal_scores, shift_p, student_p
from domain.insights.rules import DAILY_CHANCE, RULES
from tests.insight_creators import a_creator, told_over
from tests.series import noisy_changes, noisy_counts

SERIES = 300


def test_noise_brings_no_insight() -> None:
    # Of these 120 creator-days one in eight may bring one at the most that is allowed.
    assert [each.finding for seed in range(4) for each in told_over(a_creator(seed), 30)] == []


def test_all_detectors_together_keep_to_the_daily_chance() -> None:
    assert sum(rule.chance for rule in RULES.values()) <= DAILY_CHANCE * (1 + 1e-9)


def test_weeks_of_noise_that_remembers_seldom_look_like_another_pace() -> None:
    # At 1 % 3 of each 300 are due.
    for memory in (0.0, 0.6):
        random, counts, changes = Random(7), 0, 0
        for _ in range(SERIES):
            weeks = _weeks(noisy_counts(random, days=210, memory=memory))
            counts += shift_p(weeks[:26], weeks[26:], least_spread=1) < 0.01
            weeks = _weeks(noisy_changes(random, days=210, memory=memory))
            changes += shift_p(weeks[:26], weeks[26:], least_spread=1) < 0.01
        assert counts <= 8
        assert changes <= 8


def test_groups_dealt_at_random_seldom_look_better() -> None:
    random, clear = Random(11), 0
    for _ in range(SERIES):
        scores = normal_scores([random.paretovariate(1.2) for _ in range(120)])
        places = random.sample(range(120), random.randrange(3, 40))
        clear += group_p(scores, _power(scores), places) < 0.01
    assert clear <= 8


def test_a_group_of_the_highest_cannot_be_more_unlikely_than_it_is() -> None:
    # The three highest of 50 come together once in 50 · 49 · 48 / 6 = 19,600 deals.
    scores = normal_scores(list(range(50)))
    assert group_p(scores, _power(scores), [47, 48, 49]) >= 1 / 19_600


def test_students_t_far_out() -> None:
    # Two-sided, from tables: t = 5.408 with 20 degrees of freedom is 2.7e-5.
    assert 2.2e-5 < student_p(5.408, 20) < 3.2e-5


def _weeks(days: list[int]) -> list[int]:
    return [sum(days[day : day + 7]) for day in range(0, len(days), 7)]


def _power(scores: list[float]) -> float:
    return sum(score * score for score in scores)
