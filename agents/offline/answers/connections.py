"""Answers about the connected accounts and the days that are known of them."""

import datetime as dt
from typing import Any

from agents.offline.answers.places import platform_name
from agents.offline.answers.results import Answered
from agents.offline.answers.wording import date_text, escape, listing, table
from agents.offline.questions.question import Question
from agents.offline.questions.replies import NOTHING_CONNECTED

ACTIVE = "active"


def write_connections(question: Question, answer: Answered) -> list[str]:
    """Return the paragraphs that list accounts and their days."""
    rows = [row for row in answer.result.rows if _text(row, "platform")]
    if not rows:
        return [NOTHING_CONNECTED.text]
    if question.platforms:
        return [_about(platform.value, rows) for platform in question.platforms]
    names = list(dict.fromkeys(platform_name(_text(row, "platform")) for row in rows))
    heads = ["Platform", "Account", "First day", "Last day", "Status"]
    return [
        f"You have {listing(names)} connected. {_coverage(rows)}".strip(),
        table(heads, [_cells(row) for row in rows], names=len(heads)),
    ]


def _about(platform: str, rows: list[dict[str, Any]]) -> str:
    of_platform = [row for row in rows if row["platform"] == platform]
    name = platform_name(platform)
    if not of_platform:
        return f"No, {name} is not connected."
    accounts = listing([escape(_text(row, "account")) for row in of_platform])
    return f"Yes, {name} is connected ({accounts}). {_coverage(of_platform)}"


def _coverage(rows: list[dict[str, Any]]) -> str:
    first = [day for row in rows if (day := _day(row, "first_date"))]
    last = [day for row in rows if (day := _day(row, "last_date"))]
    if not first or not last:
        return "There are no numbers stored yet."
    return f"The data goes back to {date_text(min(first))} and reaches to {date_text(max(last))}."


def _cells(row: dict[str, Any]) -> list[str]:
    first, last = _day(row, "first_date"), _day(row, "last_date")
    status = _text(row, "status")
    shown = "imported" if row.get("source") == "import" and status == ACTIVE else status
    return [
        platform_name(_text(row, "platform")),
        escape(_text(row, "account")),
        date_text(first) if first else "–",
        date_text(last) if last else "–",
        escape(shown.replace("_", " ")),
    ]


def _text(row: dict[str, Any], key: str) -> str:
    return str(row.get(key) or "")


def _day(row: dict[str, Any], key: str) -> dt.date | None:
    try:
        return dt.date.fromisoformat(_text(row, key))
    except ValueError:
        return None
