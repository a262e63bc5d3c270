"""Find the periods that a question names, and take them out of its words."""

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass

from agents.offline.answers.wording import date_text
from agents.offline.dates.fixed import DAY, FIXED_DATES
from agents.offline.dates.moments import (
    Calendar,
    Moment,
    NoSuchDateError,
    PeriodError,
    day_span,
    half_year,
)
from agents.offline.dates.parts import EDGE, edge_of
from agents.offline.dates.relative import RELATIVE_DATES, all_time
from agents.offline.dates.spans import ONE_DAY, Span, Unit, month_end, unit_span

# "the end of the first week of March" has two.
MAX_EDGES = 2
WEEK_DAYS = 7
_RULES = tuple((re.compile(pattern), read) for pattern, read in (*FIXED_DATES, *RELATIVE_DATES))
_LEAD = re.compile(
    r"(?P<word>between|from|since|starting from|starting|beginning|after|until|till|up to|through|"
    r"before|prior to|by|on|in|during|for|over|within|at|as of|of) "
)
_JOINER = re.compile(r" ?(?P<word>to|-|until|till|up to|through|thru|and)\b ?|(?P<dash> ?- ?)")
_FIRST_DAY = re.compile(rf"{DAY} ?(?P<joiner>to|-|until|till|through|thru|and) ?(?=\d|the \d)")
_LAST_DAY = re.compile(
    rf"{DAY}(?! (?:day|week|month|jan|feb|mar|apr|may|ju[nl]|aug|sep|oct|nov|dec))"
)
_NOW = re.compile(r"(?:now|date|the present|this day)\b")
_ONWARDS = re.compile(r" (?:on|onwards?|forward)\b")
_COMPARES = re.compile(r"\bcompar|\bdiffer|\bvs\b|\bversus\b|\bagainst\b")
_OF_PLATFORMS = re.compile(r"\b(?:platform|channel|network|account)")
_YEAR_BEFORE = re.compile(
    r"(?:at )?(?:the )?(?:same|this) (?P<unit>period|time|month|week|quarter|days?) "
    r"(?:(?:of |in )?(?:last|the previous) year|a year (?:ago|before)|the year before)"
    r"|a year earlier\b|year over year\b|year on year\b|yoy\b"
)
_YEAR_ON_YEAR = re.compile(r"(?:year (?:over|on) year|yoy)(?=.)")
_WEEKEND_DAYS, _SATURDAY = 2, 5
_PERIOD_AFTER = re.compile(r"(?:the )?(?P<unit>week|month|quarter|year) after(?: that)?\b(?! \d)")
_SAME_TIME_BEFORE = re.compile(
    r"(?:at )?(?:the )?same (?:time|period|point|days?) (?:of |in )?(?:last|the previous) "
    r"(?P<unit>week|month|quarter)\b"
)
# "the second quarter against the first": the unit is said once.
_ORDINAL_OF_SAME = re.compile(
    r"(?:the )?(?P<ordinal>first|second|third|fourth|other)(?P<half> half)?(?: one)?"
    r"(?=$| (?:on|in|for)\b)"
)
_ORDINALS = ("first", "second", "third", "fourth", "other")
_TWO_ORDINALS = re.compile(
    r"\b(first|second|third|fourth) (?:or|and|vs|versus|against|than|to|with)(?: in| the| during)*"
    r" (?P<last>(?:first|second|third|fourth) (?P<part>half|quarter))\b"
)
_HALF_YEARS, _QUARTERS = 2, 4
_LONGEST_MONTH = 31
_DATE = re.compile(r"(?:the )?\d|[a-z]+ \d")
_IT = re.compile(r"(?:it|that|this|them)\b")
_PERIOD_BEFORE = re.compile(
    r"(?:the )?(?:(?:\w+ )?(?:weeks|months) before|(?:month|week|quarter|year|period|days?|weekend"
    r"|one) before(?: that)?\b"
    r"(?! (?:\d|yesterday\b|last\b))"
    r"|(?:go )?(?:back )?(?:one|a|another) (?:more )?(?:day|week|month|quarter|year)"
    r" (?:back|earlier|prior|further back)\b"
    r"|(?:go )?back (?:one|a|another) (?:more )?(?:day|week|month|quarter|year)\b"
    r"|(?:previous|prior|preceding) (?:one|period|day|month|week|quarter|year)\b)"
)


