"""Every error leaves as problem JSON (RFC 9457), from one place.

Beyond `type`, `title`, `status` and `detail` a problem has our `code`, and the machine-readable
fields of its error (`retry_after`, `limit`, …).
"""

import logging
from collections import defaultdict
from collections.abc import Callable, Coroutine, Iterator, Mapping
from itertools import chain
from typing import Any

from fastapi import Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ConfigDict
from pydantic.json_schema import models_json_schema
from pydantic_core import to_json
from sqlalchemy.exc import IntegrityError, OperationalError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from starlette.exceptions import HTTPException

from core.errors import (
    AppError,
    ConflictError,
    NotFoundError,
    TooLargeError,
    UnauthenticatedError,
    UnavailableError,
)
from domain.notifications import tell_limit_reached
from domain.tiers import TierLimitReachedError

logger = logging.getLogger(__name__)

MEDIA_TYPE = "application/problem+json"
FOREIGN_KEY_VIOLATION = "23503"  # PostgreSQL, appendix A

# Codes for what the framework refuses by itself, and better sentences where its own are short.
_FRAMEWORK_CODES = {
    400: "invalid",
    404: NotFoundError.code,
    405: "method_not_allowed",
    413: TooLargeError.code,
}
_FRAMEWORK_DETAILS = {
    404: "There is nothing at this address; /docs lists what there is.",
    405: "This address does not take this method; see the Allow header.",
}


class DatabaseUnavailableError(UnavailableError):
    """The database does not answer right now. Try again in a moment."""

    code = "database_unavailable"


class UnexpectedError(AppError):
    """Something went wrong on our side. Tell us the request id if it happens again."""

    code = "internal_error"


class GoneMeanwhileError(ConflictError):
    """What this is about was deleted at the same moment."""

    code = "gone_meanwhile"


class Problem(BaseModel):
    """An error as RFC 9457 problem JSON; some codes add fields of their own."""

    model_config = ConfigDict(extra="allow")

    type: str
    title: str
    status: int
    code: str
    detail: str


class FieldError(BaseModel):
    """What is wrong with one field; `field` is a path such as `body.email`."""

    field: str
    message: str


class ValidationProblem(Problem):
    """A request that does not fit the schema."""

    errors: list[FieldError]


def problem_response(error: AppError) -> Response:
    """Return the answer for an error of ours."""
    headers = {}
    if "retry_after" in error.fields:
        headers["Retry-After"] = str(error.fields["retry_after"])
    if error.status == UnauthenticatedError.status:
        headers["WWW-Authenticate"] = "Bearer"
    return build_problem(error.status, error.code, error.detail, error.fields, headers=headers)


