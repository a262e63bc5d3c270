"""Storing posts that are imported, where some of them may be known already."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, case, func, literal_column, or_, select
from sqlalchemy.dialects.postgresql import distinct_on, insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from storage.imported_rows import IMPORTED_POSTS, numbered_connections
from storage.models import ContentPost, PlatformConnection

# What an import may leave unknown, under the same name in both tables.
OPTIONAL_FIELDS = (
    "post_type", "caption", "permalink", "likes", "comments", "shares", "saves", "views",
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class WrittenPosts:
    """How many posts were given, and how many rows that inserted and changed."""

    given: int
    inserted: int
    updated: int


async def merge_posts(session: AsyncSession, connections: Sequence[UUID]) -> WrittenPosts:
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
    new = {name: statement.excluded[name] for name in values}
    table = ContentPost.__table__.c
    written = (
        statement.on_conflict_do_update(
            index_elements=["connection_id", "platform_post_id"],
            set_=new | {"last_updated_at": func.now()},
            where=or_(*(table[name].is_distinct_from(value) for name, value in new.items())),
        )
        # A row version that replaces another carries the lock of its conflict in xmax.
        .returning((literal_column("content_posts.xmax") == literal_column("0")).label("is_new"))
        .cte("written")
    )
    counts = select(
        select(func.count()).select_from(posts).scalar_subquery().label("given"),
        func.count().filter(written.c.is_new).label("inserted"),
        func.count().filter(~written.c.is_new).label("updated"),
    ).select_from(written)
    found = (await session.execute(counts)).one()
    return WrittenPosts(given=found.given, inserted=found.inserted, updated=found.updated)