@dataclass(frozen=True, kw_only=True)
class Periods:
    """The periods in the order they were named, and the question without them."""

    spans: tuple[Span, ...]
    rest: str


def find_periods(text: str, calendar: Calendar, earlier: Sequence[Span] = ()) -> Periods:
    """Return the periods that normalised text names, none of them reaching beyond today.

    `earlier` are those of the question before, for "and the month before?".

    Raises PeriodError for a date that does not exist, a period that ends before it starts, one
    that has not begun, and one that means other days to everybody.
    """
    if match := _YEAR_ON_YEAR.search(text):  # "year on year, how are my views in October"
        text = f"{text[: match.start()]}{text[match.end() :]} {match[0]}"
    if match := _TWO_ORDINALS.search(text):  # "in the first or in the second half of May"
        text = f"{text[: match.start()]}{text[match.start('last') :]} {match[1]} {match['part']}"
    spans: list[Span] = []
    rest, done = [], 0
    is_since = False
    for word in re.finditer(r"\S+", text):
        if word.start() < done:
            continue
        found = _relation_at(text, word.start(), spans or earlier, calendar) or _period_at(
            text, word.start(), calendar
        )
        if found is None:
            is_since = is_since or word[0] == "since"
            rest.append(word[0])
            continue
        named, done = found
        if is_since and not spans:  # "since my last birthday, 14 June"
            named = [_open(span, "since", calendar) for span in named]
        spans += [_begun(span, calendar) for span in named]
    return Periods(spans=tuple(dict.fromkeys(spans)), rest=" ".join(rest))


def _relation_at(
    text: str, position: int, spans: Sequence[Span], calendar: Calendar
) -> tuple[list[Span], int] | None:
    """Read "the month before" and "the same period last year", which need another period."""
    if match := _YEAR_BEFORE.match(text, position):
        base = spans[-1] if spans else _this(match["unit"], calendar)
        return [base.year_before()], match.end()
    if match := _SAME_TIME_BEFORE.match(text, position):
        return [_this(match["unit"], calendar).previous()], match.end()
    if not spans:
        return None
    for read in (_period_after, _part_of_it, _ordinal_of_same, _period_before):
        if found := read(text, position, spans[-1]):
            return [found[0]], found[1]
    return None


def _period_after(text: str, position: int, span: Span) -> tuple[Span, int] | None:
    match = _PERIOD_AFTER.match(text, position)
    return match and (unit_span(Unit(match["unit"]), span.end + ONE_DAY), match.end())


def _part_of_it(text: str, position: int, span: Span) -> tuple[Span, int] | None:
    """Read "the first week of it"."""
    edge = EDGE.match(text, position)
    it = edge and _IT.match(text, edge.end())
    return (edge_of(span, edge), it.end()) if edge and it else None


def _ordinal_of_same(text: str, position: int, span: Span) -> tuple[Span, int] | None:
    match = _ORDINAL_OF_SAME.match(text, position)
    if match is None:
        return None
    number = _ORDINALS.index(match["ordinal"])
    other = _same_unit(span, number, is_half=bool(match["half"]))
    return (other, match.end()) if other else None


