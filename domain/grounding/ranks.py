"""Order words of a sentence: "came third", "your second best post", "the weakest of three"."""

import re
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import NamedTuple

from domain.grounding.aspects import dimension
from domain.grounding.derivations import MANNERS, are_same_days
from domain.grounding.mentions import METRICS
from domain.grounding.sources import Source

_HIGH = r"most|highest|largest|biggest|best|strongest|greatest|fastest|steepest|sharpest|top"
_LOW = r"least|fewest|lowest|smallest|worst|weakest|slowest"
_NUMBERS = {"two": 2, "three": 3, "four": 4, "five": 5, "six": 6}
_PLACES = {"first": 1, "second": 2, "third": 3, "fourth": 4, "fifth": 5, "last": -1}
_PLACE = "|".join(_PLACES)
_RANK = re.compile(
    rf"\bfrom (?:{_PLACE})(?: place)? to (?:{_PLACE})\b"  # of two numbers
    rf"|\b(?P<nth>second|third|fourth|fifth)[- ](?:(?:{_HIGH})|(?P<low>{_LOW}))\b"
    r"|\b(?:c[ao]mes?|ranks?|ranked|is|was|are|were|be|finish(?:es|ed)?|stands?|stood|placed?|lands?"
    r"|landed)(?: (?:up|only|just|in|at|clearly)){0,2}"
    rf" (?P<place>{_PLACE})(?=(?: place)?(?:[.,;:)]|$| (?:with|at|by|of|on|in|from|overall)\b))"
    rf"|\b(?P<named>{_PLACE}) (?:place\b|of (?=(?:the |all |your )?(?:\d|{'|'.join(_NUMBERS)})\b))"
    r"|(?:\b(?:the|your|its|grew|fell|rose|did|up)|['’]s)"
    rf" (?:(?P<high>{_HIGH})|(?P<lowest>{_LOW}))\b"
    r"(?!(?<=most) of\b)(?! (?:likely|recent|tenth|part|\d+|two|three|four|five|ten)\b)",
    re.IGNORECASE,
)
# Of losses the most is the lowest number; the best is still the highest.
_OF_SIZE = re.compile(
    r"most|largest|biggest|steep|sharp|least|few|small|fell (?:the )?(?:fast|slow)"
    r"|(?:fast|slow)est (?:decline|drop|fall|loss)",
    re.IGNORECASE,
)
_MEASURED = re.compile(
    r"most|highest|largest|biggest|fastest|steep|sharp|least|few|low|small", re.IGNORECASE
)
_OF_TIMES = re.compile(
    r"(?: of (?:the|all|your|these))?(?: \w+)? (?<!\ba )(?:day|week|month|quarter|year)s?\b",
    re.IGNORECASE,
)
_OF_LEVELS = re.compile(r"[- ](?:platform|account|channel|network|audience)s?\b", re.IGNORECASE)
_OF_MANY = re.compile(rf"\bof (?:the |all |your )?(\d|{'|'.join(_NUMBERS)})\b", re.IGNORECASE)
_CLAUSE = re.compile(
    r";|, (?=[A-Z])(?![^,;]{2,25}, )|\b(?:and|but|yet|while|whereas|ahead|behind)\b"
)
_NEAR, _FAR = 30, 150
_MAX_LENGTHS_APART = 3


class Rank(NamedTuple):
    """Which place a number is said to take, counted from the top, or from the bottom if negative.

    `words` are the order words and `tail` what follows them; `is_alone` if the passage has no
    other number.
    """

    place: int
    words: str
    tail: str
    is_alone: bool


def find_ranks(text: str, starts: Sequence[int]) -> dict[int, Rank]:
    """Return the ranks of a passage by where the numbers that they are told of start."""
    ranks: dict[int, Rank] = {}
    for match in _RANK.finditer(text):
        if (place := _place(match)) and (start := _told_of(text, match, starts)) is not None:
            tail = text[match.end() : match.end() + _NEAR]
            ranks[start] = Rank(place, match[0], tail, len(starts) == 1)
    return ranks


def _place(match: re.Match[str]) -> int:
    if match["nth"]:
        place = _PLACES[match["nth"].lower()]
        return -place if match["low"] else place
    if match["high"] or match["lowest"]:
        return 1 if match["high"] else -1
    return _PLACES.get((match["place"] or match["named"] or "").lower(), 0)


