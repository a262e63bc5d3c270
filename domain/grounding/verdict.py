"""Grounding: does every number of an answer have a source?

A number is backed by a figure that a tool returned (its value, or the days it covers), by the
creator's own message, or by one step of arithmetic over figures of the same metric. It must be a
figure of what its sentence names: the platform or account, the metric, the days, and up or down.
It may be rounded: it matches within half a unit of the last digit that it shows, and more loosely
after "about" or "over". Dates, times and ordinals are no numbers in this sense.
"""

import datetime as dt
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Callable, Container, Iterable, Sequence
from collections.abc import Set as AbstractSet
from functools import cached_property
from itertools import groupby
from typing import Generic, Literal, TypeVar

from pydantic import BaseModel

from domain.audience import find_part
from domain.figures import Figure
from domain.grounding.claims import Claim
from domain.grounding.derivations import DerivationKind, Result, derive_singly
from domain.grounding.group_derivations import derive_together
from domain.grounding.mentions import places
from domain.grounding.numerals import Numeral, find_numerals
from domain.grounding.ranks import find_ranks
from domain.grounding.readings import Reading
from domain.grounding.sentence_gate import Sentence
from domain.grounding.sentences import Passage, split_passages
from domain.grounding.sources import Source, build_source
from domain.grounding.subjects import Book, Subject
from domain.grounding.told_together import Told, read_together
from domain.references import FilledReference

Found = TypeVar("Found")

# What a numeral's unit may stand for.
_DIRECT = {"": ("",), "%": ("%",), "part": ("%",), "h": ("h",), "x": ("x",)}
_DERIVED = {"": ("",), "h": ("",), "%": ("%",), "part": ("%", "part"), "x": ("x",), "pp": ("pp",)}
_UNITS = {
    "": ("count", "minutes", "days", "times"),
    "%": ("percent",),
    "h": ("minutes",),
    "x": ("times",),
}
_MIN_ACCOUNT_NAME = 3
_MAX_BEFORE = 300


class Derivation(BaseModel):
    """One step of arithmetic over figures of the same metric."""

    kind: DerivationKind
    figures: list[str]


class GroundedNumber(BaseModel):
    """A number of the answer, where it stands, and what backs it; all null if nothing does."""

    text: str
    span: tuple[int, int]
    value: float | None
    figure: str | None = None
    derivation: Derivation | None = None
    is_from_question: bool = False

    @property
    def is_backed(self) -> bool:
        """Whether the number has a source."""
        return bool(self.figure or self.derivation or self.is_from_question)

    @property
    def added(self) -> Sequence[str]:
        """The figures that add up to it."""
        is_sum = self.derivation is not None and self.derivation.kind == "sum"
        return self.derivation.figures if self.derivation and is_sum else ()


class Verdict(BaseModel):
    """What the check of one answer found; `spans` count characters of the answer's text."""

    status: Literal["grounded", "ungrounded", "no_numbers"]
    numbers: list[GroundedNumber]


def check_numbers(
    answer: str,
    figures: Sequence[Figure],
    question: str,
    *,
    references: Sequence[FilledReference] = (),
    today: dt.date | None = None,
    names: Iterable[str] = (),
    before: str = "",
) -> Verdict:
    """Find every number of the answer and what backs it.

    A number that a reference wrote is that figure, and nothing else is asked of it. Phrases such
    as "last week" only bind a number when `today` is given. A number inside of `names`, which
    are texts from outside such as titles and captions, is part of the name. What was said
    `before` may name the place that the answer goes on about.
    """
    sources = _Sources(figures, question, today, names, before)
    numbers = list(sources.ground_all(answer, references))
    if not numbers:
        return Verdict(status="no_numbers", numbers=[])
    is_grounded = all(number.is_backed for number in numbers)
    return Verdict(status="grounded" if is_grounded else "ungrounded", numbers=numbers)


