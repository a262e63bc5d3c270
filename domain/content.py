"""What posts say: the best and worst, engagement rates, and which form of post does best."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import groupby
from statistics import fmean, median
from typing import Literal

from domain.posts import Post, log_values, relative_engagement
from domain.significance import ALPHA, standouts

RankedBy = Literal["engagement", "engagement_rate", "views", "likes", "comments", "shares", "saves"]
Order = Literal["best", "worst"]

# Fewer posts of a form say nothing about the form.
MIN_POSTS_OF_FORM = 3
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
    """Engagement per view of a platform, or of all (null): a ratio of sums over `posts` posts.

    `left_out` posts lack views or engagement. `percent` is null when no view is known.
    """

    platform: str | None
    percent: float | None
    engagement: int
    views: int
    posts: int
    left_out: int


@dataclass(frozen=True, kw_only=True)
class FormPerformance:
    """What posts of one form earn; `stands_out` is when they clearly beat the platform's others."""

    platform: str
    post_type: str
    posts: int
    median_engagement: float | None
    mean_engagement: float | None
    rate: Rate
    stands_out: bool = False


def value_of(post: Post, rank_by: RankedBy) -> float | None:
    """Return what a post is ranked by; null if it is unknown."""
    return _RANKS[rank_by](post)


def rank_posts(posts: Sequence[Post], rank_by: RankedBy, order: Order) -> list[Post]:
    """Return the posts whose value is known, by value; of equal ones the newest comes first."""
    known = [post for post in posts if value_of(post, rank_by) is not None]
    newest = sorted(known, key=lambda post: (post.row.posted_at, str(post.row.id)), reverse=True)
    return sorted(newest, key=lambda post: value_of(post, rank_by) or 0, reverse=order == "best")


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


def engagement_rates(posts: Sequence[Post]) -> list[Rate]:
    """Return the rate of each platform by name, and of all together first if there are several."""
    by_platform = sorted(posts, key=lambda post: post.row.platform)
    rates = [
        rate_of(list(group), platform)
        for platform, group in groupby(by_platform, key=lambda post: post.row.platform)
    ]
    return [rate_of(posts, None), *rates] if len(rates) > 1 else rates


def rate_of(posts: Sequence[Post], platform: str | None) -> Rate:
    """Return 100 · Σ engagement / Σ views over the posts where both are known."""
    counted = [post for post in posts if post.engagement is not None and post.row.views is not None]
    engagement = sum(post.engagement or 0 for post in counted)
    views = sum(post.row.views or 0 for post in counted)
    return Rate(
        platform=platform,
        percent=100 * engagement / views if views else None,
        engagement=engagement,
        views=views,
        posts=len(counted),
        left_out=len(posts) - len(counted),
    )


def compare_forms(posts: Sequence[Post]) -> list[FormPerformance]:
    """Return what each form of post earns, by platform, the best median first.

    A form stands out when its engagement clearly exceeds that of the platform's other forms
    (`domain/significance.py`); platforms are never compared with each other.
    """
    by_platform = sorted(posts, key=lambda post: post.row.platform)
    groups = [list(group) for _, group in groupby(by_platform, lambda post: post.row.platform)]
    alpha = ALPHA / max(len(groups), 1)
    return [form for group in groups for form in _compare_forms(group, alpha)]


def _compare_forms(posts: Sequence[Post], alpha: float) -> list[FormPerformance]:
    forms: dict[str, list[Post]] = {}
    for post in posts:
        forms.setdefault(post.form[1], []).append(post)
    known = [post for post in posts if post.engagement is not None]
    places: dict[str, list[int]] = {}
    for place, post in enumerate(known):
        places.setdefault(post.form[1], []).append(place)
    groups = {form: found for form, found in places.items() if len(found) >= MIN_POSTS_OF_FORM}
    values = [math.log((post.engagement or 0) + 1) for post in known]
    clear = standouts(values, groups, alpha=alpha) if len(groups) > 1 else {}
    performances = [
        _performance(form, own, stands_out=form in clear) for form, own in forms.items()
    ]
    return sorted(
        performances,
        key=lambda form: (
            form.median_engagement is None,
            -(form.median_engagement or 0),
            form.post_type,
        ),
    )


def _performance(form: str, posts: Sequence[Post], *, stands_out: bool) -> FormPerformance:
    earned = [post.engagement for post in posts if post.engagement is not None]
    platform = posts[0].row.platform
    return FormPerformance(
        platform=platform,
        post_type=form,
        posts=len(posts),
        median_engagement=median(earned) if earned else None,
        mean_engagement=fmean(earned) if earned else None,
        rate=rate_of(posts, platform),
        stands_out=stands_out,
    )


def relative_values(posts: Sequence[Post]) -> tuple[list[Post], list[float]]:
    """Return the posts whose engagement is known, and its logarithm relative to their form."""
    relative = relative_engagement(posts)
    return list(relative), log_values(list(relative.values()))
