"""Registering, signing in and signing out."""

import datetime as dt
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel, BeforeValidator, ConfigDict, EmailStr, Field, SecretStr

from api.bodies import RequestBody
from api.cookies import delete_session_cookie, set_session_cookie
from api.deps import (
    SESSION_COOKIE,
    ClientAddressDep,
    CrossOriginError,
    SignedInUserDep,
    SignInLimitsDep,
    SignInRequiredError,
    SuiteDep,
    check_same_origin,
)
from api.errors import problems
from api.me import USER_EXAMPLE, UserOut
from api.rate_limits import TooManyAttemptsError
from core.errors import NotFoundError, UnauthenticatedError
from core.settings import Settings
from domain import accounts
from domain.accounts import PASSWORD_MAX_LENGTH, PASSWORD_MIN_LENGTH, SignIn
from domain.demo import DEMO_EMAIL, DEMO_PASSWORD
from graph.suite import Suite

# Signing somebody in to another account, or out, is worth forging too: no exception for these.
router = APIRouter(
    prefix="/api/auth",
    tags=["Accounts"],
    dependencies=[Depends(check_same_origin)],
    responses=problems(CrossOriginError),
)


def _refuse_display_name(email: object) -> object:
    """Refuse `Mara <mara@example.com>`, of which only the address would be kept."""
    if isinstance(email, str) and "<" in email:
        raise ValueError("Send the address alone, without a name")
    return email


class RegisterIn(RequestBody):
    """A new account."""

    email: Annotated[EmailStr, BeforeValidator(_refuse_display_name)] = Field(
        examples=["mara@example.com"]
    )
    password: SecretStr = Field(
        min_length=PASSWORD_MIN_LENGTH,
        max_length=PASSWORD_MAX_LENGTH,
        examples=["correct horse battery staple"],
    )
    timezone: str = Field("UTC", max_length=64, examples=["Europe/Lisbon"])
    locale: str = Field("en", max_length=35, examples=["pt"])


class LoginIn(RequestBody):
    """An e-mail and its password."""

    email: str = Field(max_length=254, examples=["mara@example.com"])
    password: SecretStr = Field(
        max_length=PASSWORD_MAX_LENGTH, examples=["correct horse battery staple"]
    )


class SignInOut(BaseModel):
    """The token to send as `Authorization: Bearer …`, and whose it is."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"token": "q8Xk3vZ0mJw4b7nT1yHc5sLr9dPf2gUe6aVi8oKx3Qz", "user": USER_EXAMPLE}
            ]
        }
    )

    token: str
    user: UserOut


class SessionOut(BaseModel):
    """Who is signed in, and how else one could."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"user": USER_EXAMPLE, "has_demo": False, "has_mail": True}]
        }
    )

    user: UserOut | None
    has_demo: bool = Field(description="Whether the demo creator can be signed in.")
    has_mail: bool = Field(description="Whether this server sends mails, as for a new password.")


class NoDemoError(NotFoundError):
    """There is no demo creator here; register instead."""

    code = "demo_not_found"


@router.post(
    "/register",
    status_code=201,
    summary="Create an account and sign in",
    responses=problems(
        accounts.EmailTakenError,
        accounts.InvalidTimeZoneError,
        accounts.InvalidLocaleError,
        TooManyAttemptsError,
    ),
)
async def register(
    body: RegisterIn,
    response: Response,
    address: ClientAddressDep,
    suite: SuiteDep,
    limits: SignInLimitsDep,
) -> SignInOut:
    """The answer has the token, and sets it as the cookie of a browser."""
    await limits.count_registration(address)
    sign_in = await accounts.register(
        suite.database,
        email=body.email,
        password=body.password.get_secret_value(),
        timezone=body.timezone,
        locale=body.locale,
        expires_at=_expiry(suite),
    )
    return _hand_over(sign_in, response, suite.settings)


@router.post(
    "/login",
    summary="Sign in",
    responses=problems(accounts.WrongCredentialsError, TooManyAttemptsError),
)
async def login(
    body: LoginIn,
    response: Response,
    address: ClientAddressDep,
    suite: SuiteDep,
    limits: SignInLimitsDep,
) -> SignInOut:
    """The answer has the token, and sets it as the cookie of a browser."""
    async with limits.login(address, body.email):
        sign_in = await accounts.authenticate(
            suite.database,
            email=body.email,
            password=body.password.get_secret_value(),
            expires_at=_expiry(suite),
        )
    return _hand_over(sign_in, response, suite.settings)


@router.post(
    "/demo",
    summary="Sign in as the demo creator",
    responses=problems(NoDemoError, TooManyAttemptsError),
)
async def login_as_demo(
    response: Response, address: ClientAddressDep, suite: SuiteDep, limits: SignInLimitsDep
) -> SignInOut:
    """Only where the suite runs for its own machine, with its own database."""
    if not suite.settings.has_demo:
        raise NoDemoError
    body = LoginIn(email=DEMO_EMAIL, password=SecretStr(DEMO_PASSWORD))
    return await login(body, response, address, suite, limits)


@router.get("/session", summary="Ask who is signed in")
async def get_session(request: Request, suite: SuiteDep) -> SessionOut:
    """Tell a page what to begin with, by the cookie of its browser."""
    user = None
    if token := request.cookies.get(SESSION_COOKIE):
        async with suite.database.service_session() as session:
            user = await accounts.find_current_user(session, token, now=suite.clock())
    return SessionOut(
        user=UserOut.model_validate(user) if user else None,
        has_demo=suite.settings.has_demo,
        has_mail=suite.settings.has_mail,
    )


@router.post(
    "/logout",
    status_code=204,
    summary="Sign out of this session",
    responses=problems(UnauthenticatedError, CrossOriginError, SignInRequiredError),
)
async def logout(response: Response, suite: SuiteDep, user: SignedInUserDep) -> None:
    """End this sign-in; your others go on."""
    async with suite.database.service_session() as session:
        await accounts.sign_out(session, user)
    delete_session_cookie(response, suite.settings)


def _hand_over(sign_in: SignIn, response: Response, settings: Settings) -> SignInOut:
    set_session_cookie(response, sign_in.token, settings)
    return SignInOut(token=sign_in.token, user=UserOut.model_validate(sign_in.user))


def _expiry(suite: Suite) -> dt.datetime:
    return suite.clock() + dt.timedelta(days=suite.settings.session_days)
