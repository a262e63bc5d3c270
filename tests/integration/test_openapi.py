"""The OpenAPI description is whole: words, examples that fit, and the problems of every route."""

from typing import Any

import pytest
from fastapi import FastAPI
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]  # has none

from api.app import create_app
from core.settings import Settings
from tests.routes import Route, list_operations, resolve

# Answers that are no JSON document: streams, and what machines read.
WITHOUT_EXAMPLE = {"text/plain; version=1.0.0; charset=utf-8", "application/zip"}


@pytest.fixture
def app(settings: Settings) -> FastAPI:
    return create_app(settings, "postgresql+psycopg://nobody@nowhere/nothing")


def examples_of(app: FastAPI, content: dict[str, Any]) -> list[Any]:
    """Return the examples of a body: its own, or those of its schema, or of a list's items."""
    schema = resolve(app, content.get("schema", {}))
    own = [content["example"]] if "example" in content else []
    own += [each["value"] for each in content.get("examples", {}).values()]
    if own or "examples" in schema:
        return [*own, *schema.get("examples", ())]
    fields = {name: resolve(app, field) for name, field in schema.get("properties", {}).items()}
    if "items" in fields:
        items = examples_of(app, {"schema": fields["items"]["items"]})
        return [{"items": items, "next": None}] if items else []
    if fields and all("examples" in field or "default" in field for field in fields.values()):
        return [
            {name: field["examples"][0] for name, field in fields.items() if "examples" in field}
        ]
    return []


def contents(operation: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    """Return what an operation takes and answers when it succeeds, by media type."""
    found = list(operation.get("requestBody", {}).get("content", {}).items())
    for status, answer in operation["responses"].items():
        if status < "300":
            found += answer.get("content", {}).items()
    return found


def test_every_operation_is_described_in_words(app: FastAPI) -> None:
    for route, operation in list_operations(app).items():
        assert operation.get("summary"), route
        assert operation.get("description"), route
        for parameter in operation.get("parameters", ()):
            is_told = parameter.get("description") or parameter["name"].endswith("id")
            assert is_told or parameter["in"] == "cookie", (route, parameter["name"])


def test_every_body_and_answer_has_an_example_that_fits(app: FastAPI) -> None:
    missing: list[tuple[Route, str]] = []
    components = app.openapi()["components"]
    for route, operation in list_operations(app).items():
        for media_type, content in contents(operation):
            examples = examples_of(app, content)
            if not examples and media_type not in WITHOUT_EXAMPLE:
                missing.append((route, media_type))
            if media_type == "application/json":
                schema = content["schema"] | {"components": components}
                for example in examples:
                    errors = Draft202012Validator(schema).iter_errors(example)
                    assert [error.message for error in errors] == [], (route, example)
    assert missing == [], missing


def test_every_operation_tells_its_problems(app: FastAPI) -> None:
    for (method, path), operation in list_operations(app).items():
        answers = operation["responses"]
        codes = {status: answer["description"] for status, answer in answers.items()}
        assert "`internal_error`" in codes["500"], path
        assert "`host_not_allowed`" in codes["400"], path
        if not path.startswith("/api/"):
            continue
        assert "`rate_limited`" in codes["429"], path
        assert "`database_unavailable`" in codes["503"], path
        assert "Retry-After" in answers["429"]["headers"], path
        assert {"RateLimit", "RateLimit-Policy"} <= set(answers["429"]["headers"]), path
        if "requestBody" in operation:
            assert "`too_large`" in codes["413"], path
        is_public = path.startswith("/api/auth/") and path != "/api/auth/logout"
        is_public |= path.startswith(("/api/callbacks/", "/api/webhooks/"))  # they are signed
        assert ("`unauthenticated`" in codes.get("401", "")) != is_public, path
        takes_cookie = not path.startswith("/api/cron/")  # a secret that no browser adds
        if method != "GET" and not is_public and takes_cookie:
            assert "`cross_origin`" in codes["403"], (method, path)
        names = {name for name in path.split("/") if name.startswith("{")}
        if path.startswith("/api/webhooks/"):  # to QStash, 404 would mean to try again
            names.clear()
        assert not names or "_not_found`" in codes["404"], path


def test_every_problem_is_problem_json(app: FastAPI) -> None:
    for route, operation in list_operations(app).items():
        for status, answer in operation["responses"].items():
            if status >= "400":
                assert list(answer["content"]) == ["application/problem+json"], (route, status)
