"""Everything that there is to tell a creator this morning."""

from collections.abc import Callable, Iterator, Sequence

from domain.insights.accounts import find_stale_accounts
from domain.insights.best_formats import find_best_formats
from domain.insights.best_times import find_best_time
from domain.insights.candidates import Candidate
from domain.insights.evidence import Evidence
from domain.insights.goals import find_milestones, find_paces
from domain.insights.growth import find_movements
from domain.insights.rules import RULES
from domain.insights.spread import find_concentration
from domain.insights.topic import find_topic
from domain.insights.unusual import find_surprises

FINDERS: Sequence[Callable[[Evidence], Iterator[Candidate]]] = (
    find_movements,
    find_surprises,
    find_best_time,
    find_best_formats,
    find_topic,
    find_concentration,
    find_paces,
    find_milestones,
    find_stale_accounts,
)


def find_candidates(evidence: Evidence, *, agent: str | None = None) -> list[Candidate]:
    """Return what all detectors find, or those of one agent's subjects, in no order."""
    found = [candidate for find in FINDERS for candidate in find(evidence)]
    return [each for each in found if agent in (None, RULES[each.detector].agent)]
