"""What a passage speaks of: platforms, accounts, metrics, formats and days, and where it does."""

import re
from bisect import bisect_left
from collections.abc import Collection, Iterable, Sequence
from typing import Generic, NamedTuple, TypeVar

Value = TypeVar("Value")

ALL = "*"  # all platforms together
_PLACES = {
    "instagram": r"instagram|insta|ig",
    "facebook": r"facebook|fb",
    "youtube": r"youtube|yt",
    "spotify": r"spotify",
    ALL: (
        r"all (?:your |of your |the )?(?:platforms|accounts|channels|networks)|overall|in total"
        r"|in all|altogether|combined|together|as a whole|everywhere|total audience|your audience"
        r"|in both"
    ),
}
# A figure belongs to the first family whose word is in its metric's key; words of a text name one.
FAMILIES = {
    "engagement_rate": r"engagement rates?",
    "engagement": r"engagements?|interactions",
    "follower": r"(?:new )?(?:followers?|subscribers?|subs|fans)|audience|following",
    "views": r"views",
    "likes": r"likes|liked",
    "comments": r"comments",
    "shares": r"shares|shared (?=\d)",
    "saves": r"saves?|saved",
    "streams": r"streams|streamed|plays",
    "listeners": r"listeners|people listened",
    "watch": r"watch time|minutes watched|(?:people|viewers) watched|you were watched",
    "reach": r"(?:your|daily|total) reach|reach of|people reached",
}
# Only right after a number: "your posts got 120 likes" is not about how many posts there are.
_COUNTED = {"posts": r"posts|uploads", "minute": r"minutes"}
# What else tells figures apart, by dimension: of two numbers of one dimension, a text means one.
_ASPECTS = {
    "form:reel": r"reels?",
    "form:carousel": r"carousels?",
    "form:video": r"videos?",
    "form:photo": r"photos?|images?",
    "form:short": r"shorts",
    "form:story": r"stories|story",
    "form:link": r"links?",
    "form:track": r"tracks?",
    "statistic:median": r"medians?",
    "statistic:mean": r"means?|averag(?:e|es|ed|ing)",
    "basis:reach": r"by reach|reach[- ]based|per person reached",
    "basis:views": r"by views|views?[- ]based|per view",
    "pace:recent": r"recent(?:ly)?|current(?:ly)?|right now|at the moment|gain(?:ing)?",
    "pace:needed": r"need(?:s|ed|ing)?|requir(?:e|es|ed)|necessary|have to",
    "bound:low": r"low(?:er|est)? (?:end|bound)|worst[- ]case|at worst|pessimistic(?:ally)?",
    "bound:high": (
        r"(?:high(?:er|est)?|upper|top) (?:end|bound)|best[- ]case|at best|optimistic(?:ally)?"
    ),
}
_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_ASPECTS |= {f"weekday:{day}": rf"{day}s?" for day in _WEEKDAYS}
_ASPECTS |= {
    f"hour:{hour}": rf"0?{hour}:00|{(hour - 1) % 12 + 1} ?{'ap'[hour > 11]}\.?m\b"  # noqa: PLR2004
    for hour in range(24)
}
# Metrics of groups whose names a figure's label tells.
_NAMED_GROUPS = ("posts_in_group", "relative_engagement")
_SLOTS = {aspect for aspect in _ASPECTS if aspect.startswith(("weekday:", "hour:"))}
# Where one claim of a sentence ends and another begins.
_BREAK = re.compile(
    r"[,;:|\n]|\b(?:and|but|while|than|against|versus|vs|after|compared|although|whereas|with)\b"
    r"|[–—]|\d",
    re.IGNORECASE,
)
_PREPOSITION = re.compile(
    r"(?:^|\s)(?:on|from|for|at|via|by|in|to|of|across|during|since|until|between|follow|with|per)"
    r"(?: (?:your|the|all))?\s*[*_]*$|^[\s*_]*(?:of )?(?:your |the |(?:that )?you )?[*_]*$",
    re.IGNORECASE,
)
_ADJECTIVES = re.compile(r"[\s*_]*(?:[a-z]{1,20} ){0,2}[*_]*", re.IGNORECASE)
_JOINED = re.compile(r"(?:'s|’s)?[\s*_]*(?:,|and|&|/|or|,? as well as)?[\s*_]*(?:on |your )?[*_]*")
_NUMBER = re.compile(r"[\d(]")
_MAX_BETWEEN = 60
_MAX_GROUP = 6
_RECENT = 300
_PARENTHESES = re.compile(r"\([^()]{0,40}\)")
_OPENED = re.compile(r"[\s*_a-z]*\([*_]*", re.IGNORECASE)
_TO_NUMBER = re.compile(r"^[\s*_]*(?:to|of|–|-)[\s*_]*(?:your |the )?[+−-]?[\d.,]+%?(?:k\b)?")


