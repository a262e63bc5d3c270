"""The days that a text names: "October", "from 1 to 3 March 2026", "last week", "since June"."""

import calendar
import datetime as dt
import re
from collections.abc import Collection, Iterator, Sequence
from typing import Literal, NamedTuple

from domain.grounding.numerals import MONTHS

_MONTH_NUMBERS = {calendar.month_abbr[n].lower(): n for n in range(1, 13)}
_COUNTS = {
    "two": 2,
    "three": 3,
    "four": 4,
    "five": 5,
    "six": 6,
    "eight": 8,
    "ten": 10,
    "twelve": 12,
}
_PERIOD_DAYS = {"day": 1, "week": 7, "month": 31}
_TO = (
    r"\s*(?:[–-]|to|until|till|and|through)\s*"
    r"(?:the (?:end|start|beginning|close|middle) of )?"
)


def _date(name: str) -> str:
    """Return a pattern of a date or a month: 3 March 2026, March 3, 2026-03-03, March 2026."""
    day = r"\d{1,2}(?:st|nd|rd|th)?"
    return (
        rf"(?:(?P<{name}iso>\d{{4}}-\d{{2}}-\d{{2}})"
        rf"|(?:(?P<{name}day>{day})(?:{_TO}(?P<{name}last>{day}))?\s+(?:of\s+)?)?"
        rf"(?P<{name}month>{MONTHS})\b\.?"
        rf"(?:\s+(?P<{name}after>{day})\b(?![,.]\d)(?:{_TO}(?P<{name}until>{day})\b)?)?"
        rf"(?:,?\s+(?P<{name}year>(?:19|20)\d{{2}})\b)?)"
    )


_PATTERN = re.compile(
    rf"\b(?:{_date('a')}(?:{_TO}{_date('b')})?"
    rf"|Q(?P<quarter>[1-4])\b(?:,?\s+(?P<qyear>(?:19|20)\d{{2}})\b)?"
    r"|(?:(?<=\bin )|(?<=\bof )|(?<=\bduring )|(?<=\bsince ))(?P<whole>(?:19|20)\d{2})\b"
    r"|(?:(?<=\bthe )(?P<ordinal>\d{1,2})(?:st|nd|rd|th)\b(?! of\b))"
    r"|(?P<relative>yesterday|(?:this|last) (?:week|month|year)\b"
    rf"|(?:last|past|previous) (?P<count>\d{{1,3}}|{'|'.join(_COUNTS)})"
    r" (?P<period>day|week|month)s\b))",
    re.IGNORECASE,
)
_OPENING = re.compile(
    r"\b(?:(?:(?P<since>since)|(?P<until>as of|by|until|till|to|up to|through))\s+)?"
    r"(?:(?P<week>week (?:of|from|starting|beginning)(?: on)?) "
    r"|(?:the )?(?:(?P<close>end|close)|(?P<first>start|beginning)) of )?(?:the )?[*_]*$",
    re.IGNORECASE,
)
_WORDS_THAT_ARE_MONTHS = ("may", "march", "mar")
# First and last month of a quarter, or of a whole year.
_MONTHS_OF = {None: (1, 12), "1": (1, 3), "2": (4, 6), "3": (7, 9), "4": (10, 12)}
_MAX_OPENING = 40
_WEEK = 7
_SIX_DAYS = dt.timedelta(days=6)
_ABOUT = 0.85

Reach = Literal["within", "since", "until"]


class Span(NamedTuple):
    """Days from `start` to `end`, both included."""

    start: dt.date
    end: dt.date


class Days(NamedTuple):
    """A period of a text: every span that it may mean when the year is not written."""

    reach: Reach
    spans: tuple[Span, ...]

    def covers(self, start: dt.date, end: dt.date) -> bool:
        """Tell whether a number of these days is one of this period.

        A change is counted from the close of the day before, so that day belongs to it.
        """
        return any(self._covers(span, start, end) for span in self.spans)

    def _covers(self, span: Span, start: dt.date, end: dt.date) -> bool:
        close = span.start - dt.timedelta(days=1)
        if self.reach == "until":
            return span.start <= end <= span.end
        if self.reach == "since":
            is_point = (end - start).days <= 1
            return start >= close and (is_point or (start - span.start).days <= _WEEK)
        if _is_about(span, start, end):
            return True
        if end > span.end:
            return False
        is_long = (span.end - span.start).days >= _WEEK - 1
        return start >= span.start or (start == close and (end > close or is_long))


def _is_about(span: Span, start: dt.date, end: dt.date) -> bool:
    """Tell whether four weeks and a month are almost the same days."""
    common = (min(end, span.end) - max(start, span.start)).days + 1
    longest = max((end - start).days, (span.end - span.start).days) + 1
    return longest > 2 * _WEEK and common > _ABOUT * longest


