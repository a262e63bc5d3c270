"""What tells figures apart beside metric, place and days: forms of posts, hours, median or mean.

An aspect is one value of a dimension ("form:reel"). Of two values of a dimension, a number is of
one.
"""

import re
from collections.abc import Iterable
from functools import lru_cache

from domain.audience import GENDERS, Part, age_words
from domain.grounding.mentions import Vocabulary

_ASPECTS = {
    "form:reel": r"reels?",
    "form:carousel": r"carousels?",
    "form:video": r"videos?",
    "form:photo": r"photos?|images?",
    "form:short": (
        r"shorts|(?:(?<=, )|(?<=\ba )|(?<=median )|(?<=mean )|(?<=typical )|(?<=the ))short"
        r"(?! (?:of(?! \d)|by|term|run))"
    ),
    "form:story": r"stories|story",
    "form:link": r"links?",
    "form:track": r"tracks?",
    "statistic:median": r"medians?|typical(?:ly)?",
    "statistic:mean": r"means?|averag(?:e|es|ed|ing)",
    "basis:reach": r"by reach|reach[- ]based|per person reached",
    "basis:views": r"by views|views?[- ]based|per view",
    "pace:recent": (
        r"(?<!needed )(?<!required )pace of|recent(?:ly)?|current(?:ly)?|right now|at the moment"
        r"|gain(?:s|ed|ing)?"
    ),
    "pace:needed": r"need(?:s|ed|ing)?|requir(?:e|es|ed)|necessary|have to",
    "bound:low": r"low(?:er|est)? (?:end|bound)|worst[- ]case|at worst|pessimistic(?:ally)?",
    "bound:high": (
        r"(?:high(?:er|est)?|upper|top) (?:end|bound)|best[- ]case|at best|optimistic(?:ally)?"
    ),
}
_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_NAMES_OF_HOURS = {0: "midnight|", 12: "noon|midday|"}
_ASPECTS |= {f"weekday:{day}": rf"{day}s?" for day in _WEEKDAYS}
_HALF = 12
_ASPECTS |= {
    f"hour:{hour}": (
        rf"{_NAMES_OF_HOURS.get(hour, '')}0?{hour}:00"
        rf"|{(hour - 1) % _HALF + 1} ?{'ap'[hour // _HALF]}\.?m\b"
    )
    for hour in range(2 * _HALF)
}
# Metrics of groups whose names a figure's label tells.
_NAMED_GROUPS = ("posts_in_group", "relative_engagement")
_SLOTS = {aspect for aspect in _ASPECTS if aspect.startswith(("weekday:", "hour:"))}
_LABELS = Vocabulary(_ASPECTS)


# Words of genders beside what figures call them; each is read only where figures tell genders.
_GENDERS = {
    "women": r"women|woman|females?|girls?",
    "men": r"men|man|males?|boys?",
    "people of another gender": r"(?:people )?(?:of )?(?:an)?other genders?|non-?binary",
}


def dimension(aspect: str) -> str:
    """Return what an aspect is one value of."""
    return aspect.partition(":")[0]


@lru_cache(maxsize=1024)
def aspects_of(label: str, metric: str) -> frozenset[str]:
    """Return what a figure's label says that it is about, beside metric and place."""
    aspects = _LABELS.find(label.removeprefix("typical ")).values
    if metric in _NAMED_GROUPS and not aspects & _SLOTS:
        return frozenset({f"name:{label.partition(', ')[2].lower()}"})
    if metric.startswith("forecast_") and not aspects:
        return frozenset({"bound:middle"})
    return frozenset(aspects)


def aspect_of_part(part: Part) -> str:
    """Return a part of an audience as an aspect."""
    return f"{part.dimension}:{part.name.lower()}"


def aspects(found: Iterable[str]) -> Vocabulary:
    """Return the vocabulary of all aspects, and of the names among those that were found."""
    named = sorted(set(found) - _ASPECTS.keys(), key=len, reverse=True)
    if any(dimension(aspect) == "gender" for aspect in named):
        named += [f"gender:{name}" for name in GENDERS if f"gender:{name}" not in named]
    words = {aspect: _words(aspect) for aspect in named if dimension(aspect) != "bound"}
    return Vocabulary(words | _ASPECTS)


def _words(aspect: str) -> str:
    """Return the pattern of a name that figures tell."""
    kind, _, name = aspect.partition(":")
    if kind == "gender" and name in _GENDERS:
        return _GENDERS[name]
    return (kind == "age" and age_words(name)) or re.escape(name)
