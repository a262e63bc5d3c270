"""Numbers as people write them: finding them in text, and what values they can stand for.

Dates, clock times, ordinals, list marks and names are no numbers in this sense. Every pattern is
linear in the text, which a model or a creator may have written.
"""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass

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
_EXEMPT = (
    r"\d{4}-\d{2}-\d{2}",  # 2026-03-01
    rf"\b{_DAYS}\s+(?:of\s+)?(?:{MONTHS})\b\.?(?:,?\s+{_YEAR})?",  # 1 to 3 March 2026
    rf"\b(?:{MONTHS})\b\.?\s+{_DAYS}\b(?:,?\s+{_YEAR})?",  # March 1, 2026
    rf"\b(?:{MONTHS})\b\.?,?\s+{_YEAR}",  # March 2026
    rf"\b(?:[01]?\d|2[0-3]):[0-5]\d\b(?!\s?{_NOUNS})",  # 18:00
    r"\b\d{1,2}(?:st|nd|rd|th)\b",  # 1st
    rf"\bQ[1-4](?:\s+{_YEAR})?",
    r"^[ \t]*\d{1,3}[.)]\s",  # 1. in a list
    rf"\b(?:in|of|since|year|until|during|for)\s+{_YEAR}",  # in 2026
)
_NUMERAL = re.compile(
    r"(?<![\w.,])(?P<sign>[+\-−–]?)"
    r"(?P<digits>\d{1,3}(?:[ ,.\u00a0\u202f]\d{3})+(?!\d)(?:[.,]\d+)?"  # 1,234.5 and 12 345
    r"|\d{1,2}(?:,\d{2})+,\d{3}(?!\d)|\d+(?:[.,]\d+)?|\.\d+)"  # 1,23,456 and 12.5 and .5
    r"(?:\s?(?P<unit>%|percent\b|pp\b|k\b|thousand\b|m\b|million\b|bn\b|billion\b|[x×](?!\w)))?"
    r"(?!\w)",
    re.IGNORECASE,
)
_SEPARATORS = re.compile(r"[ ,.\u00a0\u202f]")
# "31 days", "the last 28 days", "4 of 31 days", "the 3 known days"
_DAYS_AFTER = re.compile(r"[ -]?(?:of (?:the )?\d+ )?(?:[a-z]{1,20} )?days?\b", re.IGNORECASE)
_SCALES = {"k": 1e3, "thousand": 1e3, "m": 1e6, "million": 1e6, "bn": 1e9, "billion": 1e9}
_MAX_DIGITS = 18  # a longer run of digits is no count of anything
_THOUSAND = 3


@dataclass(frozen=True, kw_only=True)
class Numeral:
    """A number as it is written: the values it may stand for, each with its rounding.

    `sign` is 0 where none is written, so that "lost 50" can show a change of -50. `unit` is
    "%", "pp" (percentage points), "x" (a ratio) or empty.
    """

    text: str
    span: tuple[int, int]
    sign: int
    readings: tuple[tuple[float, float], ...]
    unit: str
    counts_days: bool

    @property
    def value(self) -> float | None:
        """The likeliest reading; null where the digits are too many to be a number."""
        return (self.sign or 1) * self.readings[0][0] if self.readings else None

    def windows(self) -> Iterator[tuple[float, float]]:
        """Yield the ranges of values that are written like this; of sizes where no sign is."""
        for number, half_unit in self.readings:
            middle, margin = (self.sign or 1) * number, half_unit * (1 + 1e-9)
            yield middle - margin, middle + margin


def find_numerals(text: str, names: Collection[str] = ()) -> Iterator[Numeral]:
    """Yield the numbers of a text in order; those inside of the names are part of the names."""
    exempt = (match.span() for match in _exempt_pattern(names).finditer(text))
    left, right = next(exempt, (len(text), len(text)))
    for match in _NUMERAL.finditer(text):
        start, end = match.span("digits")
        while right < end and right < len(text):
            left, right = next(exempt, (len(text), len(text)))
        if left <= start and end <= right:
            continue
        unit = (match["unit"] or "").lower()
        yield Numeral(
            text=match[0],
            span=match.span(),
            sign={"": 0, "+": 1}.get(match["sign"], -1),
            readings=tuple(_readings(match["digits"], _SCALES.get(unit, 1))),
            unit={"percent": "%", "×": "x"}.get(unit, "" if unit in _SCALES else unit),
            counts_days=_DAYS_AFTER.match(text, match.end()) is not None,
        )


def _exempt_pattern(names: Collection[str]) -> re.Pattern[str]:
    """Return what is no number: dates and the like, and names, also with Markdown escapes."""
    own = (
        "".join(rf"\\?{re.escape(character)}" for character in name)
        for name in sorted(names, key=len, reverse=True)
        if any(character.isdigit() for character in name)
    )
    return re.compile("|".join((*own, *_EXEMPT)), re.IGNORECASE | re.MULTILINE)


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