class Mention(NamedTuple, Generic[Value]):
    """A word of the passage that names something."""

    start: int
    end: int
    value: Value


class Mentions(Generic[Value]):
    """The mentions of one kind of thing in a text, in order."""

    def __init__(self, found: Iterable[Mention[Value]]) -> None:
        """Take the mentions in order."""
        self.found = list(found)
        self.starts = [mention.start for mention in self.found]
        self.values = {mention.value for mention in self.found}

    def before(self, place: int) -> set[Value]:
        """Return what was named last before a place."""
        last = bisect_left(self.starts, place)
        near = self.found[max(0, last - _MAX_GROUP) : last]
        return {mention.value for mention in near if place - mention.end < _RECENT}


def _pattern(words: dict[str, str]) -> re.Pattern[str]:
    return re.compile(
        "|".join(rf"(?P<g{n}>\b(?:{one})\b)" for n, one in enumerate(words.values())),
        re.IGNORECASE,
    )


class Vocabulary:
    """Finds mentions of one kind of thing."""

    def __init__(self, words: dict[str, str]) -> None:
        """Take names and the patterns of their words."""
        self._names = list(words)
        self._pattern = _pattern(words)

    def find(self, text: str) -> Mentions[str]:
        """Return what the text mentions."""
        return Mentions(
            Mention(*match.span(), self._names[int((match.lastgroup or "g0")[1:])])
            for match in self._pattern.finditer(text)
        )


METRICS = Vocabulary(FAMILIES)
COUNTED = Vocabulary(FAMILIES | _COUNTED)
_LABELS = Vocabulary(_ASPECTS)


def dimension(aspect: str) -> str:
    """Return what an aspect is one value of."""
    return aspect.partition(":")[0]


def aspects_of(label: str, metric: str) -> frozenset[str]:
    """Return what a figure's label says that it is about, beside metric and place."""
    aspects = _LABELS.find(label).values
    if metric in _NAMED_GROUPS and not aspects & _SLOTS:
        return frozenset({f"name:{label.partition(', ')[2].lower()}"})
    if metric.startswith("forecast_") and not aspects:
        return frozenset({"bound:middle"})
    return frozenset(aspects)


def aspects(found: Iterable[str]) -> Vocabulary:
    """Return the vocabulary of all aspects, and of the names among those that were found."""
    names = (aspect for aspect in sorted(found) if dimension(aspect) == "name")
    return Vocabulary({name: re.escape(name.partition(":")[2]) for name in names} | _ASPECTS)


def places(accounts: Collection[str]) -> Vocabulary:
    """Return the vocabulary of platforms and of a creator's accounts."""
    named = {
        f"@{name}": "".join(rf"\\?{re.escape(character)}" for character in name)
        for name in sorted(accounts, key=len, reverse=True)
        if name.strip()
    }
    return Vocabulary(named | _PLACES)


def attached(text: str, mentions: Mentions[Value], end: int) -> Sequence[Mention[Value]]:
    """Return the mentions that a number ending at `end` speaks of.

    That is what follows in the same breath ("380 on YouTube"), else what came last before it,
    else what comes next with no other number before it. Things named together ("Instagram and
    YouTube") count together.
    """
    place = bisect_left(mentions.starts, end)
    found = mentions.found
    if place < len(found) and _follows(text, end, found[place]):
        return _group(text, found, place, 1)
    if place:
        return _group(text, found, place - 1, -1)
    if found and not _NUMBER.search(text[end : found[0].start]):
        return _group(text, found, 0, 1)
    return ()


def counted_noun(text: str, end: int) -> str | None:
    """Return the metric that stands right after a number, as in "380 new subscribers"."""
    tail = text[end : end + _MAX_BETWEEN]
    found = COUNTED.find(tail).found
    if found and _ADJECTIVES.fullmatch(tail[: found[0].start]):
        return found[0].value
    return None


def _follows(text: str, end: int, mention: Mention[Value]) -> bool:
    if mention.start - end > _MAX_BETWEEN:
        return False
    between = text[end : mention.start]
    if _OPENED.fullmatch(between) and text.startswith(")", mention.end):
        return True
    between = _PARENTHESES.sub("", between)
    between = _TO_NUMBER.sub("", between)
    return not _BREAK.search(between) and bool(_PREPOSITION.search(between))


def _group(
    text: str, mentions: Sequence[Mention[Value]], place: int, step: int
) -> Sequence[Mention[Value]]:
    group = [mentions[place]]
    while 0 <= place + step < len(mentions) and len(group) < _MAX_GROUP:
        left, right = sorted((place, place + step))
        if not _JOINED.fullmatch(text[mentions[left].end : mentions[right].start]):
            break
        place += step
        group.append(mentions[place])
    return group
