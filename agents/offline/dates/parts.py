"""Parts of a period: its beginning, its end, its first half, early and late in it."""

import datetime as dt
import re
from collections.abc import Callable
from functools import partial

from agents.offline.dates.moments import NUMBERS, half_year
from agents.offline.dates.spans import ONE_DAY, Span, Unit, unit_span

WEEKDAYS = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
_SATURDAY, _WEEK_DAYS = 5, 7
_NTH = {"first": 0, "second": 1, "third": 2, "fourth": 3, "last": -1}
_NTH |= {"1st": 0, "2nd": 1, "3rd": 2, "4th": 3}
EDGE = re.compile(
    r"(?:the )?(?:very )?(?:(?P<edge>start|beginning|end|close|middle|first half|second half|"
    r"whole|all|entirety|month|quarter|year|first|last) (?:(?P<count>\d{1,2}|two|three|four|five"
    r"|six|ten) )?"
    r"(?:(?P<unit>day|week|month)s? )?of |"
    r"(?P<nth>first|second|third|fourth|last|1st|2nd|3rd|4th)"
    rf" (?P<part>week|weekend|{'|'.join(WEEKDAYS)}) (?:of|in) |"
    r"(?P<third>early|mid|late) ?-? ?(?:in )?|"
    r"(?P<week>week (?:of|commencing|starting|beginning)|w c) (?:the )?)"
)
THIRDS = ("early", "mid", "late")


def edge_of(span: Span, edge: re.Match[str]) -> Span:
    """Return the part of the span that the words before it name."""
    if edge["week"]:
        return unit_span(Unit.WEEK, span.start)
    if edge["third"]:
        return _third(span, THIRDS.index(edge["third"]))
    if edge["nth"]:
        return _nth(span, _NTH[edge["nth"]], edge["part"])
    part = _PARTS.get(edge["edge"])
    return part(span) if part else _some_units(span, edge)


def _count(name: str | None) -> int:
    if name is None:
        return 1
    return NUMBERS.get(name) or int(name)


def _some_units(span: Span, edge: re.Match[str]) -> Span:
    if edge["unit"] is None or edge["edge"] not in {"first", "last"}:
        return span
    length = {"day": 1, "week": 7, "month": 30}[edge["unit"]] * _count(edge["count"])
    step = (min(length, span.days) - 1) * ONE_DAY if length else dt.timedelta()
    if edge["edge"] == "first":
        return Span(start=span.start, end=span.start + step)
    return Span(start=span.end - step, end=span.end)


def _nth(span: Span, number: int, part: str) -> Span:
    """Return the second week of a span, its first weekend, or its last Friday."""
    if part == "week":
        start = span.start + number * _WEEK_DAYS * ONE_DAY
        return Span(start=min(start, span.end), end=min(start + 6 * ONE_DAY, span.end))
    weekday = _SATURDAY if part == "weekend" else WEEKDAYS.index(part)
    first = span.start + (weekday - span.start.weekday()) % _WEEK_DAYS * ONE_DAY
    days = [first + week * _WEEK_DAYS * ONE_DAY for week in range(span.days // _WEEK_DAYS + 1)]
    days = [day for day in days if day <= span.end]
    if not days:
        return span
    start = days[number] if -len(days) <= number < len(days) else days[-1]
    return Span(start=start, end=start + (ONE_DAY if part == "weekend" else 0 * ONE_DAY))


def _half(span: Span, *, is_first: bool) -> Span:
    if span.unit is Unit.YEAR:
        return half_year(span.start.year, is_first=is_first)
    middle = span.start + (span.days // 2 - 1) * ONE_DAY
    if is_first:
        return Span(start=span.start, end=max(middle, span.start))
    return Span(start=min(middle + ONE_DAY, span.end), end=span.end)


def _third(span: Span, number: int) -> Span:
    days = span.days // 3
    start = span.start + number * days * ONE_DAY
    is_last = number == len(THIRDS) - 1
    return Span(start=start, end=span.end if is_last or not days else start + (days - 1) * ONE_DAY)


def _first_day(span: Span) -> Span:
    return unit_span(Unit.DAY, span.start)


def _last_day(span: Span) -> Span:
    return unit_span(Unit.DAY, span.end)


_PARTS: dict[str, Callable[[Span], Span]] = {
    "start": _first_day,
    "beginning": _first_day,
    "end": _last_day,
    "close": _last_day,
    "middle": partial(_third, number=1),
    "first half": partial(_half, is_first=True),
    "second half": partial(_half, is_first=False),
}
