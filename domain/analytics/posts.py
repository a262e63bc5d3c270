"""Posts as analytics sees them: what each one earned, and when it went out."""

import datetime as dt
import math
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from statistics import fmean, median
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from domain.analytics.growth import Period
from storage import posts as post_queries
from storage.posts import PostRow

# A post of today or yesterday still earns most of what it will; comparing it would be unfair.
SETTLED_DAYS = 2
# A post is measured against the posts around it, half of them before and half after.
NEIGHBOURS = 30
# More posts than this would take too long to examine while somebody waits.
MAX_POSTS = 10_000


@dataclass(frozen=True, eq=False)
class Post:
    """A post, and the zone that its creator lives in; it is only ever the same as itself."""

    row: PostRow
    zone: ZoneInfo

    @cached_property
    def posted_at(self) -> dt.datetime:
        """When it went out, on the creator's clock."""
        return self.row.posted_at.astimezone(self.zone)

    @property
    def hour(self) -> int | None:
        """The hour of the creator's clock; null at midnight sharp, which stands for a mere day.

        Exports that name no time of day are stored like that.
        """
        return self.posted_at.hour if self.posted_at.time() != dt.time() else None

    @property
    def date(self) -> dt.date:
        """The creator's calendar day."""
        return self.posted_at.date()

    @cached_property
    def form(self) -> tuple[str, str]:
        """Platform and type: what a post can fairly be compared with."""
        return self.row.platform, (self.row.post_type or "post").casefold()

    @cached_property
    def engagement(self) -> int | None:
        """Likes, comments, shares and saves, as far as the platform tells; null if it is none."""
        parts = (self.row.likes, self.row.comments, self.row.shares, self.row.saves)
        known = [part for part in parts if part is not None]
        return sum(known) if known else None

    @property
    def engagement_rate(self) -> float | None:
        """100 · engagement / views; null without both, or without a view."""
        if self.engagement is None or not self.row.views:
            return None
        return 100 * self.engagement / self.row.views


async def list_posts(
    session: AsyncSession,
    period: Period,
    timezone: str,
    *,
    platform: str | None = None,
    account: str | None = None,
    post_type: str | None = None,
) -> list[Post]:
    """Return the posts of the creator's days, the oldest first; the newest `MAX_POSTS` of them."""
    zone = ZoneInfo(timezone)
    start = dt.datetime.combine(period.start, dt.time(), zone)
    end = dt.datetime.combine(period.end + dt.timedelta(days=1), dt.time(), zone)
    rows = await post_queries.list_posts(
        session,
        start,
        end,
        platform=platform,
        account=account,
        post_type=post_type,
        limit=MAX_POSTS,
    )
    return [Post(row, zone) for row in rows]


def settled(posts: Sequence[Post], today: dt.date) -> list[Post]:
    """Return the posts that are old enough to be compared."""
    return [post for post in posts if is_settled(post, today)]


def is_settled(post: Post, today: dt.date) -> bool:
    """Tell whether a post is old enough to be compared."""
    return (today - post.date).days >= SETTLED_DAYS


def relative_engagement(posts: Sequence[Post]) -> dict[Post, float]:
    """Return how many times the usual engagement of its kind each post's engagement is.

    Usual is the median of the posts of the same account and type around it, at most
    `NEIGHBOURS`: so neither a larger account, nor a stronger form, nor an audience that grew
    passes for a better hour or topic. Posts with unknown engagement are left out. One is added
    on both sides, so that a median of 0 divides nothing.
    """
    earned = {post: post.engagement for post in posts if post.engagement is not None}
    usual = _around(earned, lambda post: (post.form, post.row.account), median)
    return {post: (value + 1) / (usual[post] + 1) for post, value in earned.items()}


def relative_logs(posts: Sequence[Post]) -> tuple[list[Post], list[float]]:
    """Return the posts whose engagement is known, and the logarithm of it relative to their kind.

    Logarithms, since engagement is spread by factors and not by sums.
    """
    relative = relative_engagement(posts)
    return list(relative), [math.log(value) for value in relative.values()]


def logs_within_account(posts: Sequence[Post]) -> tuple[list[Post], list[float]]:
    """Return the posts whose engagement is known, and how far its logarithm is from the usual.

    Usual is the mean of the account's posts around it, whatever their type.
    """
    logs = {post: math.log(post.engagement + 1) for post in posts if post.engagement is not None}
    usual = _around(logs, lambda post: (post.row.platform, post.row.account), fmean)
    return list(logs), [value - usual[post] for post, value in logs.items()]


def _around(
    values: Mapping[Post, float],
    kind: Callable[[Post], Hashable],
    center: Callable[[Sequence[float]], float],
) -> dict[Post, float]:
    """Return the centre of the values of each post and its neighbours of the same kind."""
    kinds: dict[Hashable, list[Post]] = {}
    for post in sorted(values, key=lambda post: (post.row.posted_at, post.row.id)):
        kinds.setdefault(kind(post), []).append(post)
    around: dict[Post, float] = {}
    for alike in kinds.values():
        last_start = max(len(alike) - NEIGHBOURS - 1, 0)
        own = [values[post] for post in alike]
        centers = [center(own[at : at + NEIGHBOURS + 1]) for at in range(last_start + 1)]
        for place, post in enumerate(alike):
            around[post] = centers[min(max(place - NEIGHBOURS // 2, 0), last_start)]
    return around
