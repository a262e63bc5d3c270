"""What detectors find: candidates for insights, before anybody has put them into words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from domain.figures import Figure


class Detector(StrEnum):
    """What looks for insights, and for which kind."""

    GROWTH = "growth"
    DROP = "drop"
    ANOMALY = "anomaly"
    BEST_TIME = "best_time"
    BEST_FORMAT = "best_format"
    TOPIC = "topic"
    CONCENTRATION = "concentration"
    GOAL_PACE = "goal_pace"
    MILESTONE = "milestone"
    CONNECTION = "connection"


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """Something that is true of the creator's numbers.

    `finding` makes it the same one again: it holds what would be news if it were another, such as
    a direction, a day or a best hour, and no number that moves a little every morning. `effect`
    is from 0 to 1, and 1 is a doubling or as bad as it gets. `confidence` is 1 for a fact, and
    for a claim at least a half (`claim_confidence`). `facts` are words and ids of
    `figures`, which are numbered from f1 for each candidate.
    """

    detector: Detector
    finding: str
    effect: float
    confidence: float
    facts: Mapping[str, str]
    figures: Sequence[Figure]

    @property
    def weight(self) -> float:
        """By which candidates are ranked."""
        return self.effect * self.confidence


def detector_of(finding: str) -> Detector | None:
    """Return whose finding it is: every finding begins with its detector's name."""
    name = finding.partition(":")[0]
    return Detector(name) if name in set(Detector) else None


def claim_confidence(p: float, limit: float) -> float:
    """Return a half for a chance that is only just small enough, and near 1 far beyond."""
    return 1 - 0.5 * min(p / limit, 1)
