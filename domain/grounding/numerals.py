"""Numbers as people write them: finding them in text, and what values they can stand for.

Dates, clock times, ordinals, list marks and names are no numbers in this sense; "doubled", "half
of" and "ten posts" are. Every pattern is linear in the text, which a model or a creator may have
written.
"""

import re
import sys
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import partial
from heapq import merge
from typing import Protocol, TypeVar

from domain.audience import age_words
from domain.grounding.number_words import (
    MAX_HEDGED,
    Hedge,
    Unit,
    find_number_words,
    hedge_after,
    hedge_before,
)

MONTHS = (
    "jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|"
    "sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?"
)
# What follows a count and never a year or a clock time.
_NOUNS = (
    r"(?:new |more |fewer )?(?:followers|subscribers|views|likes|comments|shares|saves|streams|"
    r"listeners|engagements?|posts|people|minutes|reach)\b"
)
_DAY = r"\d{1,2}(?:st|nd|rd|th)?"
_DAYS = rf"{_DAY}(?:\s*(?:[–-]|to|until|and)\s*{_DAY})?"
_YEAR = rf"(?:19|20)\d{{2}}\b(?!\s?(?:%|{_NOUNS}))"
_ANY_YEAR = r"(?:19|20)\d{2}\b(?!\s?%)"  # after a day and a month
_EXEMPT = re.compile(
    r"\d{4}-\d{2}-\d{2}"  # 2026-03-01
    rf"|\b{_DAYS}\s+(?:of\s+)?(?:{MONTHS})\b\.?(?:,?\s+{_ANY_YEAR})?"  # 1 to 3 March 2026
    rf"|\b(?:{MONTHS})\b\.?\s+{_DAYS}\b(?![,.]\d)(?:,?\s+{_ANY_YEAR})?"  # March 1, 2026
    rf"|\b(?:{MONTHS})\b\.?,?\s+{_YEAR}"  # March 2026
    rf"|\b(?:[01]?\d|2[0-3]):[0-5]\d\b(?!\s?{_NOUNS})"  # 18:00
    r"|\b(?:1[0-2]|0?[1-9])(?:\s?[–-]\s?(?:1[0-2]|0?[1-9]))?\s?[ap]\.?m\b\.?"  # 6 pm
    r"|\b\d{1,2}(?:st|nd|rd|th)\b"  # 1st
    rf"|\bQ[1-4](?:\s+{_YEAR})?"
    r"|\btop[- ]\d{1,2}\b"
    r"|^[ \t]*\d{1,3}[.)]\s"  # 1. in a list
    rf"|\b(?:in|of|since|year|until|during|for)\s+{_YEAR}",  # in 2026
    re.IGNORECASE | re.MULTILINE,
)
_NUMERAL = re.compile(
    r"(?<![\w.,])(?P<sign>[+\-−–]?)"
    r"(?P<digits>\d{1,3}(?:[ ,.\u00a0\u202f]\d{3})+(?!\d)(?:[.,]\d+)?"  # 1,234.5 and 12 345
    r"|\d{1,2}(?:,\d{2})+,\d{3}(?!\d)|\d+(?:[.,]\d+)?|\.\d+)"  # 1,23,456 and 12.5 and .5
    r"(?:\s?(?P<unit>%|percent\b|pp\b|(?:percentage |percent )?points?\b"
    r"|times(?= (?:as|more|higher|bigger|larger|the|what|that|your|(?:last )?\w{1,20}['’]s)\b)"
    r"|(?<=[.]\d )times\b"
    r"|hours?\b"
    r"|k\b|thousand\b|m\b|million\b|bn\b|billion\b|[x×](?!\w)))?"
    r"(?!\w)",
    re.IGNORECASE,
)
_SEPARATORS = re.compile(r"[ ,.\u00a0\u202f]")
# "31 days", "the last 28 days", "4 of 31 days", "the 3 known days"
_DAYS_AFTER = re.compile(
    r"[ -]?(?:of (?:the )?\d+ )?(?:[a-z]{1,20} )?days?\b(?! (?:left|to go|remain|until|till))",
    re.IGNORECASE,
)
# "from 3.1 to 4.3 %" and "3–4 %": the first number shares the unit of the second.
_SHARES_UNIT = re.compile(r"\s*(?:to|and|or|[–-])\s*")
_SHARED_UNITS = ("%", "pp", "x", "h")
_MAX_BETWEEN = 8
_SCALES = {
    "hour": 60.0,  # minutes
    "hours": 60.0,
    "k": 1e3,
    "thousand": 1e3,
    "m": 1e6,
    "million": 1e6,
    "bn": 1e9,
    "billion": 1e9,
}
_UNITS: dict[str, Unit] = {
    "%": "%",
    "percent": "%",
    "x": "x",
    "×": "x",
    "times": "x",
    "hour": "h",
    "hours": "h",
}
_MAX_DIGITS = 18  # a longer run of digits is no count of anything
_THOUSAND = 3
_HUNDRED = 100
_ALIKE = 20
_ROUNDED = 0.003


