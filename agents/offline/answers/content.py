"""Answers about posts: the best and worst, rates, forms, times, topics and drafts."""

import datetime as dt
from collections.abc import Sequence

from agents.offline.answers.results import Answered
from agents.offline.answers.rows import Row, rows_of, shown
from agents.offline.answers.wording import date_text, escape, table
from agents.offline.requests.request import Request
from domain.figures import Figure
from storage.models import Platform
from tools.figures import PLATFORM_NAMES

MAX_CAPTION = 48  # `graph/sink.py` knows captions cut here


def write_top_content(request: Request, answer: Answered) -> list[str]:
    """Return the paragraphs on the best or worst posts."""
    rows = list(rows_of(answer))
    if not rows:
        return [f"I found no post to rank {answer.when}."]
    ranked_by = request.option("rank_by") or "engagement"
    order = request.option("order") or "best"
    first = rows[0]
    lead = (
        f"Your {order} post {answer.when} by {ranked_by.replace('_', ' ')} is the "
        f"{_post(first)}: **{first.shown(f'post_{ranked_by}')}**."
    )
    if len(rows) == 1:
        return [lead, _quoted(first), *_share(answer)]
    columns = list(dict.fromkeys([ranked_by, "engagement", "views", "engagement_rate"]))
    heads = ["Post", "Posted", *(name.replace("_", " ").capitalize() for name in columns)]
    cells = [
        [
            f"{_caption(row) or row.text('post_type')} ({_place(row)})",
            _day(row),
            *(row.shown(f"post_{name}") for name in columns),
        ]
        for row in rows
    ]
    return [lead, table(heads, cells, names=2), *_share(answer)]


def write_rates(answer: Answered) -> list[str]:
    """Return the paragraphs on engagement rates."""
    figures = [figure for figure in _rates(answer) if figure.value is not None]
    if not figures:
        return [f"No engagement rate is known {answer.when}: views or engagement are missing."]
    top = figures[0]
    where = f" on {PLATFORM_NAMES[Platform(top.platform)]}" if top.platform else ""
    lead = (
        f"Your posts {answer.when} have an engagement rate of **{shown(top)}**{where}: likes, "
        "comments, shares and saves per view."
    )
    rest = [figure for figure in _rates(answer) if figure.platform]
    if len(rest) < 2:  # noqa: PLR2004 - one is said already
        return [lead]
    rest.sort(key=lambda figure: -(figure.value if figure.value is not None else -1))
    cells = [
        [PLATFORM_NAMES[Platform(figure.platform or "")], shown(figure), f"{figure.observations:,}"]
        for figure in rest
    ]
    return [lead, table(["Platform", "Engagement rate", "Posts"], cells)]


def _rates(answer: Answered) -> list[Figure]:
    return [f for f in answer.result.figures if f.metric == "engagement_rate_by_views"]


def write_forms(answer: Answered) -> list[str]:
    """Return the paragraphs on forms of posts, which are compared within a platform."""
    rows = [row for row in rows_of(answer) if row.value("form_median_engagement") is not None]
    if not rows:
        return [f"I found no posts with known engagement {answer.when}."]
    leads = [
        f"On {_platform(row)}, **{row.text('post_type')}** posts clearly do best: a median of "
        f"**{row.shown('form_median_engagement')}** engagements."
        for row in rows
        if row.stands_out
    ] or [f"No form of post clearly does better than the others {answer.when}."]
    cells = [
        [
            f"{_platform(row)}, {row.text('post_type')}",
            row.shown("form_posts"),
            row.shown("form_median_engagement"),
            row.shown("form_engagement_rate"),
        ]
        for row in rows
    ]
    heads = ["Form", "Posts", "Median engagement", "Engagement rate"]
    return [" ".join(leads), table(heads, cells)]


def write_times(answer: Answered) -> list[str]:
    """Return the paragraphs on weekdays and hours."""
    rows = list(rows_of(answer))
    if not rows:
        return ["I can't tell a best time: no weekday and hour has enough posts."]
    best = next((row for row in rows if row.stands_out), None)
    if best:
        lead = (
            f"**{best.text('slot')}** is clearly your best time: its "
            f"{best.shown('posts_in_group')} posts earned "
            f"**{best.shown('relative_engagement')} times** the usual engagement of their kind."
        )
    else:
        lead = (
            "No time clearly does better than the others. These did best so far, which may be "
            "chance:"
        )
    return [lead, *_ranking("Time", "slot", rows)]


def write_topics(answer: Answered) -> list[str]:
    """Return the paragraphs on hashtags and words."""
    rows = list(rows_of(answer))
    if not rows:
        return ["No hashtag or word is in enough captions to say anything about it."]
    clear = [row for row in rows if row.stands_out]
    if clear:
        names = ", ".join(f"**{escape(row.text('topic'))}**" for row in clear[:3])
        lead = f"Posts with {names} clearly do better than your others."
    else:
        lead = (
            "No hashtag or word clearly does better than the others. These did best so far, which "
            "may be chance:"
        )
    return [lead, *_ranking("Topic", "topic", rows)]


def write_saved_draft(answer: Answered) -> list[str]:
    """Return the paragraph that confirms a draft."""
    row = next(rows_of(answer), None)
    if row is None:
        return []
    return [
        f"Saved as a draft for {_platform(row)}, not published: “{escape(row.text('caption'))}”"
    ]


def write_drafts(answer: Answered) -> list[str]:
    """Return the list of drafts."""
    rows = list(rows_of(answer))
    if not rows:
        return ["You have no drafts yet. Say “Save this as a draft for Instagram: …” to keep one."]
    lines = [f"- {_platform(row)}: “{escape(row.text('caption'))}”" for row in rows]
    return ["Your drafts, the last changed first:\n\n" + "\n".join(lines)]


def _ranking(head: str, name: str, rows: Sequence[Row]) -> list[str]:
    cells = [
        [
            row.text(name) if name == "slot" else escape(row.text(name)),
            row.shown("posts_in_group"),
            row.shown("relative_engagement"),
        ]
        for row in rows
    ]
    return [table([head, "Posts", "Times the usual engagement"], cells)]


def _share(answer: Answered) -> list[str]:
    share = [figure for figure in answer.result.figures if figure.metric == "share_of_engagement"]
    return [
        f"The best tenth of your posts earned {shown(each)} of all engagement." for each in share
    ]


def _post(row: Row) -> str:
    return f"{row.text('post_type')} of {_day(row)} on {_platform(row)}"


def _quoted(row: Row) -> str:
    return f"Its caption: “{_caption(row)}”" if row.text("caption") else ""


def _caption(row: Row) -> str:
    caption = row.text("caption")
    return escape(f"{caption[:MAX_CAPTION]}…" if len(caption) > MAX_CAPTION else caption)


def _platform(row: Row) -> str:
    return PLATFORM_NAMES[Platform(row.text("platform"))]


def _place(row: Row) -> str:
    return f"{row.text('post_type')}, {_platform(row)}"


def _day(row: Row) -> str:
    return date_text(dt.datetime.fromisoformat(row.text("posted_at")).date())
