"""Goals: set, follow, change and delete them, by the same rules as in a chat."""

import datetime as dt
from collections.abc import Sequence
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, ConfigDict, Field
from pydantic.config import JsonDict
from sqlalchemy.ext.asyncio import AsyncSession

from api.bodies import RequestBody
from api.deps import CrossOriginError, CurrentUserDep, TodayDep, UserSessionDep
from api.errors import problems
from api.idempotency import CreatingRoute
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
from domain import goals
from domain.goals import MAX_TARGET, TITLE_LENGTH
from domain.milestones import track_goals
from domain.progress import Progress
from storage.goals import list_goals_page, list_milestones
from storage.models import Goal, GoalMilestone, GoalStatus, Metric, Platform, new_id

router = APIRouter(
    prefix="/api/goals",
    tags=["Goals"],
    responses=problems(UnauthenticatedError),
    route_class=CreatingRoute,
)

Target = Annotated[int, Field(ge=0, le=MAX_TARGET, examples=[25000])]
DueDate = Annotated[dt.date, Field(examples=["2026-12-31"])]
Title = Annotated[str, Field(max_length=TITLE_LENGTH, examples=["25 k before the tour"])]
GOAL_EXAMPLE: JsonDict = {
    "id": "0198c5a2-7b1e-7c3d-9a54-0f6f2f3b8f10",
    "title": "25,000 followers on Instagram",
    "metric": "followers",
    "platform": "instagram",
    "account": "mira.makes",
    "status": "active",
    "start_value": 20000,
    "start_date": "2026-03-01",
    "target_value": 25000,
    "due_date": "2026-12-31",
    "created_at": "2026-03-01T09:15:00Z",
    "progress": {
        "current": 21500,
        "as_of": "2026-05-01",
        "is_preliminary": False,
        "missing_days": 0,
        "percent": 30.0,
        "remaining": 3500,
        "pace": 24.6,
        "pace_days": 28,
        "needed_pace": 14.3,
        "is_on_track": True,
        "expected_on": "2026-09-21",
        "earliest_on": "2026-08-30",
        "latest_on": "2026-11-02",
    },
    "milestones": [{"percent": 25, "reached_on": "2026-04-22", "value": 21260}],
}


class GoalIn(RequestBody):
    """A new goal: the number that a metric is to reach."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "metric": "followers",
                    "target_value": 25000,
                    "platform": "instagram",
                    "due_date": "2026-12-31",
                }
            ]
        }
    )

    metric: Metric = Field(
        examples=["followers"],
        description="Followers count as a level, other metrics as the total from today on.",
    )
    target_value: Target
    platform: Platform | None = Field(
        None,
        examples=["instagram"],
        description="Of one account there; left out, of all your accounts together.",
    )
    account: Annotated[str, Field(max_length=200)] | None = Field(
        None,
        examples=["mira.makes"],
        description="Its name; needed where you have several on the platform.",
    )
    due_date: DueDate | None = None
    title: Title | None = Field(None, description="Left out, the suite writes one.")


class GoalChangeIn(RequestBody):
    """What is to change; what is null or left out stays."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"target_value": 30000}]})

    target_value: Target | None = Field(
        None, description="Another target begins the milestones anew."
    )
    due_date: DueDate | None = None
    title: Title | None = None
    status: Literal["active", "archived"] | None = Field(
        None, description="`archived` closes the goal, `active` opens it again."
    )


class MilestoneOut(BaseModel):
    """A quarter of the way, recorded once, on the first day that reached it."""

    model_config = ConfigDict(from_attributes=True)

    percent: int
    reached_on: dt.date
    value: int


class GoalProgressOut(BaseModel):
    """Where a goal stands; null is unknown. Paces are per day."""

    current: int | None
    as_of: dt.date | None = Field(description="The last day that is known.")
    is_preliminary: bool = Field(description="Whether that day is still being counted.")
    missing_days: int = Field(description="Unknown days, which add nothing to a total.")
    percent: float | None = Field(description="Of the way from start to target; may be negative.")
    remaining: int | None
    pace: float | None = Field(description="That of the last four weeks.")
    pace_days: int = Field(description="How many known days that pace is made of.")
    needed_pace: float | None = Field(description="What each day up to the due one has to bring.")
    is_on_track: bool | None
    expected_on: dt.date | None = Field(description="When it is reached at this pace.")
    earliest_on: dt.date | None = Field(description="… at that of the fastest of the four weeks.")
    latest_on: dt.date | None = Field(description="… at that of the slowest; null if it never is.")


class GoalOut(BaseModel):
    """A goal, how far it is, and the milestones it has reached."""

    model_config = ConfigDict(json_schema_extra={"examples": [GOAL_EXAMPLE]})

    id: UUID
    title: str
    metric: Metric
    platform: Platform | None
    account: str | None = Field(description="Null if it is about all your accounts.")
    status: GoalStatus
    start_value: int
    start_date: dt.date
    target_value: int
    due_date: dt.date | None
    created_at: dt.datetime
    progress: GoalProgressOut
    milestones: list[MilestoneOut]


