"""What posts say: the best and worst, engagement rates, and which form of post does best."""

import datetime as dt
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import groupby
from statistics import fmean, median
from typing import Literal
from uuid import UUID

from domain.analytics.posts import Post, logs_within_account
from domain.analytics.significance import ALPHA, exceeds, standouts

RankedBy = Literal["engagement", "engagement_rate", "views", "likes", "comments", "shares", "saves"]
Order = Literal["best", "worst"]
Basis = Literal["views", "reach"]

# Fewer posts of a form say too little to call another form better.
MIN_POSTS_OF_FORM = 5
TOP_SHARE = 0.1

_RANKS: dict[RankedBy, Callable[[Post], float | None]] = {
    "engagement": lambda post: post.engagement,
    "engagement_rate": lambda post: post.engagement_rate,
    "views": lambda post: post.row.views,
    "likes": lambda post: post.row.likes,
    "comments": lambda post: post.row.comments,
    "shares": lambda post: post.row.shares,
    "saves": lambda post: post.row.saves,
}


@dataclass(frozen=True, kw_only=True)
class Rate:
    """Engagement per view, or per person reached: a ratio of sums over `posts` posts.

    Of a platform, or of all (null); of a form of post, or of all (null). `left_out` posts lack
    the basis or engagement. `percent` is null when nothing of the basis is known.
    """

    platform: str | None
    post_type: str | None = None
    basis: Basis = "views"
    percent: float | None
    engagement: int
    base: int
    posts: int
    left_out: int


@dataclass(frozen=True, kw_only=True)
class FormPerformance:
    """What posts of one form earn, `known` of which tell their engagement.

    `stands_out` is when they clearly beat each other form.
    """

    platform: str
    post_type: str
    posts: int
    known: int
    median_engagement: float | None
    mean_engagement: float | None
    rate: Rate
    stands_out: bool = False


@dataclass(frozen=True, kw_only=True)
class RankPlace:
    """Where in a ranking a post stands."""

    value: float
    posted_at: dt.datetime
    post_id: UUID


def value_of(post: Post, rank_by: RankedBy) -> float | None:
    """Return what a post is ranked by; null if it is unknown."""
    return _RANKS[rank_by](post)


def rank_posts(posts: Sequence[Post], rank_by: RankedBy, order: Order) -> list[Post]:
    """Return the posts whose value is known, by value; of equal ones the newest comes first."""
    known = [post for post in posts if value_of(post, rank_by) is not None]
    newest = sorted(known, key=lambda post: (post.row.posted_at, str(post.row.id)), reverse=True)
    return sorted(newest, key=lambda post: value_of(post, rank_by) or 0, reverse=order == "best")


def rank_after(
    ranked: Sequence[Post], rank_by: RankedBy, order: Order, place: RankPlace
) -> list[Post]:
    """Return the posts that come after a place in a ranking, whether its post is still there."""
    sign = -1 if order == "best" else 1

    def key(value: float, posted_at: dt.datetime, post_id: UUID) -> tuple[float, float, int]:
        return sign * value, -posted_at.timestamp(), -post_id.int

    last = key(place.value, place.posted_at, place.post_id)
    return [
        post
        for post in ranked
        if key(value_of(post, rank_by) or 0, post.row.posted_at, post.row.id) > last
    ]


def share_of_top(posts: Sequence[Post]) -> tuple[float, int] | None:
    """Return the percent of all engagement that the best tenth of the posts earned, and its size.

    Null when nothing is known, or nothing was earned.
    """
    earned = sorted(
        (post.engagement for post in posts if post.engagement is not None), reverse=True
    )
    if not sum(earned):
        return None
    top = math.ceil(TOP_SHARE * len(earned))
    return 100 * sum(earned[:top]) / sum(earned), top