class _HasSpan(Protocol):
    @property
    def text(self) -> str: ...

    @property
    def span(self) -> tuple[int, int]: ...


Spanned = TypeVar("Spanned", bound=_HasSpan)


@dataclass(frozen=True, kw_only=True)
class Numeral:
    """A number as it is written: the values it may stand for, each with its rounding.

    `sign` is 0 where none is written, so that "lost 50" can show a change of -50. `hedge` is how
    the text rounds it ("about", "over", "almost"). Hours are read as minutes.
    """

    text: str
    span: tuple[int, int]
    sign: int
    readings: tuple[tuple[float, float], ...]
    unit: Unit
    counts_days: bool = False
    hedge: Hedge = ""

    @property
    def value(self) -> float | None:
        """The likeliest reading; null where the digits are too many to be a number."""
        return (self.sign or 1) * self.readings[0][0] if self.readings else None

    def windows(self) -> Iterator[tuple[float, float]]:
        """Yield the ranges of values that are written like this; of sizes where no sign is."""
        for number, half_unit in self.readings:
            low, high = self._range(number, half_unit * (1 + 1e-9))
            yield (-high, -low) if self.sign < 0 else (low, high)

    def _range(self, number: float, margin: float) -> tuple[float, float]:
        last_digit = _last_digit_unit(number)
        if not self.hedge:
            # "49,800" may be said of 49,822, but "50,000" may not.
            if last_digit >= _HUNDRED:
                margin = max(margin, min(last_digit / 2, _ROUNDED * number))
            return number - margin, number + margin
        # "About 1,300" rounds to hundreds, and no number by more than a few percent.
        widest = MAX_HEDGED[self.hedge] * number
        if self.unit == "x":
            widest = 0.35 * number  # "more than doubled" is said of 2.5 times
        if self.hedge == "about":
            loose = max(margin, min(last_digit / 2, widest), widest / 2)
            return number - loose, number + loose
        nearest = widest if self.unit == "part" else max(last_digit, 0.1 * number)
        reach = max(margin, min(nearest, widest))
        return (number, number + reach) if self.hedge == "over" else (number - reach, number)


def find_numerals(text: str, names: Collection[str] = ()) -> Iterator[Numeral]:
    """Yield the numbers of a text in order; those inside of the names are part of the names."""
    exempt = list(_exempt_spans(text, names))
    words = (
        Numeral(
            text=word.text,
            span=word.span,
            sign=0,
            readings=((word.value, word.margin),),
            unit=word.unit,
            hedge=hedge_before(text, word.span[0]),
        )
        for word in _outside(find_number_words(text), exempt)
    )
    yield from merge(_find_digits(text, exempt), words, key=lambda numeral: numeral.span)


def _find_digits(text: str, exempt: Sequence[tuple[int, int]]) -> Iterator[Numeral]:
    """Yield the numbers in digits; the first of a range takes the unit of the second."""
    waiting: Numeral | None = None
    for found in _outside(map(partial(_numeral, text), _NUMERAL.finditer(text)), exempt):
        numeral = found
        if waiting is not None:
            between = text[waiting.span[1] : numeral.span[0]]
            if len(between) < _MAX_BETWEEN and _SHARES_UNIT.fullmatch(between):
                numeral = replace(numeral, hedge=numeral.hedge or waiting.hedge)
                is_alike = (waiting.value or 0) <= _ALIKE * abs(numeral.value or 0)
                if not waiting.unit and numeral.unit in _SHARED_UNITS and is_alike:
                    waiting = with_unit(waiting, numeral.unit)
            yield waiting
        waiting = numeral
    if waiting is not None:
        yield waiting


