"""Expressions that count from the creator's day: last month, three weeks ago, all time."""

import re

from agents.offline.dates.fixed import YEAR
from agents.offline.dates.holidays import HOLIDAY, HOLIDAYS, SEASON, season
from agents.offline.dates.moments import NUMBERS, Calendar, Moment, PeriodError, Rule
from agents.offline.dates.spans import ONE_DAY, Span, Unit, months_before, rolling, unit_span

_SATURDAY = 5
_COUNT = rf"(?:(?:a|the) (?=couple|few))?(?P<count>\d{{1,4}}|{'|'.join(NUMBERS)})(?: of)?"
_UNITS = r"-? ?(?P<unit>hour|day|night|week|fortnight|month|quarter|year)s?\b"
_UNIT = (
    r"(?:the |this )?(?P<which>last|previous|past|this|current|next|coming|upcoming|following)"
    r"(?: full| whole| calendar| complete)? (?P<unit>day|week|month|quarter|year)s?\b"
)
_ALL_TIME = (
    r"all time\b|ever\b|lifetime\b|(?:since|from) (?:the )?(?:very )?(?:beginning|start)\b(?! of)"
    r"|since i (?:started|began|joined|connected)(?: \w+){0,2}|(?:since )?day one\b"
    r"|(?:my |the )?(?:whole|entire|full) (?:history|time)\b"
)
_VAGUE = r"(?:thanksgiving|ramadan|mothers? day|fathers? day|the holidays|the pandemic|lockdown)\b"


def all_time(calendar: Calendar) -> Span:
    """Return all days with data; the past year when that is not known."""
    first = calendar.first_date or months_before(calendar.today, 12) + ONE_DAY
    return Span(start=min(first, calendar.today), end=calendar.today)


def _read_day_word(match: re.Match[str], calendar: Calendar) -> Moment:
    steps = {"today": 0, "now": 0, "yesterday": -1, "last night": -1, "tomorrow": 1}
    step = steps.get(match[0], -2)
    return Moment(span=unit_span(Unit.DAY, calendar.today + step * ONE_DAY))


def _read_unit(match: re.Match[str], calendar: Calendar) -> Moment:
    unit = Unit(match["unit"])
    this = unit_span(unit, calendar.today)
    match match["which"]:
        case "past":
            return _rolling(1, unit, calendar)
        case "last" | "previous":
            return Moment(span=unit_span(unit, this.start - ONE_DAY))
        case "next" | "coming" | "upcoming" | "following":
            return Moment(span=unit_span(unit, this.end + ONE_DAY))
    return Moment(span=this)


def _read_bare_unit(match: re.Match[str], calendar: Calendar) -> Moment:
    return Moment(span=unit_span(Unit(match["unit"]), calendar.today))


def _read_weekend(match: re.Match[str], calendar: Calendar) -> Moment:
    saturday = unit_span(Unit.WEEK, calendar.today).start + _SATURDAY * ONE_DAY
    is_ahead = saturday > calendar.today
    if match["which"] in {"last", "past", "previous"} or (is_ahead and match["which"] == "the"):
        saturday -= 7 * ONE_DAY
    if match["which"] == "next" and not is_ahead:
        saturday += 7 * ONE_DAY
    return Moment(span=Span(start=saturday, end=saturday + ONE_DAY))


def _read_rolling(match: re.Match[str], calendar: Calendar) -> Moment:
    return _rolling(_count(match), match["unit"], calendar)


def _read_fortnight(_: re.Match[str], calendar: Calendar) -> Moment:
    return _rolling(1, "fortnight", calendar)


def _read_half_year(_: re.Match[str], calendar: Calendar) -> Moment:
    return _rolling(6, "month", calendar)


def _read_regular(match: re.Match[str], calendar: Calendar) -> Moment:
    """Read "my weekly report" as the last whole week."""
    this = unit_span(Unit(match["every"]), calendar.today)
    return Moment(span=unit_span(Unit(match["every"]), this.start - ONE_DAY))


def _read_future(_: re.Match[str], calendar: Calendar) -> Moment:
    return Moment(span=unit_span(Unit.DAY, calendar.today + ONE_DAY))


def _read_ago(match: re.Match[str], calendar: Calendar) -> Moment:
    first = _rolling(_count(match), match["unit"], calendar).span.start
    return Moment(span=unit_span(Unit.DAY, first - ONE_DAY))


def _read_to_date(match: re.Match[str], calendar: Calendar) -> Moment:
    initials = {"y": Unit.YEAR, "q": Unit.QUARTER, "m": Unit.MONTH, "w": Unit.WEEK}
    return Moment(span=unit_span(initials[match[0][0]], calendar.today))


