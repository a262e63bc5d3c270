"""What one value of a file can say: a platform, a day, a moment, a count, a text."""

import datetime as dt
import re
from datetime import MAXYEAR, MINYEAR
from decimal import Decimal
from zoneinfo import ZoneInfo

from domain.imports.table import BadRowError, shown
from storage.models import Platform

FIRST_DATE = dt.date(2005, 1, 1)  # the oldest of the four platforms opened in this year
MAX_VALUE = 10**12  # sums over many accounts and days stay within 64 bit

_PLATFORMS = {platform.value: platform for platform in Platform}
_ISO_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_ISO_MOMENT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:[.,][0-9]{1,6})?)?"
    r"(?:Z|[+-][0-9]{2}:?[0-9]{2})?",
    re.IGNORECASE,
)
_DIGITS = re.compile(r"[0-9]+")
_DECIMAL = re.compile(r"[0-9]{1,13}(?:\.[0-9]{1,10})?")
_SEPARATED_DIGITS = re.compile(r"[0-9]{1,3}(?:[.,'_ \u00a0\u2009\u202f\u2019][0-9]{3})+")
# Flags of regions are spelled with tag characters; all others are invisible letters.
_TEXT_CLEANING = re.compile(
    "(\U0001f3f4[\U000e0030-\U000e0039\U000e0061-\U000e007a]{1,6}\U000e007f)"
    "|[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u180e\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    "\U000e0000-\U000e007f]"
)


def parse_platform(text: str) -> Platform:
    """Return a platform by its name, in any case."""
    platform = _PLATFORMS.get(text.strip().lower())
    if platform is None:
        raise BadRowError("platform", f"{shown(text.strip())} is not one of {', '.join(Platform)}.")
    return platform


def parse_date(text: str, today: dt.date, *, column: str = "date") -> dt.date:
    """Return a day like 2026-03-31 that is not later than today."""
    text = text.strip()
    try:
        date = dt.date.fromisoformat(text) if _ISO_DATE.fullmatch(text) else None
    except ValueError:
        date = None
    if date is None:
        raise BadRowError(column, f"{shown(text)} is not a date like 2026-03-31.")
    check_date(date, today, column=column)
    return date


def check_date(date: dt.date, today: dt.date, *, column: str) -> None:
    """Refuse days from before the platforms and from the future."""
    if date < FIRST_DATE:
        raise BadRowError(column, f"{date} is before {FIRST_DATE}.")
    if date > today:
        raise BadRowError(column, f"{date} is in the future: today is {today} for you.")


def parse_moment(text: str, zone: ZoneInfo, today: dt.date, *, column: str) -> dt.datetime:
    """Return a moment of ISO 8601; one without an offset is on the clocks of `zone`.

    An hour that the clocks show twice is the first one (PEP 495, fold=0).
    """
    text = text.strip()
    try:
        found = dt.datetime.fromisoformat(text) if _ISO_MOMENT.fullmatch(text) else None
    except ValueError:
        found = None
    if found is None:
        raise BadRowError(
            column, f"{shown(text)} is not a time like 2026-03-31T18:30 or 2026-03-31T18:30:00Z."
        )
    moment = found.replace(tzinfo=zone) if found.tzinfo is None else found
    # Other zones may have no such year.
    local = moment.astimezone(zone) if MINYEAR < moment.year < MAXYEAR else moment
    check_date(local.date(), today, column=column)
    return moment.astimezone(dt.UTC)


def parse_count(text: str, *, column: str) -> int | None:
    """Return a whole number from 0 to MAX_VALUE, or null for an empty value."""
    text = text.strip()
    if not text:
        return None
    if _DIGITS.fullmatch(text):
        digits = text.lstrip("0") or "0"
        if len(digits) > len(str(MAX_VALUE)) or int(digits) > MAX_VALUE:
            raise BadRowError(column, f"{shown(text)} is more than {MAX_VALUE}.")
        return int(digits)
    if _SEPARATED_DIGITS.fullmatch(text):
        digits = "".join(_DIGITS.findall(text))
        raise BadRowError(
            column,
            f"{shown(text)} has separators in it; if it is a whole number, write {digits}.",
        )
    if text.startswith("-") and _DIGITS.fullmatch(text[1:]):
        raise BadRowError(column, f"{shown(text)} is below 0.")
    raise BadRowError(column, f"{shown(text)} is not a whole number.")


def parse_decimal(text: str, *, column: str) -> Decimal | None:
    """Return a number that may have decimals after a point, or null for an empty value."""
    text = text.strip()
    if not text:
        return None
    if not _DECIMAL.fullmatch(text) or Decimal(text) > MAX_VALUE:
        raise BadRowError(column, f"{shown(text)} is not a number like 12.5.")
    return Decimal(text)


def clean_text(text: str) -> str:
    """Return a text as it is to be read: without characters that hide, reorder or control.

    Line breaks, tabs, and what emoji and scripts are joined with stay.
    """
    return _TEXT_CLEANING.sub(r"\1", text).strip()
