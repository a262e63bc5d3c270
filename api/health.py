"""Is the process alive, and can it work? For load balancers and containers."""

import asyncio
from typing import Literal

from fastapi import APIRouter
from pydantic import BaseModel
from sqlalchemy.exc import SQLAlchemyError

from api.deps import SuiteDep
from api.errors import problems
from core.errors import AppError

PATIENCE_SECONDS = 5

router = APIRouter(tags=["Health"])


class NotReadyError(AppError):
    """The database does not answer."""

    code = "not_ready"
    status = 503


class HealthOut(BaseModel):
    status: Literal["ok"] = "ok"


@router.get("/healthz", summary="Is the process alive?")
async def get_health() -> HealthOut:
    return HealthOut()


@router.get("/readyz", summary="Does the database answer?", responses=problems(NotReadyError))
async def get_readiness(suite: SuiteDep) -> HealthOut:
    try:
        async with asyncio.timeout(PATIENCE_SECONDS), suite.database.service_session():
            pass  # opening it is one round trip
    except (SQLAlchemyError, OSError) as error:  # TimeoutError is an OSError
        raise NotReadyError from error
    return HealthOut()
