"""Requests about goals: which goal is meant, and the number, date and title it is to have."""

import datetime as dt
import re
from dataclasses import replace
from typing import Any

from agents.offline.answers.wording import date_text
from agents.offline.creator import Creator, GoalBrief
from agents.offline.dates.moments import NUMBERS
from agents.offline.dates.spans import Unit, months_before, rolling
from agents.offline.questions.replies import Reply, refusal
from agents.offline.questions.vocabulary import find_metrics
from agents.offline.requests import cues
from agents.offline.requests.amounts import find_amounts, find_target
from agents.offline.requests.future import find_future
from agents.offline.requests.quotes import QUOTED
from agents.offline.requests.request import Kind, Request
from domain.analytics.forecast import MAX_HORIZON_DAYS
from storage.models import Metric, Platform

NO_OUTLOOK = refusal(
    "How far your goals are, the goal tracker knows: choose it as the agent, or “Auto”, and ask "
    "again."
)
# So many goals fit into the calls of one answer.
MAX_OUTLOOKS = 4
OUTLOOK_DAYS = 28
_REACH_VERB = re.compile(
    r"\b(?:to|i|we|will|can|do|would|could|should|help me|let me|did) (?:\w+ )?reach\b"
    r"|\breach(?:ed|ing)\b|\breach (?=(?:the |my |a )?\d)"
)
_FACTOR = re.compile(r"\b(?:double|halve)\b")
_MOVED_BY = re.compile(
    r"\b(?:by|another|add|plus) (?P<amount>(?:(?P<percent>\d{1,3}) ?(?:%|percent\b)|\d[\d.,]*k?))"
    r"(?![./]\d)(?! (?:days?|weeks?|months?|january|february|march|april|may|june|july|august"
    r"|september|october|november|december)\b)"
)
_SOONER = re.compile(r"\b(?:shorten|sooner|earlier|forward|ahead|less|fewer|cut)\b")
_LESS = re.compile(r"\b(?:lower|reduce|decrease|cut|less|fewer|down|drop|shrink|subtract|minus)\b")
_MORE_TIME = re.compile(
    r"\b(?:another |(?:back|out|up|forward|goal|deadline|it) (?:by )?(?=\w+ (?:day|week|month))"
    r"|(?=(?:\w+ ){1,2}(?:more|extra|additional|longer|later)\b)|by )"
    r"(?P<count>\d{1,2}|a|an|one|two|three|four|five|six)? ?(?:more |extra |additional )?"
    r"(?P<unit>day|week|month)s?\b(?! (?:\d|of))"
)


def read_goal(request: Request, creator: Creator) -> Request | Reply:
    if request.kind is Kind.LIST_GOALS:
        return replace(request, platforms=(), account=None).with_options(
            status=find_status(request.text)
        )
    goal = _find_goal(request, creator)
    if request.kind is Kind.GOAL_PROGRESS:
        is_one = goal is not None and len(creator.goals) > 1 and not request.platforms
        return request.with_options(goal_id=goal.id if goal and is_one else None)
    if request.kind is Kind.CREATE_GOAL:
        return _new_goal(request, creator)
    if goal is None:
        return replace(request, kind=Kind.LIST_GOALS, platforms=(), account=None)
    return _changed_goal(request, goal, creator)


def read_outlook(request: Request, creator: Creator) -> Request | Reply:
    """Return the request for where goals are heading, by level and forecast alone."""
    named = set(find_amounts(request.text))
    about = [
        goal
        for goal in creator.goals
        if not request.platforms or goal.platform in request.platforms
    ]
    about = [goal for goal in about if goal.target in named] or about
    last = creator.today + dt.timedelta(days=MAX_HORIZON_DAYS)
    followed = tuple(
        goal if goal.due_date and creator.today < goal.due_date <= last else _undated(goal)
        for goal in about
        if goal.metric == Metric.FOLLOWERS
    )
    if not followed:
        return NO_OUTLOOK
    span = rolling(creator.last_date(), OUTLOOK_DAYS, Unit.DAY)
    return replace(request, platforms=(), goals=followed[:MAX_OUTLOOKS], span=span)


def _undated(goal: GoalBrief) -> GoalBrief:
    return goal.model_copy(update={"due_date": None})


def suggested_goal(request: Request, creator: Creator) -> Request:
    """Return the request for a goal that fits; for one of its own if it names a number."""
    due, rest = find_future(request.text, creator.today)
    if find_target(rest) is not None:
        return _new_goal(replace(request, kind=Kind.CREATE_GOAL), creator)
    last = creator.today + dt.timedelta(days=MAX_HORIZON_DAYS)
    if due and due > last:
        request = replace(request, remarks=(f"I look ahead to {date_text(last)} at most.",))
        due = last
    metric = aimed_metric(rest, request.platforms)
    about = tuple(
        goal
        for goal in creator.goals
        if goal.metric == metric and (not request.platforms or goal.platform in request.platforms)
    )
    return replace(request, kind=Kind.SUGGEST_GOAL, goals=about).with_options(
        metric=None if metric is Metric.FOLLOWERS else metric.value,
        due_date=due.isoformat() if due else None,
    )


