"""Grounding: does every number of an answer have a source?

A number is backed by a figure that a tool returned (its value, or the days it covers), by the
creator's own message, or by one step of arithmetic over figures of the same metric. It may be
rounded: it matches within half a unit of the last digit that it shows. Dates, times and ordinals
are no numbers in this sense.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations, groupby
from typing import Literal

from pydantic import BaseModel

from domain.figures import Figure

MONTHS = (
    "jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|"
    "sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?"
)
_DAY = r"\d{1,2}(?:st|nd|rd|th)?"
_DAYS = rf"{_DAY}(?:\s*(?:[–-]|to|until|and)\s*{_DAY})?"
_EXEMPT = re.compile(
    "|".join(
        (
            r"\d{4}-\d{2}-\d{2}",  # 2026-03-01
            rf"\b{_DAYS}\s+(?:of\s+)?(?:{MONTHS})\b\.?(?:,?\s+\d{{4}}\b)?",
            rf"\b(?:{MONTHS})\b\.?\s+{_DAYS}\b(?:,?\s+\d{{4}}\b)?",
            rf"\b(?:{MONTHS})\b\.?,?\s+\d{{4}}\b",  # March 2026
            r"\b\d{1,2}:\d{2}\b",  # 18:00
            r"\b\d{1,2}(?:st|nd|rd|th)\b",  # 1st
            r"\bQ[1-4](?:\s+\d{4})?\b",
            r"^\s*\d{1,3}[.)]\s",  # 1. in a list
            r"\b(?:in|of|since|year|until|during|for)\s+(?:19|20)\d{2}\b",  # in 2026
        )
    ),
    re.IGNORECASE | re.MULTILINE,
)
_NUMBER = re.compile(
    r"(?<![\w.,])(?P<sign>[+\-−–]?)"
    r"(?P<digits>\d{1,3}(?:[,.\u00a0\u202f]\d{3})+(?!\d)(?:[.,]\d+)?|\d+(?:[.,]\d+)?)"
    r"(?:\s?(?P<unit>%|percent\b|k\b|thousand\b|m\b|million\b|bn\b|billion\b))?(?!\w)",
    re.IGNORECASE,
)
# "31 days", "the last 28 days", "4 of 31 days", "the 3 known days"
_DAYS_AFTER = re.compile(r"[\s-]*(?:of (?:the )?\d+ )?(?:[a-z]+ )?days?\b", re.IGNORECASE)
_SCALES = {"k": 1e3, "thousand": 1e3, "m": 1e6, "million": 1e6, "bn": 1e9, "billion": 1e9}


class Derivation(BaseModel):
    """One step of arithmetic over figures of the same metric."""

    kind: Literal["sum", "difference", "percent_change", "mean"]
    figures: list[str]


class GroundedNumber(BaseModel):
    """A number of the answer, where it stands, and what backs it; all null if nothing does."""

    text: str
    span: tuple[int, int]
    value: float
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


@dataclass(frozen=True, kw_only=True)
class _Shown:
    """A number as it is written: the values it may stand for, each with its rounding."""

    text: str
    span: tuple[int, int]
    sign: int  # 0: none is written, so that "lost 50" can show a change of -50
    readings: tuple[tuple[float, float], ...]
    is_percent: bool
    counts_days: bool

    def shows(self, value: float) -> bool:
        """Tell whether this is how `value` may be written."""
        if self.sign == 0:
            value = abs(value)
        return any(
            abs((self.sign or 1) * number - value) <= half_unit * (1 + 1e-9)
            for number, half_unit in self.readings
        )


def check_numbers(answer: str, figures: Sequence[Figure], question: str) -> Verdict:
    """Find every number of the answer and what backs it."""
    asked = list(_find_numbers(question))
    numbers = [_ground(shown, figures, asked) for shown in _find_numbers(answer)]
    if not numbers:
        return Verdict(status="no_numbers", numbers=[])
    is_grounded = all(number.is_backed for number in numbers)
    return Verdict(status="grounded" if is_grounded else "ungrounded", numbers=numbers)


def _find_numbers(text: str) -> Iterator[_Shown]:
    exempt = [match.span() for match in _EXEMPT.finditer(text)]
    for match in _NUMBER.finditer(text):
        start, end = match.span("digits")
        if any(left <= start and end <= right for left, right in exempt):
            continue
        unit = (match["unit"] or "").lower()
        yield _Shown(
            text=match[0],
            span=match.span(),
            sign={"": 0, "+": 1}.get(match["sign"], -1),
            readings=tuple(_readings(match["digits"], _SCALES.get(unit, 1))),
            is_percent=unit in {"%", "percent"},
            counts_days=_DAYS_AFTER.match(text, match.end()) is not None,
        )


def _readings(digits: str, scale: float) -> Iterator[tuple[float, float]]:
    """Yield the values a numeral can stand for, and half a unit of its last digit.

    "1,234" is one thousand in English and "1.234" in German; a single group of three after a
    separator can also be a decimal, so both are tried.
    """
    groups = re.split(r"[.,\u00a0\u202f]", digits)
    separators = re.findall(r"[.,\u00a0\u202f]", digits)
    are_thousands = all(len(group) == 3 for group in groups[1:])  # noqa: PLR2004
    if are_thousands:
        yield float("".join(groups)) * scale, 0.5 * scale
    if separators and (not are_thousands or len(separators) == 1):
        whole, fraction = "".join(groups[:-1]), groups[-1]
        yield float(f"{whole}.{fraction}") * scale, 0.5 * scale * 10 ** -len(fraction)


def _ground(shown: _Shown, figures: Sequence[Figure], asked: Sequence[_Shown]) -> GroundedNumber:
    number = GroundedNumber(text=shown.text, span=shown.span, value=_value(shown))
    known = [figure for figure in figures if figure.value is not None]
    for figure in known:
        if _fits_unit(shown, figure) and shown.shows(figure.value or 0):
            return number.model_copy(update={"figure": figure.id})
    if any(_is_same(shown, other) for other in asked):
        return number.model_copy(update={"is_from_question": True})
    for figure in figures:
        if _is_days_of(shown, figure):
            return number.model_copy(update={"figure": figure.id})
    for derivation, value, is_percent in _derivations(known):
        if is_percent == shown.is_percent and shown.shows(value):
            return number.model_copy(update={"derivation": derivation})
    return number


def _value(shown: _Shown) -> float:
    return (shown.sign or 1) * shown.readings[0][0]


def _is_same(shown: _Shown, other: _Shown) -> bool:
    return shown.readings[0][0] == other.readings[0][0] and shown.is_percent == other.is_percent


def _is_days_of(shown: _Shown, figure: Figure) -> bool:
    """Tell whether the number is how many days a figure spans, or how many of them are known."""
    days = (figure.end - figure.start).days + 1
    return shown.counts_days and any(
        shown.shows(count) for count in (days, days - 1, figure.observations)
    )


def _fits_unit(shown: _Shown, figure: Figure) -> bool:
    return shown.is_percent == (figure.unit == "percent")


def _derivations(
    figures: Sequence[Figure],
) -> Iterator[tuple[Derivation, float, bool]]:
    """Yield what one step of arithmetic over one metric gives, and whether it is a percent."""

    def by_metric(figure: Figure) -> str:
        return figure.metric

    for _, same in groupby(sorted(figures, key=by_metric), by_metric):
        group = list(same)
        if len(group) < 2 or group[0].unit == "percent":  # noqa: PLR2004
            continue
        for one, other in combinations(group, 2):
            yield from _pairs(one, other)
        ids = [figure.id for figure in group]
        total = sum(figure.value or 0 for figure in group)
        yield Derivation(kind="sum", figures=ids), total, False
        yield Derivation(kind="mean", figures=ids), total / len(group), False


def _pairs(one: Figure, other: Figure) -> Iterator[tuple[Derivation, float, bool]]:
    ids = [one.id, other.id]
    first, second = one.value or 0, other.value or 0
    yield Derivation(kind="sum", figures=ids), first + second, False
    yield Derivation(kind="difference", figures=ids), second - first, False
    yield Derivation(kind="difference", figures=ids[::-1]), first - second, False
    if first:
        change = 100 * (second - first) / first
        yield Derivation(kind="percent_change", figures=ids), change, True
    if second:
        change = 100 * (first - second) / second
        yield Derivation(kind="percent_change", figures=ids[::-1]), change, True
