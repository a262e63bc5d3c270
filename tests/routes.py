"""The routes of the API, as its OpenAPI description and its route table have them."""

from functools import cache
from typing import Any

from fastapi import FastAPI
from fastapi.routing import iter_route_contexts

from api.app import create_app
from tests.conftest import SealedModelSettings, SealedSettings

Route = tuple[str, str]


def list_routes(app: FastAPI) -> set[Route]:
    """Return method and path of every route, also of those that OpenAPI does not show."""
    return {
        (method, context.path or "")
        for context in iter_route_contexts(app.routes)
        for method in (context.methods or {"*"}) - {"HEAD"}
    }


def list_operations(app: FastAPI) -> dict[Route, dict[str, Any]]:
    """Return the OpenAPI description of every route that has one."""
    return {
        (method.upper(), path): operation
        for path, operations in app.openapi()["paths"].items()
        for method, operation in operations.items()
    }


@cache
def every_operation() -> dict[Route, dict[str, Any]]:
    """Return what the application describes as it is created; that takes half a second."""
    settings = SealedSettings(chat=SealedModelSettings(model="offline"))
    return list_operations(create_app(settings, "postgresql+psycopg://nobody@nowhere/nothing"))


def parameters_of(operation: dict[str, Any]) -> set[str]:
    """Return the names of an operation's parameters."""
    return {parameter["name"] for parameter in operation.get("parameters", ())}


def answer_of(app: FastAPI, operation: dict[str, Any], status: str = "200") -> dict[str, Any]:
    """Return the schema of an operation's JSON answer; empty if it has none."""
    content = operation["responses"].get(status, {}).get("content", {})
    schema: dict[str, Any] = content.get("application/json", {}).get("schema", {})
    return resolve(app, schema)


def resolve(app: FastAPI, schema: dict[str, Any]) -> dict[str, Any]:
    """Return a schema itself where there is only a reference to it."""
    name = schema.get("$ref", "").rpartition("/")[2]
    found: dict[str, Any] = app.openapi()["components"]["schemas"][name] if name else schema
    return found
