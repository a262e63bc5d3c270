"""A creator's own numbers: importing them."""

import asyncio
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.datastructures import UploadFile

from api.deps import CrossOriginError, CurrentUserDep, ImportTurnsDep, SuiteDep
from api.errors import problems
from core.clock import local_date
from core.errors import TooLargeError, UnauthenticatedError, UnsupportedMediaError
from domain.metric_file import BadFileError, parse_metric_file
from domain.metric_import import BadRowsError, import_metrics

router = APIRouter(
    prefix="/api/metrics", tags=["Metrics"], responses=problems(UnauthenticatedError)
)

EXAMPLE = """\
platform,account,date,metric,value
instagram,mira.makes,2026-03-01,followers,10000
instagram,mira.makes,2026-03-02,followers,10025
"""
REQUEST_BODY: dict[str, Any] = {
    "required": True,
    "content": {
        "text/csv": {
            "schema": {"type": "string", "description": "The file, in UTF-8."},
            "example": EXAMPLE,
        },
        "multipart/form-data": {
            "schema": {
                "type": "object",
                "required": ["file"],
                "properties": {"file": {"type": "string", "format": "binary"}},
            }
        },
    },
}


class NotCsvError(UnsupportedMediaError):
    """Send the file as a text/csv body, or as the field `file` of a multipart/form-data form."""

    code = "not_csv"


class BadRowOut(BaseModel):
    """A row that was not stored."""

    model_config = ConfigDict(from_attributes=True)

    line: int = Field(description="Line of the file, counted from 1.")
    reason: str
    column: str | None


class ImportOut(BaseModel):
    """What an import changed; a day is one account's row of one date."""

    model_config = ConfigDict(from_attributes=True)

    rows: int = Field(description="Rows read, without the header and empty lines.")
    days_inserted: int
    days_updated: int
    days_unchanged: int
    connections_created: int
    errors: list[BadRowOut] = Field(description="The first 100 bad rows; with `partial` only.")
    error_count: int


@router.post(
    "/import",
    summary="Import my numbers from a CSV file",
    responses=problems(BadFileError, BadRowsError, NotCsvError, TooLargeError, CrossOriginError),
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
) -> ImportOut:
    """Columns `platform,account,date,metric,value`; the same file again changes nothing.

    All or nothing, unless `partial` is set: one bad row, and nothing is stored.
    """
    content = await _read_file(request)
    today = local_date(suite.clock(), user.timezone)
    # Not UserSessionDep: neither a slow upload nor waiting for a turn holds a connection.
    async with turns.turn(user.id):
        file = await asyncio.to_thread(parse_metric_file, content, today=today)
        async with suite.database.user_session(user.id) as session:
            result = await import_metrics(session, user.id, file, partial=partial)
    return ImportOut.model_validate(result)


async def _read_file(request: Request) -> bytes:
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    match media_type:
        case "text/csv":
            return await request.body()
        case "multipart/form-data":
            async with request.form(max_files=1, max_fields=1) as form:
                upload = form.get("file")
                if not isinstance(upload, UploadFile):
                    raise BadFileError("The form has no file in its field `file`.")
                return await upload.read()
        case _:
            raise NotCsvError