def _period_before(text: str, position: int, span: Span) -> tuple[Span, int] | None:
    match = _PERIOD_BEFORE.match(text, position)
    if match is None:
        return None
    before = span.previous()
    if "year" in match[0] and span.unit is not Unit.YEAR:
        before = span.year_before()
    is_weekend = span.days == _WEEKEND_DAYS and span.start.weekday() == _SATURDAY
    if "weekend" in match[0] or is_weekend:
        days = WEEK_DAYS * ONE_DAY
        before = Span(start=span.start - days, end=span.end - days)
    return before, match.end()


def _same_unit(span: Span, number: int, *, is_half: bool) -> Span | None:
    """Return the quarter or half year of this number in the span's year, or the other half."""
    year = span.start.year
    halves = [half_year(year, is_first=True), half_year(year, is_first=False)]
    is_whole = any((span.start, span.end) == (half.start, half.end) for half in halves)
    if is_whole or (is_half and span.days > _LONGEST_MONTH):
        found = number if number < _HALF_YEARS else halves[0].start == span.start
        return halves[found] if is_half or number < _HALF_YEARS else None
    if is_half and span.unit is None and span.start.day == 1:
        return Span(start=span.end + ONE_DAY, end=month_end(span.end.year, span.end.month))
    if is_half and span.end == month_end(span.end.year, span.end.month):
        return Span(start=span.start.replace(day=1), end=span.start - ONE_DAY)
    if span.unit is not Unit.QUARTER or number >= _QUARTERS:
        return None
    return unit_span(Unit.QUARTER, dt.date(year, 3 * number + 1, 1))


def _this(unit: str | None, calendar: Calendar) -> Span:
    named = Unit(unit) if unit in set(Unit) else Unit.DAY
    return unit_span(named, calendar.today).until(calendar.today)


def _period_at(text: str, position: int, calendar: Calendar) -> tuple[list[Span], int] | None:
    lead = _LEAD.match(text, position)
    word = lead["word"] if lead else ""
    for start in [lead.end(), position] if lead else [position]:
        if found := _days_of_a_month(text, start, word, calendar):
            return found
        if first := _moment_at(text, start, calendar):
            moment, end = first
            if second := _second_moment(text, end, word, moment, calendar):
                return [_between(moment, second[0], calendar)], second[1]
            if word == "from" and (onwards := _ONWARDS.match(text, end)):
                return [_open(moment.span, "since", calendar)], onwards.end()
            return [_open(moment.span, word, calendar)], end
    return None


def _moment_at(
    text: str, position: int, calendar: Calendar, *, edges: int = MAX_EDGES
) -> tuple[Moment, int] | None:
    if edges and (edge := EDGE.match(text, position)):
        inner = _moment_at(text, edge.end(), calendar, edges=edges - 1)
        if inner:
            return inner[0].map(lambda span: edge_of(span, edge)), inner[1]
    for pattern, read in _RULES:
        if match := pattern.match(text, position):
            moment = read(match, calendar)
            if moment.is_weekday and (dated := _date_after(text, match.end(), calendar)):
                return dated
            return moment, match.end()
    return None


def _date_after(text: str, position: int, calendar: Calendar) -> tuple[Moment, int] | None:
    """Return the date of "Friday the 13th of November", which says its weekday too."""
    if text[position : position + 1] != " ":
        return None
    found = _moment_at(text, position + 1, calendar, edges=0)
    is_day = found and found[0].span.unit is Unit.DAY and not found[0].is_weekday
    return found if is_day and _DATE.match(text, position + 1) else None


def _days_of_a_month(
    text: str, position: int, lead: str, calendar: Calendar
) -> tuple[list[Span], int] | None:
    """Read "5 to 12 October", where the first day leaves its month to the second."""
    first = _FIRST_DAY.match(text, position)
    second = first and _moment_at(text, first.end(), calendar)
    if not first or not second or second[0].span.unit is not Unit.DAY:
        return None
    moment, end = second
    start = moment.map(lambda span: _same_month(span, int(first["day"])))
    if first["joiner"] == "and" and lead not in {"between", "from"}:
        return [start.span, moment.span], end
    return [_between(start, moment, calendar)], end