def build_problem(
    status: int,
    code: str,
    detail: str,
    fields: Mapping[str, object] | None = None,
    *,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """Return a problem JSON answer; `fields` cannot replace the standard members."""
    content = {
        **(fields or {}),
        "type": f"urn:dreamsuite:problem:{code}",
        "title": code.replace("_", " ").capitalize(),
        "status": status,
        "code": code,
        "detail": detail,
    }
    return Response(to_json(content), status, headers=headers, media_type=MEDIA_TYPE)


def problems(*errors: type[AppError]) -> dict[int | str, dict[str, Any]]:
    """Return the OpenAPI `responses` of a route that may fail with these errors."""
    sentences = defaultdict(list)
    for error in errors:
        sentences[error.status].append(f"`{error.code}`: {(error.__doc__ or '').strip()}")
    return {
        status: {"description": " ".join(lines), "content": _content("Problem")}
        for status, lines in sentences.items()
    }


def join_responses(
    *responses: Mapping[int | str, dict[str, Any]] | None,
) -> dict[int | str, dict[str, Any]]:
    """Return OpenAPI `responses` together; a status that several have gets all their reasons."""
    joined: dict[int | str, dict[str, Any]] = {}
    for status, answer in chain.from_iterable((each or {}).items() for each in responses):
        reasons = [joined.get(status, {}).get("description"), answer["description"]]
        joined[status] = answer | {"description": " ".join(filter(None, reasons))}
    return joined


def problem_schemas() -> dict[str, Any]:
    """Return the OpenAPI schemas that `problems` and `VALIDATION_RESPONSE` refer to."""
    _, found = models_json_schema(
        [(Problem, "serialization"), (ValidationProblem, "serialization")],
        ref_template="#/components/schemas/{model}",
    )
    schemas: dict[str, Any] = found["$defs"]
    return schemas


def _content(schema: str) -> dict[str, Any]:
    return {MEDIA_TYPE: {"schema": {"$ref": f"#/components/schemas/{schema}"}}}


VALIDATION_RESPONSE = {
    "description": "`validation_failed`: The request does not fit the schema.",
    "content": _content("ValidationProblem"),
}


async def _answer_tier_limit(request: Request, error: TierLimitReachedError) -> Response:
    """Tell the user elsewhere, too; what was refused has been undone."""
    if user_id := getattr(request.state, "user_id", None):
        try:
            async with request.app.state.suite.database.user_session(user_id) as session:
                await tell_limit_reached(session, user_id, error)
        except SQLAlchemyError:
            logger.warning("user %s could not be told of a limit", user_id, exc_info=True)
    return problem_response(error)


async def _answer_app_error(_: Request, error: AppError) -> Response:
    return problem_response(error)


async def _answer_database_error(_: Request, error: SQLAlchemyError) -> Response:
    logger.error("the database does not answer: %r", error)
    return problem_response(DatabaseUnavailableError())


async def _answer_broken_reference(_: Request, error: IntegrityError) -> Response:
    """Answer a request that outlived what it is about; any other violation is a mistake of ours."""
    diagnosis = getattr(error.orig, "diag", None)
    if getattr(diagnosis, "sqlstate", None) != FOREIGN_KEY_VIOLATION:
        raise error
    is_of_user = str(diagnosis and diagnosis.constraint_name).endswith("_users")
    return problem_response(UnauthenticatedError() if is_of_user else GoneMeanwhileError())


async def _answer_validation_error(_: Request, error: RequestValidationError) -> Response:
    # Only place and message: the rejected value may be a password.
    errors = [
        {
            "field": ".".join(_name_place(found, error.body)),
            "message": _tell(found),
        }
        for found in error.errors()
    ]
    detail = "The request does not fit the schema; see `errors`."
    return build_problem(422, "validation_failed", detail, {"errors": errors})


def _tell(error: Mapping[str, Any]) -> str:
    """Return what is wrong, without the words of our own code."""
    match error["type"]:
        case "union_tag_invalid":
            return f"Input should be one of {error['ctx']['expected_tags']}"
        case "union_tag_not_found":
            return "Field required"
        case "json_invalid":
            return "This is no JSON"
        case _:
            told: str = error["msg"]
            return told.removeprefix("Value error, ")


def _name_place(error: Mapping[str, Any], body: object) -> Iterator[str]:
    """Yield the steps to a field, without the names of the models that a body may be one of."""
    first, *steps = error["loc"]
    yield str(first)
    if error["type"] == "json_invalid":  # its step is a place in the text
        return
    inside = body if first == "body" else None
    for number, step in enumerate(steps, start=1):
        if isinstance(inside, dict):
            is_absent = error["type"] == "missing" and number == len(steps)
            if (step not in inside and not is_absent) or _is_model(inside, step, error, number):
                continue
            inside = inside.get(step)
        yield str(step)
    if error["type"].startswith("union_tag_"):
        yield str(error["ctx"]["discriminator"]).strip("'")


def _is_model(inside: Mapping[str, Any], step: Any, error: Mapping[str, Any], number: int) -> bool:
    """Tell whether a step names a model, although there is a field of the same name beside."""
    following = error["loc"][number + 1 :]
    if isinstance(inside.get(step), dict | list):
        return False
    if not following:
        return bool(error["type"] == "unstorable_text")  # which only whole bodies are
    return following[0] in inside or (error["type"] == "missing" and len(following) == 1)


async def _answer_framework_error(_: Request, error: HTTPException) -> Response:
    status = error.status_code
    return build_problem(
        status,
        _FRAMEWORK_CODES.get(status, "http_error"),
        _FRAMEWORK_DETAILS.get(status, error.detail),
        headers=error.headers,
    )


EXCEPTION_HANDLERS: dict[
    int | type[Exception], Callable[[Request, Any], Coroutine[Any, Any, Response]]
] = {
    AppError: _answer_app_error,
    TierLimitReachedError: _answer_tier_limit,
    IntegrityError: _answer_broken_reference,
    RequestValidationError: _answer_validation_error,
    HTTPException: _answer_framework_error,
    OperationalError: _answer_database_error,
    PoolTimeoutError: _answer_database_error,
}
