"""What a sentence must say of a number that is the share of a part of an audience.

It names the part, its platform where several tell, and the time where it is no longer so. Shares
of one dimension say nothing of another: how many of the women live in Berlin is unknown.
"""

import re
from collections.abc import Sequence
from itertools import pairwise

from domain.grounding.mentions import ALL
from domain.grounding.readings import Reading
from domain.grounding.sources import AUDIENCE, MAX_LAG_DAYS, Source

_METRICS = {"follower", "listeners", "shares"}  # "the largest shares"
_PAST = re.compile(
    r"\b(?:was|were|from|than|before|earlier|previous(?:ly)?|had|used to|compared|against|a month"
    r" ago|last (?:month|time))\b",
    re.IGNORECASE,
)
_ENDS = re.compile(r"[,;:()|\n]|\b(?:and|but|while|whereas|or|against|than)\b", re.IGNORECASE)
_OF_THOSE = re.compile(r"[\s*_]*of (?:them|those|these|whom|which|that)\b", re.IGNORECASE)


def is_of_part(reading: Reading, source: Source) -> bool:
    """Tell whether the number may be the share of this part of the audience."""
    named = set[str]().union(*(reading.aspects.get(name, ()) for name in AUDIENCE))
    return (
        _is_of_people(reading)
        and source.aspects <= named
        and not _is_of_two(reading)
        and _is_in_place(reading, source)
        and _is_in_time(reading, source)
    )


def is_of_parts(reading: Reading, sources: Sequence[Source]) -> bool:
    """Tell whether the number may be how shares of these parts differ; of one, the nearest."""
    parts = {aspect for source in sources for aspect in source.aspects}
    near = set[str]().union(*(reading.aspects.get(name, ()) for name in AUDIENCE))
    named = reading.subject.aspects.values | reading.context.aspects.values
    return (
        _is_of_people(reading)
        and parts <= (near if len(parts) == 1 else named)
        and not _is_of_two(reading)
        and all(_is_in_place(reading, source) for source in sources)
    )


def _is_of_people(reading: Reading) -> bool:
    """Tell whether it is said of followers and listeners, and not of views or likes."""
    return not reading.metrics or bool(reading.metrics & _METRICS)


def _is_in_place(reading: Reading, source: Source) -> bool:
    """Tell whether its platform or account is named, or the only one that tells."""
    named = reading.places - {ALL} or reading.recent - {ALL}
    if not named:
        told = (one.place for one in reading.subject.book.sources if one.is_audience)
        return len(set(told)) == 1
    return bool(named & {source.platform, f"@{source.account}"})


def _is_in_time(reading: Reading, source: Source) -> bool:
    """Tell whether it is the last that is known, or said to be of another time."""
    last = reading.subject.book.last_day(source)
    if (last - source.end).days <= MAX_LAG_DAYS or reading.named_days:
        return True
    return any(_PAST.search(subject.text) for subject in (reading.subject, reading.context))


def _is_of_two(reading: Reading) -> bool:
    """Tell whether its clause names two dimensions, or it is said to be of those just named."""
    if reading.is_cell:
        return False
    text, end = reading.subject.text, reading.start + len(reading.numeral.text)
    mentions = [
        (mention.start, mention.end, name)
        for name, found in reading.subject.dimensions.items()
        if name in AUDIENCE
        for mention in found.found
    ]
    if _OF_THOSE.match(text, end) and any(left < reading.start for left, _, _ in mentions):
        return True
    # An age group is no end of a clause, whatever stands in it.
    masked = list(text)
    for left, right, _ in mentions:
        masked[left:right] = "x" * (right - left)
    ends = [0, *(m.end() for m in _ENDS.finditer("".join(masked))), len(text)]
    clause = next(((a, b) for a, b in pairwise(ends) if a <= reading.start < b), (0, len(text)))
    return len({name for left, _, name in mentions if clause[0] <= left < clause[1]}) > 1