def with_unit(numeral: Numeral, unit: Unit) -> Numeral:
    """Return a number without a unit as one of this unit."""
    scale = _SCALES["hours"] if unit == "h" else 1
    readings = tuple((number * scale, half * scale) for number, half in numeral.readings)
    return replace(numeral, unit=unit, readings=readings)


def _numeral(text: str, match: re.Match[str]) -> Numeral:
    unit = (match["unit"] or "").lower()
    return Numeral(
        text=match[0],
        span=match.span(),
        sign={"": 0, "+": 1}.get(match["sign"], -1),
        readings=tuple(_readings(match["digits"], _SCALES.get(unit, 1))),
        unit="pp" if "p" in unit and unit != "percent" else _UNITS.get(unit, ""),
        counts_days=_DAYS_AFTER.match(text, match.end()) is not None,
        hedge=hedge_before(text, match.start()) or hedge_after(text, match.end()),
    )


def _outside(found: Iterator[Spanned], exempt: Sequence[tuple[int, int]]) -> Iterator[Spanned]:
    """Yield what lies in no exempt span; both come in order."""
    spans = iter(exempt)
    left, right = next(spans, (sys.maxsize, sys.maxsize))
    for one in found:
        # A unit after the number belongs to no date.
        start, end = one.span[0], one.span[0] + len(one.text.rstrip("%"))
        while right <= start:
            left, right = next(spans, (sys.maxsize, sys.maxsize))
        if not (left <= start < right) and not (left < end <= right):
            yield one


def _last_digit_unit(number: float) -> float:
    """Return the place of the last digit that is not zero: 100 for 1,300, 0.1 for 2.5."""
    digits = Decimal(repr(number)).normalize().as_tuple()
    return 10.0 ** int(digits.exponent)


def _exempt_spans(text: str, names: Collection[str]) -> Iterator[tuple[int, int]]:
    """Yield what is no number, in order: dates and the like, and names.

    Of what overlaps the first counts, and of what begins at the same place a name.
    """
    own = [name for name in sorted(names, key=len, reverse=True) if len(name) > 1]
    patterns = [_names_pattern(own), _EXEMPT] if own else [_EXEMPT]
    ahead = [pattern.search(text) for pattern in patterns]
    while first := min(filter(None, ahead), key=re.Match.start, default=None):
        yield first.span()
        ahead = [
            pattern.search(text, first.end()) if match and match.start() < first.end() else match
            for pattern, match in zip(patterns, ahead, strict=True)
        ]


def _names_pattern(names: Iterable[str]) -> re.Pattern[str]:
    """Return what finds names, also with Markdown escapes."""
    escaped = (
        age_words(name) or "".join(rf"\\?{re.escape(character)}" for character in name)
        for name in names
    )
    return re.compile("|".join(escaped), re.IGNORECASE)


def _readings(digits: str, scale: float) -> Iterator[tuple[float, float]]:
    """Yield the values a numeral can stand for, and half a unit of its last digit.

    "1,234" is one thousand in English and "1.234" in German; a single group of three after a
    separator can also be a decimal, so both are tried.
    """
    groups = _SEPARATORS.split(digits)
    if sum(map(len, groups)) > _MAX_DIGITS:
        return
    is_indian = len(groups) > 2 and len(groups[1]) < _THOUSAND  # noqa: PLR2004 - 1,23,456
    are_thousands = is_indian or all(len(group) == _THOUSAND for group in groups[1:])
    if are_thousands:
        yield float("".join(groups)) * scale, 0.5 * scale
    has_fraction = len(groups) > 1 and (not are_thousands or len(groups) == 2)  # noqa: PLR2004
    if has_fraction and not is_indian:
        whole, fraction = "".join(groups[:-1]) or "0", groups[-1]
        yield float(f"{whole}.{fraction}") * scale, 0.5 * scale * 10 ** -len(fraction)
