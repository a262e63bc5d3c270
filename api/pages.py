"""Cursors: a list is read page by page, in its own order, from where the last page ended."""

import base64
import binascii
import datetime as dt
from uuid import UUID

from core.errors import InvalidError

MAX_PAGE_SIZE = 100


class InvalidCursorError(InvalidError):
    """The cursor is not one that a list answered with; leave it out to begin at the start."""

    code = "invalid_cursor"


def encode_cursor(moment: dt.datetime, row_id: UUID) -> str:
    """Return the place of a row in a list that is ordered by time and id."""
    return base64.urlsafe_b64encode(f"{moment.isoformat()}|{row_id}".encode()).decode()


def decode_cursor(cursor: str | None) -> tuple[dt.datetime, UUID] | None:
    """Return the place that a cursor stands for. Raises `InvalidCursorError`."""
    if cursor is None:
        return None
    try:
        moment, _, row_id = base64.urlsafe_b64decode(cursor.encode()).decode().partition("|")
        place = dt.datetime.fromisoformat(moment), UUID(row_id)
    except (ValueError, binascii.Error) as error:
        raise InvalidCursorError from error
    if place[0].tzinfo is None:
        raise InvalidCursorError
    return place
