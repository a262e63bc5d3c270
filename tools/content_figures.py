"""From what analytics found in posts to figures, and to rows of what is not a number."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from domain.analytics.best_times import Slot
from domain.analytics.content import FormPerformance, RankedBy, Rate, share_of_top, value_of
from domain.analytics.posts import Post, is_settled
from domain.analytics.topics import Topic
from domain.figures import Figure, FigureBook, FigureStatus, Unit
from storage.models import Platform
from tools.figures import PLATFORM_NAMES

MAX_CAPTION = 140
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


@dataclass(frozen=True, kw_only=True)
class Scope:
    """Which posts figures are about: those of these days, of what was asked for.

    `status` is preliminary when some of them still earn.
    """

    book: FigureBook
    start: dt.date
    end: dt.date
    platform: Platform | None
    account: str | None
    status: FigureStatus = "final"

    def add(
        self,
        label: str,
        value: float | None,
        *,
        metric: str,
        observations: int,
        platform: str | None = None,
        unit: Unit = "count",
        is_partial: bool = False,
    ) -> Figure:
        """Write a number about these posts down."""
        return self.book.add(
            label,
            value,
            metric=metric,
            unit=unit,
            platform=platform or self.platform,
            account=self.account,
            start=self.start,
            end=self.end,
            status="partial" if is_partial else self.status,
            observations=observations,
        )


def post_figures(
    book: FigureBook, post: Post, rank_by: RankedBy, *, today: dt.date
) -> list[Figure]:
    """Write down what a post is ranked by, and what else is known of it."""
    names: list[RankedBy] = [rank_by, "engagement", "views", "engagement_rate", "likes", "comments"]
    what = f"{post.form[1]} of {post.date} on {PLATFORM_NAMES[Platform(post.row.platform)]}"
    return [
        book.add(
            f"{name.replace('_', ' ')}{' by views' * (name == 'engagement_rate')}, {what}",
            value if value is None or name != "engagement_rate" else round(value, 2),
            metric=f"post_{name}",
            unit="percent" if name == "engagement_rate" else "count",
            platform=post.row.platform,
            account=post.row.account,
            start=post.date,
            end=post.date,
            status="final" if is_settled(post, today) else "preliminary",
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


def concentration_figures(scope: Scope, posts: Sequence[Post]) -> list[Figure]:
    """Write down how much of all engagement the best tenth of the posts earned."""
    share = share_of_top(posts)
    if share is None:
        return []
    return [
        scope.add(
            "share of all engagement that the best tenth of the posts earned",
            round(share[0], 1),
            metric="share_of_engagement",
            unit="percent",
            observations=sum(post.engagement is not None for post in posts),
        )
    ]


def count_figure(scope: Scope, label: str, count: int, *, of: int) -> Figure:
    """Write down how many of the posts are meant."""
    return scope.add(label, count, metric="posts_counted", observations=of)


def rate_figures(scope: Scope, rate: Rate) -> list[Figure]:
    """Write down an engagement rate, of how many posts it is, and how many it lacks."""
    where = _place(rate.platform)
    counts = [(f"posts counted, {where}", rate.posts), (f"posts left out, {where}", rate.left_out)]
    return [
        rate_figure(scope, rate),
        *(
            scope.add(
                label,
                count,
                metric="posts_counted",
                platform=rate.platform,
                observations=rate.posts + rate.left_out,
            )
            for label, count in counts
        ),
    ]


def rate_figure(scope: Scope, rate: Rate) -> Figure:
    """Write down an engagement rate of a platform, or of a form of post."""
    place = _place(rate.platform)
    return scope.add(
        f"engagement rate by {rate.basis}, "
        f"{f'{rate.post_type}, {place}' if rate.post_type else place}",
        None if rate.percent is None else round(rate.percent, 2),
        metric="form_engagement_rate" if rate.post_type else f"engagement_rate_by_{rate.basis}",
        unit="percent",
        platform=rate.platform,
        is_partial=rate.left_out > 0,
        observations=rate.posts,
    )


def form_figures(scope: Scope, form: FormPerformance) -> list[Figure]:
    """Write down how many posts of a form there are, and what they earn."""
    what = f"{form.post_type}, {_place(form.platform)}"
    is_partial = form.known < form.posts
    posts = scope.add(
        f"posts, {what}",
        form.posts,
        metric="form_posts",
        platform=form.platform,
        observations=form.posts,
    )
    values = (
        (f"median engagement, {what}", form.median_engagement, "form_median_engagement"),
        (f"mean engagement, {what}", form.mean_engagement, "form_mean_engagement"),
    )
    levels = [
        scope.add(
            label,
            None if value is None else round(value, 1),
            metric=metric,
            platform=form.platform,
            is_partial=is_partial,
            observations=form.known,
        )
        for label, value, metric in values
    ]
    return [posts, *levels, rate_figure(scope, form.rate)]


def slot_figures(scope: Scope, slot: Slot) -> list[Figure]:
    """Write down the posts of a slot, and how many times the usual they earned."""
    return _relative(scope, slot_name(slot), slot.posts, slot.relative)


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


def topic_figures(scope: Scope, topic: Topic) -> list[Figure]:
    """Write down the posts of a topic, and how many times the usual they earned."""
    return _relative(scope, topic.name, topic.posts, topic.relative)


def _relative(scope: Scope, what: str, posts: int, relative: float | None) -> list[Figure]:
    return [
        scope.add(f"posts, {what}", posts, metric="posts_in_group", observations=posts),
        scope.add(
            f"times the usual engagement, {what}",
            None if relative is None else round(relative, 1),
            metric="relative_engagement",
            observations=posts,
        ),
    ]


def _place(platform: str | None) -> str:
    return PLATFORM_NAMES[Platform(platform)] if platform else "all platforms"