def _told_of(text: str, match: re.Match[str], starts: Sequence[int]) -> int | None:
    """Return where the number starts that it is told of: the next of its clause, or the last."""
    place = bisect_left(starts, match.end())
    for start in (*starts[place : place + 1], *starts[max(0, place - 1) : place]):
        left, right = sorted((start, match.start()))
        if right - left < _FAR and not _CLAUSE.search(text, left, right):
            return start
    return None


def is_ranked(source: Source, rank: Rank, sources: Sequence[Source]) -> bool:
    """Tell whether a figure takes the place among those that stand beside it, if any do."""
    named = METRICS.find(rank.tail).found
    if named and named[0].value != source.family:
        return True  # ranked by something else
    if (_OF_LEVELS.match(rank.tail) and not source.is_level) or (
        "posts" in source.metric and not rank.is_alone
    ):
        return True
    groups = [group for group in _groups(source, rank, sources) if len(group) > 1]
    if told := _OF_MANY.search(f"{rank.words}{rank.tail}"):
        size = _NUMBERS.get(told[1].lower()) or int(told[1])
        groups = [group for group in groups if len(group) == size] or groups
    return not groups or any(_takes(source, rank, group, sources) for group in groups)


def _groups(source: Source, rank: Rank, sources: Sequence[Source]) -> Iterable[list[Source]]:
    """Yield the figures that it may be compared with."""
    alike = [one for one in sources if one.metric == source.metric and one.unit == source.unit]
    if source.is_post:
        yield alike
        return
    if len({(one.place, one.days, one.aspects) for one in alike}) < len(alike):
        return
    times = [one for one in alike if _is_other_time(one, source)]
    at_once = [one for one in alike if are_same_days(one, source) and one.platform]
    if _OF_TIMES.match(rank.tail) or not source.platform:
        yield times if not _things(source) else [one for one in at_once or alike if _things(one)]
    elif _things(source):
        yield [one for one in at_once if one.place == source.place]
        yield at_once
    else:
        others = [one for one in at_once if (one.account is None) == (source.account is None)]
        yield others if len(others) > 1 else times


def _things(source: Source) -> set[str]:
    names = ("statistic", "basis", *MANNERS)
    return {aspect for aspect in source.aspects if dimension(aspect) not in names}


def _is_other_time(one: Source, other: Source) -> bool:
    lengths = abs((one.end - one.start) - (other.end - other.start)).days
    return (
        one.place == other.place and one.aspects == other.aspects and lengths <= _MAX_LENGTHS_APART
    )


def _takes(source: Source, rank: Rank, group: Sequence[Source], sources: Sequence[Source]) -> bool:
    place, size = rank.place, len(group)
    if source.value < 0 and _OF_SIZE.search(f"{rank.words}{rank.tail}"):
        place = -place
    if abs(place) > size or _has_place(source.value, place, [one.value for one in group]):
        return True
    if "grew" in rank.words or "growth" in rank.tail:
        metrics = {f"{source.metric}_percent"}
    elif _MEASURED.search(rank.words):
        return False
    else:
        metrics = {one.metric for one in sources}
    return any(
        _has_place(values[group.index(source)], place, values)
        for metric in metrics
        if (values := _values(metric, group, sources)) and _is_sorted(values)
    )


def _values(metric: str, group: Sequence[Source], sources: Sequence[Source]) -> list[float]:
    """Return another metric's values of the same things in the same order, if all are known."""
    known = {(s.place, s.days, s.aspects): s.value for s in sources if s.metric == metric}
    values = [known.get((one.place, one.days, one.aspects)) for one in group]
    return [value for value in values if value is not None] if None not in values else []


def _is_sorted(values: Sequence[float]) -> bool:
    """Tell whether a list stands in this order."""
    pairs = list(pairwise(values))
    return values[0] != values[-1] and (
        all(a >= b for a, b in pairs) or all(a <= b for a, b in pairs)
    )


def _has_place(value: float, place: int, values: Sequence[float]) -> bool:
    sign = 1 if place > 0 else -1
    ahead = sum(sign * one > sign * value for one in values)
    return ahead < abs(place) <= sum(sign * one >= sign * value for one in values)
