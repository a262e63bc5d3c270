"""Calendar spans: the days that a period means, and its neighbours in time."""

import calendar
import datetime as dt
from dataclasses import dataclass
from enum import StrEnum

ONE_DAY = dt.timedelta(days=1)


class Unit(StrEnum):
    """A stretch of the calendar with a name; every other span is so many days."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"


MONTHS_OF = {Unit.MONTH: 1, Unit.QUARTER: 3, Unit.YEAR: 12}


@dataclass(frozen=True, kw_only=True)
class Span:
    """The days from `start` to `end`, both included; `unit` if they are all or the start of one."""

    start: dt.date
    end: dt.date
    unit: Unit | None = None

    @property
    def days(self) -> int:
        """Number of days."""
        return (self.end - self.start).days + 1

    def until(self, last: dt.date) -> "Span":
        """Return the span without the days after `last`."""
        return Span(start=self.start, end=min(self.end, last), unit=self.unit)

    def previous(self) -> "Span":
        """Return what to compare with: the unit before, as far into it as this one; or as long."""
        if self.unit is None:
            start = self.start - dt.timedelta(days=self.days)
            return Span(start=start, end=self.start - ONE_DAY)
        before = unit_span(self.unit, self.start - ONE_DAY)
        if self.end == unit_span(self.unit, self.start).end:
            return before
        return before.until(before.start + (self.end - self.start))

    def year_before(self) -> "Span":
        """Return the same days of the year before."""
        whole_month = self.end == month_end(self.end.year, self.end.month)
        start, end = months_before(self.start, 12), months_before(self.end, 12)
        if whole_month:
            end = month_end(end.year, end.month)
        return Span(start=start, end=end, unit=self.unit if self.unit is not Unit.WEEK else None)


def unit_span(unit: Unit, day: dt.date) -> Span:
    """Return the whole unit that `day` lies in; weeks begin on Monday (ISO 8601)."""
    match unit:
        case Unit.DAY:
            return Span(start=day, end=day, unit=unit)
        case Unit.WEEK:
            monday = day - dt.timedelta(days=day.weekday())
            return Span(start=monday, end=monday + dt.timedelta(days=6), unit=unit)
        case Unit.MONTH | Unit.QUARTER | Unit.YEAR:
            months = MONTHS_OF[unit]
            first = (day.month - 1) // months * months + 1
            last = first + months - 1
            return Span(start=dt.date(day.year, first, 1), end=month_end(day.year, last), unit=unit)


def month_end(year: int, month: int) -> dt.date:
    """Return the last day of a month."""
    return dt.date(year, month, calendar.monthrange(year, month)[1])


def months_before(day: dt.date, months: int) -> dt.date:
    """Return the same day so many months earlier, or that month's last day if it is shorter."""
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    year = max(year, dt.MINYEAR)
    return min(dt.date(year, month + 1, 1) + (day.day - 1) * ONE_DAY, month_end(year, month + 1))


def rolling(today: dt.date, count: int, unit: Unit) -> Span:
    """Return the last so many days, weeks, months … up to and including today."""
    if unit in MONTHS_OF:
        start = months_before(today, count * MONTHS_OF[unit]) + ONE_DAY
    else:
        start = today - dt.timedelta(days=count * (7 if unit is Unit.WEEK else 1) - 1)
    return Span(start=start, end=today)
