"""The HTTP application: routes, error answers, middlewares, and the suite they work with."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, nullcontext
from typing import Any

from fastapi import APIRouter, FastAPI
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware

from api import (
    admin,
    admin_deliveries,
    agents,
    analytics,
    api_keys,
    auth,
    callbacks,
    chat,
    connections,
    conversations,
    cron,
    docs,
    events,
    goals,
    health,
    insights,
    jobs,
    limits,
    mail_pages,
    me,
    messages,
    metrics,
    monitoring,
    notifications,
    passwords,
    plans,
    qstash,
    runs,
    suggestions,
)
from api.errors import EXCEPTION_HANDLERS
from api.health import WorkerWatch
from api.import_turns import ImportTurns
from api.middleware import (
    AccessMiddleware,
    AddressMiddleware,
    BodyLimitMiddleware,
    FailureMiddleware,
    HeadersMiddleware,
    RateLimitMiddleware,
)
from api.monitoring import watched_event_loop
from api.openapi import complete
from api.rate_limits import Counters, RateLimits, SignInLimits
from api.web import WebApp
from core.clock import Clock, utc_now
from core.settings import Settings
from graph.suite import open_suite
from jobs.handlers import HANDLERS
from jobs.worker import working

# What pages of other origins may send and read, beyond what browsers always let them.
CORS_REQUEST_HEADERS = ("Idempotency-Key", "If-None-Match", "Last-Event-ID")
CORS_RESPONSE_HEADERS = (
    "Content-Disposition",
    "ETag",
    "RateLimit",
    "RateLimit-Policy",
    "Retry-After",
    "X-Conversation-Id",
    "X-Request-ID",
    "X-Run-Id",
    "X-Vercel-AI-UI-Message-Stream",
)

ROUTERS: tuple[APIRouter, ...] = (
    auth.router,
    passwords.router,
    mail_pages.router,
    me.router,
    api_keys.router,
    limits.router,
    connections.router,
    metrics.router,
    goals.router,
    analytics.router,
    plans.router,
    insights.router,
    notifications.router,
    jobs.router,
    cron.router,
    suggestions.router,
    agents.router,
    chat.router,
    runs.router,
    conversations.router,
    messages.router,
    events.router,
    admin.router,
    admin_deliveries.router,
    callbacks.router,
    qstash.router,
    health.router,
    monitoring.router,
    docs.router,
)

DESCRIPTION = """\
An AI team for creators: it knows a creator's numbers and answers from them.

Sign in with `POST /api/auth/login`; then send the token as `Authorization: Bearer …`, or let the \
browser send the cookie. Answers stream as server-sent events: docs/streaming.md has all of it.

Every error is problem JSON (RFC 9457) with a stable `code`."""


class DreamSuiteApi(FastAPI):
    """FastAPI whose OpenAPI schema describes our problem JSON instead of FastAPI's own errors."""

    def openapi(self) -> dict[str, Any]:
        if self.openapi_schema:
            return self.openapi_schema
        return complete(super().openapi())


def create_app(settings: Settings, database_url: str, *, clock: Clock = utc_now) -> FastAPI:
    """Build the application for a database that `storage.provision.ready_database` made ready."""
    redis_url = settings.rate_limit_url
    counters = Counters(redis_url.get_secret_value() if redis_url else None)
    rate_limits = RateLimits(counters, settings.requests_per_minute)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with open_suite(settings, database_url, clock=clock) as suite, watched_event_loop():
            app.state.suite = suite
            async with working(suite, HANDLERS) if settings.run_jobs else nullcontext():
                yield
        await counters.close()

    app = DreamSuiteApi(
        title="Dream Suite",
        description=DESCRIPTION,
        version="1",
        docs_url=None,
        redoc_url=None,
        lifespan=lifespan,
        middleware=_middleware(settings, rate_limits),
        exception_handlers=EXCEPTION_HANDLERS,
    )
    app.state.is_stopping = False
    app.state.worker_watch = WorkerWatch()
    app.state.import_turns = ImportTurns()
    app.state.sign_in_limits = SignInLimits(counters, settings.login_attempts)
    app.state.rate_limits = rate_limits
    # As they are: `include_router` would make each of them anew, for what our routers do not use.
    for router in ROUTERS:
        app.router.routes.extend(router.routes)
    app.router.default = WebApp(app.router.default)
    return app


def _middleware(settings: Settings, rate_limits: RateLimits) -> list[Middleware]:
    """Return what every request passes, the outermost first."""
    return [
        Middleware(HeadersMiddleware, is_https=settings.is_cookie_secure),
        Middleware(AccessMiddleware),
        Middleware(FailureMiddleware),
        Middleware(AddressMiddleware, allowed_hosts=settings.allowed_hosts),
        Middleware(
            CORSMiddleware,
            allow_origins=settings.cors_origins,
            allow_methods=["*"],
            allow_headers=["Authorization", *CORS_REQUEST_HEADERS],
            expose_headers=CORS_RESPONSE_HEADERS,
            max_age=600,
        ),
        Middleware(RateLimitMiddleware, rate_limits=rate_limits),
        Middleware(
            BodyLimitMiddleware,
            limit=settings.max_body_bytes,
            path_limits={"/api/metrics/import": settings.max_import_bytes},
        ),
    ]
