"""The time, and the creator's own calendar day."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

Clock = Callable[[], datetime]


def utc_now() -> datetime:
    """Return the present moment as an aware UTC datetime."""
    return datetime.now(UTC)


def local_date(moment: datetime, timezone: str) -> date:
    """Return the calendar day of `moment` in the IANA time zone of a creator."""
    return moment.astimezone(ZoneInfo(timezone)).date()