class GoalsOut(Page[GoalOut]):
    """A page of goals, the newest first."""


@router.get("", summary="List my goals", responses=problems(InvalidCursorError))
async def list_all(
    session: UserSessionDep,
    today: TodayDep,
    status: Annotated[GoalStatus | None, Query(description="Only goals that stand so.")] = None,
    limit: Limit = DEFAULT_PAGE_SIZE,
    cursor: Cursor = None,
) -> GoalsOut:
    """Each with its progress; what your numbers have reached by now is recorded."""
    before = decode_cursor(cursor, BY_TIME)
    found = await list_goals_page(session, limit=limit + 1, status=status, before=before)
    page, next_page = split_page(found, limit, lambda goal: (goal.created_at, goal.id))
    return GoalsOut(items=await _follow(session, today, page), next=next_page)


@router.post(
    "",
    status_code=201,
    summary="Set a goal",
    responses=problems(CrossOriginError, goals.InvalidGoalError, goals.TooManyGoalsError),
)
async def create(
    body: GoalIn, user: CurrentUserDep, session: UserSessionDep, today: TodayDep
) -> GoalOut:
    """It starts from the last known value, and is refused where nothing is known of its metric."""
    plan = await goals.plan_goal(session, today=today, **body.model_dump())
    goal = await goals.create_goal(session, user.id, plan, goal_id=new_id(), today=today)
    return await _follow_one(session, today, goal)


@router.get("/{goal_id}", summary="Get a goal", responses=problems(goals.GoalNotFoundError))
async def get(goal_id: UUID, session: UserSessionDep, today: TodayDep) -> GoalOut:
    """With its progress, pace and milestones."""
    goal = await goals.get_goal(session, goal_id, is_locked=True)
    return await _follow_one(session, today, goal)


@router.patch(
    "/{goal_id}",
    summary="Change, close or reopen a goal",
    responses=problems(
        CrossOriginError,
        goals.GoalNotFoundError,
        goals.InvalidGoalError,
        goals.TooManyGoalsError,
    ),
)
async def change(
    goal_id: UUID,
    body: GoalChangeIn,
    user: CurrentUserDep,
    session: UserSessionDep,
    today: TodayDep,
) -> GoalOut:
    """A goal that was reached or missed is active again with another target or due date."""
    goal = await goals.update_goal(session, user.id, goal_id, today=today, **body.model_dump())
    return await _follow_one(session, today, goal)


@router.delete(
    "/{goal_id}",
    status_code=204,
    summary="Delete a goal",
    responses=problems(CrossOriginError, goals.GoalNotFoundError),
)
async def delete(goal_id: UUID, session: UserSessionDep) -> Response:
    """Delete it with its milestones; to keep them, archive it."""
    await goals.delete_goal(session, goal_id)
    return Response(status_code=204)


async def _follow_one(session: AsyncSession, today: dt.date, goal: Goal) -> GoalOut:
    [found] = await _follow(session, today, [goal])
    return found


async def _follow(session: AsyncSession, today: dt.date, page: Sequence[Goal]) -> list[GoalOut]:
    """Return goals, which are locked, with how far they are."""
    tracked = await track_goals(session, today, page)
    milestones = await list_milestones(session, [goal.id for goal in page])
    return [_goal_out(each, milestones.get(each.goal.id, ())) for each in tracked]


def _goal_out(progress: Progress, milestones: Sequence[GoalMilestone]) -> GoalOut:
    goal = progress.goal
    return GoalOut(
        id=goal.id,
        title=goal.title,
        metric=Metric(goal.metric),
        platform=Platform(goal.platform) if goal.platform else None,
        account=progress.account,
        status=GoalStatus(goal.status),
        start_value=goal.start_value,
        start_date=goal.start_date,
        target_value=goal.target_value,
        due_date=goal.due_date,
        created_at=goal.created_at,
        progress=_progress_out(progress),
        milestones=[MilestoneOut.model_validate(each) for each in milestones],
    )


def _progress_out(progress: Progress) -> GoalProgressOut:
    projection = progress.projection
    return GoalProgressOut(
        current=progress.current,
        as_of=progress.day,
        is_preliminary=progress.is_preliminary,
        missing_days=progress.missing_days,
        percent=_rounded(progress.percent),
        remaining=progress.remaining,
        pace=_rounded(progress.pace),
        pace_days=progress.pace_days,
        needed_pace=_rounded(progress.needed),
        is_on_track=progress.is_on_track,
        expected_on=projection.expected if projection else None,
        earliest_on=projection.earliest if projection else None,
        latest_on=projection.latest if projection else None,
    )


def _rounded(value: float | None) -> float | None:
    """Return a number as the chat's figures have it."""
    return None if value is None else round(value, 1)
