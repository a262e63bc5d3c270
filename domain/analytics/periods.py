"""Which days a question is about."""

import datetime as dt

from domain.analytics.growth import InvalidPeriodError, Period
from domain.imports.cells import FIRST_DATE

MAX_PERIOD_DAYS = 1100
DEFAULT_DAYS = 28


def past_period(start: dt.date, end: dt.date, *, today: dt.date) -> Period:
    """Return the asked period up to today; raises InvalidPeriodError."""
    for field, day in {"start": start, "end": end}.items():
        if day < FIRST_DATE:
            told = f"There is no data before {FIRST_DATE}; got {day}."
            raise InvalidPeriodError(told, field=field)
    if start > today:
        raise InvalidPeriodError(f"{start} is in the future; today is {today}.", field="start")
    if end < start:
        told = f"The period ends before it starts. Got {start} to {end}."
        raise InvalidPeriodError(told, field="end")
    period = Period(start=start, end=min(end, today))
    if period.days > MAX_PERIOD_DAYS:
        told = f"At most {MAX_PERIOD_DAYS} days at once; got {period.days}."
        raise InvalidPeriodError(told, field="start")
    return period


def past_or_recent_period(start: dt.date | None, end: dt.date | None, *, today: dt.date) -> Period:
    """Return the asked period; without a start, the last 28 days to `end`.

    Without an end it ends yesterday, the last complete day, or today if it begins today. Raises
    InvalidPeriodError.
    """
    if end is None:
        yesterday = today - dt.timedelta(days=1)
        end = yesterday if start is None else max(start, yesterday)
    if start is None:
        last = max(min(end, today), FIRST_DATE)  # the calendar itself begins in the year 1
        start = max(last - dt.timedelta(days=DEFAULT_DAYS - 1), FIRST_DATE)
    return past_period(start, end, today=today)
