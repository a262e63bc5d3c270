"""Insights: what the suite found in a creator's numbers by itself."""

import datetime as dt
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field

from api.deps import CrossOriginError, CurrentUserDep, SuiteDep, UserSessionDep
from api.errors import problems
from api.idempotency import CreatingRoute
from api.job_models import JobOut, job_answer
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
from core.errors import UnauthenticatedError
from domain.figures import Figure
from domain.grounding.verdict import Verdict
from domain.insights import ActionItem
from domain.jobs import JobLimitReachedError, JobRetriesUsedError
from domain.schedules import ask_for_today
from jobs.insights import INSIGHTS
from storage.insights import InsightNotFoundError, list_insights, mark_insight
from storage.jobs import list_attempts
from storage.models import InsightType, Priority

router = APIRouter(
    prefix="/api/insights",
    tags=["Insights"],
    responses=problems(UnauthenticatedError),
    route_class=CreatingRoute,
)


class InsightOut(BaseModel):
    """Something worth knowing, and the figures that it comes from."""

    model_config = ConfigDict(
        from_attributes=True,
        json_schema_extra={
            "examples": [
                {
                    "id": "0198c5a2-7b1e-7c3d-9a54-0f6f2f3b8f10",
                    "type": "growth",
                    "priority": "medium",
                    "title": "Your best week on Instagram this year",
                    "message": "You gained 412 followers in the week to 1 March.",
                    "action_items": [{"text": "Post the next reel on a Thursday evening."}],
                    "data_sources": [
                        {
                            "id": "f1",
                            "label": "followers gained, Instagram (mira.makes)",
                            "value": 412,
                            "unit": "count",
                            "metric": "followers",
                            "platform": "instagram",
                            "account": "mira.makes",
                            "from": "2026-02-23",
                            "to": "2026-03-01",
                            "status": "final",
                            "observations": 7,
                        }
                    ],
                    "grounding": {
                        "status": "grounded",
                        "numbers": [
                            {
                                "text": "412",
                                "span": [11, 14],
                                "value": 412,
                                "figure": "f1",
                                "is_from_question": False,
                            }
                        ],
                    },
                    "local_date": "2026-03-02",
                    "is_read": False,
                    "is_dismissed": False,
                    "generated_at": "2026-03-02T06:00:00Z",
                    "expires_at": "2026-03-09T06:00:00Z",
                }
            ]
        },
    )

    id: UUID
    type: InsightType
    priority: Priority
    title: str
    message: str
    action_items: list[ActionItem]
    data_sources: list[Figure]
    grounding: Verdict | None
    local_date: dt.date = Field(description="The day it is of, in your time zone.")
    is_read: bool
    is_dismissed: bool
    generated_at: dt.datetime
    expires_at: dt.datetime | None


class InsightsOut(Page[InsightOut]):
    """A page of insights, the newest first."""


@router.get("", summary="List my insights", responses=problems(InvalidCursorError))
async def list_all(
    session: UserSessionDep,
    suite: SuiteDep,
    type: Annotated[InsightType | None, Query(description="Only of this type.")] = None,  # noqa: A002  # the parameter's name
    priority: Annotated[Priority | None, Query(description="Only of this priority.")] = None,
    unread: Annotated[
        bool | None, Query(description="Only unread ones, or only read ones.")
    ] = None,
    limit: Limit = DEFAULT_PAGE_SIZE,
    cursor: Cursor = None,
) -> InsightsOut:
    """Without those that you dismissed, and those that have expired."""
    found = await list_insights(
        session,
        limit=limit + 1,
        now=suite.clock(),
        kind=type,
        priority=priority,
        is_unread=unread,
        before=decode_cursor(cursor, BY_TIME),
    )
    page, next_page = split_page(found, limit, lambda row: (row.generated_at, row.id))
    return InsightsOut(items=[InsightOut.model_validate(row) for row in page], next=next_page)


@router.post(
    "/generate",
    status_code=202,
    summary="Generate today's insights",
    responses=problems(CrossOriginError, JobLimitReachedError, JobRetriesUsedError),
)
async def generate(user: CurrentUserDep, session: UserSessionDep, suite: SuiteDep) -> JobOut:
    """Otherwise the suite does it every morning. Follow the job with GET /api/jobs/{id}/events.

    There is one job for each of your days, whoever asked for it: where it is there already, it is
    the answer, with its result if it has completed, and tried again if it failed. Only a new one
    counts against your limits.
    """
    job = await ask_for_today(session, user.id, INSIGHTS, timezone=user.timezone, now=suite.clock())
    return job_answer(job, await list_attempts(session, job.id))


@router.post(
    "/{insight_id}/read",
    summary="Mark an insight as read",
    responses=problems(CrossOriginError, InsightNotFoundError),
)
async def read(insight_id: UUID, session: UserSessionDep) -> InsightOut:
    """Once more changes nothing."""
    return InsightOut.model_validate(await mark_insight(session, insight_id))


@router.post(
    "/{insight_id}/dismiss",
    summary="Dismiss an insight",
    responses=problems(CrossOriginError, InsightNotFoundError),
)
async def dismiss(insight_id: UUID, session: UserSessionDep) -> InsightOut:
    """It leaves the list; once more changes nothing."""
    return InsightOut.model_validate(await mark_insight(session, insight_id, is_dismissed=True))
