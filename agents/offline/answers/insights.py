"""Answers about what the suite has found by itself."""

import datetime as dt
import re
from collections.abc import Sequence

from agents.offline.answers.results import Answered
from agents.offline.answers.rows import Row, rows_of
from agents.offline.answers.wording import date_text, escape
from agents.offline.creator import Creator
from agents.offline.requests.insights import find_named_insight
from agents.offline.requests.request import Request

MAX_TEXT = 700  # more than an insight's message has
NOTHING = (
    "I have found nothing by myself lately that stands out. Ask me about any number that you "
    "want to know."
)
_REFERENCE = re.compile(r"(\{\{f\d{1,6}\}\})")
_CLOCK = re.compile(r"(?<=\d)\\:(?=\d\d\b)")
GONE = "That one does not hold any more."


def write_insights(request: Request, answer: Answered, creator: Creator) -> list[str]:
    """Return the paragraphs on the insights that are meant: one, those of a platform, or all."""
    rows = _of_platforms(request, list(rows_of(answer)))
    title = find_named_insight(request.typed)
    if title:
        named = [row for row in rows if " ".join(row.text("title").split()) == title]
        return _write_one(named[0]) if named else [GONE]
    if not rows:
        return [NOTHING]
    today = [row for row in rows if row.text("of") == str(creator.today)]
    before = [row for row in rows if row not in today]
    return [
        *(["This is what stands out today:", _listed(today)] if today else ["Nothing new today."]),
        *(["From the days before, this still holds:", _listed(before)] if before else []),
    ]


def _of_platforms(request: Request, rows: Sequence[Row]) -> list[Row]:
    wanted = set(request.platforms)
    return [
        row
        for row in rows
        if not wanted or any(figure.platform in wanted for figure in row.labelled_figures)
    ]


def _write_one(row: Row) -> list[str]:
    actions = [f"- {_plain(action)}" for action in row.fields.get("actions", ())]
    day = date_text(dt.date.fromisoformat(row.text("of")))
    return [
        f"**{_plain(row.text('title'))}** ({day})",
        _plain(row.text("message")),
        "\n".join(["What you can do:", *actions]) if actions else "",
    ]


def _listed(rows: Sequence[Row]) -> str:
    return "\n".join(
        f"- **{_plain(row.text('title'))}**: {_plain(row.text('message'))}" for row in rows
    )


def _plain(text: str) -> str:
    """Return a text of an insight without Markdown of its own, but for references and "18:00"."""
    pieces = _REFERENCE.split(text)
    escaped = (
        piece if place % 2 else _spaced(piece, escape(piece, limit=MAX_TEXT))
        for place, piece in enumerate(pieces)
    )
    return _CLOCK.sub(":", "".join(escaped))


def _spaced(piece: str, escaped: str) -> str:
    """Return an escaped text with the spaces around it that it had."""
    before, after = piece[: len(piece) - len(piece.lstrip())], piece[len(piece.rstrip()) :]
    return f"{before}{escaped}{after}" if escaped else before
