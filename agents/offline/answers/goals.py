"""Answers about goals: what they are, how far, at which pace, and what was set or changed."""

import datetime as dt
from collections.abc import Sequence

from agents.offline.answers.results import Answered
from agents.offline.answers.rows import Row, rows_of
from agents.offline.answers.wording import date_text, escape
from agents.offline.requests.request import Kind, Request

DECLINED = "declined"
ASK_FOR_ONE = "Ask “Which goal would fit my pace?” for one."


def write_goals(answer: Answered) -> list[str]:
    """Return the list of goals."""
    rows = list(rows_of(answer))
    if not rows:
        return [f"You have no such goal yet. {ASK_FOR_ONE}"]
    lines = [
        f"- **{escape(row.text('title'))}**: {row.labelled('target of')}"
        f"{_due(row)}, {row.text('status')}"
        for row in rows
    ]
    return ["Your goals:\n\n" + "\n".join(lines)]


def write_progress(answer: Answered) -> list[str]:
    """Return how far each goal is, and what it needs."""
    rows = list(rows_of(answer))
    if not rows:
        return [f"You have no active goal. {ASK_FOR_ONE}"]
    return [progress_line(row) for row in rows]


def write_changed_goal(request: Request, answer: Answered) -> list[str]:
    """Return what was set or changed."""
    rows = list(rows_of(answer))
    if not rows:
        return []
    done = "is set" if request.kind is Kind.CREATE_GOAL else "is changed"
    if rows[0].text("status") == "archived":
        return [f"The goal “{escape(rows[0].text('title'))}” is archived."]
    return [
        f"The goal “{escape(rows[0].text('title'))}”{_due(rows[0])} {done}.",
        progress_line(rows[0]),
    ]


def is_declined(errors: Sequence[str]) -> bool:
    """Tell whether the creator did not approve."""
    return any(DECLINED in error for error in errors)


def progress_line(row: Row) -> str:
    """Return how far one goal is, at which pace, and whether that is enough."""
    title = f"**{escape(row.text('title'))}**"
    if row.known("current value of") is None:
        return f"{title}: nothing is known of it yet."
    values = f"{row.labelled('current value of')} of {row.labelled('target of')}"
    sentences = [f"{title}: **{row.labelled('progress of')}** of the way, {values}."]
    if row.known("left to go of") == 0:
        return " ".join([*sentences, "It is reached."])
    sentences.append(f"There are {row.labelled('left to go of')} to go.")
    sentences += _pace(row)
    return " ".join(sentences)


def _pace(row: Row) -> list[str]:
    recent, needed = row.known("recent pace"), row.known("needed pace")
    if recent is None:
        return ["Too few days are known to tell the pace."]
    pace = f"At your recent pace of {row.labelled('recent pace')} a day"
    found = []
    if expected := row.text("expected_on"):
        found.append(f"{pace} you get there on {_day(expected)}{_range(row)}.")
    else:
        found.append(f"{pace} you don't get there.")
    if needed is not None:
        verdict = row.fields.get("is_on_track")
        place = "so you are on track" if verdict else "so you are behind"
        due = f" by {_day(row.text('due_date'))}" if row.text("due_date") else ""
        found.append(f"You need {row.labelled('needed pace')} a day{due}, {place}.")
    return found


def _range(row: Row) -> str:
    earliest, latest = row.text("earliest_on"), row.text("latest_on")
    if not earliest or not latest or earliest == latest:
        return ""
    return f" (between {_day(earliest)} and {_day(latest)})"


def _due(row: Row) -> str:
    due = row.text("due_date")
    return f" by {_day(due)}" if due else ""


def _day(text: str) -> str:
    return date_text(dt.date.fromisoformat(text))
