"""A creator's accounts on the platforms."""

import datetime as dt
from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from api.deps import UserSessionDep
from api.errors import problems
from core.errors import UnauthenticatedError
from storage.metrics import list_coverage

router = APIRouter(
    prefix="/api/connections", tags=["Connections"], responses=problems(UnauthenticatedError)
)


class ConnectionOut(BaseModel):
    """An account, and the days for which numbers are known."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "id": "0198c5a2-7b1e-7c3d-9a54-0f6f2f3b8f10",
                    "platform": "instagram",
                    "account": "mira.makes",
                    "source": "import",
                    "status": "active",
                    "first_date": "2025-03-01",
                    "last_date": "2026-03-01",
                    "days": 366,
                }
            ]
        }
    )

    id: UUID
    platform: str
    account: str
    source: str = Field(description="`oauth` after a sign-in to the platform, else `import`.")
    status: str
    first_date: dt.date | None
    last_date: dt.date | None
    days: int


class ConnectionsOut(BaseModel):
    """All accounts, by platform and name."""

    items: list[ConnectionOut]


@router.get("", summary="List my accounts")
async def list_connections(session: UserSessionDep) -> ConnectionsOut:
    """Imports make them, and say whose numbers they are."""
    return ConnectionsOut(
        items=[
            ConnectionOut(
                id=found.connection_id,
                platform=found.platform,
                account=found.account,
                source=found.source,
                status=found.status,
                first_date=found.first_date,
                last_date=found.last_date,
                days=found.days,
            )
            for found in await list_coverage(session)
        ]
    )
