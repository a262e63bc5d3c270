"""From what analytics found in posts to figures, and to rows of what is not a number."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

from domain.best_times import Slot
from domain.content import FormPerformance, RankedBy, Rate, share_of_top, value_of
from domain.figures import Figure, FigureBook
from domain.posts import Post
from domain.topics import Topic
from storage.models import Platform
from tools.figures import PLATFORM_NAMES

MAX_CAPTION = 140
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def post_figures(book: FigureBook, post: Post, rank_by: RankedBy) -> list[Figure]:
    """Write down what a post is ranked by, its engagement, its views and its rate."""
    names: list[RankedBy] = [rank_by, "engagement", "views", "engagement_rate"]
    what = f"{post.form[1]} of {post.date} on {PLATFORM_NAMES[Platform(post.row.platform)]}"
    return [
        book.add(
            f"{name.replace('_', ' ')}, {what}",
            value if value is None or name != "engagement_rate" else round(value, 2),
            metric=f"post_{name}",
            unit="percent" if name == "engagement_rate" else "count",
            platform=post.row.platform,
            account=post.row.account,
            start=post.date,
            end=post.date,
            observations=1,
        )
        for name in dict.fromkeys(names)
        if (value := value_of(post, name)) is not None or name == rank_by
    ]


def post_row(post: Post) -> dict[str, Any]:
    """Return what of a post is not a number; the caption is outside text."""
    caption = " ".join((post.row.caption or "").split())
    return {
        "post_id": post.row.platform_post_id,
        "platform": post.row.platform,
        "account": post.row.account,
        "post_type": post.form[1],
        "posted_at": post.posted_at.isoformat(timespec="minutes"),
        "caption": f"{caption[:MAX_CAPTION]}…" if len(caption) > MAX_CAPTION else caption,
        "permalink": post.row.permalink,
    }


def concentration_figures(book: FigureBook, posts: Sequence[Post]) -> list[Figure]:
    """Write down how much of all engagement the best tenth of the posts earned."""
    share = share_of_top(posts)
    if share is None:
        return []
    start, end = _days(posts)
    return [
        book.add(
            "share of all engagement that the best tenth of the posts earned",
            round(share[0], 1),
            metric="share_of_engagement",
            unit="percent",
            start=start,
            end=end,
            observations=len(posts),
        )
    ]


def count_figure(book: FigureBook, label: str, count: int, posts: Sequence[Post]) -> Figure:
    """Write down how many of the posts are meant."""
    start, end = _days(posts)
    return book.add(
        label, count, metric="posts_counted", start=start, end=end, observations=len(posts)
    )


def rate_figures(book: FigureBook, rate: Rate, posts: Sequence[Post]) -> list[Figure]:
    """Write down a platform's engagement rate, of how many posts it is, and how many it lacks."""
    start, end = _days(posts)
    where = _place(rate.platform)
    figure = book.add(
        f"engagement rate by views, {where}",
        None if rate.percent is None else round(rate.percent, 2),
        metric="engagement_rate_by_views",
        unit="percent",
        platform=rate.platform,
        start=start,
        end=end,
        status="partial" if rate.left_out else "final",
        observations=rate.posts,
    )
    counts = [(f"posts counted, {where}", rate.posts), (f"posts left out, {where}", rate.left_out)]
    return [
        figure,
        *(
            book.add(
                label,
                count,
                metric="posts_counted",
                platform=rate.platform,
                start=start,
                end=end,
                observations=rate.posts + rate.left_out,
            )
            for label, count in counts
        ),
    ]


def form_figures(book: FigureBook, form: FormPerformance, posts: Sequence[Post]) -> list[Figure]:
    """Write down how many posts of a form there are, and what they earn."""
    start, end = _days(posts)
    what = f"{form.post_type}, {_place(form.platform)}"
    values = (
        (f"posts, {what}", form.posts, "form_posts", "count"),
        (f"median engagement, {what}", form.median_engagement, "form_median_engagement", "count"),
        (f"mean engagement, {what}", form.mean_engagement, "form_mean_engagement", "count"),
        (f"engagement rate by views, {what}", form.rate.percent, "form_engagement_rate", "percent"),
    )
    return [
        book.add(
            label,
            None if value is None else round(value, 2 if unit == "percent" else 1),
            metric=metric,
            unit="percent" if unit == "percent" else "count",
            platform=form.platform,
            start=start,
            end=end,
            observations=form.rate.posts if unit == "percent" else form.posts,
        )
        for label, value, metric, unit in values
    ]


def slot_figures(
    book: FigureBook, slot: Slot, posts: Sequence[Post], platform: Platform | None
) -> list[Figure]:
    """Write down the posts of a slot, and how many times the usual they earned."""
    start, end = _days(posts)
    return _relative(book, slot_name(slot), slot.posts, slot.relative, start, end, platform)


def slot_row(slot: Slot) -> dict[str, Any]:
    """Return when a slot is; null is every weekday, or every hour."""
    return {
        "slot": slot_name(slot),
        "weekday": None if slot.weekday is None else WEEKDAYS[slot.weekday],
        "hour": slot.hour,
        "stands_out": slot.stands_out,
    }


def slot_name(slot: Slot) -> str:
    """Return "Thursday 18:00", "Thursday" or "18:00"; an hour begins there."""
    day = "" if slot.weekday is None else WEEKDAYS[slot.weekday]
    hour = "" if slot.hour is None else f"{slot.hour:02}:00"
    return f"{day} {hour}".strip()


def topic_figures(
    book: FigureBook, topic: Topic, posts: Sequence[Post], platform: Platform | None
) -> list[Figure]:
    """Write down the posts of a topic, and how many times the usual they earned."""
    start, end = _days(posts)
    return _relative(book, topic.name, topic.posts, topic.relative, start, end, platform)


def _relative(
    book: FigureBook,
    what: str,
    posts: int,
    relative: float | None,
    start: dt.date,
    end: dt.date,
    platform: Platform | None,
) -> list[Figure]:
    values = (
        (f"posts, {what}", posts, "posts_in_group"),
        (
            f"times the usual engagement, {what}",
            None if relative is None else round(relative, 1),
            "relative_engagement",
        ),
    )
    return [
        book.add(
            label,
            value,
            metric=metric,
            platform=platform,
            start=start,
            end=end,
            observations=posts,
        )
        for label, value, metric in values
    ]


def _days(posts: Sequence[Post]) -> tuple[dt.date, dt.date]:
    days = [post.date for post in posts]
    return min(days), max(days)


def _place(platform: str | None) -> str:
    return PLATFORM_NAMES[Platform(platform)] if platform else "all platforms"
