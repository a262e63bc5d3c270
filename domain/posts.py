"""Posts as analytics sees them: what each one earned, and when it went out."""

import datetime as dt
import math
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from functools import cached_property
from statistics import median
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from domain.analytics import Period
from storage import posts as post_queries
from storage.posts import PostRow

# A younger post still earns most of what it will; comparing it would be unfair.
SETTLED_DAYS = 2


@dataclass(frozen=True)
class Post:
    """A post, and the zone that its creator lives in."""

    row: PostRow
    zone: ZoneInfo

    @cached_property
    def posted_at(self) -> dt.datetime:
        """When it went out, on the creator's clock."""
        return self.row.posted_at.astimezone(self.zone)

    @property
    def date(self) -> dt.date:
        """The creator's calendar day."""
        return self.posted_at.date()

    @property
    def form(self) -> tuple[str, str]:
        """Platform and type: what a post can fairly be compared with."""
        return self.row.platform, self.row.post_type or "post"

    @property
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
    """Return the posts of the creator's days, the oldest first."""
    zone = ZoneInfo(timezone)
    start = dt.datetime.combine(period.start, dt.time(), zone)
    end = dt.datetime.combine(period.end + dt.timedelta(days=1), dt.time(), zone)
    rows = await post_queries.list_posts(
        session, start, end, platform=platform, account=account, post_type=post_type
    )
    return [Post(row, zone) for row in rows]


def settled(posts: Sequence[Post], today: dt.date) -> list[Post]:
    """Return the posts that are old enough to be compared."""
    return [post for post in posts if (today - post.date).days >= SETTLED_DAYS]


def relative_engagement(posts: Sequence[Post]) -> dict[Post, float]:
    """Return how many times the median of its platform and type each post's engagement is.

    Posts with unknown engagement are left out. One is added on both sides, so that a median of 0
    divides nothing.
    """
    by_form: dict[Hashable, list[int]] = {}
    for post in posts:
        if post.engagement is not None:
            by_form.setdefault(post.form, []).append(post.engagement)
    typical = {form: median(values) for form, values in by_form.items()}
    return {
        post: (post.engagement + 1) / (typical[post.form] + 1)
        for post in posts
        if post.engagement is not None
    }


def log_values(relative: Sequence[float]) -> list[float]:
    """Return logarithms: engagement is spread by factors, not by sums."""
    return [math.log(value) for value in relative]
