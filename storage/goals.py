"""Queries over goals and their milestones."""

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from uuid import UUID

from sqlalchemy import delete, func, select, tuple_
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from storage.models import Goal, GoalMilestone

GOALS_LOCK = 0x60A1_5107  # any number that every release agrees on


async def lock_goals(session: AsyncSession, user_id: UUID) -> None:
    """Wait until nobody else sets goals for this user, and keep them out to the commit."""
    # Two users with the same key only wait for each other.
    key = user_id.int % 2**31
    await session.execute(select(func.pg_advisory_xact_lock(GOALS_LOCK, key)))


async def list_goals(
    session: AsyncSession, *, status: str | None = None, is_locked: bool = False
) -> Sequence[Goal]:
    """Return the goals of the session's user, oldest first; locked ones stay as they are."""
    statement = select(Goal).order_by(Goal.created_at, Goal.id)
    if status:
        statement = statement.where(Goal.status == status)
    return (await session.scalars(statement.with_for_update() if is_locked else statement)).all()


async def list_goals_page(
    session: AsyncSession,
    *,
    limit: int,
    status: str | None = None,
    before: tuple[dt.datetime, UUID] | None = None,
) -> Sequence[Goal]:
    """Return goals, the newest first and locked; `before` is where the previous page ended."""
    place = tuple_(Goal.created_at, Goal.id)
    statement = select(Goal).order_by(place.desc()).limit(limit).with_for_update()
    if status:
        statement = statement.where(Goal.status == status)
    if before:
        statement = statement.where(place < before)
    return (await session.scalars(statement)).all()


async def delete_goal(session: AsyncSession, goal_id: UUID) -> bool:
    """Delete a goal with its milestones; tell whether there was one."""
    statement = delete(Goal).where(Goal.id == goal_id).returning(Goal.id)
    return await session.scalar(statement) is not None


async def count_active_goals(session: AsyncSession) -> int:
    """Return how many goals of the session's user are active."""
    statement = select(func.count()).select_from(Goal).where(Goal.status == "active")
    return await session.scalar(statement) or 0


async def find_goal(
    session: AsyncSession, goal_id: UUID, *, is_locked: bool = False
) -> Goal | None:
    """Return the goal with this id."""
    statement = select(Goal).where(Goal.id == goal_id)
    return await session.scalar(statement.with_for_update() if is_locked else statement)


async def create_goals(session: AsyncSession, goals: Sequence[Goal]) -> None:
    """Store new goals."""
    session.add_all(goals)
    await session.flush()


async def list_milestones(
    session: AsyncSession, goal_ids: Collection[UUID]
) -> dict[UUID, list[GoalMilestone]]:
    """Return the milestones of each goal that has any, in order."""
    found: dict[UUID, list[GoalMilestone]] = {}
    for milestone in await session.scalars(
        select(GoalMilestone)
        .where(GoalMilestone.goal_id.in_(goal_ids))
        .order_by(GoalMilestone.goal_id, GoalMilestone.percent)
    ):
        found.setdefault(milestone.goal_id, []).append(milestone)
    return found


async def write_milestones(
    session: AsyncSession, goal: Goal, reached: Mapping[int, tuple[dt.date, int]]
) -> Sequence[int]:
    """Record day and value of each percentage; return those that were not recorded already."""
    if not reached:
        return ()
    rows = [
        {
            "goal_id": goal.id,
            "user_id": goal.user_id,
            "percent": percent,
            "reached_on": day,
            "value": value,
        }
        for percent, (day, value) in reached.items()
    ]
    written = await session.scalars(
        insert(GoalMilestone).values(rows).on_conflict_do_nothing().returning(GoalMilestone.percent)
    )
    return written.all()


async def delete_milestones(session: AsyncSession, goal_ids: Collection[UUID]) -> None:
    """Forget what these goals have reached."""
    await session.execute(delete(GoalMilestone).where(GoalMilestone.goal_id.in_(goal_ids)))
