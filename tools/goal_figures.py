"""From goals and their progress to figures, and to rows of what is not a number."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

from domain.analytics.metrics import MEANINGS
from domain.figures import Figure, FigureBook, FigureStatus, Unit
from domain.progress import Progress
from storage.models import Goal, GoalMilestone, Metric


def target_figure(
    book: FigureBook, goal: Goal, today: dt.date, account: str | None = None
) -> Figure:
    """Write down what the goal wants to reach."""
    return book.add(
        f"target of “{goal.title}”",
        goal.target_value,
        metric=f"goal_{goal.metric}",
        unit=MEANINGS[Metric(goal.metric)].unit,
        platform=goal.platform,
        account=account,
        start=goal.start_date,
        end=max(goal.due_date or today, goal.start_date),
        observations=1,
    )


def progress_figures(book: FigureBook, progress: Progress, today: dt.date) -> list[Figure]:
    """Write down target, start, current value, what is left, percent, and paces per day."""
    goal, day = progress.goal, progress.day or today
    unit = MEANINGS[Metric(goal.metric)].unit

    def add(
        label: str,
        value: float | None,
        kind: str,
        days: tuple[dt.date, dt.date],
        observations: int,
        unit: Unit = unit,
        status: FigureStatus = "final",
    ) -> Figure:
        return book.add(
            f"{label} of “{goal.title}”",
            value if value is None else round(value, 1),
            metric=f"{kind}_{goal.metric}",
            unit=unit,
            platform=goal.platform,
            account=progress.account,
            start=days[0],
            end=days[1],
            observations=observations,
            status=status,
        )

    known = (min(goal.start_date, day), day)
    if MEANINGS[Metric(goal.metric)].is_stock:
        known = (day, day)
    status, seen = _status(progress), _observations(progress)
    pace_end = progress.pace_end or day
    recent = (pace_end - dt.timedelta(days=max(progress.pace_days, 1) - 1), pace_end)
    coming = (day, max(goal.due_date or day, day))
    return [
        target_figure(book, goal, today, progress.account),
        add("start", goal.start_value, "goal", (goal.start_date, goal.start_date), 1),
        add("current value", progress.current, "goal", known, seen, status=status),
        add("left to go", progress.remaining, "goal", known, seen, status=status),
        add("progress", progress.percent, "goal_percent", known, seen, "percent", status),
        add("recent pace per day", progress.pace, "goal_pace", recent, progress.pace_days),
        add("needed pace per day", progress.needed, "goal_pace", coming, seen, status=status),
    ]


def milestone_figures(
    book: FigureBook, goal: Goal, milestones: Sequence[GoalMilestone], account: str | None
) -> list[Figure]:
    """Write down the milestones that were reached, each on its day."""
    return [
        book.add(
            f"milestone of “{goal.title}”",
            milestone.percent,
            metric=f"goal_milestone_{goal.metric}",
            unit="percent",
            platform=goal.platform,
            account=account,
            start=milestone.reached_on,
            end=milestone.reached_on,
            observations=1,
        )
        for milestone in milestones
    ]


def progress_notes(progress: Progress, today: dt.date) -> list[str]:
    """Return what has to be said about a goal's figures."""
    goal = progress.goal
    meaning = MEANINGS[Metric(goal.metric)]
    due = goal.due_date
    days = progress.missing_days + progress.observations
    found = [
        (progress.current is None, "nothing is known of it yet"),
        (
            progress.missing_days > 0,
            f"{progress.missing_days} of its {days} days are unknown and add nothing",
        ),
        (
            goal.status == "active" and due is not None and due < today,
            f"it was due on {due}, but that day is not known to its end",
        ),
        (
            progress.current is not None and progress.pace is None,
            "too few days are known to tell its pace",
        ),
        (not meaning.is_stock, f"it is about all {meaning.label} since {goal.start_date}"),
        (meaning.is_unique, "a person counts once per day, so people on two days count twice"),
    ]
    return [f"{goal.title}: {note}" for is_true, note in found if is_true]


def goal_row(goal: Goal) -> dict[str, Any]:
    """Return what of a goal is not a number."""
    return {
        "id": goal.id,
        "title": goal.title,
        "metric": goal.metric,
        "platform": goal.platform,
        "status": goal.status,
        "start_date": goal.start_date,
        "due_date": goal.due_date,
    }


def progress_row(
    progress: Progress, figures: Sequence[Figure], milestones: Sequence[Figure]
) -> dict[str, Any]:
    """Return a goal's row with its days and the ids of its figures and milestones."""
    projection = progress.projection
    return goal_row(progress.goal) | {
        "account": progress.account,
        "last_known_day": progress.day,
        "is_on_track": progress.is_on_track,
        "expected_on": projection and projection.expected,
        "earliest_on": projection and projection.earliest,
        "latest_on": projection and projection.latest,
        "figures": [figure.id for figure in figures],
        "milestones": [
            {"reached_on": figure.start, "figures": [figure.id]} for figure in milestones
        ],
    }


def _status(progress: Progress) -> FigureStatus:
    if progress.missing_days:
        return "partial"
    return "preliminary" if progress.is_preliminary else "final"


def _observations(progress: Progress) -> int:
    """Return how many days the current value was made of: one, where it is a level."""
    is_stock = MEANINGS[Metric(progress.goal.metric)].is_stock
    return min(progress.observations, 1) if is_stock else progress.observations
