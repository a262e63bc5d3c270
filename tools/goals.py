"""Tools that set, change and follow the creator's goals."""

import datetime as dt
from collections.abc import Sequence
from typing import Annotated, Any, Literal, Self
from uuid import UUID, uuid5

from langchain_core.tools import tool
from pydantic import BaseModel, ConfigDict, Field, model_validator
from sqlalchemy.ext.asyncio import AsyncSession

from domain import goals
from domain.analytics.metrics import MEANINGS
from domain.figures import Figure
from domain.goals import GoalPlan
from domain.milestones import track_goals
from storage import goals as goal_queries
from storage.models import Goal, Metric, Platform
from tools.approvals import request_approval
from tools.arguments import checked, told_to_the_model
from tools.context import RunContext, Runtime
from tools.figures import PLATFORM_NAMES
from tools.goal_figures import (
    goal_row,
    milestone_figures,
    progress_figures,
    progress_notes,
    progress_row,
    target_figure,
)
from tools.results import Result, ToolResult

Title = Annotated[str | None, Field(max_length=goals.TITLE_LENGTH)]
Target = Annotated[int, Field(ge=0, le=goals.MAX_TARGET)]
GoalStatus = Literal["active", "reached", "missed", "archived"]

MAX_LISTED = 50
MAX_TOLD = 10
IS_SET = "the goal is set"
IS_CHANGED = "the goal is changed"


class NewGoal(BaseModel):
    """What is asked of `create_goal`, also after the creator has edited it."""

    model_config = ConfigDict(extra="forbid")

    metric: Metric
    target_value: Target
    due_date: dt.date | None = None
    platform: Platform | None = None
    account: str | None = None
    title: Title = None


class ChangedGoal(BaseModel):
    """What is asked of `update_goal`, also after the creator has edited it."""

    model_config = ConfigDict(extra="forbid")

    target_value: Target | None = None
    due_date: dt.date | None = None
    title: Title = None
    status: Literal["active", "archived"] | None = None

    @model_validator(mode="after")
    def _changes_something(self) -> Self:
        if not self.model_dump(exclude_none=True):
            raise ValueError("say what should change: target_value, due_date, title or status")
        return self


@tool(response_format="content_and_artifact")
async def list_goals(runtime: Runtime, status: GoalStatus | None = None) -> Result:
    """List the creator's goals with their targets; leave status out for all of them.

    Use it to find a goal's id. How far each one is, `goal_progress` tells.
    """
    context = runtime.context
    async with context.database.user_session(context.user_id) as session:
        found = await goal_queries.list_goals(session, is_locked=True)
        await track_goals(session, context.today, [goal for goal in found if _is_active(goal)])
    wanted = [goal for goal in found if status in (None, goal.status)]
    shown = wanted[-MAX_LISTED:]
    figures = [target_figure(context.figures, goal, context.today) for goal in shown]
    rows = [
        goal_row(goal) | {"figures": [figure.id]}
        for goal, figure in zip(shown, figures, strict=True)
    ]
    notes = [] if shown else [_no_goal(status)]
    if len(wanted) > len(shown):
        notes.append(f"these are the {len(shown)} newest of {len(wanted)} goals")
    return ToolResult(figures=figures, rows=rows, notes=notes).answer()


@tool(response_format="content_and_artifact")
async def goal_progress(
    runtime: Runtime, goal_id: UUID | None = None, platform: Platform | None = None
) -> Result:
    """Tell how far goals are: progress in percent, what is left, pace, and when they are reached.

    Without goal_id for every active goal, or for those of a platform. Needed and recent pace are
    per day; the projection goes by the last four weeks, its range by their fastest and slowest.
    A goal on followers is about their level, any other about the total since it was set. A value
    of null means unknown: say so.
    """
    context = runtime.context
    async with context.database.user_session(context.user_id) as session:
        if goal_id is None:
            active = await goal_queries.list_goals(session, status="active", is_locked=True)
            chosen = [goal for goal in active if platform in (None, goal.platform)]
        else:
            with told_to_the_model():
                chosen = [await goals.get_goal(session, goal_id, is_locked=True)]
        return await _progress(session, context, chosen, if_empty=_no_goal("active", platform))


