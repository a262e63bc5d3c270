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
_COUNTED = {
    "posts": (
        r"posts|uploads|reels?|carousels?|videos?|photos?|images?|shorts|stories|story|tracks?"
        r"|links?"
    ),
    "minute": r"minutes",
}
# Where one claim of a sentence ends and another begins.
_BREAK = re.compile(
    r"[,;:|\n]|\b(?:and|but|while|than|against|versus|vs|after|compared|although|whereas|with)\b"
    r"|[–—]|\d|\b(?:is|are|was|were|makes?|equals?)\b(?= (?:\w+ )?(?:an?|half|twice|less|more)\b)",
    re.IGNORECASE,
)
_PREPOSITION = re.compile(
    r"(?:^|\s)(?:on|from|for|at|via|by|in|to|of|across|during|since|until|between|follow|with|per)"
    r"(?: (?:your|the|all))?(?: (?:Instagram|Facebook|YouTube|Spotify))?\s*[*_]*$"
    r"|^(?: [A-Za-z]{1,20}){0,3} (?:were|was|are|is) (?:on |from |for )?(?:your |the )?$"
    r"|^[\s*_]*(?:of )?(?:your |the |(?:that )?you )?[*_]*$",
    re.IGNORECASE,
)
_ADJECTIVES = re.compile(
    r"[\s*_]*(?:(?!(?:and|or|but|on|for|from|in|with|to|of|at|what|than|as|more)\b)"
    r"[a-z]{1,20} ){0,2}[*_]*",
    re.IGNORECASE,
)
_JOINED = re.compile(
    r"(?:'s|’s)?[\s*_“”\"]*(?:,|and|&|/|or|,? as well as)?[\s*_“”\"]*(?:on |your )?[*_]*"
)
# "from 47 in September to 51 in October, so by 4": what follows is of both.
_SUMMING_UP = re.compile(
    r"\d[^;|]{0,40}(?:, (?:so|i\.e\.|that is|which is|or|in other words|making|a (?:rise|drop|jump"
    r"|gain|plus|loss|difference|change|decline|increase|decrease|growth)|up|down)|[–—=]|→)[^,;|]{0,40}$",
    re.IGNORECASE,
)
_NEXT_CLAUSE = re.compile(
    r"[\d(;]|\b(?:and|but|yet|while|whereas)\b|, (?:on |your )?$", re.IGNORECASE
)
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


def places(accounts: Collection[str]) -> Vocabulary:
    """Return the vocabulary of platforms and of a creator's accounts."""
    named = {
        f"@{name}": "".join(rf"\\?{re.escape(character)}" for character in name)
        for name in sorted(accounts, key=len, reverse=True)
        if name.strip()
    }
    return Vocabulary(named | _PLACES)


def attached(
    text: str, mentions: Mentions[Value], end: int, *, looks_ahead: bool = True
) -> Sequence[Mention[Value]]:
    """Return the mentions that a number ending at `end` speaks of.

    That is what follows in the same breath ("380 on YouTube"), else what came last before it,
    else what comes next with no other number before it. Things named together ("Instagram and
    YouTube") count together. After another number and a pause it may be any of two.
    """
    place = bisect_left(mentions.starts, end)
    found = mentions.found
    if place < len(found) and _follows(text, end, found[place]):
        return _group(text, found, place, 1)
    if place:
        last = found[place - 1]
        if _SUMMING_UP.search(text[max(last.end, end - _MAX_BETWEEN) : end]):
            return found[max(0, place - _MAX_GROUP) : place]
        return _group(text, found, place - 1, -1)
    if found and looks_ahead and not _NEXT_CLAUSE.search(text[end : found[0].start]):
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
