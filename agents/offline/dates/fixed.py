"""Expressions that name a place in the calendar: dates, months, quarters, years, weekdays."""

import datetime as dt
import re

from agents.offline.dates.moments import (
    MONTHS,
    Calendar,
    Moment,
    NoSuchDateError,
    Rule,
    day_span,
    half_year,
    month_span,
)
from agents.offline.dates.spans import ONE_DAY, Span, Unit, months_before, unit_span

_MONTH_NAMES = "jan feb mar apr may jun jul aug sep oct nov dec"
_WEEKDAY_NAMES = "monday tuesday wednesday thursday friday saturday sunday"
_WEEKDAYS = _WEEKDAY_NAMES.split()
_ORDINALS = {"first": 1, "second": 2, "third": 3, "fourth": 4, "last": 4}
_WEEK_DAYS = 7

# "may" is a month unless somebody may do something.
MONTH = (
    r"(?P<month>jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|"
    r"(?<!\bi )(?<!you )(?<!\bit )(?<!they )may(?! (?:i|we|you|be|have)\b)|"
    r"june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\b"
)
YEAR = (
    r"(?: (?:of |in )?(?P<year>(?:19|20)\d\d(?![\d-])|last year|this year|the year\b"
    r"|the (?:last|previous) year))?"
)
_YEAR_FIRST = r"(?P<year>(?:19|20)\d\d|last year|this year) "
DAY = r"(?:the )?(?P<day>\d{1,2})(?:st|nd|rd|th)?\b(?![-./]\d)"
_WEEKDAY = rf"(?P<weekday>{'|'.join(_WEEKDAYS)})s?\b"
_SHORT_WEEKDAY = r"(?P<weekday>mon|tues?|wed|thu|thurs?|fri|sat|sun)\b"
_PREPOSITIONS = (
    "in for of during since from until till before through to vs with than and between after year"
    " growth"
)
_AFTER_A_PREPOSITION = "|".join(rf"(?<=\b{word} )" for word in _PREPOSITIONS.split())
_NO_COUNT = r"(?! (?:new |more )?(?:follow|subs|fans|like|view|stream|people|post|comment|share))"


def month_number(name: str) -> int:
    """Return 1 to 12 for a month's name or its abbreviation."""
    return _MONTH_NAMES.split().index(name[:3]) + 1


def _read_figures(match: re.Match[str], calendar: Calendar) -> Moment:
    return calendar.day(int(match["day"]), int(match["number"]), match["year"])


def _read_slashed(match: re.Match[str], calendar: Calendar) -> Moment:
    one, two = int(match["one"]), int(match["two"])
    is_month_first = two > MONTHS or (calendar.is_month_first and one <= MONTHS)
    day, month = (two, one) if is_month_first else (one, two)
    return calendar.day(day, month, match["year"])


def _read_named(match: re.Match[str], calendar: Calendar) -> Moment:
    return calendar.day(int(match["day"]), month_number(match["month"]), match["year"])


def _read_iso_month(match: re.Match[str], calendar: Calendar) -> Moment:
    return calendar.of_year(match["year"], lambda year: month_span(year, int(match["number"])))


def _read_month(match: re.Match[str], calendar: Calendar) -> Moment:
    number = month_number(match["month"])
    found = calendar.of_year(match["year"], lambda year: month_span(year, number))
    if match["which"] in {"last", "past"} and found.span.end >= calendar.today:
        return Moment(span=found.span.year_before())
    return found


def _read_quarter(match: re.Match[str], calendar: Calendar) -> Moment:
    name = match["quarter"]
    month = 3 * (_ORDINALS.get(name) or int(name[0])) - 2
    return calendar.of_year(
        match["year"], lambda year: unit_span(Unit.QUARTER, dt.date(year, month, 1))
    )


def _read_half(match: re.Match[str], calendar: Calendar) -> Moment:
    is_first = match["half"] == "1"
    return calendar.of_year(match["year"], lambda year: half_year(year, is_first=is_first))


def _read_year(match: re.Match[str], _: Calendar) -> Moment:
    return Moment(span=unit_span(Unit.YEAR, dt.date(int(match["year"]), 1, 1)))


def _read_week_number(match: re.Match[str], calendar: Calendar) -> Moment:
    def week(year: int) -> Span | None:
        try:
            monday = dt.date.fromisocalendar(year, int(match["number"]), 1)
        except ValueError:
            return None
        return unit_span(Unit.WEEK, monday)

    return calendar.of_year(match["year"], week)


