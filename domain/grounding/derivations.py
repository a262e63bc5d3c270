"""One step of arithmetic over figures: what their sums, differences, ratios and shares are.

Two figures are only put together when they are of one metric and differ in one respect: the
days, the place, or what they are about ("reels"). All else makes numbers that mean nothing, and
among which any number would be found.
"""

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import combinations
from typing import Literal, NamedTuple

from domain.grounding.aspects import dimension
from domain.grounding.sources import MAX_LAG_DAYS, PER_DAYS, Per, Source

DerivationKind = Literal["sum", "difference", "percent_change", "ratio", "share", "mean"]
# Of which figures of a kind a result is: of one or two, of all, of all but one, of some.
Scope = Literal["pair", "all", "rest", "some"]

# Pairs grow with the square of the figures; an answer compares a few of them.
MAX_PAIRED_FIGURES = 40
# Names of one thing: found and usual; now, expected and aimed at.
_SAME = re.compile(r"^(?:(?:typical|usual|goal|forecast|weekly)_)+|_(?:low|high)$")
# These tell how a number came about, and not what it is about.
MANNERS = ("pace", "bound")
WHOLE = 100


class Result(NamedTuple):
    """What a derivation gives; `is_reversed` where it looks back from the later to the earlier."""

    value: float
    unit: str
    kind: DerivationKind
    sources: tuple[Source, ...]
    is_reversed: bool = False
    scope: Scope = "pair"
    per: Per = ""

    @property
    def is_rest_of_share(self) -> bool:
        """Whether it is what is missing to the whole."""
        return self.kind == "difference" and self.scope == "rest"

    @property
    def is_per_one(self) -> bool:
        """Whether it is counted by posts, comments or the like."""
        return self.per != "" and self.per not in PER_DAYS

    @property
    def is_group(self) -> bool:
        """Whether it is of figures that stand together, and not of a pair."""
        return self.scope != "pair"


def derive_singly(sources: Sequence[Source]) -> Iterator[Result]:
    """Yield what one step of arithmetic over one or two figures gives."""
    metrics: dict[str, list[Source]] = defaultdict(list)
    for source in sources:
        metrics[_SAME.sub("", source.metric)].append(source)
        yield from _of_one(source)
    for same in metrics.values():
        for one, other in combinations(same[:MAX_PAIRED_FIGURES], 2):
            if _differences(one, other) <= 1:
                yield from _of_pair(*sorted((one, other), key=lambda source: source.end))


def are_same_days(one: Source, other: Source) -> bool:
    """Tell whether two periods are the same, though a platform may lag behind by some days."""
    ends = abs((one.end - other.end).days), abs((one.start - other.start).days)
    return one.days == other.days or (one.place != other.place and max(ends) <= MAX_LAG_DAYS)


def topic(source: Source) -> frozenset[str]:
    """Return what a figure is about, beside its metric, place and days."""
    return frozenset(aspect for aspect in source.aspects if dimension(aspect) not in MANNERS)


def _differences(one: Source, other: Source) -> int:
    if one.is_post:
        return 0  # posts are compared, whatever they are
    is_elsewhere = one.place != other.place or topic(one) != topic(other)
    is_other = one.metric != other.metric and not one.is_level
    is_then = not are_same_days(one, other)
    if "goal_pace" in one.metric:
        is_then = one.aspects_of("pace") != other.aspects_of("pace")
    return is_elsewhere + is_other + is_then


def _of_one(source: Source) -> Iterator[Result]:
    """Yield a rate for other times, the rest of a whole, and how far above the usual it is."""
    alone = (source,)
    if source.is_share and 0 < source.value < WHOLE:
        yield Result(WHOLE - source.value, "%", "difference", alone, scope="rest")
    if source.unit == "times":
        yield Result(WHOLE * (source.value - 1), "%", "percent_change", alone)
    if source.unit not in ("count", "minutes") or source.is_level:
        return
    # A change is counted from the close of the day before.
    length = (source.end - source.start).days + (not source.is_signed)
    days = PER_DAYS.get(source.per, length)
    for per, other in PER_DAYS.items():
        if per != source.per and (source.per or (days > other and source.is_summable)):
            yield Result(source.value / days * other, "", "mean", alone, per=per)


def _of_pair(earlier: Source, later: Source) -> Iterator[Result]:
    first, second, pair = earlier.value, later.value, (earlier, later)
    is_percent, per = earlier.unit == "percent", earlier.per
    for value, is_reversed in ((second - first, False), (first - second, True)):
        unit = "pp" if is_percent else ""
        yield Result(value, unit, "difference", pair, is_reversed, per=per)
    is_of_parts = (earlier.platform is None) == (later.platform is None)
    if earlier.is_summable and earlier.metric == later.metric and is_of_parts:
        yield Result(first + second, "%" if is_percent else "", "sum", pair, per=per)
    for base, value, is_reversed in ((first, second, False), (second, first, True)):
        if base:
            change = WHOLE * (value - base) / abs(base)
            yield Result(change, "%", "percent_change", pair, is_reversed)
            if value / base > 0 or not is_percent:
                yield Result(value / base, "x", "ratio", pair, is_reversed)
            if 0 < value < base:
                # "Half of the rate" is said, "50 % of the rate" would be taken for points.
                unit = "part" if is_percent else "%"
                yield Result(WHOLE * value / base, unit, "share", pair, is_reversed)
