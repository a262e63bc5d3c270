"""What routes ask for, as `Annotated` dependencies."""

import datetime as dt
from collections.abc import AsyncIterator
from typing import Annotated, cast

from fastapi import Depends, Request
from fastapi.security import APIKeyCookie, HTTPAuthorizationCredentials, HTTPBearer
from sqlalchemy.ext.asyncio import AsyncSession

from api.import_turns import ImportTurns
from api.rate_limits import RateLimits, SignInLimits
from core.clock import local_date
from core.errors import ForbiddenError, UnauthenticatedError
from domain.accounts import CurrentUser, find_current_user
from graph.preparation import Asker
from graph.suite import Suite
from storage.models import Role

SESSION_COOKIE = "ds_session"
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})

_bearer = HTTPBearer(
    auto_error=False, description="The token that login answers with, or an API key."
)
_cookie = APIKeyCookie(
    name=SESSION_COOKIE, auto_error=False, description="The cookie that login sets."
)


class CrossOriginError(ForbiddenError):
    """Another site's page sent this; only pages of this server may use its session cookie."""

    code = "cross_origin"


class SignInRequiredError(ForbiddenError):
    """An API key cannot do this: sign in with your password."""

    code = "sign_in_required"


class AdminRequiredError(ForbiddenError):
    """This is for administrators."""


def get_suite(request: Request) -> Suite:
    return cast("Suite", request.app.state.suite)


def get_sign_in_limits(request: Request) -> SignInLimits:
    return cast("SignInLimits", request.app.state.sign_in_limits)


def get_rate_limits(request: Request) -> RateLimits:
    return cast("RateLimits", request.app.state.rate_limits)


def get_import_turns(request: Request) -> ImportTurns:
    return cast("ImportTurns", request.app.state.import_turns)


def check_same_origin(request: Request) -> None:
    """Refuse what a browser sends for another site's page; other clients send neither header."""
    site = request.headers.get("sec-fetch-site")
    origin = request.headers.get("origin")
    if site is not None:
        is_own = site in ("same-origin", "none")
    else:
        is_own = origin in (None, f"{request.url.scheme}://{request.url.netloc}")
    if not is_own:
        raise CrossOriginError


def get_client_address(request: Request) -> str:
    """Return who sent the request, as the server or a trusted proxy sees it."""
    return request.client.host if request.client else "unknown"


ClientAddressDep = Annotated[str, Depends(get_client_address)]
SuiteDep = Annotated[Suite, Depends(get_suite)]
ImportTurnsDep = Annotated[ImportTurns, Depends(get_import_turns)]
RateLimitsDep = Annotated[RateLimits, Depends(get_rate_limits)]
SignInLimitsDep = Annotated[SignInLimits, Depends(get_sign_in_limits)]


def get_token(
    request: Request,
    bearer: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)],
    cookie: Annotated[str | None, Depends(_cookie)],
) -> str:
    """Return what says who sent it. A bearer token wins over the cookie, even a wrong one."""
    if bearer is None and cookie is not None and request.method not in SAFE_METHODS:
        check_same_origin(request)
    token = bearer.credentials if bearer else cookie
    if not token:
        raise UnauthenticatedError
    return token


TokenDep = Annotated[str, Depends(get_token)]


async def get_current_user(
    request: Request, suite: SuiteDep, token: TokenDep, limits: RateLimitsDep
) -> CurrentUser:
    """Return who sent the request, if they do not ask too often."""
    async with suite.database.service_session() as session:
        user = await find_current_user(session, token, now=suite.clock())
    if user is None:
        raise UnauthenticatedError
    request.state.user_id = user.id
    quotas = getattr(request.state, "quotas", [])
    await limits.count_user(user.id, request.method, request.scope["route"].path, quotas)
    return user


CurrentUserDep = Annotated[CurrentUser, Depends(get_current_user)]


def get_signed_in_user(user: CurrentUserDep) -> CurrentUser:
    """Return who sent the request, if they signed in with their password."""
    if user.session_id is None:
        raise SignInRequiredError
    return user


SignedInUserDep = Annotated[CurrentUser, Depends(get_signed_in_user)]


def get_admin(user: CurrentUserDep) -> CurrentUser:
    """Return who sent the request, if they are an administrator."""
    if user.role != Role.ADMIN:
        raise AdminRequiredError
    return user


AdminDep = Annotated[CurrentUser, Depends(get_admin)]


def get_today(user: CurrentUserDep, suite: SuiteDep) -> dt.date:
    """Return the calendar day in the user's time zone."""
    return local_date(suite.clock(), user.timezone)


TodayDep = Annotated[dt.date, Depends(get_today)]


def get_asker(user: CurrentUserDep) -> Asker:
    return Asker(user_id=user.id, timezone=user.timezone, locale=user.locale, brand=user.brand)


AskerDep = Annotated[Asker, Depends(get_asker)]


async def open_user_session(suite: SuiteDep, user: CurrentUserDep) -> AsyncIterator[AsyncSession]:
    async with suite.database.user_session(user.id) as session:
        yield session


# Scope "function": the commit comes before the answer is sent, and can still turn it into an
# error. Not for streams: it would be closed before their first byte.
UserSessionDep = Annotated[AsyncSession, Depends(open_user_session, scope="function")]


async def open_admin_session(suite: SuiteDep, _: AdminDep) -> AsyncIterator[AsyncSession]:
    """Lend a transaction over all users' rows to an administrator, and to nobody else."""
    async with suite.database.service_session() as session:
        yield session


AdminSessionDep = Annotated[AsyncSession, Depends(open_admin_session, scope="function")]