class SentenceCheck:
    """Tells a `SentenceGate` whether all numbers of a sentence have a source.

    Figures and references may grow while the answer streams.
    """

    def __init__(
        self,
        figures: Sequence[Figure],
        question: str,
        *,
        references: Sequence[FilledReference] = (),
        today: dt.date | None = None,
        names: Iterable[str] = (),
    ) -> None:
        """Take what `check_numbers` takes; the names may grow, too."""
        self._said = ""
        self._names = names
        self._figures = figures
        self._question = question
        self._references = references
        self._today = today

    def __call__(self, sentence: Sentence) -> bool:
        """Check the sentence under what stands above it, whose own numbers are no matter here."""
        above = len(sentence.context)
        shift, end = above - sentence.start, sentence.start + len(sentence.text)
        references = [
            reference._replace(start=reference.start + shift, end=reference.end + shift)
            for reference in self._references
            if sentence.start <= reference.start and reference.end <= end
        ]
        text = sentence.context + sentence.text
        verdict = check_numbers(
            text,
            self._figures,
            self._question,
            references=references,
            today=self._today,
            names=self._names,
            before=self._said,
        )
        self._said = f"{self._said}{sentence.text}"[-_MAX_BEFORE:]
        return all(number.is_backed or number.span[0] < above for number in verdict.numbers)


class _ByValue(Generic[Found]):
    """Sources in the order of their values, to be found by how a value is written."""

    def __init__(self, values: Iterable[tuple[float, Found]]) -> None:
        listed = list(values)
        self._signed = sorted((value, n) for n, (value, _) in enumerate(listed))
        self._sizes = sorted((abs(value), n) for n, (value, _) in enumerate(listed))
        self._found = [found for _, found in listed]

    def find(self, numeral: Numeral, accepts: Callable[[Found], bool]) -> Found | None:
        """Return the first accepted source whose value may be written like this."""
        ordered = self._signed if numeral.sign else self._sizes
        places: list[int] = []
        for low, high in numeral.windows():
            left = bisect_left(ordered, (low, 0))
            right = bisect_right(ordered, (high, len(ordered)))
            places += (n for _, n in ordered[left:right])
        return next((self._found[n] for n in sorted(places) if accepts(self._found[n])), None)


