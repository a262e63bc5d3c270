"""What there is to say about goals: a milestone that was reached, and a pace that is off."""

import datetime as dt
from collections.abc import Iterator
from typing import Literal

from domain.analytics.metrics import MEANINGS
from domain.figures import Figure, FigureBook, Unit
from domain.insights.candidates import Candidate, Detector
from domain.insights.evidence import Evidence
from domain.progress import MIN_WEEKS, Progress
from storage.models import Goal, GoalMilestone, GoalStatus, Metric

# A milestone is news for a week.
NEWS_DAYS = 7
# A goal that has only begun has no pace yet, and on its last days there is nothing left to say.
MIN_RUN_DAYS = 14
MIN_DAYS_LEFT = 3
# From here on a pace is told in whole numbers.
WHOLE_FROM = 100


def find_milestones(evidence: Evidence) -> Iterator[Candidate]:
    """Yield the highest milestone that each goal has reached lately."""
    for progress in evidence.goals:
        goal, reached = progress.goal, _new_milestone(evidence, progress)
        if reached is None:
            continue
        days = (reached.reached_on, reached.reached_on)
        book = FigureBook()
        figures = {
            "percent": _figure(book, progress, "milestone", reached.percent, days, "percent"),
            "value": _figure(book, progress, "value", reached.value, days),
            "target": _figure(book, progress, "target", goal.target_value, days),
        }
        yield _candidate(
            Detector.MILESTONE,
            f"{goal.id}:{goal.target_value}:{reached.percent}",
            reached.percent / 100,
            progress,
            "reached" if goal.status == GoalStatus.REACHED else "on_the_way",
            figures,
        )


def find_paces(evidence: Evidence) -> Iterator[Candidate]:
    """Yield each goal that even the fastest week would miss, or that the slowest would reach.

    A milestone that has just been reached is good news enough.
    """
    for progress in evidence.goals:
        state = _state(progress, evidence.today)
        if state is None or progress.day is None:
            continue
        if state == "ahead" and _new_milestone(evidence, progress):
            continue
        coming = (progress.day, progress.goal.due_date or progress.day)
        last = progress.pace_end or progress.day
        recent = (last - dt.timedelta(days=max(progress.pace_days, 1) - 1), last)
        known = (progress.day, progress.day)
        book = FigureBook()
        figures = {
            "current": _figure(book, progress, "current value", progress.current, known),
            "target": _figure(book, progress, "target", progress.goal.target_value, coming),
            "left": _figure(book, progress, "left to go", progress.remaining, known),
            "pace": _figure(book, progress, "recent pace per day", progress.pace, recent),
            "needed": _figure(book, progress, "needed pace per day", progress.needed, coming),
        }
        yield _candidate(
            Detector.GOAL_PACE,
            f"{progress.goal.id}:{progress.goal.target_value}:{progress.goal.due_date}:{state}",
            _gap(progress) if state == "behind" else 0.2,
            progress,
            state,
            figures,
        )


def _new_milestone(evidence: Evidence, progress: Progress) -> GoalMilestone | None:
    """Return the highest milestone of a goal, if it is news."""
    milestones = evidence.milestones.get(progress.goal.id, ())
    reached = max(milestones, key=lambda each: each.percent, default=None)
    if reached is None or (evidence.today - reached.reached_on).days > NEWS_DAYS:
        return None
    return reached


def _state(progress: Progress, today: dt.date) -> Literal["behind", "ahead"] | None:
    """Return which side of its due day a goal is on, where every week of the last four agrees."""
    goal, needed = progress.goal, progress.needed
    if goal.status != GoalStatus.ACTIVE or goal.due_date is None or not needed:
        return None
    has_begun = (today - goal.start_date).days >= MIN_RUN_DAYS
    has_time = (goal.due_date - today).days >= MIN_DAYS_LEFT
    if not has_begun or not has_time or len(progress.week_paces) < MIN_WEEKS:
        return None
    shares = [pace / needed for pace in progress.week_paces]
    if max(shares) < 1:
        return "behind"
    return "ahead" if min(shares) >= 1 else None


def _gap(progress: Progress) -> float:
    """Return the share of the needed pace that is missing, from 0 to 1."""
    if not progress.needed or progress.pace is None:
        return 0.0
    return min(max(1 - progress.pace / progress.needed, 0.0), 1.0)


def _candidate(
    detector: Detector,
    key: str,
    effect: float,
    progress: Progress,
    state: str,
    figures: dict[str, Figure],
) -> Candidate:
    goal = progress.goal
    return Candidate(
        detector=detector,
        finding=f"{detector}:{key}",
        effect=effect,
        confidence=1.0,
        facts={
            "goal": goal.title,
            "metric": goal.metric,
            "platform": goal.platform or "",
            "state": state,
            "direction": "up" if goal.target_value > goal.start_value else "down",
            "due": str(goal.due_date or ""),
            **{name: figure.id for name, figure in figures.items()},
        },
        figures=list(figures.values()),
    )


def _figure(
    book: FigureBook,
    progress: Progress,
    label: str,
    value: float | None,
    days: tuple[dt.date, dt.date],
    unit: Unit | None = None,
) -> Figure:
    goal: Goal = progress.goal
    kind = {"milestone": "goal_milestone", "recent pace per day": "goal_pace"}.get(label, "goal")
    kind = "goal_pace" if label == "needed pace per day" else kind
    return book.add(
        f"{label} of “{goal.title}”",
        None if value is None else round(value, 1 if abs(value) < WHOLE_FROM else None),
        metric=f"{kind}_{goal.metric}",
        unit=unit or MEANINGS[Metric(goal.metric)].unit,
        platform=goal.platform,
        account=progress.account,
        start=days[0],
        end=days[1],
        observations=max(progress.observations, 1),
    )
