"""The demo creator's year: which days it has, and where its stories lie."""

import datetime as dt
from dataclasses import dataclass

DAYS = 366
THURSDAY = 3
# How much of a day is known while it is still running.
TODAY_SO_FAR = 0.35


@dataclass(frozen=True, kw_only=True)
class Year:
    """A year of days, the last of which is not over yet."""

    days: tuple[dt.date, ...]
    dead_week: tuple[dt.date, ...]
    viral_day: dt.date

    @property
    def today(self) -> dt.date:
        """Return the day that is not over yet."""
        return self.days[-1]

    def age(self, day: dt.date) -> int:
        """Return how many days ago `day` was."""
        return (self.today - day).days

    def elapsed(self, start: dt.date, end: dt.date) -> float:
        """Return how many days are over at the end of `end`, or now if that is today."""
        return (end - start).days + (TODAY_SO_FAR if end == self.today else 1)


def build_year(today: dt.date) -> Year:
    """Lay out the year that ends today: a dead week of Monday to Sunday, a viral Thursday."""
    four_months_ago = today - dt.timedelta(days=121)
    monday = four_months_ago - dt.timedelta(days=four_months_ago.weekday())
    five_weeks_ago = today - dt.timedelta(days=35)
    to_thursday = (THURSDAY - five_weeks_ago.weekday() + 3) % 7 - 3
    return Year(
        days=_days(today - dt.timedelta(days=DAYS - 1), DAYS),
        dead_week=_days(monday, 7),
        viral_day=five_weeks_ago + dt.timedelta(days=to_thursday),
    )


def _days(first: dt.date, count: int) -> tuple[dt.date, ...]:
    return tuple(first + dt.timedelta(days=number) for number in range(count))
