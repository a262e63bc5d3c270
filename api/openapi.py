"""The OpenAPI description: what holds for every route is written into it here."""

from importlib import resources
from typing import Any

import orjson
from pydantic import BaseModel

from api.errors import (
    MEDIA_TYPE,
    VALIDATION_RESPONSE,
    DatabaseUnavailableError,
    GoneMeanwhileError,
    UnexpectedError,
    join_responses,
    problem_schemas,
    problems,
)
from api.middleware import HostNotAllowedError, InvalidAddressError
from api.rate_limits import RateLimitedError
from core.errors import TooLargeError

Operation = dict[str, Any]

_EVERYWHERE = problems(HostNotAllowedError, InvalidAddressError, UnexpectedError)
_OF_THE_API = problems(RateLimitedError, DatabaseUnavailableError)
_OF_WRITES = problems(GoneMeanwhileError)
_WITH_BODY = problems(TooLargeError)
_RETRY_AFTER = {"description": "Seconds to wait.", "schema": {"type": "integer", "minimum": 1}}
_QUOTA_HEADERS = {
    "RateLimit": {
        "description": 'What is left of each quota: `"reads";r=599;t=42`. Only where requests are '
        "limited.",
        "schema": {"type": "string"},
    },
    "RateLimit-Policy": {
        "description": 'The quotas: `"reads";q=600;w=60` is 600 requests in 60 seconds.',
        "schema": {"type": "string"},
    },
}


def complete(schema: dict[str, Any]) -> dict[str, Any]:
    """Return FastAPI's description with our problems, headers and examples."""
    schemas = schema.setdefault("components", {}).setdefault("schemas", {})
    schemas.update(problem_schemas())
    for name in ("HTTPValidationError", "ValidationError"):
        schemas.pop(name, None)
    _restore_examples(schemas)
    examples = orjson.loads(resources.files("api").joinpath("openapi_examples.json").read_bytes())
    for path, operations in schema["paths"].items():
        for method, operation in operations.items():
            _describe_problems(path, method, operation)
            if example := examples.get(f"{method.upper()} {path}"):
                operation["responses"]["200"]["content"]["application/json"]["example"] = example
    return schema


def _restore_examples(schemas: dict[str, Any]) -> None:
    """Put the nulls back that FastAPI leaves out of examples."""
    models = [BaseModel]
    while models:
        model = models.pop()
        models += model.__subclasses__()
        extra = model.model_config.get("json_schema_extra")
        if model.__module__.startswith("api.") and isinstance(extra, dict) and "examples" in extra:
            schemas.get(model.__name__, {})["examples"] = extra["examples"]


def _describe_problems(path: str, method: str, operation: Operation) -> None:
    answers = operation["responses"]
    own = answers.get("422", {})
    if MEDIA_TYPE in own.get("content", {}):
        own["description"] += f" {VALIDATION_RESPONSE['description']}"
    elif own:
        answers["422"] = VALIDATION_RESPONSE
    common = join_responses(
        _EVERYWHERE,
        _OF_THE_API if path.startswith("/api/") else {},
        _OF_WRITES if path.startswith("/api/") and method != "get" else {},
        _WITH_BODY if "requestBody" in operation else {},
    )
    known: dict[int | str, Any] = {int(status): answer for status, answer in answers.items()}
    for status, answer in join_responses(known, common).items():
        answers[str(status)] = answer | {"headers": _headers(path, int(status), answer)}


def _headers(path: str, status: int, answer: dict[str, Any]) -> dict[str, Any]:
    """Return the headers of an answer: its own, and those that all of its kind have."""
    headers: dict[str, Any] = dict(answer.get("headers", {}))
    if status in {429, 503}:  # what time heals
        headers["Retry-After"] = _RETRY_AFTER
    return headers | (_QUOTA_HEADERS if path.startswith("/api/") else {})
