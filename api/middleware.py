"""What happens around every request: headers, unexpected failures, the address, the body's size.

Plain ASGI, because a stream must pass through untouched. From the outside in: HeadersMiddleware,
AccessMiddleware, FailureMiddleware, AddressMiddleware, RateLimitMiddleware, BodyLimitMiddleware.
"""

import logging
import secrets
import time
from collections.abc import Collection, Mapping
from http import HTTPStatus

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.errors import UnexpectedError, problem_response
from api.rate_limits import Quota, RateLimitedError, RateLimits
from core import metrics
from core.errors import InvalidError, TooLargeError
from core.logging import forget_log_ids, log_ids
from core.tracing import Span, begin_span

logger = logging.getLogger(__name__)
access_logger = logging.getLogger("api.access")

# What machines ask all the time: counted, but neither logged nor traced.
QUIET_PATHS = frozenset({"/healthz", "/readyz", "/metrics"})
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
CLIENT_LEFT = 499  # nginx's number for a client that left before it was answered

SECURITY_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Cache-Control": "no-store",
}
HSTS = {"Strict-Transport-Security": "max-age=31536000"}


class HostNotAllowedError(InvalidError):
    """This server does not answer to that name: add it to ALLOWED_HOSTS."""

    code = "host_not_allowed"


class InvalidAddressError(InvalidError):
    """The address must not contain the character U+0000."""

    code = "invalid_address"


class HeadersMiddleware:
    """Number each request, and put the security headers on each answer that has no own ones."""

    def __init__(self, app: ASGIApp, *, is_https: bool) -> None:
        self.app = app
        self.headers = SECURITY_HEADERS | (HSTS if is_https else {})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request_id = secrets.token_hex(8)
        scope.setdefault("state", {})["request_id"] = request_id

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers["X-Request-ID"] = request_id
                for name, value in self.headers.items():
                    headers.setdefault(name, value)
            await send(message)

        forget_log_ids()  # the connection's last request may have started this one
        with log_ids(request_id=request_id):
            await self.app(scope, receive, send_with_headers)


class AccessMiddleware:
    """Count, time and trace each request, and log it at its end: a stream's when it has ended.

    The address is logged without its query, which may hold what somebody searched for.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        exchange = Exchange(scope)

        async def send_watched(message: Message) -> None:
            if message["type"] == "http.response.start":
                exchange.begin_answer(message)
            await send(message)

        try:
            with exchange.span.as_parent():
                await self.app(scope, receive, send_watched)
        finally:
            exchange.end()


class Exchange:
    """A request and its answer, as they are logged, measured and traced."""

    def __init__(self, scope: Scope) -> None:
        self.is_quiet = scope["path"] in QUIET_PATHS
        ids = {"dreamsuite.request_id": scope["state"]["request_id"]}
        self.span = Span() if self.is_quiet else begin_span("request", ids)
        self._scope = scope
        self._began = time.monotonic()
        self._status = CLIENT_LEFT
        self._is_stream = False

    @property
    def method(self) -> str:
        """The method, unless somebody made it up."""
        method: str = self._scope["method"]
        return method if method in METHODS else metrics.UNKNOWN

    @property
    def route(self) -> str:
        """The template of the route, once it is found."""
        return getattr(self._scope.get("route"), "path", metrics.UNKNOWN)

    def begin_answer(self, message: Message) -> None:
        """Take the head of the answer."""
        self._status = message["status"]
        metrics.HTTP_SECONDS.labels(self.method, self.route).observe(self._seconds())
        content_type = Headers(raw=message["headers"]).get("content-type", "")
        if content_type.startswith("text/event-stream"):
            self._is_stream = True
            metrics.OPEN_STREAMS.inc()

    def end(self) -> None:
        """Take the end of the answer, or that there will be none."""
        if self._is_stream:
            metrics.OPEN_STREAMS.dec()
        metrics.HTTP_REQUESTS.labels(self.method, self.route, self._status).inc()
        self.span.rename(f"{self.method} {self.route}")
        self.span.set(
            {
                "http.request.method": self.method,
                "http.route": self.route,
                "http.response.status_code": self._status,
            }
        )
        if self._status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            self.span.fail(str(self._status))
        self.span.end()
        if not self.is_quiet:
            access_logger.info(
                "%(method)s %(path)r %(status)s seconds=%(seconds)s",
                {
                    "method": self.method,
                    "path": self._scope["path"],
                    "route": self.route,
                    "status": self._status,
                    "seconds": round(self._seconds(), 3),
                },
            )

    def _seconds(self) -> float:
        return time.monotonic() - self._began


class FailureMiddleware:
    """Answer what nobody expected with a fixed sentence; what happened is in the log only."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        has_started = False

        async def watch_send(message: Message) -> None:
            nonlocal has_started
            has_started = True
            await send(message)

        try:
            await self.app(scope, receive, watch_send)
        except Exception:
            request_id = scope["state"]["request_id"]
            logger.exception("%s %r failed, request %s", scope["method"], scope["path"], request_id)
            if has_started:  # too late for an answer: the server must cut the connection
                raise
            await problem_response(UnexpectedError(request_id=request_id))(scope, receive, send)


