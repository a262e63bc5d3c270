"""What every JSON body is made of."""

from typing import Any

from pydantic import BaseModel, model_validator
from pydantic_core import PydanticCustomError


class RequestBody(BaseModel):
    """A JSON body whose text PostgreSQL can hold, however deep it is nested.

    JSON may carry U+0000 and halves of surrogate pairs; `text` and `jsonb` columns may not.
    Unknown fields are ignored: clients send more than they must, and it changes nothing.
    """

    @model_validator(mode="before")
    @classmethod
    def _refuse_unstorable_text(cls, value: Any) -> Any:
        unchecked = [value]  # a list, since recursion would end at a depth that JSON may have
        while unchecked:
            match unchecked.pop():
                case str() as text:
                    _check_storable(text)
                case dict() as members:
                    unchecked += members.keys()
                    unchecked += members.values()
                case list() as items:
                    unchecked += items
        return value


def _check_storable(text: str) -> None:
    try:
        is_storable = b"\0" not in text.encode()
    except UnicodeEncodeError:  # half a surrogate pair
        is_storable = False
    if not is_storable:
        raise PydanticCustomError(
            "unstorable_text", "Text must not contain U+0000 or half a surrogate pair"
        )
