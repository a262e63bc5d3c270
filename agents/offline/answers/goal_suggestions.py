"""Answers about which goal would fit: the pace, where it leads, and a sentence that sets it."""

import datetime as dt
from collections.abc import Iterable

from agents.offline.answers.goals import progress_line
from agents.offline.answers.nouns import label, noun, verb
from agents.offline.answers.places import place_name, platform_name
from agents.offline.answers.results import Results
from agents.offline.answers.rows import Row, rows_of
from agents.offline.answers.wording import date_text, escape, listing, number
from agents.offline.creator import Creator
from agents.offline.requests.request import Request
from domain.analytics.metrics import MEANINGS
from storage.models import Metric, Platform

IMPORT_MORE = (
    "Import more days under Connections, then ask “Which goal would fit my pace?” again. If you "
    "have a number in mind, name it: “Set a goal of … followers on Instagram by 1 June”."
)
MAX_SUGGESTIONS = 4
MAX_SENTENCE = 300


def write_suggestions(request: Request, results: Results, creator: Creator) -> list[str]:
    """Return what fits each account that has no such goal yet, then how far the others are."""
    metric = Metric(request.option("metric") or Metric.FOLLOWERS)
    rows = [row for answer in results.of("suggest_goal") for row in rows_of(answer)]
    new = [row for row in rows if not row.fields.get("has_goal")]
    known = [row for row in new if not row.text("obstacle")]
    paragraphs = [_listed(_suggestion(row, metric, creator) for row in (known or new))]
    if new and not known:
        paragraphs.append(IMPORT_MORE)
    if taken := [row for row in rows if row.fields.get("has_goal")]:
        names, has = [_name(row, creator) for row in taken], "have" if len(taken) > 1 else "has"
        paragraphs.append(f"{listing(names)} {has} a goal on {label(metric)} already:")
        told = [row for answer in results.of("goal_progress") for row in rows_of(answer)]
        own = (progress_line(row) for row in told if row.text("metric") == metric)
        paragraphs.append(_listed(own))
    if taken and not new and metric is Metric.FOLLOWERS:
        paragraphs.append(f"For one on another number, ask “{_other(taken[0])}”.")
    return paragraphs


def _listed(texts: Iterable[str]) -> str:
    first = list(texts)[:MAX_SUGGESTIONS]
    return "\n".join(f"- {text}" for text in first) if len(first) > 1 else "".join(first)


def _other(row: Row) -> str:
    """Return the question for a goal on what the platform counts beside followers."""
    platform = row.text("platform")
    what = "streams" if platform == Platform.SPOTIFY else "views"
    return f"Suggest a goal for my {what} on {platform_name(platform)}"


def _suggestion(row: Row, metric: Metric, creator: Creator) -> str:
    """Return an account's pace, where it leads, and the goal that it could have."""
    name, what = f"**{_name(row, creator)}**", noun(metric, platform=row.text("platform"))
    if reason := row.text("obstacle"):
        return f"{name}: I can't tell your pace yet, because {escape(reason)}."
    level, pace = row.known("last known") or 0, row.known("recent pace") or 0
    way = "lose" if pace < 0 else "gain"
    has = f"you have {row.labelled('last known')} {what} and {way} {number(abs(pace))} a day"
    if not MEANINGS[metric].is_stock:
        has = f"{verb(metric).replace('You', 'you')} {number(pace)} {what} a day"
    text = f"{name}: {has} at your recent pace."
    say = f"say “{escape(row.text('sentence'), limit=MAX_SENTENCE)}”."
    if (row.known("expected") or 0) <= level:
        return f"{text} That leads to no higher number; for a first step up, {say}"
    reached = f"**{row.labelled('expected')}** {what}"
    return f"{text} By {_due(row)} that leads to {reached}. For a goal that fits, {say}"


def _due(row: Row) -> str:
    return date_text(dt.date.fromisoformat(row.text("due_date")))


def _name(row: Row, creator: Creator) -> str:
    return place_name((row.text("platform"), row.text("account")), creator)
