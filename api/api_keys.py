"""API keys: make, list and revoke them."""

import datetime as dt
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Response
from pydantic import BaseModel, ConfigDict, Field, StringConstraints
from pydantic.config import JsonDict

from api.bodies import RequestBody
from api.deps import (
    CrossOriginError,
    SignedInUserDep,
    SignInRequiredError,
    SuiteDep,
    UserSessionDep,
)
from api.errors import problems
from api.idempotency import CreatingRoute
from api.pages import (
    BY_TIME,
    DEFAULT_PAGE_SIZE,
    Cursor,
    InvalidCursorError,
    Limit,
    Page,
    decode_cursor,
    split_page,
)
from core.errors import UnauthenticatedError
from domain.api_keys import TooManyApiKeysError, issue_api_key
from storage.api_keys import ApiKeyNotFoundError, delete_api_key, list_api_keys

router = APIRouter(
    prefix="/api/api-keys",
    tags=["API keys"],
    responses=problems(UnauthenticatedError, SignInRequiredError),
    route_class=CreatingRoute,
)

KEY_EXAMPLE: JsonDict = {
    "id": "0198c5a2-7b1e-7c3d-9a54-0f6f2f3b8f10",
    "name": "My website",
    "prefix": "ds_q8Xk3vZ",
    "created_at": "2026-03-02T09:15:00Z",
    "last_used_at": "2026-03-02T10:04:00Z",
}


class ApiKeyIn(RequestBody):
    """A new API key."""

    name: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100)] = (
        Field(description="What you recognise it by.", examples=["My website"])
    )


class ApiKeyOut(BaseModel):
    """An API key, without the key itself."""

    model_config = ConfigDict(from_attributes=True, json_schema_extra={"examples": [KEY_EXAMPLE]})

    id: UUID
    name: str
    prefix: str = Field(description="The key's first characters.")
    created_at: dt.datetime
    last_used_at: dt.datetime | None = Field(description="To the minute; null if never used.")


class NewApiKeyOut(ApiKeyOut):
    """A new API key, with the key itself."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                KEY_EXAMPLE | {"key": "ds_q8Xk3vZ0mJw4b7nT1yHc5sLr9dPf2gUe6aVi8oKx3Qz"},
            ]
        }
    )

    key: str = Field(description="Shown this once: the suite keeps only a hash of it.")


class ApiKeysOut(Page[ApiKeyOut]):
    """A page of API keys, the newest first."""


@router.post(
    "",
    status_code=201,
    summary="Make an API key",
    responses=problems(CrossOriginError, SignInRequiredError, TooManyApiKeysError),
)
async def create(
    body: ApiKeyIn, user: SignedInUserDep, session: UserSessionDep, suite: SuiteDep
) -> NewApiKeyOut:
    """Send the key as `Authorization: Bearer ds_…`; it is valid until you revoke it.

    It can do what you can, except for what needs a sign-in: API keys, and deleting the account.
    """
    key, secret = await issue_api_key(session, user.id, name=body.name, now=suite.clock())
    return NewApiKeyOut(**ApiKeyOut.model_validate(key).model_dump(), key=secret)


@router.get("", summary="List my API keys", responses=problems(InvalidCursorError))
async def list_all(
    _user: SignedInUserDep,
    session: UserSessionDep,
    limit: Limit = DEFAULT_PAGE_SIZE,
    cursor: Cursor = None,
) -> ApiKeysOut:
    """Of each you see its name, its first characters and when it was last used."""
    before = decode_cursor(cursor, BY_TIME)
    found = await list_api_keys(session, limit=limit + 1, before=before)
    page, next_page = split_page(found, limit, lambda key: (key.created_at, key.id))
    return ApiKeysOut(items=[ApiKeyOut.model_validate(key) for key in page], next=next_page)


@router.delete(
    "/{key_id}",
    status_code=204,
    summary="Revoke an API key",
    responses=problems(CrossOriginError, SignInRequiredError, ApiKeyNotFoundError),
)
async def revoke(key_id: UUID, _user: SignedInUserDep, session: UserSessionDep) -> Response:
    """It stops working at once."""
    await delete_api_key(session, key_id)
    return Response(status_code=204)