class AddressMiddleware:
    """Answer only to our own names, which stops DNS rebinding, and to addresses of plain text."""

    def __init__(self, app: ASGIApp, *, allowed_hosts: Collection[str]) -> None:
        self.app = app
        self.allowed_hosts = {host.lower() for host in allowed_hosts}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and (error := self._find_error(scope)):
            await problem_response(error)(scope, receive, send)
        else:
            await self.app(scope, receive, send)

    def _find_error(self, scope: Scope) -> InvalidError | None:
        hosts = {_hostname(host) for host in Headers(scope=scope).getlist("host")}
        if len(hosts) != 1 or not hosts <= self.allowed_hosts:
            return HostNotAllowedError()
        # PostgreSQL cannot store or compare it.
        if "\0" in scope["path"] or b"%00" in scope["query_string"]:
            return InvalidAddressError()
        return None


class RateLimitMiddleware:
    """Refuse addresses that ask too often, and tell what is left in headers of each answer.

    What a user has left is counted where it is known who they are (`api/deps.py`).
    """

    def __init__(self, app: ASGIApp, *, rate_limits: RateLimits) -> None:
        self.app = app
        self.rate_limits = rate_limits

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not scope["path"].startswith("/api/"):
            await self.app(scope, receive, send)
            return
        quotas: list[Quota] = scope["state"].setdefault("quotas", [])

        async def send_with_quotas(message: Message) -> None:
            if message["type"] == "http.response.start" and quotas:
                headers = MutableHeaders(scope=message)
                headers["RateLimit-Policy"] = ", ".join(each.policy_header for each in quotas)
                headers["RateLimit"] = ", ".join(each.header for each in quotas)
            await send(message)

        client = scope.get("client")
        try:
            await self.rate_limits.count_address(client[0] if client else "unknown", quotas)
        except RateLimitedError as error:
            await problem_response(error)(scope, receive, send_with_quotas)
            return
        await self.app(scope, receive, send_with_quotas)


class BodyLimitMiddleware:
    """Refuse bodies above a limit, by their declared length or as soon as they exceed it."""

    def __init__(self, app: ASGIApp, *, limit: int, path_limits: Mapping[str, int]) -> None:
        self.app = app
        self.limit = limit
        self.path_limits = path_limits

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        limit = self.path_limits.get(scope["path"], self.limit)
        detail = f"The request body may have at most {limit} bytes."
        if int(Headers(scope=scope).get("content-length", "0")) > limit:
            await problem_response(TooLargeError(detail))(scope, receive, send)
            return
        received = 0

        async def receive_counted() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > limit:
                # FastAPI passes on this exception only; any other becomes a 400 while it reads.
                raise HTTPException(TooLargeError.status, detail)
            return message

        await self.app(scope, receive_counted, send)


def _hostname(host: str) -> str:
    """Return a Host header without its port."""
    name, colon, port = host.lower().rpartition(":")
    return name if colon and port.isdigit() else host.lower()
