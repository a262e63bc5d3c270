"""The signed-in user's own profile."""

from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from api.bodies import RequestBody
from api.deps import CrossOriginError, CurrentUserDep, UserSessionDep
from api.errors import problems
from core.errors import UnauthenticatedError
from domain import accounts
from domain.accounts import Brand

router = APIRouter(prefix="/api/me", tags=["Accounts"], responses=problems(UnauthenticatedError))


class UserOut(BaseModel):
    """An account, as its owner sees it."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    email: str
    role: str
    timezone: str = Field(description="IANA name; decides which day a moment belongs to.")
    locale: str = Field(description="BCP 47 tag; decides whether 5/6 is read as 5 June or May 6.")
    brand: Brand | None = Field(description="What every agent knows about you; null if unknown.")


class ProfileIn(RequestBody):
    """What is to change; what is left out stays."""

    timezone: str | None = Field(None, max_length=64, examples=["Europe/Lisbon"])
    locale: str | None = Field(None, max_length=35, examples=["pt"])
    brand: Brand | None = None


@router.get("", summary="Get my profile")
async def get_profile(user: CurrentUserDep) -> UserOut:
    return UserOut.model_validate(user)


@router.patch(
    "",
    summary="Change my time zone, locale or brand",
    responses=problems(
        accounts.InvalidTimeZoneError, accounts.InvalidLocaleError, CrossOriginError
    ),
)
async def update_profile(body: ProfileIn, user: CurrentUserDep, session: UserSessionDep) -> UserOut:
    changed = await accounts.update_profile(
        session, user, timezone=body.timezone, locale=body.locale, brand=body.brand
    )
    return UserOut.model_validate(changed)
