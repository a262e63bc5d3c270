"""Days to come: "by the end of the year", "in three months", "until 1 March"."""

import datetime as dt
import re
from collections.abc import Callable

from agents.offline.dates.fixed import MONTH, month_number
from agents.offline.dates.moments import NUMBERS
from agents.offline.dates.spans import MONTHS_OF, Unit, month_end, months_before, unit_span

_LEAD = r"(?:by|until|till|before|in|on|at|for|to|within|over|during|through|of)?(?: the)? ?"
_COUNT = rf"(?P<count>\d{{1,3}}|half a|{'|'.join(sorted(NUMBERS, key=len, reverse=True))})"
_UNIT = r"(?P<unit>day|week|month|quarter|year)"
_DAY = r"(?P<day>\d{1,2})(?:st|nd|rd|th)?"
_YEAR = r"(?:,? (?P<year>20\d\d))?"
Rule = tuple[re.Pattern[str], Callable[[re.Match[str], dt.date], dt.date | None]]


def find_future(text: str, today: dt.date) -> tuple[dt.date | None, str]:
    """Return the day to come that normalised text names last, and the text without it."""
    found: tuple[dt.date, re.Match[str]] | None = None
    for pattern, read in _RULES:
        for match in pattern.finditer(text):
            day = read(match, today)
            if day is None or day <= today:
                continue
            if found is None or len(match[0]) > len(found[1][0]):
                found = day, match
    if found is None:
        return None, text
    day, match = found
    return day, " ".join((text[: match.start()] + " " + text[match.end() :]).split())


def _iso(match: re.Match[str], _today: dt.date) -> dt.date | None:
    return _day(int(match["iso_year"]), int(match["iso_month"]), int(match["iso_day"]))


def _dotted(match: re.Match[str], today: dt.date) -> dt.date | None:
    year = match["dotted_year"]
    number = int(year) + (2000 if len(year) == len("27") else 0) if year else None
    return _next(int(match["dotted_month"]), int(match["dotted_day"]), number, today)


def _month_day(match: re.Match[str], today: dt.date) -> dt.date | None:
    year = int(match["year"]) if match["year"] else None
    return _next(month_number(match["month"]), int(match["day"]), year, today)


def _month(match: re.Match[str], today: dt.date) -> dt.date | None:
    """Read "by June" and "by the end of June" as its last day."""
    month = month_number(match["month"])
    year = int(match["year"]) if match["year"] else today.year
    end = month_end(year, month)
    return end if match["year"] or end > today else month_end(year + 1, month)


def _end_of_unit(match: re.Match[str], today: dt.date) -> dt.date:
    """Read "the end of the month" and "the end of next year"."""
    this = unit_span(Unit(match["unit"]), today)
    if (match["which"] or "").startswith("next"):
        return unit_span(Unit(match["unit"]), this.end + dt.timedelta(days=1)).end
    return this.end


def _after(match: re.Match[str], today: dt.date) -> dt.date:
    """Read "in three months" and "the next 30 days"."""
    unit = Unit(match["unit"])
    if match["count"] == "half a":
        return months_before(today, -6)
    count = int(match["count"]) if match["count"].isdigit() else NUMBERS[match["count"]]
    if unit in MONTHS_OF:
        return months_before(today, -count * MONTHS_OF[unit])
    return today + dt.timedelta(days=count * (7 if unit is Unit.WEEK else 1))


def _end_of_year(match: re.Match[str], _today: dt.date) -> dt.date:
    return dt.date(int(match["year_alone"]), 12, 31)


def _holiday(match: re.Match[str], today: dt.date) -> dt.date | None:
    if match["holiday"].startswith("new"):
        month, day = (12, 31) if match["holiday"].endswith("eve") else (1, 1)
    else:
        month, day = 12, 24 if match["holiday"].endswith("eve") else 25
    return _next(month, day, None, today)


def _tomorrow(_match: re.Match[str], today: dt.date) -> dt.date:
    return today + dt.timedelta(days=1)


_RULES: tuple[Rule, ...] = tuple(
    (re.compile(rf"(?<!\S){_LEAD}{pattern}(?!\S)"), read)
    for pattern, read in (
        (r"(?P<iso_year>20\d\d)-(?P<iso_month>\d{1,2})-(?P<iso_day>\d{1,2})", _iso),
        (
            r"(?P<dotted_day>\d{1,2})\.(?P<dotted_month>\d{1,2})\.(?P<dotted_year>\d{4}|\d{2})?",
            _dotted,
        ),
        (rf"{_DAY}(?: of)? {MONTH}{_YEAR}", _month_day),
        (rf"{MONTH} {_DAY}{_YEAR}", _month_day),
        (rf"(?:(?:beginning|start|middle|end) of )?(?:next )?{MONTH}{_YEAR}", _month),
        (rf"end of (?:the |this )?(?P<which>next )?{_UNIT}", _end_of_unit),
        (rf"(?P<which>next) {_UNIT}", _end_of_unit),
        (rf"(?P<which>this|)(?: )?{_UNIT} ?-?end", _end_of_unit),
        (
            rf"(?:next |coming |another )?{_COUNT}(?: of)?(?: more)? {_UNIT}s?(?: time| from now)?",
            _after,
        ),
        (r"(?:end of )?(?P<year_alone>20\d\d)", _end_of_year),
        (r"(?P<holiday>christmas(?: eve)?|xmas|new years?(?: eve)?)", _holiday),
        (r"tomorrow", _tomorrow),
    )
)


def _next(month: int, day: int, year: int | None, today: dt.date) -> dt.date | None:
    """Return the day in that year, or the next such day to come."""
    found = _day(year or today.year, month, day)
    if found and year is None and found <= today:
        found = _day(today.year + 1, month, day)
    return found


def _day(year: int, month: int, day: int) -> dt.date | None:
    try:
        return dt.date(year, month, day)
    except ValueError:
        return None
