"""Days to come: "by the end of the year", "in three months", "until 1 March"."""

import datetime as dt
import re
from collections.abc import Callable

from agents.offline.dates.fixed import MONTH, month_number
from agents.offline.dates.holidays import HOLIDAY, HOLIDAYS, SEASON, season
from agents.offline.dates.moments import NUMBERS
from agents.offline.dates.parts import WEEKDAYS
from agents.offline.dates.spans import MONTHS_OF, ONE_DAY, Unit, month_end, months_before, unit_span

_LEAD = r"(?:by|until|till|before|in|on|at|for|to|within|over|during|through|of)?(?: the)? ?"
_COUNT = rf"(?P<count>\d{{1,3}}|half a|{'|'.join(sorted(NUMBERS, key=len, reverse=True))})"
_UNIT = r"(?P<unit>day|week|fortnight|month|quarter|year)"
_DAY = r"(?P<day>\d{1,2})(?:st|nd|rd|th)?"
_YEAR = r"(?:,? (?P<year>20\d\d))?"
Rule = tuple[re.Pattern[str], Callable[[re.Match[str], dt.date], dt.date | None]]


def find_future(text: str, today: dt.date) -> tuple[dt.date | None, str]:
    """Return the day to come that normalised text names, and the text without any such day.

    Of several it is the last that names a day of a month: "next summer, say 30 June".
    """
    found: list[tuple[re.Match[str], dt.date, bool]] = []
    for pattern, read in _RULES:
        for match in pattern.finditer(text):
            day = read(match, today)
            if day is not None and day > today:
                found.append((match, day, read in _EXACT))
    found.sort(key=lambda one: -len(one[0][0]))
    kept: list[tuple[re.Match[str], dt.date, bool]] = []
    for one in found:
        if all(one[0].end() <= m.start() or m.end() <= one[0].start() for m, _, _ in kept):
            kept.append(one)
    if not kept:
        return None, text
    _, day, _ = max(kept, key=lambda one: (one[2], one[0].start()))
    for match, _, _ in sorted(kept, key=lambda one: -one[0].start()):
        text = f"{text[: match.start()]} {text[match.end() :]}"
    return day, " ".join(text.split())


def _iso(match: re.Match[str], _today: dt.date) -> dt.date | None:
    return _day(int(match["iso_year"]), int(match["iso_month"]), int(match["iso_day"]))


def _dotted(match: re.Match[str], today: dt.date) -> dt.date | None:
    year = match["dotted_year"]
    number = int(year) + (2000 if len(year) == len("27") else 0) if year else None
    return _next(int(match["dotted_month"]), int(match["dotted_day"]), number, today)


def _slashed(match: re.Match[str], today: dt.date) -> dt.date | None:
    """Read 31/12/2027, the day first unless only the month can be."""
    one, two = int(match["one"]), int(match["two"])
    day, month = (two, one) if two > one and two > len(MONTHS_OF) * 4 else (one, two)
    year = match["slashed_year"]
    return _next(month, day, int(year) % 100 + 2000 if year else None, today)


def _fortnight(_match: re.Match[str], today: dt.date) -> dt.date:
    return today + dt.timedelta(days=14)


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
    if match["count"] == "half a":
        return months_before(today, -6)
    count = int(match["count"]) if match["count"].isdigit() else NUMBERS[match["count"]]
    if match["unit"] == "fortnight":
        return today + dt.timedelta(days=14 * count)
    unit = Unit(match["unit"])
    if unit in MONTHS_OF:
        return months_before(today, -count * MONTHS_OF[unit])
    return today + dt.timedelta(days=count * (7 if unit is Unit.WEEK else 1))


def _end_of_year(match: re.Match[str], _today: dt.date) -> dt.date:
    return dt.date(int(match["year_alone"]), 12, 31)


def _holiday(match: re.Match[str], today: dt.date) -> dt.date:
    """Read "by Easter" as its first day; Christmas is the 25th unless its eve is named."""
    read = next(read for name, read in HOLIDAYS.items() if re.fullmatch(name, match["holiday"]))
    days = [span.start + (span.days // 3) * ONE_DAY for span in map(read, _years(today))]
    return next(day for day in days if day > today)


def _season(match: re.Match[str], today: dt.date) -> dt.date:
    """Read "by spring" as its first day, and "by the end of summer" as its last."""
    spans = [season(year, match["season"]) for year in _years(today)]
    days = [span.end if match["edge"] else span.start for span in spans]
    return next(day for day in days if day > today)


def _weekday(match: re.Match[str], today: dt.date) -> dt.date:
    number = WEEKDAYS.index(match["weekday"])
    return today + dt.timedelta(days=(number - today.weekday() - 1) % 7 + 1)


def _quarter(match: re.Match[str], today: dt.date) -> dt.date | None:
    """Read "by the end of Q1" as its last day."""
    month = 3 * int(match["number"])
    year = int(match["quarter_year"] or today.year)
    end = month_end(year, month)
    return end if match["quarter_year"] or end > today else month_end(year + 1, month)


def _years(today: dt.date) -> range:
    return range(today.year, today.year + 3)


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
        (rf"(?:end|rest|remainder) of (?:the |this )?(?P<which>next )?{_UNIT}", _end_of_unit),
        (
            r"(?:the |this )?(?P<which>)(?:next|coming|upcoming) (?:fort ?night|two weeks)",
            _fortnight,
        ),
        (rf"(?P<which>next|this) {_UNIT}", _end_of_unit),
        (
            r"(?P<one>\d{1,2})/(?P<two>\d{1,2})(?:/(?P<slashed_year>(?:20)?\d\d))?",
            _slashed,
        ),
        (rf"(?P<which>this|)(?: )?{_UNIT} ?-?end", _end_of_unit),
        (
            rf"(?:next |coming |another )?{_COUNT}(?: of)?(?: more)? {_UNIT}s?(?: time| from now)?",
            _after,
        ),
        (r"(?:end of )?(?P<year_alone>20\d\d)", _end_of_year),
        (HOLIDAY, _holiday),
        (rf"(?P<edge>end of (?:the )?)?(?:next |this |coming )?{SEASON}", _season),
        (rf"(?:next |this |coming )?(?P<weekday>{'|'.join(WEEKDAYS)})", _weekday),
        (r"(?:end of )?q(?P<number>[1-4])(?: (?P<quarter_year>20\d\d))?", _quarter),
        (r"tomorrow", _tomorrow),
    )
)


_EXACT = (_iso, _dotted, _slashed, _month_day)


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
