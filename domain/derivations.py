"""One step of arithmetic over figures: what their sums, differences, ratios and shares are.

Two figures are only put together when they are of one metric and differ in one respect: the
days, the place, or what they are about ("reels"). All else makes numbers that mean nothing, and
among which any number would be found.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Literal, NamedTuple

from domain.figures import Figure
from domain.mentions import FAMILIES, SUBJECTS

DerivationKind = Literal["sum", "difference", "percent_change", "ratio", "share", "mean"]

# Pairs grow with the square of the figures; an answer compares a few of them.
MAX_PAIRED_FIGURES = 40
MAX_LAG_DAYS = 3
_SIGNED = ("change", "growth", "gained", "net", "difference", "trend")
_OTHER_FAMILIES = {"posts": "posts"}


@dataclass(frozen=True, kw_only=True, slots=True)
class Source:
    """A figure with what decides whether a sentence can mean it."""

    id: str
    value: float
    unit: str
    family: str | None
    is_signed: bool
    platform: str | None
    account: str | None
    formats: frozenset[str]
    subject: str
    is_pace: bool
    start: dt.date
    end: dt.date

    @property
    def place(self) -> tuple[str | None, str | None]:
        """Platform and account, null for all."""
        return self.platform, self.account

    @property
    def kind(self) -> tuple[str | None, str]:
        """Family and unit."""
        return self.family, self.unit

    @property
    def days(self) -> tuple[dt.date, dt.date]:
        """First and last day."""
        return self.start, self.end


class Result(NamedTuple):
    """What a derivation gives.

    `is_reversed` where it looks back from the later to the earlier; `is_group` where it is of all
    figures of a kind and not of a pair.
    """

    value: float
    unit: str
    kind: DerivationKind
    sources: tuple[Source, ...]
    is_reversed: bool = False
    is_group: bool = False


def build_source(figure: Figure) -> Source:
    """Return the figure as a source; its value must be known."""
    metric = figure.metric
    families = (*FAMILIES, *_OTHER_FAMILIES)
    words = f"{metric} {figure.label}".lower()
    formats = SUBJECTS.find(figure.label).values
    subjects = [*sorted(formats), *(["typical"] if metric.startswith("typical_") else [])]
    return Source(
        id=figure.id,
        value=figure.value or 0,
        unit=figure.unit,
        family=next((family for family in families if family in metric), None),
        is_signed=(figure.value or 0) < 0 or any(word in words for word in _SIGNED),
        platform=figure.platform,
        account=figure.account,
        formats=frozenset(formats),
        subject=" ".join(subjects),
        is_pace="per_day" in metric or "pace" in metric,
        start=figure.start,
        end=figure.end,
    )


def derive(figures: Sequence[Figure]) -> Iterator[Result]:
    """Yield everything one step of arithmetic gives."""
    metrics: dict[str, list[Source]] = defaultdict(list)
    for figure in figures:
        if figure.value is not None:
            metrics[figure.metric.removeprefix("typical_")].append(build_source(figure))
    for sources in metrics.values():
        for one, other in combinations(sources[:MAX_PAIRED_FIGURES], 2):
            if _differences(one, other) <= 1:
                yield from _of_pair(*sorted((one, other), key=lambda source: source.end))
        yield from _of_groups(sources)
        for source in sources:
            yield from _per_day(source)


def _differences(one: Source, other: Source) -> int:
    is_elsewhere = one.place != other.place or one.subject != other.subject
    return is_elsewhere + (not _are_same_days(one, other))


def _are_same_days(one: Source, other: Source) -> bool:
    """Tell whether two periods are the same, though a platform may lag behind by some days."""
    ends = abs((one.end - other.end).days), abs((one.start - other.start).days)
    return one.days == other.days or (one.place != other.place and max(ends) <= MAX_LAG_DAYS)


def _of_pair(earlier: Source, later: Source) -> Iterator[Result]:
    first, second, pair = earlier.value, later.value, (earlier, later)
    is_percent = earlier.unit == "percent"
    for value, is_reversed in ((second - first, False), (first - second, True)):
        yield Result(value, "pp" if is_percent else "", "difference", pair, is_reversed)
    if not is_percent:
        yield Result(first + second, "", "sum", pair)
    for base, value, is_reversed in ((first, second, False), (second, first, True)):
        if base:
            change = 100 * (value - base) / abs(base)
            yield Result(change, "%", "percent_change", pair, is_reversed)
            yield Result(value / base, "x", "ratio", pair, is_reversed)
            if 0 < value < base:
                # "Half of the rate" is said, "50 % of the rate" would be taken for points.
                unit = "part" if is_percent else "%"
                yield Result(100 * value / base, unit, "share", pair, is_reversed)


def _of_groups(sources: Sequence[Source]) -> Iterator[Result]:
    """Yield sum and mean over places, over days and over subjects."""
    by_key: dict[object, list[Source]] = defaultdict(list)
    for one in sources:
        by_key["places", one.days, one.subject, one.account is None].append(one)
        by_key["days", one.place, one.subject].append(one)
        by_key["subjects", one.place, one.days].append(one)
    groups: dict[tuple[str, ...], tuple[Source, ...]] = {}
    for same in by_key.values():
        # A total is the sum already.
        parts = tuple(one for one in same if one.platform) or tuple(same)
        if len(parts) > 1:
            groups[tuple(one.id for one in parts)] = parts
    for group in groups.values():
        total, is_percent = sum(one.value for one in group), group[0].unit == "percent"
        if not is_percent:
            yield Result(total, "", "sum", group, is_group=True)
        unit = "%" if is_percent else ""
        yield Result(total / len(group), unit, "mean", group, is_group=True)


def _per_day(source: Source) -> Iterator[Result]:
    """Yield what a total is per day; a change is counted from the close of the day before."""
    days = (source.end - source.start).days + (not source.is_signed)
    if days > 1 and source.unit in ("count", "minutes"):
        yield Result(source.value / days, "", "mean", (source,))
