"""How likely noise alone is to look like a finding: tests that are honest far into the tail.

An insight is claimed without having been asked for, so what is allowed here is a hundred times
less than where a creator asks (`docs/insights.md`). Permutations cannot tell chances that small
apart in reasonable time; these tests do, and err on the side of saying nothing.
"""

import math
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from functools import cache
from itertools import pairwise
from statistics import NormalDist, fmean, stdev

# Weeks resemble the one before. The estimate of how much is itself uncertain, so that
# independence is never believed.
LEAST_MEMORY = 0.15
MOST_MEMORY = 0.8
_NORMAL = NormalDist()


def normal_p(z: float) -> float:
    """Return the two-sided chance of a normal score this far out."""
    return math.erfc(abs(z) / math.sqrt(2))


def student_p(t: float, freedom: float) -> float:
    """Return the two-sided chance of a Student's t, brought near a normal score.

    Wallace, "Bounds on Normal Approximations to Student's and the Chi-Square Distributions"
    (1959).
    """
    z = (8 * freedom + 1) / (8 * freedom + 3) * math.sqrt(freedom * math.log1p(t * t / freedom))
    return normal_p(z)


def shift_p(before: Sequence[float], lately: Sequence[float], *, least_spread: float) -> float:
    """Return the chance of `lately` being this far from `before`, both in the order of time.

    Student's t with the spread of `before`, of which none below `least_spread` is believed, and
    with the variance that values of their memory have (autoregressive, of the first order).
    """
    freedom = len(before) - 1
    spread = max(stdev(before), least_spread)
    memory = _memory(before)
    inflation = (1 + memory) / (1 - memory)
    error = spread * math.sqrt(inflation * (1 / len(before) + 1 / len(lately)))
    return student_p((fmean(lately) - fmean(before)) / error, freedom) if error else 1.0


def with_memory(p: float) -> float:
    """Return the chance that stays when values that seem independent have a little memory."""
    z = -_NORMAL.inv_cdf(max(p, 1e-300) / 2)
    return normal_p(z / math.sqrt((1 + LEAST_MEMORY) / (1 - LEAST_MEMORY)))


def group_p(scores: Sequence[float], power: float, places: Sequence[int]) -> float:
    """Return the chance of a group's normal scores being this high, were it dealt at random.

    `scores` are the `normal_scores` of all, `power` is the sum of their squares, and `places` are
    those of the group. One-sided, with the exact variance of a sum that is drawn without
    replacement.
    """
    size, total = len(places), len(scores)
    if not 0 < size < total:
        return 1.0
    variance = size * (total - size) / (total * (total - 1)) * power
    if variance <= 0:
        return 1.0
    z = sum(scores[place] for place in places) / math.sqrt(variance)
    return normal_p(z) / 2 if z > 0 else 1.0


def normal_scores(values: Sequence[float]) -> list[float]:
    """Return for each value the normal quantile of its rank; equal values share theirs.

    Van der Waerden, "Order Tests for the Two-Sample Problem" (1952). Only ranks count, so that
    no tail is too long; their sum over a group has shorter tails than a normal one.
    """
    ordered = sorted(values)
    quantiles = _quantiles(len(values))
    return [
        (quantiles[bisect_left(ordered, value)] + quantiles[bisect_right(ordered, value) - 1]) / 2
        for value in values
    ]


@cache
def _quantiles(count: int) -> list[float]:
    return [_NORMAL.inv_cdf(rank / (count + 1)) for rank in range(1, count + 1)]


def _memory(values: Sequence[float]) -> float:
    """Return the autocorrelation from one value to the next, without the bias of short series."""
    mean = fmean(values)
    rest = [value - mean for value in values]
    power = sum(value * value for value in rest)
    if power <= 0:
        return LEAST_MEMORY
    found = sum(before * after for before, after in pairwise(rest)) / power
    return min(max(found + 1 / len(values), LEAST_MEMORY), MOST_MEMORY)
