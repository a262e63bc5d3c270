"""Follow-ups on a request: "and on YouTube?" keeps its tool and what else was asked."""

import re
from dataclasses import replace
from typing import Any

from agents.offline.creator import Creator
from agents.offline.dates.moments import Calendar
from agents.offline.dates.periods import Periods, find_periods
from agents.offline.questions.cues import EVERYWHERE
from agents.offline.questions.vocabulary import find_metrics, find_platforms
from agents.offline.requests import cues
from agents.offline.requests.figures import with_options
from agents.offline.requests.future import find_future
from agents.offline.requests.goals import find_status, suggested_goal
from agents.offline.requests.request import Kind, Request, Text
from storage.models import Platform

# "and how many a day is that?": the same goal once more.
_ASKS_ON = re.compile(r"\b(?:how|when|per|need|left|pace)\b")


def follow_request(
    text: Text, previous: Request, creator: Creator, calendar: Calendar
) -> Request | None:
    """Return the previous request with what a short text changes, or None if it stands alone."""
    changes: dict[str, Any] = {}
    periods = _past_periods(text.plain, calendar, previous)
    platforms = find_platforms(periods.rest)
    if platforms and set(platforms) <= set(creator.platforms()):
        changes |= {"platforms": platforms, "account": text.account}
    elif text.account:
        changes |= {"account": text.account}
    if periods.spans and previous.span and previous.kind is not Kind.PLAN:
        changes |= {"span": periods.spans[0], "is_recent": False}
    if EVERYWHERE.search(text.plain) and not platforms:
        changes |= {"platforms": (), "account": None}
    changed = replace(previous, text=periods.rest, **changes)
    changed = _changed_options(changed, text.plain, creator)
    if previous.kind is Kind.GOAL_PROGRESS and re.search(r"\bother\b", text.plain):
        changed = _other_goal(previous, creator)
    asks_on = previous.kind is Kind.GOAL_PROGRESS and _ASKS_ON.search(text.plain)
    asks_moment = previous.kind is Kind.BEST_TIMES and cues.MOMENTS.search(text.plain)
    is_changed = asks_on or asks_moment or replace(changed, text=previous.text) != previous
    return changed if is_changed else None


def _other_goal(previous: Request, creator: Creator) -> Request:
    """Return the request about the goals that the previous one was not about."""
    goal_id = previous.option("goal_id")
    asked = {goal.platform for goal in creator.goals if goal.id == goal_id}
    asked |= set(previous.platforms)
    others = [
        Platform(goal.platform)
        for goal in creator.goals
        if goal.platform and goal.platform not in asked
    ]
    kept = tuple((name, value) for name, value in previous.options if name != "goal_id")
    return replace(previous, platforms=tuple(dict.fromkeys(others)), options=kept)


def _past_periods(text: str, calendar: Calendar, previous: Request) -> Periods:
    """Return the periods of a follow-up; what a forecast is about has none."""
    if previous.span is None:
        return Periods(spans=(), rest=text)
    return find_periods(text, calendar, previous.spans)


def _changed_options(request: Request, text: str, creator: Creator) -> Request:
    if request.kind is Kind.TOP_CONTENT:
        read = with_options(replace(request, options=()), text)
        options = dict(read.options)
        if re.search(r"\b(?:best|top|strongest)\b", text):
            options["order"] = "best"
        return request.with_options(**options)
    if request.kind is Kind.BEST_TIMES:
        return request.with_options(**dict(with_options(request, text).options))
    if request.kind in {Kind.PERIODS, Kind.TRENDS, Kind.CONCENTRATION, Kind.FORECAST}:
        metrics = find_metrics(text, request.platforms)
        request = request.with_options(metric=metrics[0].value if metrics else None)
    if request.kind is Kind.SUGGEST_GOAL:
        return suggested_goal(request, creator)
    if request.kind is Kind.LIST_GOALS:
        return request.with_options(status=find_status(text))
    if request.kind is Kind.FORECAST:
        until, _ = find_future(text, creator.today)
        request = request.with_options(until=until.isoformat() if until else None)
    return request
