"""The posts that a question is about, and what is to be said of those that are not compared."""

import datetime as dt
from dataclasses import dataclass, replace

from sqlalchemy.ext.asyncio import AsyncSession

from domain.analytics.growth import Period
from domain.analytics.posts import MAX_POSTS, SETTLED_DAYS, Post, list_posts, settled
from domain.figures import Figure, FigureBook
from storage.models import Platform
from tools.content_figures import Scope, count_figure


@dataclass(frozen=True, kw_only=True)
class AskedPosts:
    """The posts that were asked for, what figures about them share, and what is to be said."""

    posts: list[Post]
    scope: Scope
    notes: list[str]
    today: dt.date

    def settled(self) -> "AskedPosts":
        """Return it without the posts that still earn, which a note says."""
        posts = settled(self.posts, self.today)
        last_day = self.today - dt.timedelta(days=SETTLED_DAYS)
        end = max(min(self.scope.end, last_day), self.scope.start)
        notes = list(self.notes)
        if len(posts) < len(self.posts):
            notes.append("posts of today and yesterday are left out: they still earn")
        scope = replace(self.scope, end=end, status="final")
        return AskedPosts(posts=posts, scope=scope, notes=notes, today=self.today)

    def note_unknown(self) -> list[Figure]:
        """Note how many posts are not compared, and return that number as a figure."""
        unknown = sum(post.engagement is None for post in self.posts)
        if not unknown:
            return []
        self.notes.append(f"{count_posts(unknown)} not compared, since engagement is unknown")
        return [count_figure(self.scope, "posts not compared", unknown, of=len(self.posts))]


async def read_posts(
    session: AsyncSession,
    period: Period,
    *,
    book: FigureBook,
    today: dt.date,
    timezone: str,
    platform: Platform | None = None,
    account: str | None = None,
    post_type: str | None = None,
) -> AskedPosts:
    """Return the posts that were asked for, and what is to be said if there are none."""
    posts = await list_posts(
        session, period, timezone, platform=platform, account=account, post_type=post_type
    )
    notes = [] if posts else ["no posts are stored for what was asked"]
    first_day = period.start
    if len(posts) == MAX_POSTS:
        first_day = posts[0].date
        notes.append(f"there are so many posts that only those from {first_day} on are read")
    scope = Scope(
        book=book,
        start=first_day,
        end=period.end,
        platform=platform,
        account=account,
        status="final" if len(settled(posts, today)) == len(posts) else "preliminary",
    )
    return AskedPosts(posts=posts, scope=scope, notes=notes, today=today)


def count_posts(count: int) -> str:
    """Return how a note begins that is about so many posts."""
    return "one post is" if count == 1 else f"{count} posts are"
