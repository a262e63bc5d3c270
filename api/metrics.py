"""A creator's own numbers and posts: importing them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from tempfile import SpooledTemporaryFile
from typing import Annotated, Any, BinaryIO, cast

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.datastructures import UploadFile

from api.deps import CrossOriginError, CurrentUserDep, ImportTurnsDep, SuiteDep
from api.errors import problems
from core.clock import local_date
from core.errors import TooLargeError, UnauthenticatedError, UnsupportedMediaError
from domain.imports import (
    AccountNeededError,
    BadFileError,
    BadRowsError,
    FileFormat,
    import_upload,
)

router = APIRouter(
    prefix="/api/metrics", tags=["Metrics"], responses=problems(UnauthenticatedError)
)

SPOOLED_BYTES = 1_000_000  # a larger body waits on the disk
EXAMPLES = {
    "metrics": {
        "summary": "Daily numbers",
        "value": "platform,account,date,metric,value\n"
        "instagram,mira.makes,2026-03-01,followers,10000\n"
        "instagram,mira.makes,2026-03-02,followers,10025\n",
    },
    "posts": {
        "summary": "Posts",
        "value": "platform,account,post_id,posted_at,type,caption,permalink,likes,comments,shares,"
        "saves,views\n"
        'instagram,mira.makes,C4a1,2026-03-01T18:30,reel,"Glaze day, at last",'
        "https://www.instagram.com/reel/C4a1/,420,31,12,55,9800\n",
    },
    "youtube_videos": {
        "summary": "YouTube Studio's table, by content",
        "value": "Content,Video title,Video publish time,Duration,Views,Watch time (hours),"
        "Subscribers,Likes\n"
        "Total,,,,9120,310.5,41,512\n"
        'dQ4w9WgXc_1,How to throw a bowl,"Mar 1, 2026",640,9120,310.5,41,512\n',
    },
    "youtube_days": {
        "summary": "YouTube Studio's table, by date",
        "value": "Date,Views,Watch time (hours)\nTotal,250,10.5\n2026-03-01,120,4.25\n"
        "2026-03-02,130,6.25\n",
    },
    "spotify_timeline": {
        "summary": "Spotify for Artists' audience timeline",
        "value": "date,listeners,streams,followers\n2026-03-01,210,480,1500\n",
    },
}
ZIP_TYPES = ("application/zip", "application/x-zip-compressed")
REQUEST_BODY: dict[str, Any] = {
    "required": True,
    "content": {
        "text/csv": {
            "schema": {"type": "string", "description": "The file, in UTF-8."},
            "examples": EXAMPLES,
        },
        "application/zip": {
            "schema": {
                "type": "string",
                "format": "binary",
                "description": "YouTube Studio's export as it was downloaded.",
            },
        },
        "multipart/form-data": {
            "schema": {
                "type": "object",
                "required": ["file"],
                "properties": {
                    "file": {
                        "type": "string",
                        "format": "binary",
                        "description": "The file, or YouTube Studio's zip.",
                    },
                    "account": {"type": "string", "description": "As in the query."},
                },
            },
            "example": {"file": EXAMPLES["metrics"]["value"], "account": "mira.makes"},
        },
    },
}


class NotCsvError(UnsupportedMediaError):
    """Send a text/csv or application/zip body, or a multipart/form-data form with a `file`."""

    code = "not_csv"


class BadRowOut(BaseModel):
    """A row that was not stored."""

    model_config = ConfigDict(from_attributes=True)

    line: int = Field(description="Line of the file, counted from 1.")
    reason: str
    column: str | None


class ImportOut(BaseModel):
    """What an import changed; a day is one account's row of one date."""

    model_config = ConfigDict(
        from_attributes=True,
        json_schema_extra={
            "examples": [
                {
                    "format": "metrics",
                    "rows": 2,
                    "days_inserted": 2,
                    "days_updated": 0,
                    "days_unchanged": 0,
                    "posts_inserted": 0,
                    "posts_updated": 0,
                    "posts_unchanged": 0,
                    "connections_created": 1,
                    "notes": [],
                    "errors": [],
                    "error_count": 0,
                }
            ]
        },
    )

    format: FileFormat = Field(description="What the header was recognised as.")
    rows: int = Field(description="Rows read, without the header, empty lines and totals.")
    days_inserted: int
    days_updated: int
    days_unchanged: int
    posts_inserted: int
    posts_updated: int
    posts_unchanged: int
    connections_created: int
    notes: list[str] = Field(description="What the file could not say; sentences to show.")
    errors: list[BadRowOut] = Field(description="The first 100 bad rows; with `partial` only.")
    error_count: int


@router.post(
    "/import",
    summary="Import my numbers or posts from a file",
    responses=problems(
        BadFileError, BadRowsError, AccountNeededError, NotCsvError, TooLargeError, CrossOriginError
    ),
    openapi_extra={"requestBody": REQUEST_BODY},
)
async def import_file(
    request: Request,
    suite: SuiteDep,
    user: CurrentUserDep,
    turns: ImportTurnsDep,
    partial: Annotated[
        bool, Query(description="Store the valid rows even when others are not.")
    ] = False,
    account: Annotated[
        str | None,
        Query(
            max_length=200,
            description="Whose numbers these are, for exports of YouTube Studio and Spotify for "
            "Artists, which do not say. Default: your only account on that platform.",
        ),
    ] = None,
) -> ImportOut:
    """The header says what the file is; the same file again changes nothing.

    Daily numbers (`platform,account,date,metric,value`), posts
    (`platform,account,post_id,posted_at,type,caption,permalink,likes,comments,shares,saves,views`),
    YouTube Studio's table export by content or by date, as CSV or zip, and Spotify for Artists'
    audience timeline. All or nothing, unless `partial` is set: one bad row, and nothing is stored.
    """
    async with _received_file(request) as (source, account_field):
        today = local_date(suite.clock(), user.timezone)
        # Not UserSessionDep: neither a slow upload nor waiting for a turn holds a connection.
        async with turns.turn(user.id), suite.database.user_session(user.id) as session:
            result = await import_upload(
                session,
                user.id,
                source,
                today=today,
                timezone=user.timezone,
                account=account or account_field,
                partial=partial,
            )
    return ImportOut.model_validate(result)


@asynccontextmanager
async def _received_file(request: Request) -> AsyncIterator[tuple[BinaryIO, str | None]]:
    """Receive the body to memory or disk; yield the file and the form's account."""
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type == "multipart/form-data":
        async with request.form(max_files=1, max_fields=1) as form:
            upload, account = form.get("file"), form.get("account")
            if not isinstance(upload, UploadFile):
                raise BadFileError("The form has no file in its field `file`.")
            yield upload.file, account if isinstance(account, str) else None
    elif media_type in ("text/csv", *ZIP_TYPES):
        with SpooledTemporaryFile(max_size=SPOOLED_BYTES) as file:
            async for chunk in request.stream():
                file.write(chunk)
            file.seek(0)
            yield cast("BinaryIO", file), None
    else:
        raise NotCsvError