def find_days(
    text: str, years: Collection[int], today: dt.date | None
) -> Iterator[tuple[int, int, Days]]:
    """Yield start, end and days of each period that a text names.

    A month without a year is that month of any of `years`; "last week" needs `today`.
    """
    last: tuple[Span, ...] = ()
    for match in _PATTERN.finditer(text):
        opening = _OPENING.search(text[max(0, match.start() - _MAX_OPENING) : match.start()])
        reach: Reach = "within"
        if opening and not match["bmonth"] and not match["biso"]:
            reach = "since" if opening["since"] else "until" if opening["until"] else "within"
        spans: tuple[Span, ...] = ()
        if match["relative"]:
            spans = (_relative(match, today),) if today else ()
        elif match["ordinal"]:
            spans = tuple(_of_month(last, int(match["ordinal"])))
        elif (match["amonth"] or "").islower() and not match["aday"] and _is_a_word(match):
            continue
        else:
            spans = tuple(_spans(match, years))
        is_day = match["aday"] or match["aafter"] or match["aiso"]
        if opening and opening["week"] and is_day:
            spans = tuple(Span(span.start, span.start + _SIX_DAYS) for span in spans)
        elif opening and not (is_day or match["bmonth"]):
            spans = tuple(_at_edge(span, opening) for span in spans)
        last = spans or last
        if spans:
            yield *match.span(), Days(reach, spans)


def _of_month(named: Sequence[Span], day: int) -> Iterator[Span]:
    """Yield "the 18th" of the months that were named before."""
    for span in named:
        if day <= calendar.monthrange(span.end.year, span.end.month)[1]:
            date = span.end.replace(day=max(day, 1))
            yield Span(date, date)


def _at_edge(span: Span, opening: re.Match[str]) -> Span:
    """Return the last day of "the end of October", or the days where it begins."""
    if opening["first"]:
        return Span(span.start - dt.timedelta(days=1), span.start)
    return Span(span.end, span.end) if opening["close"] else span


def _is_a_word(match: re.Match[str]) -> bool:
    return match["amonth"] in _WORDS_THAT_ARE_MONTHS


def _spans(match: re.Match[str], years: Collection[int]) -> Iterator[Span]:
    if match["whole"] or match["quarter"]:
        begins, ends = _MONTHS_OF[match["quarter"]]
        written = match["whole"] or match["qyear"]
        for year in (int(written),) if written else years:
            length = calendar.monthrange(year, ends)[1]
            yield Span(dt.date(year, begins, 1), dt.date(year, ends, length))
        return
    written = match["byear"] or match["ayear"]
    for year in (int(written),) if written else years:
        first = _one(match, "a", int(match["ayear"] or year))
        last = _one(match, "b", year) if match["bmonth"] or match["biso"] else first
        if first and last and first.start <= last.end:
            yield Span(first.start, last.end)


def _one(match: re.Match[str], name: str, year: int) -> Span | None:
    """Return the days of one date; null where the calendar has none such."""
    try:
        if match[f"{name}iso"]:
            day = dt.date.fromisoformat(match[f"{name}iso"])
            return Span(day, day)
        month = _MONTH_NUMBERS[match[f"{name}month"][:3].lower()]
        first = match[f"{name}day"] or match[f"{name}after"]
        last = match[f"{name}last"] or match[f"{name}until"] or first
        if not first:
            length = calendar.monthrange(year, month)[1]
            return Span(dt.date(year, month, 1), dt.date(year, month, length))
        return Span(dt.date(year, month, _number(first)), dt.date(year, month, _number(last)))
    except ValueError:
        return None


def _number(day: str) -> int:
    return int(re.sub(r"\D", "", day))


def _relative(match: re.Match[str], today: dt.date) -> Span:
    one_day = dt.timedelta(days=1)
    if count := match["count"]:
        # Until today or until yesterday: both are said.
        days = int(_COUNTS.get(count.lower(), count)) * _PERIOD_DAYS[match["period"].lower()]
        return Span(today - days * one_day, today)
    words = match["relative"].lower().split()
    if words[-1] == "yesterday":
        return Span(today - one_day, today - one_day)
    firsts = {
        "week": today - today.weekday() * one_day,
        "month": today.replace(day=1),
        "year": today.replace(month=1, day=1),
    }
    first = firsts[words[1]]
    if words[0] == "this":
        return Span(first, today)
    last = first - one_day
    starts = {"week": last - 6 * one_day, "month": last.replace(day=1)}
    return Span(starts.get(words[1], last.replace(month=1, day=1)), last)
