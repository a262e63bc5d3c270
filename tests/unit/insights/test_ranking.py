"""What is told today: the weightiest, at most five, few of a kind, and nothing told lately."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.insights.candidates import Candidate, Detector
from domain.insights.ranking import choose
from domain.insights.rules import MAX_A_DAY, MAX_OF_ONE, RULES, priority_of
from storage.models import Priority

TODAY = dt.date(2026, 3, 2)


def a_candidate(
    detector: Detector = Detector.GROWTH, name: str = "a", effect: float = 0.5, **fields: float
) -> Candidate:
    return Candidate(
        detector=detector,
        finding=f"{detector}:{name}",
        effect=effect,
        confidence=fields.get("confidence", 1.0),
        facts={},
        figures=[],
    )


def days_ago(days: int, finding: str = "growth:a") -> dict[str, dt.date]:
    return {finding: TODAY - dt.timedelta(days=days)}


def test_the_weightiest_comes_first_and_confidence_counts() -> None:
    weak = a_candidate(Detector.GROWTH, effect=0.3)
    unsure = a_candidate(Detector.DROP, effect=0.5, confidence=0.5)
    strong = a_candidate(Detector.TOPIC, effect=0.4)
    assert choose([weak, unsure, strong], {}, TODAY) == [strong, weak, unsure]


def test_at_most_two_of_a_kind_are_told() -> None:
    goals = [a_candidate(Detector.GOAL_PACE, str(number), 1) for number in range(9)]
    growth = a_candidate(effect=0.1)
    chosen = choose([*goals, growth], {}, TODAY)
    assert chosen == [*goals[:2], growth]


@pytest.mark.parametrize("detector", Detector)
def test_nothing_is_told_again_within_two_weeks(detector: Detector) -> None:
    candidate = a_candidate(detector)
    again = RULES[detector].again_days
    assert again >= 14
    assert choose([candidate], days_ago(again - 1, candidate.finding), TODAY) == []
    assert choose([candidate], days_ago(again, candidate.finding), TODAY) == [candidate]


def test_another_finding_of_the_same_kind_is_news() -> None:
    monday = a_candidate(Detector.BEST_TIME, "0:18")
    assert choose([monday], days_ago(1, "best_time:3:18"), TODAY) == [monday]


@given(
    st.lists(
        st.tuples(st.sampled_from(Detector), st.sampled_from("abcdefgh"), st.floats(0, 1)),
        unique_by=lambda each: each[:2],
    ),
    st.integers(0, 6),
)
def test_whoever_asks_again_on_the_same_day_is_told_nothing_twice(
    found: list[tuple[Detector, str, float]], first: int
) -> None:
    candidates = [a_candidate(*each) for each in found]
    earlier = choose(candidates[:first], {}, TODAY)
    told = {each.finding: TODAY for each in earlier}
    later = choose(candidates, told, TODAY)
    together = [*earlier, *later]
    assert len({each.finding for each in together}) == len(together) <= MAX_A_DAY
    assert all(
        sum(each.detector is detector for each in together) <= MAX_OF_ONE for detector in Detector
    )
    done = told | {each.finding: TODAY for each in later}
    assert choose(candidates, done, TODAY) == []


@pytest.mark.parametrize(
    ("detector", "effect", "priority"),
    [
        (Detector.CONNECTION, 1.0, Priority.URGENT),
        (Detector.CONNECTION, 0.5, Priority.HIGH),
        (Detector.CONNECTION, 0.0, Priority.MEDIUM),
        (Detector.GROWTH, 1.0, Priority.MEDIUM),
        (Detector.DROP, 0.6, Priority.HIGH),
    ],
)
def test_the_effect_decides_the_priority(
    detector: Detector, effect: float, priority: Priority
) -> None:
    assert priority_of(a_candidate(detector, effect=effect)) is priority
