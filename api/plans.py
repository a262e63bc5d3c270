"""Plans: read them and their versions, change them, take them along as files, delete them."""

import asyncio
import datetime as dt
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field
from pydantic.config import JsonDict
from sqlalchemy.ext.asyncio import AsyncSession

from api.bodies import RequestBody
from api.deps import CrossOriginError, CurrentUserDep, SuiteDep, UserSessionDep
from api.downloads import file_name
from api.errors import problems
from api.etags import NOT_MODIFIED, build_etag, is_known, not_modified, tagged
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
from domain.plans import stored
from domain.plans.exports import export_csv, export_ics
from domain.plans.plan import (
    MAX_ITEMS,
    Line,
    MetricFocus,
    Pillar,
    Plan,
    PlanGoal,
    PlanItem,
    RoutineStep,
    Sentence,
    WeekTheme,
)
from storage.models import Platform
from storage.plans import PlanNotFoundError, get_newest_id

router = APIRouter(prefix="/api/plans", tags=["Plans"], responses=problems(UnauthenticatedError))

SUMMARY_EXAMPLE: JsonDict = {
    "id": "0198c5a2-7b1e-7c3d-9a54-0f6f2f3b8f10",
    "job_id": "0198c5a2-6c02-7d11-8f20-5a1d0c7e4b21",
    "version": 2,
    "title": "December, before the tour",
    "template": "content_calendar",
    "goal": "More listeners before the tour",
    "start": "2026-12-01",
    "end": "2026-12-31",
    "platforms": ["instagram", "youtube"],
    "posts": 18,
    "created_at": "2026-11-21T09:15:00Z",
}
ITEM_EXAMPLE: JsonDict = {
    "date": "2026-12-01",
    "time": "18:00:00",
    "platform": "instagram",
    "format": "reel",
    "pillar": "In the studio",
    "hook": "The step nobody films",
    "caption": "This is the part that I usually cut: [what it is].",
    "call_to_action": "Tell me which part of your work nobody sees.",
    "why": "Your reels on Tuesdays at 18:00 earned 2.1 times your usual engagement.",
    "figure": "f3",
    "no_figure_reason": None,
}
PLAN_EXAMPLE: JsonDict = {
    **{name: value for name, value in SUMMARY_EXAMPLE.items() if name != "posts"},
    "newest_id": "0198c5a2-7b1e-7c3d-9a54-0f6f2f3b8f10",
    "timezone": "Europe/Berlin",
    "posts_per_week": 4,
    "model": "offline",
    "goals": [],
    "pillars": [
        {
            "name": "In the studio",
            "description": "How songs come to be.",
            "topics": ["studio life"],
            "figure": None,
        }
    ],
    "weeks": [{"week": 1, "theme": "How a song begins", "pillar": "In the studio"}],
    "items": [ITEM_EXAMPLE],
    "metrics": [],
    "routine": [],
    "trends": [],
    "notes": ["Trends: left out, since no model is set up for it."],
    "figures": [
        {
            "id": "f3",
            "label": "times the usual engagement, Tuesday 18:00, Instagram",
            "value": 2.1,
            "unit": "count",
            "metric": "relative_engagement",
            "platform": "instagram",
            "account": None,
            "from": "2025-11-21",
            "to": "2026-11-20",
            "status": "final",
            "observations": 12,
        }
    ],
}
EXPORT_RESPONSE: dict[str, Any] = {
    "description": "The file; `format` decides which.",
    "headers": {
        "Content-Disposition": {
            "description": "A file name, after the title.",
            "schema": {"type": "string"},
        }
    },
    "content": {
        "text/csv": {
            "schema": {"type": "string"},
            "example": "date,time,timezone,platform,format,pillar,hook,caption,call_to_action,"
            "figure,value,why\r\n2026-12-01,18:00,Europe/Berlin,instagram,reel,…\r\n",
        },
        "text/calendar": {
            "schema": {"type": "string"},
            "example": "BEGIN:VCALENDAR\r\nVERSION:2.0\r\n…\r\nEND:VCALENDAR\r\n",
        },
    },
}


class PlanSummaryOut(BaseModel):
    """A version of a plan, without its parts."""

    model_config = ConfigDict(
        from_attributes=True, json_schema_extra={"examples": [SUMMARY_EXAMPLE]}
    )

    id: UUID = Field(description="The version's: each edit has another.")
    job_id: UUID = Field(description="The job that made the plan; all its versions have it.")
    version: int
    title: str
    template: str
    goal: str
    start: dt.date
    end: dt.date
    platforms: list[Platform]
    posts: int = Field(description="How many posts it has.")
    created_at: dt.datetime = Field(description="When this version was made.")


class PlansOut(Page[PlanSummaryOut]):
    """A page of plans, each by its newest version, the last changed first."""


class PlanVersionsOut(BaseModel):
    """The versions of a plan, the newest first; a hundred at most."""

    items: list[PlanSummaryOut]


class PlanOut(Plan):
    """A version of a plan with all its parts; `figures` are those that it names."""

    model_config = ConfigDict(json_schema_extra={"examples": [PLAN_EXAMPLE]})

    id: UUID = Field(description="The version's: each edit has another.")
    job_id: UUID = Field(description="The job that made the plan; all its versions have it.")
    version: int
    newest_id: UUID = Field(description="The plan's newest version: only that one can be changed.")
    created_at: dt.datetime = Field(description="When this version was made.")


