"""What a passage is about as a whole: everything it names, and the arithmetic it speaks of."""

import datetime as dt
from collections.abc import Sequence
from functools import cached_property
from itertools import islice
from typing import Literal

from domain.grounding.aspects import aspects, dimension
from domain.grounding.dates_in_text import find_days
from domain.grounding.derivations import DerivationKind
from domain.grounding.mentions import METRICS, Mention, Mentions, Vocabulary
from domain.grounding.number_words import read_count
from domain.grounding.sources import Per, Source
from domain.grounding.wording import (
    ASIDE,
    COMPARING,
    DIRECTION,
    EXCLUDING,
    FUTURE,
    HOURS,
    KINDS,
    LOOKING_BACK,
    OWN_NUMBER,
    PER,
    PER_WORDS,
    POINTING_BACK,
    RANGE,
    REST,
    TOP,
    USUAL,
)

Direction = Literal[-1, 0, 1]
_MAX_EXCLUDING = 20
_MAX_ASIDES = 8


class Book:
    """The words that name something of one answer's figures."""

    def __init__(
        self, sources: Sequence[Source], places: Vocabulary, today: dt.date | None
    ) -> None:
        """Take the figures that are known."""
        self.places = places
        self.sources = sources
        self.aspects = aspects(aspect for source in sources for aspect in source.aspects)
        self.today = today
        self.years = sorted(
            {source.end.year for source in sources} | {source.start.year for source in sources}
        )[-6:]
        # Kinds with figures of a platform, with figures of all platforms together, and
        # platforms with figures of all their accounts together.
        self.placed = {source.kind for source in sources if source.platform}
        self.summed = {source.kind for source in sources if not source.platform}
        self.totals = {source.metric for source in sources if not source.platform}
        self.usual = {s.metric.partition("_")[2] for s in sources if s.is_usual}
        self.whole = {(s.family, s.platform, s.unit) for s in sources if not s.account}
        self._last_days: dict[object, dt.date] = {}
        for source in sources:
            if not source.is_forecast and (today is None or source.end <= today):
                key = self._key(source)
                self._last_days[key] = max(source.end, self._last_days.get(key, source.end))
        self._contexts: dict[str, Subject] = {}

    def last_day(self, source: Source) -> dt.date:
        """Return the last day that is known of what a figure is of."""
        return self._last_days.get(self._key(source), source.end)

    @staticmethod
    def _key(source: Source) -> object:
        return source.kind, source.place, source.is_level

    def context(self, text: str) -> "Subject":
        """Return what a heading or header is about; each is read once."""
        if text not in self._contexts:
            self._contexts[text] = Subject(text, self)
        return self._contexts[text]


def _is_left_out(text: str, place: Mention[str]) -> bool:
    before = text[max(0, place.start - _MAX_EXCLUDING) : place.start]
    is_counted = OWN_NUMBER.match(text, place.end) is not None
    return EXCLUDING.search(before) is not None and not is_counted


class Subject:
    """What a text is about, as far as it says."""

    def __init__(self, text: str, book: Book) -> None:
        """Find all mentions."""
        self.text = text
        self.book = book
        places = book.places.find(text).found
        left_out = [mention for mention in places if _is_left_out(text, mention)]
        self.excluded = {mention.value for mention in left_out}
        self.places = Mentions(mention for mention in places if mention.value not in self.excluded)
        self.metrics = METRICS.find(text)
        self.aspects = book.aspects.find(text)
        self.days = Mentions(
            Mention(start, end, days)
            for start, end, days in find_days(text, book.years, book.today)
        )

    @cached_property
    def dimensions(self) -> dict[str, Mentions[str]]:
        """Its aspects by dimension."""
        names = dict.fromkeys(dimension(mention.value) for mention in self.aspects.found)
        return {
            name: Mentions(m for m in self.aspects.found if dimension(m.value) == name)
            for name in names
        }

    def aspects_of(self, name: str) -> set[str]:
        """Return the aspects of one dimension that it names."""
        return self.dimensions[name].values if name in self.dimensions else set()

    @cached_property
    def directions(self) -> Mentions[Direction]:
        """The words of rise and fall."""
        return Mentions(
            Mention(*match.span(), 1 if match["up"] else -1)
            for match in DIRECTION.finditer(self.text)
        )

    @cached_property
    def kinds(self) -> set[DerivationKind]:
        """The arithmetic that its words speak of."""
        kinds: set[DerivationKind] = {"ratio"}
        return kinds.union(kind for kind, words in KINDS.items() if words.search(self.text))

    @cached_property
    def first(self) -> int | None:
        """How many of a list it speaks of: "your top three posts"."""
        match = TOP.search(self.text)
        return read_count(match["count"]) if match else None

    @cached_property
    def asides(self) -> list[tuple[int, int]]:
        """Where its parentheses are that have a number in them and no date alone."""
        spans = (match.span() for match in islice(ASIDE.finditer(self.text), _MAX_ASIDES))
        return [(left, right) for left, right in spans if self._has_number(left, right)]

    def _has_number(self, left: int, right: int) -> bool:
        inside = [day for day in self.days.found if left <= day.start < right]
        digits = sum(character.isdigit() for character in self.text[left:right])
        of_days = sum(map(str.isdigit, "".join(self.text[day.start : day.end] for day in inside)))
        return digits > of_days

    @cached_property
    def rates(self) -> set[Per]:
        """The times that it counts by, somewhere."""
        return {PER_WORDS[match[match.lastgroup or 0].lower()] for match in PER.finditer(self.text)}

    @cached_property
    def is_of_usual(self) -> bool:
        """Whether it speaks of what is usual."""
        return USUAL.search(self.text) is not None

    @cached_property
    def is_in_hours(self) -> bool:
        """Whether it counts hours."""
        return HOURS.search(self.text) is not None

    @cached_property
    def is_of_future(self) -> bool:
        """Whether it speaks of what may come."""
        return FUTURE.search(self.text) is not None

    @cached_property
    def is_of_range(self) -> bool:
        """Whether it speaks of how high or low something may be."""
        return RANGE.search(self.text) is not None

    @cached_property
    def points_back(self) -> bool:
        """Whether it goes on about what the sentence before it named."""
        return POINTING_BACK.match(self.text) is not None

    @cached_property
    def is_of_rest(self) -> bool:
        """Whether it speaks of what is left of a whole."""
        return REST.search(self.text) is not None

    @cached_property
    def is_comparing(self) -> bool:
        """Whether it compares two things, in whichever order."""
        return COMPARING.search(self.text) is not None

    @cached_property
    def looks_back(self) -> bool:
        """Whether the days it names may be those that it compares with."""
        return self.is_comparing or LOOKING_BACK.search(self.text) is not None
