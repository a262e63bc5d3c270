"""The time, and the creator's own calendar day."""

from collections.abc import Callable
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

Clock = Callable[[], datetime]


def utc_now() -> datetime:
    """Return the present moment as an aware UTC datetime."""
    return datetime.now(UTC)


def local_date(moment: datetime, timezone: str) -> date:
    """Return the calendar day of `moment` in the IANA time zone of a creator."""
    return moment.astimezone(ZoneInfo(timezone)).date()


def local_midnight(day: date, timezone: str) -> datetime:
    """Return when a day begins in the IANA time zone of a creator, with the offset there.

    Where clocks skip midnight, it is the first moment they show.
    """
    zone = ZoneInfo(timezone)
    return datetime.combine(day, time(), zone).astimezone(UTC).astimezone(zone)
