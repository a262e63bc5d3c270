"""Sends a webhook once, and tells how it was answered."""

import asyncio
import datetime as dt
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from functools import cache
from http import HTTPStatus

import httpx

DETAIL_LENGTH = 500
MAX_RETRY_AFTER = dt.timedelta(hours=1)
_MAY_HEAL = {HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_EARLY, HTTPStatus.TOO_MANY_REQUESTS}


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What came back: `status` is null when nothing did. `detail` is for operators."""

    status: int | None
    detail: str
    retry_after: dt.timedelta | None = None

    @property
    def is_success(self) -> bool:
        """Whether it was taken; a redirect is not followed, and is no success."""
        return self.status is not None and HTTPStatus(200) <= self.status < HTTPStatus(300)

    @property
    def may_heal(self) -> bool:
        """Whether another try can succeed."""
        return self.status is None or self.status in _MAY_HEAL or self.status >= HTTPStatus(500)


async def post(
    url: str, body: bytes, headers: Mapping[str, str], *, patience: dt.timedelta
) -> Answer:
    """Send a body, once. Nothing is raised for what goes wrong on the way."""
    seconds = patience.total_seconds()
    try:
        async with (
            asyncio.timeout(seconds),
            httpx.AsyncClient(timeout=seconds, trust_env=False, verify=_trust()) as client,
            client.stream("POST", url, content=body, headers=dict(headers)) as response,
        ):
            return Answer(
                status=response.status_code,
                detail=await _read_beginning(response),
                retry_after=_read_retry_after(response.headers.get("retry-after", "")),
            )
    except (httpx.HTTPError, httpx.InvalidURL, TimeoutError) as error:
        return Answer(status=None, detail=repr(error)[:DETAIL_LENGTH])


@cache
def _trust() -> ssl.SSLContext:
    """Return whom we believe who they are; reading the certificates takes 20 ms."""
    return httpx.create_ssl_context(trust_env=False)


async def _read_beginning(response: httpx.Response) -> str:
    """Return the first characters of an answer, however much there is."""
    found = b""
    async for chunk in response.aiter_bytes():
        found += chunk
        if len(found) >= DETAIL_LENGTH:
            break
    return found[:DETAIL_LENGTH].decode(errors="replace").replace("\0", "")


def _read_retry_after(text: str) -> dt.timedelta | None:
    """Return the wait that a Retry-After header asks for, in seconds or by a date."""
    if text.isascii() and text.isdigit():
        wait = dt.timedelta(seconds=int(text[:9]))
    else:
        try:
            wait = parsedate_to_datetime(text) - dt.datetime.now(dt.UTC)
        except (ValueError, TypeError, OverflowError):
            return None
    return min(max(wait, dt.timedelta()), MAX_RETRY_AFTER)
