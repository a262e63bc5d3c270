"""How far numbers lie apart, measured so that a few strange ones among them change little."""

import math
from collections.abc import Sequence

# Iglewicz and Hoaglin, "How to Detect and Handle Outliers" (1993): the median absolute deviation
# of a normal distribution, in standard deviations.
MAD_FACTOR = 0.6745
# Half of what lies between the 15th and the 85th percentile of a normal distribution.
PERCENTILE = 0.15
PERCENTILE_Z = 1.0364
# Anscombe, "The Transformation of Poisson, Binomial and Negative-Binomial Data" (1948): the
# standard deviation of the root of a Poisson count is one half.
COUNTING_SPREAD = 0.5


def robust_spread(ordered: Sequence[float]) -> float:
    """Return the larger of two standard deviations: from the MAD, and from the middle 70 %.

    The MAD alone is blind to what happens on every third day. The numbers are sorted.
    """
    center = middle(ordered)
    mad = middle(sorted(abs(other - center) for other in ordered)) / MAD_FACTOR
    inner = percentile(ordered, 1 - PERCENTILE) - percentile(ordered, PERCENTILE)
    return max(mad, inner / (2 * PERCENTILE_Z))


def middle(ordered: Sequence[float]) -> float:
    """Return the median of sorted numbers."""
    half = len(ordered) // 2
    return ordered[half] if len(ordered) % 2 else (ordered[half - 1] + ordered[half]) / 2


def percentile(ordered: Sequence[float], share: float) -> float:
    """Return the sorted number below which a share of them lies."""
    return ordered[round(share * (len(ordered) - 1))]


def anscombe(count: float) -> float:
    """Return the root of a count, whose spread is the same at every level."""
    return math.sqrt(max(count, 0) + 3 / 8)
