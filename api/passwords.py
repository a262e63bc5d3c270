"""Passwords that are changed or forgotten, and whether an address is its user's."""

import asyncio
import time
from typing import Annotated

from fastapi import APIRouter, Depends, Response
from pydantic import Field, SecretStr

from api.bodies import RequestBody
from api.deps import (
    ClientAddressDep,
    CrossOriginError,
    CurrentUserDep,
    SignedInUserDep,
    SignInLimitsDep,
    SignInRequiredError,
    SuiteDep,
    check_same_origin,
)
from api.errors import problems
from api.rate_limits import SignInLimits, TooManyAttemptsError
from core.errors import UnauthenticatedError
from domain import accounts, passwords
from domain.accounts import PASSWORD_MAX_LENGTH, PASSWORD_MIN_LENGTH
from domain.passwords import InvalidTokenError
from graph.suite import Suite

# So that time does not tell which e-mails have accounts, each answer takes at least this long.
FORGOTTEN_SECONDS = 0.25
TOKEN_EXAMPLE = "q8Xk3vZ0mJw4b7nT1yHc5sLr9dPf2gUe6aVi8oKx3Qz"  # noqa: S105  # made up

router = APIRouter(tags=["Accounts"], responses=problems(CrossOriginError))
from_our_pages = [Depends(check_same_origin)]

Token = Annotated[SecretStr, Field(min_length=1, max_length=200, examples=[TOKEN_EXAMPLE])]
NewPassword = Annotated[
    SecretStr,
    Field(
        min_length=PASSWORD_MIN_LENGTH,
        max_length=PASSWORD_MAX_LENGTH,
        examples=["another correct horse"],
    ),
]


class VerifyIn(RequestBody):
    """What the link of the mail carries."""

    token: Token


class ForgottenIn(RequestBody):
    """Whose password is forgotten."""

    email: str = Field(max_length=254, examples=["mara@example.com"])


class ResetIn(RequestBody):
    """What the link of the mail carries, and a new password."""

    token: Token
    password: NewPassword


class PasswordChangeIn(RequestBody):
    """The password that you have, and the one you want."""

    password: SecretStr = Field(
        max_length=PASSWORD_MAX_LENGTH, examples=["correct horse battery staple"]
    )
    new_password: NewPassword


@router.post(
    "/api/auth/verify-email",
    status_code=204,
    summary="Show that an address is yours",
    dependencies=from_our_pages,
    responses=problems(InvalidTokenError),
)
async def verify_email(body: VerifyIn, suite: SuiteDep) -> Response:
    """The token is that of the mail which comes after registering. It works once."""
    token = body.token.get_secret_value()
    await passwords.verify_email(suite.database, token, now=suite.clock())
    return Response(status_code=204)


@router.post(
    "/api/auth/forgot-password",
    status_code=202,
    response_class=Response,
    summary="Ask for a new password by mail",
    dependencies=from_our_pages,
    responses=problems(TooManyAttemptsError),
)
async def forgot_password(
    body: ForgottenIn, suite: SuiteDep, limits: SignInLimitsDep, address: ClientAddressDep
) -> Response:
    """The answer is the same whether there is such an account or not.

    The mail has a link that works once, for an hour. There is one mail in five minutes at most.
    """
    await forget(suite, limits, address, body.email)
    return Response(status_code=202)


@router.post(
    "/api/auth/reset-password",
    status_code=204,
    summary="Set a new password by the token of a mail",
    dependencies=from_our_pages,
    responses=problems(InvalidTokenError),
)
async def reset_password(body: ResetIn, suite: SuiteDep) -> Response:
    """All your sign-ins end: sign in anew. API keys go on."""
    await passwords.reset_password(
        suite.database,
        body.token.get_secret_value(),
        body.password.get_secret_value(),
        now=suite.clock(),
    )
    return Response(status_code=204)


@router.post(
    "/api/me/password",
    status_code=204,
    summary="Change my password",
    responses=problems(
        UnauthenticatedError,
        CrossOriginError,
        SignInRequiredError,
        accounts.WrongPasswordError,
        TooManyAttemptsError,
    ),
)
async def change_password(
    body: PasswordChangeIn,
    user: SignedInUserDep,
    suite: SuiteDep,
    limits: SignInLimitsDep,
    address: ClientAddressDep,
) -> Response:
    """Your other sign-ins end, this one and API keys go on. A mail tells you of it."""
    async with limits.login(address, user.email):
        await passwords.change_password(
            suite.database,
            user,
            password=body.password.get_secret_value(),
            new_password=body.new_password.get_secret_value(),
        )
    return Response(status_code=204)


@router.post(
    "/api/me/verify-email",
    status_code=202,
    response_class=Response,
    summary="Send the mail that verifies my address again",
    responses=problems(UnauthenticatedError),
)
async def send_verification(user: CurrentUserDep, suite: SuiteDep) -> Response:
    """There is one in five minutes at most, and none once the address is verified."""
    if not user.is_email_verified:
        async with suite.database.service_session() as session:
            await passwords.queue_verification(session, user.id)
    return Response(status_code=202)


async def forget(suite: Suite, limits: SignInLimits, address: str, email: str) -> None:
    """Send a link to this e-mail if it has an account. Raises `TooManyAttemptsError`."""
    await limits.count_forgotten(address)
    ends_at = time.monotonic() + FORGOTTEN_SECONDS
    await passwords.forget_password(suite.database, email)
    await asyncio.sleep(ends_at - time.monotonic())
