"""Storing posts that are imported, where some of them may be known already."""

import datetime as dt
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, case, func, select
from sqlalchemy.dialects.postgresql import distinct_on, insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from storage.imported_rows import IMPORTED_POSTS, WrittenRows, merge_rows, numbered_connections
from storage.models import ContentPost, PlatformConnection

# What an import may leave unknown, under the same name in both tables.
OPTIONAL_FIELDS = (
    "post_type", "caption", "permalink", "likes", "comments", "shares", "saves", "views",
)  # fmt: skip


async def merge_posts(session: AsyncSession, connections: Sequence[UUID]) -> WrittenRows:
    """Insert or correct the imported posts; account n is the n-th connection.

    What is unknown in the import stays as it is stored, and so does the time of a post of which
    the import knows the day only. A post that would stay the same is not written.
    """
    given, accounts = IMPORTED_POSTS.c, numbered_connections(connections)
    posts = (
        select(accounts.c.connection_id, *given)
        .ext(distinct_on(accounts.c.connection_id, given.post_id))
        .join(accounts, accounts.c.account == given.account)
        .order_by(accounts.c.connection_id, given.post_id, given.line)
        .cte("posts")
    )
    stored = aliased(ContentPost)
    # Days of two time zones overlap by up to 26 hours.
    is_same_time = and_(
        posts.c.is_day_only,
        stored.posted_at.between(
            posts.c.posted_at - dt.timedelta(hours=26), posts.c.posted_at + dt.timedelta(hours=50)
        ),
    )
    values: dict[str, ColumnElement[Any]] = {
        "posted_at": case((is_same_time, stored.posted_at), else_=posts.c.posted_at)
    } | {name: func.coalesce(posts.c[name], getattr(stored, name)) for name in OPTIONAL_FIELDS}
    statement = insert(ContentPost).from_select(
        ["id", "user_id", "connection_id", "platform", "platform_post_id", *values],
        select(
            posts.c.id,
            PlatformConnection.user_id,
            posts.c.connection_id,
            PlatformConnection.platform,
            posts.c.post_id,
            *values.values(),
        )
        .join(PlatformConnection, PlatformConnection.id == posts.c.connection_id)
        .outerjoin(
            stored,
            and_(
                stored.connection_id == posts.c.connection_id,
                stored.platform_post_id == posts.c.post_id,
            ),
        )
        .order_by(posts.c.line),
    )
    return await merge_rows(
        session,
        posts,
        statement,
        key=["connection_id", "platform_post_id"],
        names=values,
        stamp="last_updated_at",
    )