class PlanChangeIn(RequestBody):
    """What is to change; what is null or left out stays. A list takes the place of the old one."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"title": "December, before the tour", "items": [ITEM_EXAMPLE]}]
        }
    )

    title: Line | None = None
    goals: list[PlanGoal] | None = Field(None, max_length=10)
    pillars: list[Pillar] | None = Field(None, max_length=8)
    weeks: list[WeekTheme] | None = Field(None, max_length=20)
    items: list[PlanItem] | None = Field(None, max_length=MAX_ITEMS)
    metrics: list[MetricFocus] | None = Field(None, max_length=10)
    routine: list[RoutineStep] | None = Field(None, max_length=40)
    notes: list[Sentence] | None = Field(None, max_length=40)


@router.get(
    "",
    summary="List my plans",
    response_model=PlansOut,
    responses={**NOT_MODIFIED, **problems(InvalidCursorError)},
)
async def list_all(
    request: Request,
    user: CurrentUserDep,
    session: UserSessionDep,
    limit: Limit = DEFAULT_PAGE_SIZE,
    cursor: Cursor = None,
) -> Response:
    """Each by its newest version. Ask for plans with `POST /api/jobs`, or in a chat."""
    before = decode_cursor(cursor, BY_TIME)
    found = await stored.list_plans(session, before=before, limit=limit + 1)
    page, next_page = split_page(found, limit, lambda plan: (plan.created_at, plan.id))
    # A version never changes.
    etag = build_etag(user.id, [plan.id for plan in page], next_page)
    if is_known(request, etag):
        return not_modified(etag)
    items = [PlanSummaryOut.model_validate(plan) for plan in page]
    return tagged(PlansOut(items=items, next=next_page).model_dump_json(), etag)


@router.get(
    "/{plan_id}",
    summary="Get a plan",
    response_model=PlanOut,
    responses={**NOT_MODIFIED, **problems(PlanNotFoundError)},
)
async def get(
    plan_id: UUID, request: Request, user: CurrentUserDep, session: UserSessionDep
) -> Response:
    """Any version, by its id; `newest_id` says which one is the newest."""
    newest_id = await get_newest_id(session, plan_id)
    etag = build_etag(user.id, plan_id, newest_id)
    if is_known(request, etag):
        return not_modified(etag)
    return tagged((await _read(session, plan_id, newest_id)).model_dump_json(by_alias=True), etag)


@router.get(
    "/{plan_id}/versions", summary="List a plan's versions", responses=problems(PlanNotFoundError)
)
async def list_versions(plan_id: UUID, session: UserSessionDep) -> PlanVersionsOut:
    """By the id of any of them."""
    found = await stored.list_versions(session, plan_id)
    return PlanVersionsOut(items=[PlanSummaryOut.model_validate(each) for each in found])


@router.patch(
    "/{plan_id}",
    summary="Change a plan",
    responses=problems(CrossOriginError, PlanNotFoundError, stored.PlanChangedError),
)
async def change(plan_id: UUID, body: PlanChangeIn, session: UserSessionDep) -> PlanOut:
    """It makes a new version, with an id of its own, and the old one stays.

    Only the newest version can be changed: the problem `plan_changed` has its `newest_id`.
    """
    changes = body.model_dump(mode="json", exclude_none=True)
    edited = await stored.edit_plan(session, plan_id, changes)
    return _plan_out(edited, edited.row.id)


@router.get(
    "/{plan_id}/export",
    summary="Export a plan",
    response_class=Response,
    responses={200: EXPORT_RESPONSE, **problems(PlanNotFoundError)},
)
async def export(
    plan_id: UUID,
    session: UserSessionDep,
    suite: SuiteDep,
    format: Annotated[  # noqa: A002  # the parameter's name
        Literal["csv", "ics"], Query(description="A table for spreadsheets, or a calendar.")
    ],
) -> Response:
    """One row or event for each post; a cell is never a formula, times are on your clock."""
    found = await stored.get_plan(session, plan_id)
    plan, row = found.plan, found.row
    headers = {"Content-Disposition": file_name(plan.title, format, if_empty="plan")}
    if format == "csv":
        return Response(export_csv(plan), headers=headers, media_type="text/csv")
    # For hundreds of posts it takes a while, in which others are to be answered.
    calendar = await asyncio.to_thread(
        export_ics, plan, row.job_id, version=row.version, now=suite.clock()
    )
    return Response(calendar, headers=headers, media_type="text/calendar")


@router.delete(
    "/{plan_id}",
    status_code=204,
    summary="Delete a plan",
    responses=problems(CrossOriginError, PlanNotFoundError),
)
async def delete(plan_id: UUID, session: UserSessionDep) -> Response:
    """By the id of any version; it is gone with all of them."""
    await stored.delete_plan(session, plan_id)
    return Response(status_code=204)


async def _read(session: AsyncSession, plan_id: UUID, newest_id: UUID) -> PlanOut:
    return _plan_out(await stored.get_plan(session, plan_id), newest_id)


def _plan_out(found: stored.StoredPlan, newest_id: UUID) -> PlanOut:
    row = found.row
    return PlanOut(
        **found.plan.model_dump(by_alias=True),
        id=row.id,
        job_id=row.job_id,
        version=row.version,
        newest_id=newest_id,
        created_at=row.created_at,
    )
