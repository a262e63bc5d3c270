"""Following goals: how far they are, and the milestones and ends that follow from it.

What is recorded stays: a later fall takes no milestone back, and a corrected import adds no
second one. Only another target lets a goal's milestones begin anew (`domain/goals.py`).
"""

import datetime as dt
from collections.abc import Iterable, Sequence

from sqlalchemy.ext.asyncio import AsyncSession

from domain.analytics.metrics import MEANINGS
from domain.notifications import tell_milestone
from domain.progress import (
    MILESTONES,
    Progress,
    Series,
    level_series,
    measure,
    total_series,
)
from storage import goals as goal_queries
from storage.connections import list_connections
from storage.metrics import DailyValue, list_daily_values
from storage.models import Goal, Metric, PlatformConnection

# How far before its first day a goal looks: for the level it starts from, and for its pace.
LOOKBACK = dt.timedelta(days=31)


async def record_milestones(session: AsyncSession, today: dt.date) -> list[Progress]:
    """Record what the user's active goals have reached by now; call it after numbers changed."""
    active = await goal_queries.list_goals(session, status="active", is_locked=True)
    return await track_goals(session, today, active)


async def track_goals(
    session: AsyncSession, today: dt.date, goals: Sequence[Goal]
) -> list[Progress]:
    """Return the progress of each goal; milestones and ends of active goals are recorded.

    The goals have to be locked, so that none gets another target meanwhile. A goal is missed
    when its due day is over and final, and the target was not reached by then.
    """
    connections = await list_connections(session) if goals else []
    values = {
        metric: await list_daily_values(
            session, metric, min(goal.start_date for goal in same) - LOOKBACK, today
        )
        for metric, same in _by_metric(goals).items()
    }
    tracked = []
    for goal in goals:
        metric, accounts = Metric(goal.metric), goal_accounts(goal, connections)
        series = build_series(metric, values[metric], accounts, goal.start_date)
        name = accounts[0].username if goal.connection_id and accounts else None
        progress = measure(goal, series, name)
        if goal.status == "active":
            new = await goal_queries.write_milestones(session, goal, progress.reached)
            await tell_milestone(session, goal, max(new, default=None))
            goal.status = _status(progress, today)
        tracked.append(progress)
    await session.flush()
    return tracked


def build_series(
    metric: Metric,
    values: Iterable[DailyValue],
    accounts: Sequence[PlatformConnection],
    start: dt.date,
) -> Series:
    """Return what a goal on these accounts that starts on a day has come to."""
    names = {(account.platform, account.username) for account in accounts}
    own = [
        value
        for value in values
        if value.date >= start - LOOKBACK and (value.platform, value.account) in names
    ]
    return level_series(own, start) if MEANINGS[metric].is_stock else total_series(own, start)


def goal_accounts(
    goal: Goal, connections: Sequence[PlatformConnection]
) -> list[PlatformConnection]:
    """Return the account of a goal, or all that were connected when it was set.

    Connecting another one is no growth.
    """
    if goal.connection_id:
        return [each for each in connections if each.id == goal.connection_id]
    return [
        each
        for each in connections
        if goal.platform in (None, each.platform) and each.connected_at <= goal.created_at
    ]


def _by_metric(goals: Sequence[Goal]) -> dict[Metric, list[Goal]]:
    found: dict[Metric, list[Goal]] = {}
    for goal in goals:
        found.setdefault(Metric(goal.metric), []).append(goal)
    return found


def _status(progress: Progress, today: dt.date) -> str:
    due = progress.goal.due_date
    if MILESTONES[-1] in progress.reached:
        return "reached"
    return "missed" if due and due < today and progress.is_due_known else "active"
