"""Parts of a period: its beginning, its end, its first half, early and late in it."""

import datetime as dt
import re

from agents.offline.moments import half_year
from agents.offline.spans import ONE_DAY, Span, Unit, unit_span

EDGE = re.compile(
    r"(?:the )?(?:very )?(?:(?P<edge>start|beginning|end|close|middle|first half|second half|"
    r"first|last) (?:(?P<count>\d{1,2}) )?(?:(?P<unit>day|week|month)s? )?of |"
    r"(?P<third>early|mid|late) ?-? ?(?:in )?)"
)
THIRDS = ("early", "mid", "late")


def edge_of(span: Span, edge: re.Match[str]) -> Span:
    """Return the part of the span that the words before it name."""
    if edge["third"]:
        return _third(span, THIRDS.index(edge["third"]))
    match edge["edge"]:
        case "start" | "beginning":
            return unit_span(Unit.DAY, span.start)
        case "end" | "close":
            return unit_span(Unit.DAY, span.end)
        case "middle":
            return _third(span, 1)
        case "first half" | "second half":
            return _half(span, is_first=edge["edge"] == "first half")
    return _some_units(span, edge)


def _some_units(span: Span, edge: re.Match[str]) -> Span:
    if edge["unit"] is None:
        return span
    length = {"day": 1, "week": 7, "month": 30}[edge["unit"]] * int(edge["count"] or 1)
    step = (min(length, span.days) - 1) * ONE_DAY if length else dt.timedelta()
    if edge["edge"] == "first":
        return Span(start=span.start, end=span.start + step)
    return Span(start=span.end - step, end=span.end)


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