class _Sources:
    """All that can back a number of one answer."""

    def __init__(
        self,
        figures: Sequence[Figure],
        question: str,
        today: dt.date | None,
        names: Iterable[str],
        before: str,
    ) -> None:
        self._figures = figures
        self._today = today
        self._names = {figure.account for figure in figures if figure.account} | set(names)
        self._names |= {part.name for part in map(find_part, figures) if part}
        said = "\n\n".join((question, *dict.fromkeys(figure.label for figure in figures)))
        self._asked = {
            (numeral.value, numeral.unit) for numeral in find_numerals(said, self._names)
        }
        known = [build_source(figure) for figure in figures if figure.value is not None]
        self._known = known
        self._by_id = {source.id: source for source in known}
        self._book = Book(known, places(_ambiguous_accounts(figures)), today)
        self._places_before = self._book.places.find(f"{question}\n{before}").values
        self._values: dict[str, _ByValue[Source]] = {
            unit: _ByValue((source.value, source) for source in known if source.unit in units)
            for unit, units in _UNITS.items()
        }

    def ground_all(
        self, answer: str, references: Sequence[FilledReference]
    ) -> Iterable[GroundedNumber]:
        """Yield the numbers of the answer in order, each with what backs it."""
        passages = list(split_passages(answer))
        starts = [passage.start for passage in passages]
        percents = {figure.id for figure in self._figures if figure.unit == "percent"}
        named = self._book.places.find(answer)
        found = list(find_numerals(answer, self._names))
        for place, numerals in groupby(found, lambda one: bisect_right(starts, one.span[0]) - 1):
            passage = passages[place]
            numbers: dict[tuple[int, int], GroundedNumber] = {}
            own: list[Numeral] = []
            for numeral in numerals:
                if reference := _written_by(numeral, references, percents):
                    numbers[numeral.span] = _number(numeral, figure=reference.figure_id)
                else:
                    own.append(numeral)
            recent = named.before(passage.start) | self._places_before
            subject = Subject(answer[passage.start : passage.end], self._book)
            for number in self._ground_passage(own, passage, subject, recent):
                numbers[number.span] = number
            yield from (numbers[span] for span in sorted(numbers))

    def _ground_passage(
        self, own: Sequence[Numeral], passage: Passage, subject: Subject, recent: AbstractSet[str]
    ) -> Iterable[GroundedNumber]:
        """Return the numbers of a passage that the model wrote, each with what backs it."""
        starts = [numeral.span[0] - passage.start for numeral in own]
        ranks = find_ranks(subject.text, starts)
        numbers: list[GroundedNumber] = []
        told: list[Told] = []
        previous: tuple[Numeral, Source | None] | None = None
        for numeral, start in zip(own, starts, strict=True):
            reading = Reading(
                numeral,
                start,
                subject,
                self._book.context(passage.context),
                is_cell=passage.is_cell,
                recent=recent,
                previous=previous,
                rank=ranks.get(start),
            )
            number = self._ground(numeral, Claim(reading))
            for implied in () if number.is_backed else reading.with_implied_units():
                number = self._ground(implied.numeral, Claim(implied))
            previous = numeral, self._by_id.get(number.figure or "")
            numbers.append(number)
            told.append(Told(numeral, Claim(reading), number.figure, number.added))
        for place, figure in read_together(told, self._by_id):
            numbers[place] = _number(own[place], figure=figure)
        return numbers

    def _ground(self, numeral: Numeral, claim: Claim) -> GroundedNumber:
        for unit in _DIRECT.get(numeral.unit, ()):
            if source := self._values[unit].find(numeral, claim.accepts):
                if not claim.is_in_place(source):
                    source = self._values[unit].find(numeral, claim.accepts_in_place)
                return _number(numeral, figure=source.id if source else None)
        if numeral.value is not None and (numeral.value, numeral.unit) in self._asked:
            return _number(numeral, is_from_question=True)
        if claim.reading.is_left:
            return _number(numeral, figure=self._days_left(numeral.value, claim))
        if numeral.counts_days and (figure := self._days.get(numeral.value or 0)):
            return _number(numeral, figure=figure)
        derived = (*_DERIVED.get(numeral.unit, ()), *(("days",) if numeral.counts_days else ()))
        for unit in derived:
            if result := self._derived[unit].find(numeral, claim.accepts_result):
                ids = [source.id for source in result.sources]
                derivation = Derivation(
                    kind=result.kind, figures=ids[::-1] if result.is_reversed else ids
                )
                return _number(numeral, derivation=derivation)
        return _number(numeral)

    def _days_left(self, count: float | None, claim: Claim) -> str | None:
        """Return what ends in so many days, on the date that is named, if one is."""
        if (today := self._today) is None:
            return None
        named = claim.reading.named_days
        ahead = [one for one in self._known if one.end > today and claim.is_of_place(one)]
        if any(span.end > today for days in named for span in days.spans):
            ahead = [one for one in ahead if any(days.covers(one.end, one.end) for days in named)]
        return next((one.id for one in ahead if (one.end - today).days == count), None)

    @cached_property
    def _days(self) -> dict[float, str]:
        """How many days figures span, with and without the first, and how many are known."""
        days: dict[float, str] = {}
        for figure in self._figures:
            span = (figure.end - figure.start).days
            for count in (span + 1, span, figure.observations):
                days.setdefault(count, figure.id)
        return days

    @cached_property
    def _derived(self) -> dict[str, _ByValue[Result]]:
        """What one step of arithmetic over figures of one metric gives, by unit."""
        results: dict[str, list[Result]] = defaultdict(list)
        for result in (*derive_singly(self._known), *derive_together(self._known)):
            results[result.unit].append(result)
        return {
            unit: _ByValue((result.value, result) for result in results[unit])
            for unit in ("", "%", "x", "pp", "part", "days")
        }


def _ambiguous_accounts(figures: Sequence[Figure]) -> set[str]:
    """Return the accounts of platforms that have several: there a name must fit."""
    accounts: dict[str | None, set[str]] = defaultdict(set)
    for figure in figures:
        if figure.account and len(figure.account) >= _MIN_ACCOUNT_NAME:
            accounts[figure.platform].add(figure.account)
    return {name for names in accounts.values() if len(names) > 1 for name in names}


def _written_by(
    numeral: Numeral, references: Sequence[FilledReference], percents: Container[str]
) -> FilledReference | None:
    """Return the reference that wrote all digits of this number, if one did.

    Only a plus before it and the percent sign of a percent after it may be the model's own.
    """
    start, end = numeral.span
    place = bisect_right(references, start, key=lambda reference: reference.start)
    if numeral.text.startswith("+"):
        place = bisect_right(references, start + 1, key=lambda reference: reference.start)
    reference = references[place - 1] if place else None
    if reference is None or reference.end <= start:
        return None
    own = numeral.text[reference.end - start :].strip() if reference.end < end else ""
    is_unit = own in ("%", "percent") and reference.figure_id in percents
    return reference if not own or is_unit else None


def _number(
    numeral: Numeral,
    *,
    figure: str | None = None,
    derivation: Derivation | None = None,
    is_from_question: bool = False,
) -> GroundedNumber:
    return GroundedNumber(
        text=numeral.text,
        span=numeral.span,
        value=numeral.value,
        figure=figure,
        derivation=derivation,
        is_from_question=is_from_question,
    )