def _read_all_time(_: re.Match[str], calendar: Calendar) -> Moment:
    return Moment(span=all_time(calendar))


def _read_before_last(match: re.Match[str], calendar: Calendar) -> Moment:
    if match["unit"] == "weekend":
        saturday = unit_span(Unit.WEEK, calendar.today).start - (7 * 2 - _SATURDAY) * ONE_DAY
        return Moment(span=Span(start=saturday, end=saturday + ONE_DAY))
    this = unit_span(Unit(match["unit"]), calendar.today)
    last = unit_span(Unit(match["unit"]), this.start - ONE_DAY)
    return Moment(span=unit_span(Unit(match["unit"]), last.start - ONE_DAY))


def _read_season(match: re.Match[str], calendar: Calendar) -> Moment:
    """Read the latest season; "last summer" is over."""
    if match["year"]:
        return calendar.of_year(match["year"], lambda year: season(year, match["season"]))
    found = season(calendar.today.year, match["season"])
    needed = found.end if match["which"] == "last" else found.start
    if needed >= calendar.today:
        found = season(calendar.today.year - 1, match["season"])
    return Moment(span=found)


def _read_holiday(match: re.Match[str], calendar: Calendar) -> Moment:
    read = next(read for name, read in HOLIDAYS.items() if re.fullmatch(name, match["holiday"]))
    return calendar.of_year(match["year"], read)


def _refuse_vague(match: re.Match[str], _: Calendar) -> Moment:
    raise PeriodError(
        f"I don't know which days you mean by “{match[0]}”. Tell me the dates, "
        "for example “from 1 June to 31 August”."
    )


def _count(match: re.Match[str]) -> int:
    name = match["count"]
    return NUMBERS.get(name) or int(name)


def _rolling(count: int, unit: str, calendar: Calendar) -> Moment:
    match unit:
        case "hour":
            count, unit = -(-count // 24), "day"
        case "fortnight":
            count, unit = 2 * count, "week"
        case "night":
            unit = "day"
    return Moment(span=rolling(calendar.today, max(count, 1), Unit(unit)))


# The first that fits wins, so a longer expression stands before its own beginning.
RELATIVE_DATES: tuple[Rule, ...] = (
    (r"(?:the )?day before yesterday\b|yesterday\b|last night\b", _read_day_word),
    (r"today\b|tomorrow\b", _read_day_word),
    (rf"{_COUNT} {_UNITS} ago\b", _read_ago),
    (rf"(?:the |these )?(?:last|past|previous|recent) {_COUNT} {_UNITS}", _read_rolling),
    (rf"(?:the )?(?:next|coming|following) {_COUNT} {_UNITS}", _read_future),
    (rf"in {_COUNT} {_UNITS} time\b", _read_future),
    (
        rf"(?:over|for|during|in|within) (?:the )?{_COUNT} {_UNITS}(?! before\b)",
        _read_rolling,
    ),
    (rf"(?P<count>\d{{1,4}}) ?- {_UNITS}", _read_rolling),
    (r"(?:the )?(?:last|past|previous) half (?:a )?(?:year|-? ?year)\b", _read_half_year),
    (
        r"(?P<every>week|month|quarter|year)ly (?=re(?:port|cap|view)|summary|overview|update)",
        _read_regular,
    ),
    (r"(?:year|quarter|month|week) to date\b|[yqmw]td\b", _read_to_date),
    (r"(?:the )?(?:last|past) fortnight\b", _read_fortnight),
    (
        r"(?:the )?(?P<unit>day|weekend|week|month|quarter|year) before last\b",
        _read_before_last,
    ),
    (_UNIT, _read_unit),
    (r"(?P<which>the|last|past|previous|this|next) weekend\b", _read_weekend),
    (
        r"(?:the|my) (?:whole )?(?P<unit>week|month|quarter|year)\b(?! (?:before|after|\d))",
        _read_bare_unit,
    ),
    (r"(?P<unit>week|month|quarter|year) in review\b", _read_bare_unit),
    (r"(?:(?<=vs )|(?<=to )|(?<=and )|(?<=with )|(?<=than ))now\b", _read_day_word),
    (_ALL_TIME, _read_all_time),
    (
        rf"(?:the |my )?(?:(?P<which>last|this|past) )?{SEASON}\b(?: season| holidays)?{YEAR}",
        _read_season,
    ),
    (rf"(?:last |this |past )?{HOLIDAY}{YEAR}", _read_holiday),
    (_VAGUE, _refuse_vague),
)