def _new_goal(request: Request, creator: Creator) -> Request:
    named, rest = _target(request, creator)
    if named["target_value"] is None:
        return suggested_goal(request, creator)
    metric = aimed_metric(rest, request.platforms)
    one = replace(request, platforms=request.platforms[:1])
    title = _new_title(request.typed) if cues.TITLED.search(request.text) else None
    return one.with_options(metric=metric.value, title=title, **named)


def _changed_goal(request: Request, goal: GoalBrief, creator: Creator) -> Request | Reply:
    if cues.RENAME.search(request.text) and (title := _new_title(request.typed)):
        return request.with_options(goal_id=goal.id, title=title)
    named, rest = _target(request, creator)
    amounts = [amount for amount in find_amounts(rest) if amount != goal.target]
    if named["target_value"] == goal.target:  # "drop my 10k goal" names it by its number
        named["target_value"] = amounts[-1] if amounts else None
    if goal.target and (moved := _moved_target(rest, goal.target)):
        named["target_value"] = moved
    if later := _later(request.text, goal):
        named["due_date"] = later.isoformat()
    if any(named.values()):
        return request.with_options(goal_id=goal.id, **named)
    if cues.ARCHIVE.search(request.text):
        return request.with_options(goal_id=goal.id, status="archived")
    return refusal(f"What should change about “{goal.title}”: its number, or its date?")


def _moved_target(text: str, target: int) -> int | None:
    """Return the target changed by "lower it by 500", "10 % more" or "double it"."""
    if match := _FACTOR.search(text):
        return round(target * (2 if match[0] == "double" else 0.5))
    match = _MOVED_BY.search(text)
    if match is None:
        return None
    amounts = find_amounts(match["amount"])
    step = target * int(match["percent"]) / 100 if match["percent"] else (amounts or [0])[-1]
    return round(target - step if _LESS.search(text) else target + step) if step else None


def _later(text: str, goal: GoalBrief) -> dt.date | None:
    """Return the due date moved by "four more weeks"."""
    match = _MORE_TIME.search(text)
    if match is None or goal.due_date is None:
        return None
    count = NUMBERS.get(match["count"] or "a") or int(match["count"])
    if _SOONER.search(text):
        count = -count
    if match["unit"] == "month":
        return months_before(goal.due_date, -count)
    return goal.due_date + dt.timedelta(days=count * (7 if match["unit"] == "week" else 1))


def _new_title(typed: str) -> str | None:
    """Return the name behind "rename … to", in quotes or not."""
    if match := QUOTED.search(typed):
        return str(match["text"] or match["single"]).strip()
    for lead in (r"to|into", r"it|goal|target"):
        if match := re.search(rf"\b(?:{lead})[: ]+(?P<name>[^.?!]{{3,120}})$", typed.strip()):
            return str(match["name"]).strip()
    return None


def _target(request: Request, creator: Creator) -> tuple[dict[str, Any], str]:
    """Return the number and the date that are named, and the text without the date."""
    due, rest = find_future(request.text, creator.today)
    date = due.isoformat() if due else None
    return {"target_value": find_target(rest), "due_date": date}, rest


def find_status(text: str) -> str | None:
    words = {
        "active": r"active|open|current|running|ongoing",
        "missed": r"miss(?:ed)?|fail(?:ed)?|overdue|expired|fell short|not (?:make|reach|hit|meet)",
        "reached": r"ticked|reach(?:ed)?|achieved?|completed?|finished|done|hit|met|accomplished",
        "archived": r"archived?|old|closed|past|put away|(?:gave|given|giving) up|abandoned"
        r"|cancelled|shelved|scrapped|retired",
    }
    found = next((s for s, w in words.items() if re.search(rf"\b(?:{w})\b", text)), None)
    is_all = re.search(r"\b(?:all|every)\b", text) and not re.search(r"\b\w{4,}ed\b", text)
    return None if is_all else found


def _find_goal(request: Request, creator: Creator) -> GoalBrief | None:
    """Return the one goal that the text can mean."""
    found = [
        goal
        for goal in creator.goals
        if not request.platforms or goal.platform in request.platforms
    ]
    metrics = find_metrics(request.text, request.platforms)
    amounts = find_amounts(request.text)
    if len(found) > 1 and any(goal.target in amounts for goal in found):
        found = [goal for goal in found if goal.target in amounts]
    if len(found) > 1 and metrics:
        found = [goal for goal in found if goal.metric in metrics] or found
    return found[0] if len(found) == 1 else None


def aimed_metric(text: str, platforms: tuple[Platform, ...]) -> Metric:
    """Return the metric that is to reach something; "to reach" names none."""
    metrics = find_metrics(_REACH_VERB.sub(" ", text), platforms)
    return metrics[0] if metrics else Metric.FOLLOWERS
