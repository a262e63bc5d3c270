"""The signed-in user's own profile."""

from uuid import UUID

from fastapi import APIRouter, Response
from pydantic import BaseModel, ConfigDict, Field, SecretStr
from pydantic.config import JsonDict

from api.bodies import RequestBody
from api.cookies import delete_session_cookie
from api.deps import (
    ClientAddressDep,
    CrossOriginError,
    CurrentUserDep,
    SignedInUserDep,
    SignInLimitsDep,
    SignInRequiredError,
    SuiteDep,
    UserSessionDep,
)
from api.errors import problems
from api.rate_limits import TooManyAttemptsError
from core.errors import UnauthenticatedError
from domain import accounts
from domain.accounts import PASSWORD_MAX_LENGTH, Brand
from domain.preferences import ChannelChange, Channels, NeverMailedError
from graph.deletion import delete_account
from storage.models import NotificationType

router = APIRouter(prefix="/api/me", tags=["Accounts"], responses=problems(UnauthenticatedError))


USER_EXAMPLE: JsonDict = {
    "id": "0198c5a2-7b1e-7c3d-9a54-0f6f2f3b8f10",
    "email": "mara@example.com",
    "is_email_verified": True,
    "role": "user",
    "timezone": "Europe/Lisbon",
    "locale": "pt",
    "brand": {
        "niche": "quiet indie folk",
        "voice": "warm, plain, first person",
        "audience": "listeners from 20 to 35 in Europe",
    },
    "notifications": {
        "insight": {"in_app": True, "by_mail": True},
        "milestone": {"in_app": False, "by_mail": None},
    },
}


class UserOut(BaseModel):
    """An account, as its owner sees it."""

    model_config = ConfigDict(from_attributes=True, json_schema_extra={"examples": [USER_EXAMPLE]})

    id: UUID
    email: str
    is_email_verified: bool = Field(
        description="Whether you have opened the link in the mail to this address. Before, no "
        "other mail goes there."
    )
    role: str
    timezone: str = Field(description="IANA name; decides which day a moment belongs to.")
    locale: str = Field(description="BCP 47 tag; decides whether 5/6 is read as 5 June or May 6.")
    brand: Brand | None = Field(description="What every agent knows about you; null if unknown.")
    notifications: dict[NotificationType, Channels] = Field(
        description="How you are told, by type; `by_mail` is null for what is never mailed."
    )


class ProfileIn(RequestBody):
    """What is to change; what is left out stays."""

    timezone: str | None = Field(None, max_length=64, examples=["Europe/Lisbon"])
    locale: str | None = Field(None, max_length=35, examples=["pt"])
    brand: Brand | None = Field(None, examples=[USER_EXAMPLE["brand"]])
    notifications: dict[NotificationType, ChannelChange] | None = Field(
        None,
        examples=[{"insight": {"by_mail": False}}],
        description="By type; types that are left out stay.",
    )


class FarewellIn(RequestBody):
    """That it is really you."""

    password: SecretStr = Field(
        max_length=PASSWORD_MAX_LENGTH, examples=["correct horse battery staple"]
    )


@router.get("", summary="Get my profile")
async def get_profile(user: CurrentUserDep) -> UserOut:
    """Also what agents know about your brand."""
    return UserOut.model_validate(user)


@router.patch(
    "",
    summary="Change my time zone, locale, brand or notifications",
    responses=problems(
        accounts.InvalidTimeZoneError,
        accounts.InvalidLocaleError,
        NeverMailedError,
        CrossOriginError,
    ),
)
async def update_profile(body: ProfileIn, user: CurrentUserDep, session: UserSessionDep) -> UserOut:
    """A brand takes the place of the whole one before; an empty one, `{}`, forgets it."""
    changed = await accounts.update_profile(
        session,
        user,
        timezone=body.timezone,
        locale=body.locale,
        brand=body.brand,
        notifications=body.notifications,
    )
    return UserOut.model_validate(changed)


@router.delete(
    "",
    status_code=204,
    summary="Delete my account",
    responses=problems(
        CrossOriginError, SignInRequiredError, accounts.WrongPasswordError, TooManyAttemptsError
    ),
)
async def delete_me(
    body: FarewellIn,
    user: SignedInUserDep,
    suite: SuiteDep,
    limits: SignInLimitsDep,
    address: ClientAddressDep,
) -> Response:
    """Delete the account with all that belongs to it, at once and for good.

    Your sign-ins and API keys end, answers that are still coming are stopped. What you want to
    keep, export before.
    """
    async with limits.login(address, user.email):
        await accounts.check_password(suite.database, user.id, body.password.get_secret_value())
    await delete_account(suite, user.id)
    response = Response(status_code=204)
    delete_session_cookie(response, suite.settings)
    return response
