"""A creator's accounts on the platforms, and which platforms can be connected."""

import datetime as dt
from collections.abc import Sequence
from typing import Literal
from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field
from pydantic.config import JsonDict

from api.deps import UserSessionDep
from api.errors import problems
from core.errors import UnauthenticatedError
from storage.metrics import Coverage, list_coverage
from storage.models import Platform

router = APIRouter(
    prefix="/api/connections", tags=["Connections"], responses=problems(UnauthenticatedError)
)

State = Literal["none", "imported", "connected", "needs_reconnect"]
ENDED = {"needs_reconnect", "revoked"}
CONNECTION_EXAMPLE: JsonDict = {
    "id": "0198c5a2-7b1e-7c3d-9a54-0f6f2f3b8f10",
    "platform": "instagram",
    "account": "mira.makes",
    "source": "import",
    "status": "active",
    "first_date": "2025-03-01",
    "last_date": "2026-03-01",
    "days": 366,
}
PLATFORM_EXAMPLE: JsonDict = {
    "platform": "instagram",
    "state": "imported",
    "can_connect": False,
    "reason": "not_configured",
    "connect_url": None,
}


class ConnectionOut(BaseModel):
    """An account, and the days for which numbers are known."""

    model_config = ConfigDict(json_schema_extra={"examples": [CONNECTION_EXAMPLE]})

    id: UUID
    platform: str
    account: str
    source: str = Field(description="`oauth` after a sign-in to the platform, else `import`.")
    status: str
    first_date: dt.date | None
    last_date: dt.date | None
    days: int


class PlatformAccessOut(BaseModel):
    """A platform, and whether one can sign in to it here."""

    model_config = ConfigDict(json_schema_extra={"examples": [PLATFORM_EXAMPLE]})

    platform: Platform
    state: State = Field(
        description="How your numbers get here: not at all, from files, or from the platform "
        "itself, as long as the sign-in there is valid."
    )
    can_connect: bool = Field(description="Whether you can connect an account, or one anew.")
    reason: Literal["not_configured"] | None = Field(
        description="Why you cannot; files can be imported all the same. "
        "`not_configured`: this server has no access to the platform."
    )
    connect_url: str | None = Field(
        description="Where a browser goes to connect; null where it cannot."
    )


class ConnectionsOut(BaseModel):
    """All accounts, by platform and name, and all platforms."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"items": [CONNECTION_EXAMPLE], "platforms": [PLATFORM_EXAMPLE]}]
        }
    )

    items: list[ConnectionOut]
    platforms: list[PlatformAccessOut]


@router.get("", summary="List my accounts")
async def list_connections(session: UserSessionDep) -> ConnectionsOut:
    """Imports make them, and say whose numbers they are."""
    accounts = await list_coverage(session)
    return ConnectionsOut(
        items=[_connection_out(found) for found in accounts],
        platforms=[_platform_out(platform, accounts) for platform in Platform],
    )


def _connection_out(found: Coverage) -> ConnectionOut:
    return ConnectionOut(
        id=found.connection_id,
        platform=found.platform,
        account=found.account,
        source=found.source,
        status=found.status,
        first_date=found.first_date,
        last_date=found.last_date,
        days=found.days,
    )


def _platform_out(platform: Platform, accounts: Sequence[Coverage]) -> PlatformAccessOut:
    """Say how a platform stands. No server can sign in to one yet: there is no way to connect."""
    return PlatformAccessOut(
        platform=platform,
        state=_state([found for found in accounts if found.platform == platform]),
        can_connect=False,
        reason="not_configured",
        connect_url=None,
    )


def _state(accounts: Sequence[Coverage]) -> State:
    if not accounts:
        return "none"
    connected = [found.status for found in accounts if found.source == "oauth"]
    if not connected:
        return "imported"
    return "needs_reconnect" if ENDED & set(connected) else "connected"
