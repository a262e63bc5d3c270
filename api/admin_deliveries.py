"""What administrators see of the jobs that outside engines have, and may send again."""

import datetime as dt
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field

from api.deps import AdminRequiredError, AdminSessionDep, CrossOriginError, SuiteDep
from api.errors import problems
from api.job_models import KINDS
from api.pages import (
    BY_TIME,
    DEFAULT_PAGE_SIZE,
    Cursor,
    InvalidCursorError,
    Limit,
    Page,
    decode_cursor,
    split_page,
)
from core.engine_settings import Engine
from core.errors import UnauthenticatedError
from domain.engines import DeliveryNotReplayableError
from domain.jobs import JobKindGoneError
from jobs.engines import replay_delivery
from storage.deliveries import DeliveryNotFoundError, list_deliveries
from storage.models import DeliveryStatus

router = APIRouter(
    prefix="/api/admin/deliveries",
    tags=["Admin"],
    responses=problems(UnauthenticatedError, AdminRequiredError),
)

Statuses = Annotated[
    list[DeliveryStatus] | None,
    Query(description="Only those that stand so; `failed` and `silent` want an operator."),
]
JobId = Annotated[UUID | None, Query(description="Only deliveries of this job.")]


class DeliveryOut(BaseModel):
    """A job that was handed to an outside engine."""

    model_config = ConfigDict(
        from_attributes=True,
        json_schema_extra={
            "examples": [
                {
                    "id": "0198c5a2-7b20-7f11-8d3c-6a1b5e9f0c27",
                    "job_id": "0198c5a2-7b1e-7c3d-9a54-0f6f2f3b8f10",
                    "user_id": "0198c5a2-0c3d-7a21-8f6e-5a9d3b7c1e42",
                    "attempt": 1,
                    "engine": "webhook",
                    "status": "failed",
                    "tries": 1,
                    "status_code": 404,
                    "detail": "The requested webhook is not registered.",
                    "created_at": "2026-11-20T09:15:02Z",
                    "tried_at": "2026-11-20T09:15:03Z",
                }
            ]
        },
    )

    id: UUID = Field(description="Also the `webhook-id`, and the idempotency key.")
    job_id: UUID
    user_id: UUID
    attempt: int = Field(description="The attempt at the job; before it, with QStash.")
    engine: Engine
    status: DeliveryStatus = Field(
        description="`silent`: the engine took it, and was not heard of since."
    )
    tries: int
    status_code: int | None = Field(description="Of the last try; null when nothing came back.")
    detail: str | None = Field(description="What came back at the last try.")
    created_at: dt.datetime
    tried_at: dt.datetime | None


class DeliveriesOut(Page[DeliveryOut]):
    """A page of deliveries, the newest first."""


@router.get("", summary="List deliveries to engines", responses=problems(InvalidCursorError))
async def list_all(
    session: AdminSessionDep,
    status: Statuses = None,
    job_id: JobId = None,
    limit: Limit = DEFAULT_PAGE_SIZE,
    cursor: Cursor = None,
) -> DeliveriesOut:
    """The newest come first. They are kept as long as their jobs."""
    found = await list_deliveries(
        session,
        statuses=status or tuple(DeliveryStatus),
        job_id=job_id,
        before=decode_cursor(cursor, BY_TIME),
        limit=limit + 1,
    )
    page, next_page = split_page(found, limit, lambda row: (row.created_at, row.id))
    items = [DeliveryOut.model_validate(delivery) for delivery in page]
    return DeliveriesOut(items=items, next=next_page)


@router.post(
    "/{delivery_id}/replay",
    summary="Send a delivery again",
    responses=problems(
        AdminRequiredError,
        CrossOriginError,
        DeliveryNotFoundError,
        DeliveryNotReplayableError,
        JobKindGoneError,
    ),
)
async def replay(delivery_id: UUID, session: AdminSessionDep, suite: SuiteDep) -> DeliveryOut:
    """With the same id, so that an engine which has it does nothing twice.

    Where the job has failed or was cancelled, it is tried anew, with a new delivery.
    """
    delivery = await replay_delivery(session, delivery_id, KINDS, suite.settings, suite.clock())
    return DeliveryOut.model_validate(delivery)
