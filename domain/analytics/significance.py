"""Which groups do better than chance: tests that stay right when many groups are examined."""

import math
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Hashable, Mapping, Sequence
from operator import itemgetter
from random import Random
from statistics import NormalDist, fmean, pstdev
from typing import TypeVar

Group = TypeVar("Group", bound=Hashable)

# A claim is wrong by chance for one creator in a hundred, however many groups are examined.
ALPHA = 0.01
PERMUTATIONS = 499
_SEED = 1993


def standouts(
    values: Sequence[float], groups: Mapping[Group, Sequence[int]], *, alpha: float = ALPHA
) -> dict[Group, float]:
    """Return the adjusted p-value of each group's mean being this high, for those up to `alpha`.

    `groups` hold places in `values`. Single-step maxT procedure of Westfall and Young,
    "Resampling-Based Multiple Testing" (1993), section 2.3: the values are dealt out anew, and a
    group stands out when its standardised mean exceeds the largest of all groups in nearly every
    deal. The same input always gives the same answer.
    """
    spread = pstdev(values) if len(values) > 1 else 0.0
    if not groups or spread == 0:
        return {}
    center = fmean(values)
    dealt = sorted((value - center) / spread for value in values)
    order = sorted(range(len(values)), key=values.__getitem__)
    place_of = {place: rank for rank, place in enumerate(order)}
    # Groups as places in the sorted values, so that the order of the rows means nothing.
    ranked = {group: sorted(place_of[place] for place in groups[group]) for group in groups}
    observed = {group: _score(dealt, places) for group, places in ranked.items()}
    exceeded = dict.fromkeys(groups, 0)
    random = Random(_SEED)  # noqa: S311 - a permutation test, not a secret
    for _ in range(PERMUTATIONS):
        random.shuffle(dealt)
        highest = max(_score(dealt, places) for places in ranked.values())
        for group, score in observed.items():
            exceeded[group] += highest >= score
        if 1 + min(exceeded.values()) > alpha * (1 + PERMUTATIONS):
            return {}  # no further deal could make any of them clear
    adjusted = {group: (1 + count) / (1 + PERMUTATIONS) for group, count in exceeded.items()}
    return {group: p for group, p in adjusted.items() if p <= alpha}


def exceeds(values: Sequence[float], others: Sequence[float], *, alpha: float = ALPHA) -> bool:
    """Tell whether `values` are clearly higher than `others`.

    One-sided rank-sum test of Mann and Whitney (Annals of Mathematical Statistics 18, 1947), by
    its normal approximation with the usual corrections for ties and continuity.
    """
    size, rivals = len(values), len(others)
    total = size + rivals
    ordered = sorted(others)
    wins = sum((bisect_left(ordered, each) + bisect_right(ordered, each)) / 2 for each in values)
    ties = sum(count**3 - count for count in Counter([*values, *others]).values())
    variance = size * rivals / 12 * (total + 1 - ties / (total * (total - 1)))
    if variance <= 0:
        return False
    z = (wins - size * rivals / 2 - 0.5) / math.sqrt(variance)
    return 1 - NormalDist().cdf(z) <= alpha


def _score(values: Sequence[float], places: Sequence[int]) -> float:
    """Return the mean of standardised values, in units of its standard error."""
    # One call picks them all; it is what takes the time.
    picked = itemgetter(*places)(values)
    return math.fsum(picked) / math.sqrt(len(places)) if len(places) > 1 else float(picked)
