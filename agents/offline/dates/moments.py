"""What an expression of time is read into, and the calendar it is read against."""

import datetime as dt
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from agents.offline.dates.spans import Span, Unit, month_end, unit_span

MONTHS = 12
YEARS_BACK = 9  # 29 February comes round within eight years

_ONE_TO_TWELVE = "one two three four five six seven eight nine ten eleven twelve"
NUMBERS = {name: number for number, name in enumerate(_ONE_TO_TWELVE.split(), 1)}
NUMBERS |= {"a": 1, "an": 1, "couple": 2, "few": 3, "fourteen": 14, "thirty": 30, "ninety": 90}


class PeriodError(Exception):
    """The period cannot be used; the message is a sentence for the creator."""


class NoSuchDateError(PeriodError):
    """That date does not exist, so I can't look it up. Which day do you mean?"""

    def __init__(self) -> None:
        """Say so."""
        super().__init__(type(self).__doc__)


@dataclass(frozen=True, kw_only=True)
class Moment:
    """The days that an expression means; `in_year` is set when it named no year of its own."""

    span: Span
    in_year: Callable[[int], Span] | None = None
    is_weekday: bool = False

    def map(self, change: Callable[[Span], Span]) -> "Moment":
        """Return the moment with its days changed, whichever year they turn out to be in."""
        in_year = self.in_year
        return Moment(
            span=change(self.span),
            in_year=in_year and (lambda year: change(in_year(year))),
        )


@dataclass(frozen=True, kw_only=True)
class Calendar:
    """The creator's day, the first day with data, and how the creator writes 5/6."""

    today: dt.date
    first_date: dt.date | None = None
    is_month_first: bool = False

    def of_year(self, year: str | None, in_year: Callable[[int], Span | None]) -> Moment:
        """Return the span of the named year; of the latest year it has begun in if none is."""
        if year is None:
            return self._latest(in_year)
        span = in_year(self.year_number(year))
        if span is None:
            raise NoSuchDateError
        return Moment(span=span)

    def year_number(self, year: str) -> int:
        """Return the year of "2025", "25", "this year", "last year"."""
        if year.isdigit():
            return int(year) if len(year) > len("25") else 2000 + int(year)
        return self.today.year - (1 if "last" in year or "previous" in year else 0)

    def day(self, day: int, month: int, year: str | None) -> Moment:
        """Return a day of a month."""
        return self.of_year(year, lambda number: day_span(number, month, day))

    def _latest(self, in_year: Callable[[int], Span | None]) -> Moment:
        for year in range(self.today.year, self.today.year - YEARS_BACK, -1):
            span = in_year(year)
            if span and span.start <= self.today:
                return Moment(span=span, in_year=partial(_in_year_or, span, in_year))
        raise NoSuchDateError


def _in_year_or(span: Span, in_year: Callable[[int], Span | None], year: int) -> Span:
    return in_year(year) or span


Reading = Callable[[re.Match[str], Calendar], Moment]
Rule = tuple[str, Reading]


def day_span(year: int, month: int, day: int) -> Span | None:
    """Return the one day, or None where the calendar has none."""
    try:
        return unit_span(Unit.DAY, dt.date(year, month, day))
    except ValueError:
        return None


def month_span(year: int, month: int) -> Span | None:
    """Return the whole month, or None where the calendar has none."""
    if not 1 <= month <= MONTHS:
        return None
    return unit_span(Unit.MONTH, dt.date(year, month, 1))


def half_year(year: int, *, is_first: bool) -> Span:
    """Return January to June, or July to December."""
    first = dt.date(year, 1 if is_first else 7, 1)
    return Span(start=first, end=month_end(year, first.month + 5))