def _second_moment(
    text: str, position: int, lead: str, first: Moment, calendar: Calendar
) -> tuple[Moment, int] | None:
    joiner = _JOINER.match(text, position)
    if not joiner or not _is_range(text, joiner["word"], lead, first.span):
        return None
    if now := _NOW.match(text, joiner.end()):
        return Moment(span=unit_span(Unit.DAY, calendar.today)), now.end()
    after = re.compile(r"(?:including )?(?:on |in |the (?=\d))?").match(text, joiner.end())
    position = after.end() if after else joiner.end()
    day = _LAST_DAY.match(text, position)
    if day and first.span.unit is Unit.DAY and not _moment_at(text, position, calendar):
        return first.map(lambda span: _same_month(span, int(day["day"]))), day.end()
    return _moment_at(text, position, calendar)


def _is_range(text: str, joiner: str | None, lead: str, first: Span) -> bool:
    """Tell "between March and May" from "compare March and May", which are two periods."""
    if joiner == "and" and lead != "between":
        return False
    if joiner is None or not _COMPARES.search(text):
        return True
    is_of_platforms = _OF_PLATFORMS.search(text) is not None
    return lead in {"between", "from", "since"} and (is_of_platforms or first.unit is Unit.DAY)


def _same_month(span: Span, day: int) -> Span:
    found = day_span(span.start.year, span.start.month, day)
    if found is None:
        raise NoSuchDateError
    return found


def _between(first: Moment, last: Moment, calendar: Calendar) -> Span:
    """Join two moments; one that names no year takes the year that fits the other."""
    start, end = first.span, last.span
    if first.in_year and last.in_year:
        end = _on_or_after(start, last.in_year(start.start.year), last)
        if end.start > calendar.today and end.start.year > start.start.year:
            start, end = start.year_before(), end.year_before()
    elif last.in_year:
        end = _on_or_after(start, last.in_year(start.start.year), last)
    elif first.in_year:
        start = first.in_year(end.end.year)
        if start.start > end.end and start.start.month != end.start.month:
            start = first.in_year(end.end.year - 1)
    if first.is_weekday and last.is_weekday and end.end < start.start:
        start = unit_span(Unit.DAY, start.start - WEEK_DAYS * ONE_DAY)
    if end.end < start.start:
        raise PeriodError(
            f"That period ends before it starts: {date_text(start.start)} to "
            f"{date_text(end.end)}. Which days do you mean?"
        )
    return Span(start=start.start, end=end.end)


def _on_or_after(start: Span, end: Span, last: Moment) -> Span:
    # Within one month a reversed pair is a slip, not eleven months.
    if last.in_year and end.end < start.start and end.start.month != start.start.month:
        return last.in_year(start.start.year + 1)
    return end


def _open(span: Span, lead: str, calendar: Calendar) -> Span:
    """Apply "since", "until" and the like to what follows them."""
    match lead:
        case "since" | "starting from" | "starting" | "beginning":
            if span.start > calendar.today:
                return span
            return Span(start=span.start, end=calendar.today)
        case "after":
            return Span(start=span.end + ONE_DAY, end=max(calendar.today, span.end + ONE_DAY))
        case "until" | "till" | "up to" | "through" | "by":
            return _since_ever(span, calendar)
        case "before" | "prior to":
            return _since_ever(Span(start=span.start, end=span.start - ONE_DAY), calendar)
    return span


def _since_ever(span: Span, calendar: Calendar) -> Span:
    first = all_time(calendar).start
    return Span(start=min(first, span.end), end=span.end)


def _begun(span: Span, calendar: Calendar) -> Span:
    if span.start > calendar.today:
        raise PeriodError(
            "Those days are still to come. I have no forecast, and I won't guess. I can tell you "
            "how it has gone so far: name any period up to today."
        )
    return span.until(calendar.today)
