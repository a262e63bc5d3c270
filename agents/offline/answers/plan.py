"""A plan in words for the coming days, from what has worked so far."""

import datetime as dt
from collections.abc import Sequence
from itertools import cycle

from agents.offline.answers.results import Results
from agents.offline.answers.rows import Row, rows_of
from agents.offline.answers.wording import date_text, escape, table
from agents.offline.creator import Creator
from storage.models import Platform
from tools.figures import PLATFORM_NAMES

MAX_POSTS = 4
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
NOTHING_TO_PLAN_FROM = (
    "I can't plan from your posts yet: too few of them have known engagement. Import your posts, "
    "and I will plan from what worked."
)


def write_plan(results: Results, creator: Creator) -> list[str]:
    """Return a plan of up to four posts for the next seven days, and what it rests on."""
    slots = _slots(_rows(results, "best_times"))
    forms = _forms(_rows(results, "format_performance"))
    topics = [row for row in _rows(results, "topic_performance") if _is_an_idea(row)]
    if not slots or not forms:
        return [NOTHING_TO_PLAN_FROM]
    lines = []
    for slot, form, topic in zip(slots, cycle(forms), cycle(topics or [None]), strict=False):
        day = _next(slot, creator.today)
        lines.append(
            (
                day,
                [
                    f"{WEEKDAYS[day.weekday()]}, {date_text(day)}",
                    _hour(slot),
                    PLATFORM_NAMES[Platform(form.text("platform"))],
                    form.text("post_type"),
                    f"something about {escape(topic.text('topic'))}" if topic else "your choice",
                    "proven time" if slot.stands_out else "trial",
                ],
            )
        )
    heads = ["Day", "Time", "Platform", "Form", "Idea", "Why"]
    cells = [line for _, line in sorted(lines, key=lambda each: each[0])]
    return [
        "A plan for the next seven days, from what your posts have shown so far:",
        table(heads, cells, names=len(heads)),
        _basis(slots, forms, topics),
    ]


def _rows(results: Results, tool: str) -> list[Row]:
    return [row for answer in results.of(tool) for row in rows_of(answer)]


def _slots(rows: Sequence[Row]) -> list[Row]:
    """Return the best slot of each weekday, the clear ones first."""
    chosen: dict[str, Row] = {}
    for row in rows:
        if row.fields.get("hour") is not None:
            chosen.setdefault(row.text("weekday") or row.text("slot"), row)
    return list(chosen.values())[:MAX_POSTS]


def _is_an_idea(topic: Row) -> bool:
    return topic.stands_out or topic.text("topic").startswith("#")


def _forms(rows: Sequence[Row]) -> list[Row]:
    known = [row for row in rows if row.value("form_median_engagement") is not None]
    clear = [row for row in known if row.stands_out]
    return clear or known[:1]


def _next(slot: Row, today: dt.date) -> dt.date:
    weekday = slot.text("weekday")
    if not weekday:
        return today + dt.timedelta(days=1)
    ahead = (WEEKDAYS.index(weekday) - today.weekday() - 1) % 7 + 1
    return today + dt.timedelta(days=ahead)


def _hour(slot: Row) -> str:
    return f"{int(slot.fields['hour']):02}:00"


def _basis(slots: Sequence[Row], forms: Sequence[Row], topics: Sequence[Row]) -> str:
    proven = [row.text("slot") for row in slots if row.stands_out]
    clear = [
        f"{row.text('post_type')} on {PLATFORM_NAMES[Platform(row.text('platform'))]}"
        for row in forms
        if row.stands_out
    ]
    sentences = [
        f"Proven over all your posts: {', '.join(proven)}." if proven else "No time is proven yet.",
        f"Clearly the best forms there: {', '.join(clear)}."
        if clear
        else "No form is clearly better yet.",
    ]
    if not any(row.stands_out for row in topics):
        sentences.append("The ideas are trials: no topic stands out.")
    return " ".join(sentences)
