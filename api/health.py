"""Is the process alive, and can it work? For load balancers and containers."""

import asyncio
from typing import Literal

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict
from sqlalchemy.exc import SQLAlchemyError

from api.deps import SuiteDep
from api.errors import problems
from core.errors import AppError
from storage.migrate import is_behind

PATIENCE_SECONDS = 2

router = APIRouter(tags=["Health"])


class NotReadyError(AppError):
    """The server cannot work now; `part` names why: database, migrations or shutdown."""

    code = "not_ready"
    status = 503


class HealthOut(BaseModel):
    """All is well."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"status": "ok"}]})

    status: Literal["ok"] = "ok"


@router.get("/healthz", summary="Is the process alive?")
async def get_health() -> HealthOut:
    """It answers whatever the state of the database is."""
    return HealthOut()


@router.get("/readyz", summary="Can it work?", responses=problems(NotReadyError))
async def get_readiness(request: Request, suite: SuiteDep) -> HealthOut:
    """Tell whether the database answers and has the tables of this release, and nobody stops us."""
    if request.app.state.is_stopping:
        raise NotReadyError("The server was told to stop.", part="shutdown")
    try:
        async with asyncio.timeout(PATIENCE_SECONDS), suite.database.engine.connect() as connection:
            is_old = await connection.run_sync(is_behind)
    except (SQLAlchemyError, OSError) as error:  # TimeoutError is an OSError
        raise NotReadyError("The database does not answer.", part="database") from error
    if is_old:
        raise NotReadyError(
            "The database is older than this release: run `python -m storage migrate`.",
            part="migrations",
        )
    return HealthOut()
