"""Holidays and seasons that mean the same days to everybody."""

import datetime as dt
from collections.abc import Callable

from agents.offline.dates.spans import ONE_DAY, Span, months_before

_THURSDAY = 3
SEASONS = {"spring": 3, "summer": 6, "autumn": 9, "fall": 9, "winter": 12}
SEASON = r"(?P<season>spring|summer|autumn|(?:this|last|next|since|in|the) fall|winter)"


def easter(year: int) -> dt.date:
    """Return Easter Sunday of the western churches: Meeus/Jones/Butcher, in Meeus (1991), ch. 8."""
    a, (b, c) = year % 19, divmod(year, 100)
    d, e = divmod(b, 4)
    g = (8 * b + 13) // 25
    h = (19 * a + b - d - g + 15) % 30
    i, k = divmod(c, 4)
    m = (32 + 2 * e + 2 * i - h - k) % 7
    n = (a + 11 * h + 22 * m) // 451
    month, day = divmod(h + m - 7 * n + 114, 31)
    return dt.date(year, month, day + 1)


def _black_friday(year: int) -> dt.date:
    """Return the day after the fourth Thursday of November."""
    first = dt.date(year, 11, 1)
    return first + dt.timedelta(days=(_THURSDAY - first.weekday()) % 7 + 22)


def _fixed(month: int, day: int, days: int = 1) -> Callable[[int], Span]:
    def span(year: int) -> Span:
        first = dt.date(year, month, day)
        return Span(start=first, end=first + (days - 1) * ONE_DAY)

    return span


def _from(day: Callable[[int], dt.date], offset: int = 0, days: int = 1) -> Callable[[int], Span]:
    def span(year: int) -> Span:
        first = day(year) + offset * ONE_DAY
        return Span(start=first, end=first + (days - 1) * ONE_DAY)

    return span


# The first name that begins a text is meant, so a longer name stands before its own beginning.
HOLIDAYS: dict[str, Callable[[int], Span]] = {
    r"christmas eve|xmas eve": _fixed(12, 24),
    r"christmas day|xmas day": _fixed(12, 25),
    r"christmas(?: days| holidays)?|xmas": _fixed(12, 24, days=3),
    r"boxing day": _fixed(12, 26),
    r"(?:the )?new years? eve|nye|silvester": _fixed(12, 31),
    r"(?:the )?new years?(?: day)?": _fixed(1, 1),
    r"halloween": _fixed(10, 31),
    r"valentines?(?: day)?": _fixed(2, 14),
    r"st patricks? day": _fixed(3, 17),
    r"womens day": _fixed(3, 8),
    r"good friday": _from(easter, offset=-2),
    r"easter monday": _from(easter, offset=1),
    r"easter sunday": _from(easter),
    r"easter(?: weekend| holidays)?": _from(easter, days=2),
    r"black friday": _from(_black_friday),
    r"cyber monday": _from(_black_friday, offset=3),
}
HOLIDAY = rf"(?P<holiday>(?:{'|'.join(HOLIDAYS)}))\b"


def season(year: int, name: str) -> Span:
    """Return a meteorological season, which begins with a month of that year."""
    start = dt.date(year, SEASONS[name.rsplit(maxsplit=1)[-1]], 1)
    return Span(start=start, end=months_before(start, -3) - ONE_DAY)
