"""From goals and their progress to figures, and to rows of what is not a number."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

from domain.figures import Figure, FigureBook, Unit
from domain.metrics import MEANINGS
from domain.progress import Progress
from storage.models import Goal, GoalMilestone, Metric


def target_figure(book: FigureBook, goal: Goal, today: dt.date) -> Figure:
    """Write down what the goal wants to reach."""
    return book.add(
        f"target of “{goal.title}”",
        goal.target_value,
        metric=f"goal_{goal.metric}",
        unit=MEANINGS[Metric(goal.metric)].unit,
        platform=goal.platform,
        start=goal.start_date,
        end=goal.due_date or today,
        observations=1,
    )


def progress_figures(book: FigureBook, progress: Progress, today: dt.date) -> list[Figure]:
    """Write down target, start, current value, what is left, percent, and paces per day."""
    goal, day = progress.goal, progress.day or today
    unit = MEANINGS[Metric(goal.metric)].unit
    begin = min(goal.start_date, day)
    due = max(goal.due_date or day, day)
    recent = day - dt.timedelta(days=progress.pace_days)
    values: tuple[tuple[str, float | None, str, Unit, dt.date, dt.date, int], ...] = (
        ("start", goal.start_value, "goal", unit, goal.start_date, goal.start_date, 1),
        ("current value", progress.current, "goal", unit, begin, day, progress.observations),
        ("left to go", progress.remaining, "goal", unit, begin, day, progress.observations),
        (
            "progress",
            _rounded(progress.percent),
            "goal_percent",
            "percent",
            begin,
            day,
            progress.observations,
        ),
        (
            "recent pace per day",
            _rounded(progress.pace),
            "goal_pace",
            unit,
            recent,
            day,
            progress.pace_days,
        ),
        ("needed pace per day", _rounded(progress.needed), "goal_pace", unit, day, due, 1),
    )
    return [
        target_figure(book, goal, today),
        *(
            book.add(
                f"{label} of “{goal.title}”",
                value,
                metric=f"{kind}_{goal.metric}",
                unit=own_unit,
                platform=goal.platform,
                start=start,
                end=end,
                observations=observations,
            )
            for label, value, kind, own_unit, start, end, observations in values
        ),
    ]


def goal_row(
    goal: Goal, progress: Progress | None = None, milestones: Sequence[GoalMilestone] = ()
) -> dict[str, Any]:
    """Return what of a goal is not a number: id, title, days, and when milestones were reached."""
    row: dict[str, Any] = {
        "id": goal.id,
        "title": goal.title,
        "metric": goal.metric,
        "platform": goal.platform,
        "status": goal.status,
        "start_date": goal.start_date,
        "due_date": goal.due_date,
    }
    if progress is None:
        return row
    projection = progress.projection
    reached = {milestone.percent: milestone.reached_on for milestone in milestones}
    return row | {
        "last_known_day": progress.day,
        "is_on_track": progress.is_on_track,
        "expected_on": projection and projection.expected,
        "earliest_on": projection and projection.earliest,
        "latest_on": projection and projection.latest,
        "milestones": [
            {"percent": percent, "reached_on": day} for percent, day in sorted(reached.items())
        ],
    }


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 1)
