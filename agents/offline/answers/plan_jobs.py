"""Answers about whole plans: being made, how far, and what was changed in them."""

import re
from collections.abc import Sequence

from agents.offline.answers.results import Answered
from agents.offline.answers.rows import Row, rows_of
from agents.offline.answers.wording import escape
from agents.offline.requests.request import Kind

NO_PLAN = (
    "No plan of yours is in the making. Say for example “Make a content plan for December on "
    "Instagram, posts every day, goal: more followers”."
)
IS_MADE = (
    "Your plan is being made in the background, and this answer shows how far it is. You can go on "
    "meanwhile, and ask “How far is my plan?” at any time."
)
MAX_CHANGE = 300
_CHANGE = re.compile(r"^Change \d+, \w+: ")
_CLOCK = re.compile(r"(?<=\d)\\:(?=\d\d)")
_FAILED = {
    Kind.CREATE_PLAN: "I could not have the plan made:",
    Kind.PLAN_STATUS: "I could not look that up:",
    Kind.REVISE_PLAN: "I could not change the plan:",
}


def write_created_plan(answer: Answered) -> list[str]:
    """Return that a plan is being made."""
    if not any(rows_of(answer)):
        return []
    return [IS_MADE]


def write_plan_status(answer: Answered) -> list[str]:
    """Return how far the newest plan is."""
    row = next(iter(rows_of(answer)), None)
    return [_status(row) if row else NO_PLAN]


def write_revised_plan(answer: Answered) -> list[str]:
    """Return what was changed."""
    row = next(iter(rows_of(answer)), None)
    if row is None:
        return []
    lines = [f"- {_plain(str(each))}" for each in row.fields.get("changes", ())]
    told = "Done, as a new version of the plan; the old one is kept."
    return [told + ("\n\n" + "\n".join(lines) if lines else "")]


def write_plan_failure(kind: Kind, errors: Sequence[str]) -> str:
    """Return why nothing came of it."""
    reasons = [_plain(_CHANGE.sub("", error)) for error in dict.fromkeys(errors)]
    return " ".join([_FAILED[kind], *reasons])


def _plain(text: str) -> str:
    """Return a text from outside; the colon of a clock time is no markup."""
    return _CLOCK.sub(":", escape(text, limit=MAX_CHANGE))


def _status(row: Row) -> str:
    match row.text("status"):
        case "queued":
            return "Your plan is waiting for its turn; it is begun as soon as a worker is free."
        case "running":
            doing = re.match(r"[^.\d]+\.", row.text("message"))
            said = f" {escape(doing[0])}" if doing else ""
            return f"Your plan is **{row.known('progress of the plan') or 0:.0f}%** done.{said}"
        case "completed" if row.text("plan_id"):
            title = escape(row.text("plan_title"), limit=MAX_CHANGE)
            posts = row.labelled("posts in the plan")
            return (
                f"Your plan “{title}” is ready, with **{posts}** posts. Say what you would like to "
                "change, such as “Drop the Spotify posts”."
            )
        case "completed":
            return "Your plan was made, and deleted since."
        case "cancelled":
            return "The making of your plan was cancelled."
        case _:
            return f"Your plan could not be made. {escape(row.text('message'), limit=MAX_CHANGE)}"
