"""`/docs`: the API on one page, rendered from its OpenAPI schema.

FastAPI's own page loads its scripts from another host; this one needs no script and no host.
"""

import hashlib
import re
from base64 import b64encode
from html import escape
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

router = APIRouter(include_in_schema=False)

STYLE = """
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
body { max-width: 56rem; margin: 2rem auto; padding: 0 1rem; }
details { border: 1px solid #8885; border-radius: .5rem; margin: .5rem 0; padding: .5rem 1rem; }
summary { cursor: pointer; }
code { font: .9em ui-monospace, monospace; }
.method { display: inline-block; min-width: 4.5rem; font-weight: bold; }
.summary { opacity: .75; margin-left: .5rem; }
h3 { font-size: 1rem; margin: .75rem 0 0; }
table { border-collapse: collapse; width: 100%; }
td { border-top: 1px solid #8883; padding: .25rem .5rem .25rem 0; vertical-align: top; }
"""
STYLE_HASH = b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
CONTENT_SECURITY_POLICY = (
    f"default-src 'none'; style-src 'sha256-{STYLE_HASH}'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'"
)


@router.get("/docs")
async def get_docs(request: Request) -> HTMLResponse:
    page = render_docs(request.app.openapi())
    return HTMLResponse(page, headers={"Content-Security-Policy": CONTENT_SECURITY_POLICY})


def render_docs(schema: dict[str, Any]) -> str:
    """Return an HTML page with every operation of an OpenAPI schema, by tag."""
    title = escape(schema["info"]["title"])
    introduction = _paragraphs(schema["info"].get("description", ""))
    sections: dict[str, list[str]] = {}
    for path, operations in schema["paths"].items():
        for method, operation in operations.items():
            tag = operation.get("tags", ["Other"])[0]
            sections.setdefault(tag, []).append(_operation(schema, method, path, operation))
    body = "".join(f"<h2>{escape(tag)}</h2>{''.join(found)}" for tag, found in sections.items())
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{title}</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<style>{STYLE}</style><h1>{title}</h1>{introduction}"
        f'<p>For tools: <a href="/openapi.json">/openapi.json</a>.</p>{body}'
    )


def _operation(schema: dict[str, Any], method: str, path: str, operation: dict[str, Any]) -> str:
    inputs = [
        (f"{found['name']} ({found['in']})", found["schema"] | found, found.get("required", False))
        for found in operation.get("parameters", [])
    ]
    body = operation.get("requestBody", {}).get("content", {})
    for media_type, content in body.items():
        inputs += _fields(schema, media_type, content.get("schema", {}))
    answers = [
        (status, answer.get("description", ""))
        for status, answer in sorted(operation["responses"].items())
    ]
    return (
        f'<details><summary><span class="method">{escape(method.upper())}</span>'
        f'<code>{escape(path)}</code><span class="summary">{escape(operation.get("summary", ""))}'
        f"</span></summary>{_paragraphs(operation.get('description', ''))}"
        f"{_table('Takes', [_input(*found) for found in inputs])}{_table('Answers', answers)}"
        "</details>"
    )


def _fields(
    schema: dict[str, Any], media_type: str, body: dict[str, Any]
) -> list[tuple[str, dict[str, Any], bool]]:
    """Return name, schema and necessity of a body's fields, or of the whole body."""
    model = _resolve(schema, body)
    required = model.get("required", [])
    return [
        (name, _resolve(schema, field), name in required)
        for name, field in model.get("properties", {media_type: model}).items()
    ]


def _resolve(schema: dict[str, Any], node: dict[str, Any]) -> dict[str, Any]:
    name = node.get("$ref", "").rpartition("/")[2]
    found: dict[str, Any] = schema["components"]["schemas"][name] if name else {}
    return found | node


def _input(name: str, field: dict[str, Any], is_required: bool) -> tuple[str, str]:
    options = field.get("anyOf", [field])
    kinds = [option.get("type") or option.get("$ref", "").rpartition("/")[2] for option in options]
    kind = " or ".join(filter(None, kinds))
    facts = [kind, "" if is_required else "optional", field.get("description", "")]
    return name, ", ".join(filter(None, facts))


def _paragraphs(text: str) -> str:
    return "".join(f"<p>{_text(paragraph)}</p>" for paragraph in text.split("\n\n") if paragraph)


def _text(text: str) -> str:
    return re.sub("`([^`]+)`", r"<code>\1</code>", escape(text))


def _table(title: str, rows: list[tuple[str, str]]) -> str:
    cells = "".join(
        f"<tr><td><code>{escape(name)}</code></td><td>{_text(text)}</td></tr>"
        for name, text in rows
    )
    return f"<h3>{escape(title)}</h3><table>{cells}</table>" if rows else ""
