"""The days to come that a plan is for: "December", "1 to 15 January", "the next six weeks"."""

import datetime as dt
import re

from agents.offline.dates.fixed import MONTH, month_number
from agents.offline.dates.spans import ONE_DAY, Unit, month_end, months_before, unit_span
from agents.offline.requests.future import find_future

Days = tuple[dt.date, dt.date]

_MONTH = MONTH.replace("?P<month>", "?:")
_DATE = (
    rf"(?:20\d\d-\d\d?-\d\d?|\d{{1,2}}\.\d{{1,2}}\.(?:20\d\d)?|\d{{1,2}}(?:st|nd|rd|th)?(?: of)?"
    rf"(?: {_MONTH})?(?: 20\d\d)?|{_MONTH} \d{{1,2}}(?:st|nd|rd|th)?(?: 20\d\d)?)"
)
_BETWEEN = re.compile(
    rf"(?<!\S)(?:from |between )?(?P<one>{_DATE}) (?:to|until|till|through|and|-) "
    rf"(?P<other>{_DATE})(?!\S)"
)
_NAMED = re.compile(rf"\b{MONTH}(?: (?P<year>20\d\d))?")
_HALF = re.compile(r"\b(?P<half>first|second) half of\b")
_NEXT = re.compile(r"\b(?:next|coming|upcoming|following) (?P<unit>week|month|quarter)\b")
_COUNTED = re.compile(
    r"\b(?:next|coming|upcoming|following|for|over|of) (?:the )?(?:next |coming )?"
    r"(?P<count>\d{1,2}) (?P<unit>day|week|month)s?\b"
)
_FORTNIGHT = re.compile(r"\b(?:next|coming|a) fortnight\b")
_REST = re.compile(
    r"\b(?:rest|remainder) of (?:the |this )?(?P<unit>month|year|quarter)\b|\bthis month\b"
)
_MIDDLE = 15


def find_plan_period(text: str, today: dt.date) -> Days | None:
    """Return the first and the last day that normalised text names; none of them is over."""
    for read in (_between, _months, _counted, _next, _rest):
        if found := read(text, today):
            start, end = max(found[0], today + ONE_DAY), found[1]
            return (start, end) if end > start else None
    return None


def _between(text: str, today: dt.date) -> Days | None:
    match = _BETWEEN.search(text)
    if match is None:
        return None
    one, other = match["one"], match["other"]
    month = re.search(_MONTH, other) or re.search(_MONTH, one)
    if month is None and not all("-" in part or "." in part for part in (one, other)):
        return None
    start, end = (_date(part, month[0] if month else "", today) for part in (one, other))
    if start and end and end < start:  # December to January
        end = end.replace(year=start.year + 1)
    return (start, end) if start and end else None


def _date(part: str, month: str, today: dt.date) -> dt.date | None:
    is_whole = re.search(_MONTH, part) or "-" in part or "." in part
    return find_future(part if is_whole else f"{part} {month}", today)[0]


def _months(text: str, today: dt.date) -> Days | None:
    """Read one month, or several that follow each other."""
    found: list[Days] = []
    for match in _NAMED.finditer(text):
        number = month_number(match["month"])
        year = int(match["year"]) if match["year"] else today.year
        if not match["year"] and month_end(year, number) <= today:
            year += 1
        found.append((dt.date(year, number, 1), month_end(year, number)))
    if not found:
        return None
    start, end = min(days[0] for days in found), max(days[1] for days in found)
    if half := _HALF.search(text):
        middle = start.replace(day=_MIDDLE)
        return (start, middle) if half["half"] == "first" else (middle + ONE_DAY, end)
    return start, end


def _counted(text: str, today: dt.date) -> Days | None:
    start = today + ONE_DAY
    if _FORTNIGHT.search(text):
        return start, today + dt.timedelta(days=14)
    match = _COUNTED.search(text)
    if match is None:
        return None
    count = int(match["count"])
    if match["unit"] == "month":
        return start, months_before(today, -count)
    return start, today + dt.timedelta(days=count * (7 if match["unit"] == "week" else 1))


def _next(text: str, today: dt.date) -> Days | None:
    match = _NEXT.search(text)
    if match is None:
        return None
    this = unit_span(Unit(match["unit"]), today)
    span = unit_span(Unit(match["unit"]), this.end + ONE_DAY)
    return span.start, span.end


def _rest(text: str, today: dt.date) -> Days | None:
    match = _REST.search(text)
    if match is None:
        return None
    return today + ONE_DAY, unit_span(Unit(match["unit"] or "month"), today).end