def _read_weekday(match: re.Match[str], calendar: Calendar) -> Moment:
    number = _weekday_number(match)
    back = (calendar.today.weekday() - number) % _WEEK_DAYS
    if match["which"] in {"last", "past", "previous"}:
        back = back or _WEEK_DAYS
    if match["which"] in {"next", "coming"}:
        back -= _WEEK_DAYS
    return Moment(span=unit_span(Unit.DAY, calendar.today - back * ONE_DAY), is_weekday=True)


def _read_weekday_of_last_week(match: re.Match[str], calendar: Calendar) -> Moment:
    monday = unit_span(Unit.WEEK, calendar.today - _WEEK_DAYS * ONE_DAY).start
    return Moment(span=unit_span(Unit.DAY, monday + _weekday_number(match) * ONE_DAY))


def _weekday_number(match: re.Match[str]) -> int:
    return next(n for n, day in enumerate(_WEEKDAYS) if day.startswith(match["weekday"][:3]))


def _read_day_of_month(match: re.Match[str], calendar: Calendar) -> Moment:
    for months in range(3):  # at most one month in a row has no 31st, and this one may be young
        month = months_before(calendar.today.replace(day=1), months)
        span = day_span(month.year, month.month, int(match["day"]))
        if span and span.start <= calendar.today:
            return Moment(span=span)
    raise NoSuchDateError


# The first that fits wins, so a longer expression stands before its own beginning.
FIXED_DATES: tuple[Rule, ...] = (
    (r"(?P<year>(?:19|20)\d\d)[-/](?P<number>\d{1,2})[-/](?P<day>\d{1,2})(?!\d)", _read_figures),
    (
        r"(?P<year>(?:19|20)\d\d)(?P<number>0[1-9]|1[0-2])(?P<day>0[1-9]|[12]\d|3[01])(?![\d.,])",
        _read_figures,
    ),
    (r"(?P<year>(?:19|20)\d\d)-?w(?P<number>\d{1,2})(?![\w-])", _read_week_number),
    (r"(?P<year>(?:19|20)\d\d)-(?P<number>\d\d)(?![\d-])", _read_iso_month),
    (r"(?P<day>\d{1,2})\.(?P<number>\d{1,2})\.(?P<year>(?:19|20)?\d\d)?(?!\d)", _read_figures),
    (r"(?<=\bon )(?P<day>\d{1,2})\.(?P<number>\d{1,2})(?P<year>)(?![\d.])", _read_figures),
    (r"(?P<one>\d{1,2})/(?P<two>\d{1,2})(?:/(?P<year>(?:19|20)?\d\d))?(?![\d/])", _read_slashed),
    (rf"{DAY}(?: of)? {MONTH}{YEAR}", _read_named),
    (rf"{MONTH} {DAY}(?! (?:days|weeks|months)\b){YEAR}", _read_named),
    (rf"{_YEAR_FIRST}(?:on )?{DAY}(?: of)? {MONTH}(?! (?:19|20)\d\d)", _read_named),
    (rf"{_YEAR_FIRST}(?:on )?{MONTH} {DAY}(?! (?:19|20)\d\d)", _read_named),
    (rf"{_YEAR_FIRST}(?:in )?(?P<which>){MONTH}(?! (?:19|20)\d\d)", _read_month),
    (rf"(?:(?P<which>last|past|this) )?{MONTH}{YEAR}", _read_month),
    (rf"q(?P<quarter>[1-4])\b{YEAR}", _read_quarter),
    (rf"{_YEAR_FIRST}(?:in )?q(?P<quarter>[1-4])\b", _read_quarter),
    (
        rf"(?:the )?(?P<quarter>first|second|third|fourth|[1-4](?:st|nd|rd|th)) quarter\b{YEAR}",
        _read_quarter,
    ),
    (r"(?:the )?(?P<quarter>last) quarter of (?P<year>(?:19|20)\d\d|last year)", _read_quarter),
    (rf"h(?P<half>[12])\b{YEAR}", _read_half),
    (rf"(?:(?:calendar )?week|[ck]w) (?:number )?(?P<number>\d{{1,2}})\b{YEAR}", _read_week_number),
    (rf"{_WEEKDAY} (?:of )?last week\b", _read_weekday_of_last_week),
    (rf"(?:(?P<which>last|past|previous|this|next|coming) )?{_WEEKDAY}", _read_weekday),
    (rf"(?:(?P<which>last|this|next) |(?<=\bon )|(?<=since )){_SHORT_WEEKDAY}", _read_weekday),
    (r"the (?P<day>\d{1,2})(?:st|nd|rd|th)\b", _read_day_of_month),
    (
        rf"(?:{_AFTER_A_PREPOSITION}|^|(?=\d{{4}}$))(?P<year>(?:19|20)\d\d)(?![\d-]){_NO_COUNT}",
        _read_year,
    ),
)
