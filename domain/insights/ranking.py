"""Which candidates are told today: the strongest, few of a kind, and nothing told lately."""

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Mapping

from domain.insights.candidates import Candidate, detector_of
from domain.insights.rules import MAX_A_DAY, MAX_OF_ONE, is_told


def choose(
    candidates: Iterable[Candidate], told: Mapping[str, dt.date], today: dt.date
) -> list[Candidate]:
    """Return what to tell, the weightiest first.

    `told` is when each finding was told last. What was told today counts towards the most that
    a day may have, so that asking again adds only what is left.
    """
    left = MAX_A_DAY - sum(day == today for day in told.values())
    of_one = Counter(detector_of(finding) for finding, day in told.items() if day == today)
    chosen: list[Candidate] = []
    for candidate in sorted(candidates, key=lambda each: (-each.weight, each.finding)):
        is_news = not is_told(candidate.finding, told, today)
        if len(chosen) < left and is_news and of_one[candidate.detector] < MAX_OF_ONE:
            of_one[candidate.detector] += 1
            chosen.append(candidate)
    return chosen
