"""Answers that need not be sent twice: entity tags of all that an answer depends on.

RFC 9110, section 8.8.3. A tag is weak, since a proxy may compress what it is for.
"""

import hashlib
from functools import cache
from pathlib import Path

from fastapi import Request, Response

# `no-cache` keeps the answer in the browser, and asks each time whether it is still true.
HEADERS = {"Cache-Control": "private, no-cache", "Vary": "Authorization, Cookie"}
NOT_MODIFIED: dict[int | str, dict[str, str]] = {
    304: {"description": "You have this answer already: its tag is in `If-None-Match`."}
}
CODE = ("core", "storage", "domain", "tools", "api")


def build_etag(*parts: object) -> str:
    """Return the tag of an answer that depends on nothing but these, and on our code."""
    digest = hashlib.blake2b(repr((code_version(), *parts)).encode(), digest_size=16)
    return f'W/"{digest.hexdigest()}"'


@cache
def code_version() -> str:
    """Return a hash of the code that makes answers: another release may answer otherwise."""
    root = Path(__file__).parents[1]
    digest = hashlib.blake2b(digest_size=16)
    for folder in CODE:
        for file in sorted((root / folder).rglob("*.py")):
            digest.update(file.read_bytes())
    return digest.hexdigest()


def is_known(request: Request, etag: str) -> bool:
    """Tell whether the client has this answer already (If-None-Match, by weak comparison)."""
    known = ",".join(request.headers.getlist("if-none-match"))
    tags = {tag.strip().removeprefix("W/") for tag in known.split(",")}
    return "*" in tags or etag.removeprefix("W/") in tags


def not_modified(etag: str) -> Response:
    """Return the answer to who has it already."""
    return Response(status_code=304, headers={**HEADERS, "ETag": etag})


def tagged(body: str, etag: str) -> Response:
    """Return a JSON answer with its tag."""
    return Response(body, headers={**HEADERS, "ETag": etag}, media_type="application/json")
