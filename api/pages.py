"""Pages: a list is read page by page, in its own order, from where the last page ended.

A cursor is the place of the page's last row. What is added, deleted or moved in between changes
no other row's place: nothing comes twice, and nothing that stayed where it was is left out.
"""

import base64
import binascii
import datetime as dt
from collections.abc import Callable, Sequence
from typing import Annotated, Generic, TypeVar
from uuid import UUID

from fastapi import Query
from pydantic import AwareDatetime, BaseModel, Field, TypeAdapter, ValidationError
from pydantic_core import to_json

from core.errors import InvalidError

MAX_PAGE_SIZE = 100
DEFAULT_PAGE_SIZE = 30

Item = TypeVar("Item")
Row = TypeVar("Row")
Place = TypeVar("Place")

Limit = Annotated[int, Query(ge=1, le=MAX_PAGE_SIZE, description="How many there are on a page.")]
Cursor = Annotated[
    str | None, Query(max_length=200, description="The `next` of the page before this one.")
]
BY_TIME: TypeAdapter[tuple[dt.datetime, UUID]] = TypeAdapter(tuple[AwareDatetime, UUID])


class InvalidCursorError(InvalidError):
    """The cursor is not one that a list answered with; leave it out to begin at the start."""

    code = "invalid_cursor"


class Page(BaseModel, Generic[Item]):
    """A page of a list."""

    items: list[Item]
    next: str | None = Field(description="Send it as `cursor` for the next page; null at the end.")


def split_page(
    found: Sequence[Row], limit: int, place_of: Callable[[Row], tuple[object, ...]]
) -> tuple[Sequence[Row], str | None]:
    """Return the page, of which one row more than `limit` was asked for, and the next cursor."""
    page = found[:limit]
    return page, encode_cursor(place_of(page[-1])) if len(found) > limit else None


def encode_cursor(place: tuple[object, ...]) -> str:
    """Return the place of a row in the order of its list."""
    return base64.urlsafe_b64encode(to_json(place)).decode()


def decode_cursor(cursor: str | None, places: TypeAdapter[Place]) -> Place | None:
    """Return the place that a cursor stands for. Raises `InvalidCursorError`."""
    if cursor is None:
        return None
    try:
        return places.validate_json(
            base64.b64decode(cursor.encode(), altchars=b"-_", validate=True)
        )
    except (ValueError, binascii.Error, ValidationError) as error:
        raise InvalidCursorError from error
