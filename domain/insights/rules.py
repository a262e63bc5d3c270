"""The table of detectors: what becomes of what they find (`docs/insights.md` explains it)."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from domain.insights.candidates import Candidate, Detector, detector_of
from storage.models import InsightType, Priority

# On one day at most one creator in a thousand is told something that is only noise: the
# `chance` of all detectors together.
DAILY_CHANCE = 0.001
MAX_A_DAY = 5
# Neither goals nor accounts crowd out what else there is to say.
MAX_OF_ONE = 2

LOW, MEDIUM, HIGH, URGENT = Priority.LOW, Priority.MEDIUM, Priority.HIGH, Priority.URGENT


@dataclass(frozen=True, kw_only=True)
class Rule:
    """What an insight of a detector is, and how long it holds.

    `agent` is whose subject it is. `priorities` are those it may have, the least first: the
    effect chooses one, the writer may choose another. `chance` is what the detector may be wrong
    by on one day, over everything that it examines; 0 is for facts. The same finding is told
    again after `again_days` at the earliest, and an insight is shown for `shown_days`.
    """

    type: InsightType
    agent: str
    priorities: tuple[Priority, ...]
    chance: float
    again_days: int
    shown_days: int


RULES: Mapping[Detector, Rule] = {
    Detector.GROWTH: Rule(
        type=InsightType.GROWTH,
        agent="career",
        priorities=(LOW, MEDIUM),
        chance=0.00015,
        again_days=28,
        shown_days=14,
    ),
    Detector.DROP: Rule(
        type=InsightType.GROWTH,
        agent="career",
        priorities=(MEDIUM, HIGH),
        chance=0.00015,
        again_days=28,
        shown_days=14,
    ),
    Detector.ANOMALY: Rule(
        type=InsightType.TREND,
        agent="career",
        priorities=(MEDIUM, HIGH),
        chance=0.0003,
        again_days=14,
        shown_days=4,
    ),
    Detector.BEST_TIME: Rule(
        type=InsightType.CONTENT,
        agent="content_strategist",
        priorities=(LOW, MEDIUM),
        chance=0.0001,
        again_days=28,
        shown_days=28,
    ),
    Detector.BEST_FORMAT: Rule(
        type=InsightType.CONTENT,
        agent="content_strategist",
        priorities=(LOW, MEDIUM),
        chance=0.0001,
        again_days=28,
        shown_days=28,
    ),
    Detector.TOPIC: Rule(
        type=InsightType.TREND,
        agent="content_strategist",
        priorities=(LOW, MEDIUM),
        chance=0.0001,
        again_days=28,
        shown_days=14,
    ),
    Detector.CONCENTRATION: Rule(
        type=InsightType.STRATEGY,
        agent="career",
        priorities=(LOW, MEDIUM),
        chance=0.0001,
        again_days=28,
        shown_days=28,
    ),
    Detector.GOAL_PACE: Rule(
        type=InsightType.GOAL,
        agent="goal_tracker",
        priorities=(LOW, MEDIUM, HIGH),
        chance=0,
        again_days=14,
        shown_days=7,
    ),
    Detector.MILESTONE: Rule(
        type=InsightType.GOAL,
        agent="goal_tracker",
        priorities=(MEDIUM, HIGH),
        chance=0,
        again_days=28,
        shown_days=14,
    ),
    Detector.CONNECTION: Rule(
        type=InsightType.STRATEGY,
        agent="career",
        priorities=(MEDIUM, HIGH, URGENT),
        chance=0,
        again_days=14,
        shown_days=7,
    ),
}
# So far back is looked for what was told already.
MEMORY_DAYS = max(rule.again_days for rule in RULES.values())


def is_told(finding: str, told: Mapping[str, dt.date], today: dt.date) -> bool:
    """Tell whether a finding has been told so lately that it is not told again."""
    detector, day = detector_of(finding), told.get(finding)
    if detector is None or day is None:
        return False
    return (today - day).days < RULES[detector].again_days


def priority_of(candidate: Candidate) -> Priority:
    """Return the priority that the effect asks for: equal parts of 0 to 1 for each."""
    allowed = RULES[candidate.detector].priorities
    return allowed[min(int(candidate.effect * len(allowed)), len(allowed) - 1)]


def expiry_of(candidate: Candidate, now: dt.datetime) -> dt.datetime:
    """Return until when the insight is shown."""
    return now + dt.timedelta(days=RULES[candidate.detector].shown_days)
