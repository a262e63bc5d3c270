"""Grounding: does every number of an answer have a source?

A number is backed by a figure that a tool returned (its value, or the days it covers), by the
creator's own message, or by one step of arithmetic over figures of the same metric. It may be
rounded: it matches within half a unit of the last digit that it shows. Dates, times and ordinals
are no numbers in this sense.
"""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from itertools import combinations, groupby
from typing import Generic, Literal, TypeVar

from pydantic import BaseModel

from domain.figures import Figure
from domain.numerals import Numeral, find_numerals

DerivationKind = Literal["sum", "difference", "percent_change", "ratio", "mean"]
Source = TypeVar("Source")

# Pairs grow with the square of the figures; an answer compares a few of them.
MAX_PAIRED_FIGURES = 40
_MEANINGFUL_PAIR = 2


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


class Verdict(BaseModel):
    """What the check of one answer found; `spans` count characters of the answer's text."""

    status: Literal["grounded", "ungrounded", "no_numbers"]
    numbers: list[GroundedNumber]


def check_numbers(answer: str, figures: Sequence[Figure], question: str) -> Verdict:
    """Find every number of the answer and what backs it."""
    sources = _Sources(figures, question)
    numbers = [sources.ground(numeral) for numeral in find_numerals(answer, sources.names)]
    if not numbers:
        return Verdict(status="no_numbers", numbers=[])
    is_grounded = all(number.is_backed for number in numbers)
    return Verdict(status="grounded" if is_grounded else "ungrounded", numbers=numbers)


class _ByValue(Generic[Source]):
    """Sources in the order of their values, to be found by how a value is written."""

    def __init__(self, values: Iterable[tuple[float, Source]]) -> None:
        listed = list(values)
        self._signed = sorted(((value, n) for n, (value, _) in enumerate(listed)))
        self._sizes = sorted(((abs(value), n) for n, (value, _) in enumerate(listed)))
        self._sources = [source for _, source in listed]

    def find(self, numeral: Numeral) -> Source | None:
        """Return the first source whose value may be written like this."""
        ordered = self._signed if numeral.sign else self._sizes
        found = len(self._sources)
        for low, high in numeral.windows():
            place = bisect_left(ordered, (low, 0))
            while place < len(ordered) and ordered[place][0] <= high:
                found = min(found, ordered[place][1])
                place += 1
        return self._sources[found] if found < len(self._sources) else None


class _Sources:
    """All that can back a number of one answer."""

    def __init__(self, figures: Sequence[Figure], question: str) -> None:
        self._figures = figures
        self._known = [figure for figure in figures if figure.value is not None]
        self.names = {figure.account for figure in figures if figure.account}
        self._asked = {
            (numeral.value, numeral.unit) for numeral in find_numerals(question, self.names)
        }
        self._values = {
            unit: _ByValue(
                (figure.value or 0, figure.id)
                for figure in self._known
                if (figure.unit == "percent") == (unit == "%")
            )
            for unit in ("", "%")
        }

    def ground(self, numeral: Numeral) -> GroundedNumber:
        """Return the number with what backs it."""
        number = GroundedNumber(text=numeral.text, span=numeral.span, value=numeral.value)
        if numeral.unit in self._values and (found := self._values[numeral.unit].find(numeral)):
            return number.model_copy(update={"figure": found})
        if numeral.value is not None and (numeral.value, numeral.unit) in self._asked:
            return number.model_copy(update={"is_from_question": True})
        if numeral.counts_days and (figure := self._days.get(numeral.value or 0)):
            return number.model_copy(update={"figure": figure})
        derived = self._derived.get(numeral.unit)
        if derived and (match := derived.find(numeral)):
            derivation = Derivation(kind=match[0], figures=list(match[1]))
            return number.model_copy(update={"derivation": derivation})
        return number

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
    def _derived(self) -> dict[str, _ByValue[tuple[DerivationKind, tuple[str, ...]]]]:
        """What one step of arithmetic over figures of one metric gives, by unit."""

        def by_metric(figure: Figure) -> str:
            return figure.metric

        results = [
            result
            for _, same in groupby(sorted(self._known, key=by_metric), by_metric)
            for result in _arithmetic(list(same))
        ]
        return {
            unit: _ByValue((value, source) for key, value, source in results if key == unit)
            for unit in ("", "%", "x")
        }


Result = tuple[str, float, tuple[DerivationKind, tuple[str, ...]]]


def _arithmetic(figures: Sequence[Figure]) -> Iterator[Result]:
    """Yield unit, value and source of what the figures of one metric give."""
    if len(figures) < _MEANINGFUL_PAIR or figures[0].unit == "percent":
        return
    for one, other in combinations(figures[:MAX_PAIRED_FIGURES], 2):
        first, second = one.value or 0, other.value or 0
        ids, reverse = (one.id, other.id), (other.id, one.id)
        yield "", first + second, ("sum", ids)
        yield "", second - first, ("difference", ids)
        yield "", first - second, ("difference", reverse)
        if first:
            yield "%", 100 * (second - first) / first, ("percent_change", ids)
            yield "x", second / first, ("ratio", ids)
        if second:
            yield "%", 100 * (first - second) / second, ("percent_change", reverse)
            yield "x", first / second, ("ratio", reverse)
    total, all_ids = sum(figure.value or 0 for figure in figures), tuple(f.id for f in figures)
    yield "", total, ("sum", all_ids)
    yield "", total / len(figures), ("mean", all_ids)