@tool(response_format="content_and_artifact")
async def create_goal(
    metric: Metric,
    target_value: int,
    runtime: Runtime,
    due_date: dt.date | None = None,
    platform: Platform | None = None,
    account: str | None = None,
    title: str | None = None,
) -> Result:
    """Set a goal: a number that a metric is to reach, best with a platform and a due date.

    The creator is asked for approval by this very call, so do not ask in words first, and never
    call it twice for one goal. Followers count as a level, other metrics as the total from today
    on. A platform with several accounts needs the account.
    """
    context = runtime.context
    wanted = checked(
        NewGoal,
        {
            "metric": metric,
            "target_value": target_value,
            "due_date": due_date,
            "platform": platform,
            "account": account,
            "title": title,
        },
    )
    goal_id = uuid5(context.run_id, runtime.tool_call_id or "")
    async with context.database.user_session(context.user_id) as session:
        if done := await goal_queries.find_goal(session, goal_id, is_locked=True):
            return await _progress(session, context, [done], IS_SET)
        with told_to_the_model():
            plan = await goals.plan_goal(session, today=context.today, **wanted.model_dump())
    arguments = wanted.model_dump(mode="json", exclude_none=True)
    question = f"Set the goal “{plan.title}”{_by(plan.due_date)}?"
    approved = request_approval(runtime, question, arguments, NewGoal)
    if approved != arguments:
        wanted = checked(NewGoal, approved)
    async with context.database.user_session(context.user_id) as session:
        with told_to_the_model():
            plan = await goals.plan_goal(session, today=context.today, **wanted.model_dump())
            goal = await goals.create_goal(
                session, context.user_id, plan, goal_id=goal_id, today=context.today
            )
        return await _progress(session, context, [goal], IS_SET, *_start_notes(plan, context))


@tool(response_format="content_and_artifact")
async def update_goal(
    goal_id: UUID,
    runtime: Runtime,
    target_value: int | None = None,
    due_date: dt.date | None = None,
    title: str | None = None,
    status: Literal["active", "archived"] | None = None,
) -> Result:
    """Change a goal's number, date or title, or archive it; what is left out stays.

    The creator is asked for approval by this very call, so do not ask in words first, and never
    call it twice for one change. Another target begins the milestones anew.
    """
    context = runtime.context
    change = checked(
        ChangedGoal,
        {"target_value": target_value, "due_date": due_date, "title": title, "status": status},
    )
    async with context.database.user_session(context.user_id) as session:
        with told_to_the_model():
            before = await goals.get_goal(session, goal_id)
            goals.check_change(before, context.today, **change.model_dump())
    arguments = change.model_dump(mode="json", exclude_none=True)
    approved = request_approval(runtime, _change_title(before, change), arguments, ChangedGoal)
    if approved != arguments:
        change = checked(ChangedGoal, approved)
    async with context.database.user_session(context.user_id) as session:
        with told_to_the_model():
            goal = await goals.update_goal(
                session, context.user_id, goal_id, today=context.today, **change.model_dump()
            )
        return await _progress(session, context, [goal], IS_CHANGED)


async def _progress(
    session: AsyncSession,
    context: RunContext,
    chosen: Sequence[Goal],
    *notes: str,
    if_empty: str = "",
) -> Result:
    """Return how far these goals, which are locked, have come."""
    tracked = await track_goals(session, context.today, chosen)
    milestones = await goal_queries.list_milestones(session, [goal.id for goal in chosen])
    figures: list[Figure] = []
    rows: list[dict[str, Any]] = []
    told = [*notes, *([] if tracked else [if_empty])]
    if len(tracked) > MAX_TOLD:
        told.append(f"these are {MAX_TOLD} of {len(tracked)} goals; ask for others by goal_id")
    for progress in tracked[:MAX_TOLD]:
        own = progress_figures(context.figures, progress, context.today)
        reached = milestone_figures(
            context.figures,
            progress.goal,
            milestones.get(progress.goal.id, ()),
            progress.account,
        )
        figures += [*own, *reached]
        rows.append(progress_row(progress, own, reached))
        told += progress_notes(progress, context.today)
    return ToolResult(figures=figures, rows=rows, notes=told).answer()


def _is_active(goal: Goal) -> bool:
    return goal.status == "active"


def _no_goal(status: str | None, platform: Platform | None = None) -> str:
    where = f" on {PLATFORM_NAMES[platform]}" if platform else ""
    return f"there is no {status} goal{where}" if status else "there is no goal yet"


def _start_notes(plan: GoalPlan, context: RunContext) -> list[str]:
    is_stale = plan.start_day != context.today
    return [f"it starts from the last known level, of {plan.start_day}"] if is_stale else []


def _by(due_date: dt.date | None) -> str:
    return f" by {due_date.day} {due_date:%B %Y}" if due_date else ""


def _change_title(goal: Goal, change: ChangedGoal) -> str:
    """Return the question of the approval card."""
    if change.status == "archived":
        return f"Archive the goal “{goal.title}”?"
    label = MEANINGS[Metric(goal.metric)].label
    parts = [
        f"to {change.target_value:,} {label}" if change.target_value is not None else "",
        _by(change.due_date).strip(),
        f"named “{change.title}”" if change.title else "",
        "active again" if change.status else "",
    ]
    return f"Change the goal “{goal.title}” {', '.join(filter(None, parts))}?"
