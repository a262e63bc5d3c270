"""Queries over posts: what a creator published."""

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from storage.models import ContentPost, PlatformConnection


@dataclass(frozen=True, kw_only=True)
class PostRow:
    """A post with its counts as last collected; null is unknown."""

    id: UUID
    platform: str
    account: str
    platform_post_id: str
    post_type: str | None
    caption: str | None
    permalink: str | None
    posted_at: dt.datetime
    likes: int | None
    comments: int | None
    shares: int | None
    saves: int | None
    views: int | None
    reach: int | None


_COLUMNS = (
    ContentPost.id,
    ContentPost.platform,
    PlatformConnection.username.label("account"),
    ContentPost.platform_post_id,
    ContentPost.post_type,
    ContentPost.caption,
    ContentPost.permalink,
    ContentPost.posted_at,
    ContentPost.likes,
    ContentPost.comments,
    ContentPost.shares,
    ContentPost.saves,
    ContentPost.views,
    ContentPost.reach,
)


async def list_posts(
    session: AsyncSession,
    start: dt.datetime,
    end: dt.datetime,
    *,
    platform: str | None = None,
    account: str | None = None,
    post_type: str | None = None,
    limit: int,
) -> list[PostRow]:
    """Return the last `limit` posts from `start` to right before `end`, the oldest first.

    A post without a type is found as "post"; upper and lower case are the same.
    """
    statement = (
        select(*_COLUMNS)
        .join(PlatformConnection, PlatformConnection.id == ContentPost.connection_id)
        .where(ContentPost.posted_at >= start, ContentPost.posted_at < end)
        .order_by(ContentPost.posted_at.desc(), ContentPost.id.desc())
        .limit(limit)
    )
    if platform:
        statement = statement.where(ContentPost.platform == platform)
    if account:
        statement = statement.where(PlatformConnection.username == account)
    if post_type:
        stored = func.lower(func.coalesce(ContentPost.post_type, "post"))
        statement = statement.where(stored == post_type.lower())
    rows = await session.execute(statement)
    names = tuple(rows.keys())
    return [PostRow(**dict(zip(names, row, strict=True))) for row in rows][::-1]


async def create_posts(session: AsyncSession, posts: Sequence[ContentPost]) -> None:
    """Store new posts."""
    session.add_all(posts)
    await session.flush()


async def delete_posts(session: AsyncSession, connection_ids: Collection[UUID]) -> None:
    """Delete every post of these accounts."""
    await session.execute(delete(ContentPost).where(ContentPost.connection_id.in_(connection_ids)))
