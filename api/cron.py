"""For an outside scheduler: what else the suite's own schedule does, and how far it has come."""

import datetime as dt
import hmac
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from pydantic import BaseModel, ConfigDict, Field
from pydantic.config import JsonDict

from api.deps import ClientAddressDep, SignInLimitsDep, SuiteDep
from api.errors import problems
from api.rate_limits import TooManyAttemptsError
from core.errors import NotFoundError, UnauthenticatedError
from jobs.insights import INSIGHTS
from jobs.schedules import queue_everybody
from storage.models import JobStatus
from storage.schedules import BatchNotFoundError, get_batch, read_batch

BATCH_EXAMPLE: JsonDict = {
    "id": "0198c5a2-7b1e-7c3d-9a54-0f6f2f3b8f10",
    "kind": "insights",
    "queued": 9120,
    "already": 0,
    "skipped": 880,
    "created_at": "2026-11-21T06:00:00Z",
}


class CronHiddenError(NotFoundError):
    """There is no outside scheduler here; CRON_SECRET lets one in."""


class CronSecretError(UnauthenticatedError):
    """This takes `Authorization: Bearer` with the value of CRON_SECRET."""


_bearer = HTTPBearer(
    scheme_name="CronSecret", auto_error=False, description="The value of CRON_SECRET."
)


async def check_secret(
    suite: SuiteDep,
    limits: SignInLimitsDep,
    address: ClientAddressDep,
    bearer: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)],
) -> None:
    """Let in who has the secret; wrong ones are counted."""
    secret = suite.settings.cron_secret
    if secret is None:
        raise CronHiddenError
    if bearer is None:
        raise CronSecretError
    async with limits.guess(address, "cron"):
        sent, expected = bearer.credentials, secret.get_secret_value()
        if not hmac.compare_digest(sent.encode(), expected.encode()):
            raise CronSecretError


router = APIRouter(
    prefix="/api/cron",
    tags=["Schedules"],
    dependencies=[Depends(check_secret)],
    responses=problems(CronHiddenError, CronSecretError, TooManyAttemptsError),
)


class BatchOut(BaseModel):
    """What a call of a schedule came to."""

    model_config = ConfigDict(from_attributes=True, json_schema_extra={"examples": [BATCH_EXAMPLE]})

    id: UUID
    kind: str
    queued: int = Field(description="Users who have a job now that they did not have before.")
    already: int = Field(description="Users whose job of their day was there already.")
    skipped: int = Field(description="Users with neither numbers nor a sign-in in 30 days.")
    created_at: dt.datetime


class BatchStateOut(BatchOut):
    """A batch, and how its jobs stand."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                BATCH_EXAMPLE
                | {
                    "jobs": {
                        "queued": 0, "running": 0, "completed": 9119, "failed": 1, "cancelled": 0
                    },
                    "finished_at": "2026-11-21T06:08:12Z",
                }
            ]
        }
    )  # fmt: skip

    jobs: dict[JobStatus, int] = Field(description="How many of them stand so.")
    finished_at: dt.datetime | None = Field(description="When the last of them ended.")


@router.get("/generate-insights", summary="Generate everybody's insights, by GET")
@router.post("/generate-insights", summary="Generate everybody's insights")
async def generate(suite: SuiteDep) -> BatchOut:
    """Queue today's insights of every active user, where they are; once a day for each.

    Whoever asks, however often: a user has one job of a local day. Those that are there already
    are counted as such. The work is done by the workers; `GET /api/cron/batches/{id}` tells how
    far it has come.
    """
    return BatchOut.model_validate(await queue_everybody(suite, INSIGHTS))


@router.get("/batches/{batch_id}", summary="Get a batch", responses=problems(BatchNotFoundError))
async def get(batch_id: UUID, suite: SuiteDep) -> BatchStateOut:
    """The jobs are counted as they stand now, for 90 days."""
    async with suite.database.service_session() as session:
        batch = await get_batch(session, batch_id)
        state = await read_batch(session, batch)
    told = BatchOut.model_validate(batch).model_dump()
    return BatchStateOut(**told, jobs=dict(state.counts), finished_at=state.finished_at)