def engagement_rates(posts: Sequence[Post], basis: Basis = "views") -> list[Rate]:
    """Return the rate of each platform by name, and of all together first if there are several."""
    by_platform = sorted(posts, key=lambda post: post.row.platform)
    rates = [
        rate_of(list(group), platform, basis=basis)
        for platform, group in groupby(by_platform, key=lambda post: post.row.platform)
    ]
    return [rate_of(posts, None, basis=basis), *rates] if len(rates) > 1 else rates


def form_rates(posts: Sequence[Post]) -> list[Rate]:
    """Return the rate of each form of post, by platform and name."""
    by_form = sorted(posts, key=lambda post: post.form)
    return [
        rate_of(list(group), platform, post_type=form)
        for (platform, form), group in groupby(by_form, key=lambda post: post.form)
    ]


def rate_of(
    posts: Sequence[Post],
    platform: str | None,
    *,
    post_type: str | None = None,
    basis: Basis = "views",
) -> Rate:
    """Return 100 · Σ engagement / Σ basis over the posts where both are known."""
    known = [
        (post.engagement, base)
        for post in posts
        if post.engagement is not None
        and (base := post.row.reach if basis == "reach" else post.row.views) is not None
    ]
    engagement = sum(each for each, _ in known)
    base = sum(each for _, each in known)
    return Rate(
        platform=platform,
        post_type=post_type,
        basis=basis,
        percent=100 * engagement / base if base else None,
        engagement=engagement,
        base=base,
        posts=len(known),
        left_out=len(posts) - len(known),
    )


def compare_forms(posts: Sequence[Post]) -> list[FormPerformance]:
    """Return what each form of post earns, by platform, the best median first.

    At most one form of a platform stands out: the one whose engagement, measured against the
    account's posts around it, clearly exceeds that of the others together and of each one
    (`domain/analytics/significance.py`). Platforms are never compared with each other.
    """
    by_platform = sorted(posts, key=lambda post: post.row.platform)
    groups = [list(group) for _, group in groupby(by_platform, lambda post: post.row.platform)]
    alpha = ALPHA / max(len(groups), 1)
    return [form for group in groups for form in _compare_forms(group, alpha)]


def _compare_forms(posts: Sequence[Post], alpha: float) -> list[FormPerformance]:
    forms: dict[str, list[Post]] = {}
    for post in posts:
        forms.setdefault(post.form[1], []).append(post)
    winner = _find_winner(posts, alpha)
    performances = [
        _performance(form, own, stands_out=form == winner) for form, own in forms.items()
    ]
    return sorted(
        performances,
        key=lambda form: (
            form.median_engagement is None,
            -(form.median_engagement or 0),
            form.post_type,
        ),
    )


def _find_winner(posts: Sequence[Post], alpha: float) -> str | None:
    """Return the form that clearly beats each other one that has enough posts."""
    own: dict[str, list[float]] = {}
    places: dict[str, list[int]] = {}
    known, values = logs_within_account(posts)
    for place, (post, value) in enumerate(zip(known, values, strict=True)):
        places.setdefault(post.form[1], []).append(place)
        own.setdefault(post.form[1], []).append(value)
    groups = {form: found for form, found in places.items() if len(found) >= MIN_POSTS_OF_FORM}
    if len(groups) < 2:  # noqa: PLR2004 - one form has no rival
        return None
    for form in standouts(values, groups, alpha=alpha):
        rivals = [other for other in groups if other != form]
        if all(exceeds(own[form], own[other], alpha=alpha) for other in rivals):
            return form
    return None


def _performance(form: str, posts: Sequence[Post], *, stands_out: bool) -> FormPerformance:
    earned = [post.engagement for post in posts if post.engagement is not None]
    platform = posts[0].row.platform
    return FormPerformance(
        platform=platform,
        post_type=form,
        posts=len(posts),
        known=len(earned),
        median_engagement=median(earned) if earned else None,
        mean_engagement=fmean(earned) if earned else None,
        rate=rate_of(posts, platform, post_type=form),
        stands_out=stands_out,
    )
