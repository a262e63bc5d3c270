"""What a passage is about as a whole: everything it names, and the arithmetic it speaks of."""

import datetime as dt
from collections.abc import Sequence
from functools import cached_property
from typing import Literal

from domain.dates_in_text import find_days
from domain.derivations import DerivationKind, Source
from domain.mentions import METRICS, SUBJECTS, Mention, Mentions, Vocabulary
from domain.wording import COMPARING, DIRECTION, KINDS, LOOKING_BACK

Direction = Literal[-1, 0, 1]


class Book:
    """The words that name something of one answer's figures."""

    def __init__(
        self, sources: Sequence[Source], places: Vocabulary, today: dt.date | None
    ) -> None:
        """Take the figures that are known."""
        self.places = places
        self.today = today
        self.years = sorted(
            {source.end.year for source in sources} | {source.start.year for source in sources}
        )[-6:]
        # Kinds with figures of a platform, with figures of all platforms together, and
        # platforms with figures of all their accounts together.
        self.placed = {source.kind for source in sources if source.platform}
        self.summed = {source.kind for source in sources if not source.platform}
        self.whole = {(s.family, s.platform, s.unit) for s in sources if not s.account}
        self._contexts: dict[str, Subject] = {}

    def context(self, text: str) -> "Subject":
        """Return what a heading or header is about; each is read once."""
        if text not in self._contexts:
            self._contexts[text] = Subject(text, self)
        return self._contexts[text]


class Subject:
    """What a text is about, as far as it says."""

    def __init__(self, text: str, book: Book) -> None:
        """Find all mentions."""
        self.text = text
        self.book = book
        self.places = book.places.find(text)
        self.metrics = METRICS.find(text)
        self.formats = SUBJECTS.find(text)
        self.days = Mentions(
            Mention(start, end, days)
            for start, end, days in find_days(text, book.years, book.today)
        )

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
    def is_comparing(self) -> bool:
        """Whether it compares two things, in whichever order."""
        return COMPARING.search(self.text) is not None

    @cached_property
    def looks_back(self) -> bool:
        """Whether the days it names may be those that it compares with."""
        return self.is_comparing or LOOKING_BACK.search(self.text) is not None
