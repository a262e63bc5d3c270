"""A creator's accounts, and what is known of their days, posts and audiences."""

import datetime as dt
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Computed, Index, UniqueConstraint, func, text
from sqlalchemy.orm import Mapped, mapped_column

from storage.models.base import Base, Id, UserId, one_of, same_user


class Platform(StrEnum):
    """Where a creator publishes."""

    INSTAGRAM = "instagram"
    FACEBOOK = "facebook"
    YOUTUBE = "youtube"
    SPOTIFY = "spotify"


class Metric(StrEnum):
    """What is counted per day; meaning and unit of each are in `domain/analytics/metrics.py`."""

    FOLLOWERS = "followers"
    ENGAGEMENT = "engagement"
    POSTS = "posts"
    REACH = "reach"
    VIEWS = "views"
    WATCH_TIME_MINUTES = "watch_time_minutes"
    LIKES = "likes"
    COMMENTS = "comments"
    SHARES = "shares"
    SAVES = "saves"
    STREAMS = "streams"
    LISTENERS = "listeners"


class AudienceDimension(StrEnum):
    """By what an audience is told apart."""

    AGE = "age"
    GENDER = "gender"
    COUNTRY = "country"
    CITY = "city"


class DayStatus(StrEnum):
    """How far a day's figures can be relied on."""

    FINAL = "final"
    PRELIMINARY = "preliminary"
    UNAVAILABLE = "unavailable"


class PlatformConnection(Base):
    """One account of a creator on one platform, signed in to or known from an import."""

    __tablename__ = "platform_connections"
    __table_args__ = (
        UniqueConstraint("user_id", "platform", "platform_account"),
        UniqueConstraint("user_id", "id"),
        one_of("platform", Platform),
        one_of("source", ("oauth", "import")),
        one_of("status", ("active", "expiring", "needs_reconnect", "revoked")),
    )

    id: Mapped[Id]
    user_id: Mapped[UserId]
    platform: Mapped[str]
    platform_account: Mapped[str]
    username: Mapped[str]
    source: Mapped[str]
    status: Mapped[str] = mapped_column(server_default="active")
    connected_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())
    last_synced_at: Mapped[dt.datetime | None]


# Which bit of `DailyMetric.known_metrics` is whose; another one needs a migration like 0009.
KNOWN_BITS = (
    Metric.FOLLOWERS, Metric.ENGAGEMENT, Metric.POSTS, Metric.REACH, Metric.VIEWS,
    Metric.WATCH_TIME_MINUTES, Metric.LIKES, Metric.COMMENTS, Metric.SHARES, Metric.SAVES,
    Metric.STREAMS, Metric.LISTENERS,
)  # fmt: skip


def _known_metrics() -> str:
    columns = (
        "follower_count", "engagement_total", "content_count", "reach", "views",
        "watch_time_minutes",
    )  # fmt: skip
    values = [*columns, *(f"(metrics ->> '{key}'::text)" for key in KNOWN_BITS[len(columns) :])]
    bits = (f"(({value} IS NOT NULL)::integer << {bit})" for bit, value in enumerate(values))
    return " | ".join(bits).replace(" << 0", "", 1)


class DailyMetric(Base):
    """What one account counted on one day, as the platform's own calendar has it.

    `follower_change_24h` is the difference to the day before and null when either day is
    unknown. Metrics without a column of their own are in `metrics`. `known_metrics` has a bit for
    each metric that is not null (`KNOWN_BITS`).
    """

    __tablename__ = "daily_metrics"
    __table_args__ = (
        same_user("connection_id", "platform_connections"),
        Index(None, "user_id", "date", postgresql_include=["connection_id", "known_metrics"]),
        one_of("status", DayStatus),
    )

    connection_id: Mapped[UUID] = mapped_column(primary_key=True)
    date: Mapped[dt.date] = mapped_column(primary_key=True)
    user_id: Mapped[UUID]
    platform: Mapped[str]
    follower_count: Mapped[int | None] = mapped_column(BigInteger)
    follower_change_24h: Mapped[int | None] = mapped_column(BigInteger)
    engagement_total: Mapped[int | None] = mapped_column(BigInteger)
    content_count: Mapped[int | None] = mapped_column(BigInteger)
    reach: Mapped[int | None] = mapped_column(BigInteger)
    views: Mapped[int | None] = mapped_column(BigInteger)
    watch_time_minutes: Mapped[int | None] = mapped_column(BigInteger)
    metrics: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'"))
    status: Mapped[str] = mapped_column(server_default=DayStatus.FINAL)
    collected_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())
    known_metrics: Mapped[int] = mapped_column(Computed(_known_metrics(), persisted=True))


class ContentPost(Base):
    """A post, video or track, with its counts as last collected."""

    __tablename__ = "content_posts"
    __table_args__ = (
        same_user("connection_id", "platform_connections"),
        UniqueConstraint("connection_id", "platform_post_id"),
        Index(None, "user_id", "posted_at"),
    )

    id: Mapped[Id]
    user_id: Mapped[UUID]
    connection_id: Mapped[UUID]
    platform: Mapped[str]
    platform_post_id: Mapped[str]
    post_type: Mapped[str | None]
    caption: Mapped[str | None]
    media_url: Mapped[str | None]
    permalink: Mapped[str | None]
    likes: Mapped[int | None] = mapped_column(BigInteger)
    comments: Mapped[int | None] = mapped_column(BigInteger)
    shares: Mapped[int | None] = mapped_column(BigInteger)
    saves: Mapped[int | None] = mapped_column(BigInteger)
    views: Mapped[int | None] = mapped_column(BigInteger)
    plays: Mapped[int | None] = mapped_column(BigInteger)
    reach: Mapped[int | None] = mapped_column(BigInteger)
    posted_at: Mapped[dt.datetime]
    last_updated_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())


class AudienceSnapshot(Base):
    """Who an account's audience was on a day, by one dimension.

    `shares` are percent of the audience by name, such as `{"DE": 41.5, "AT": 12}`; the rest of
    100 is unknown. Names are `18-24` or `65+` for ages, `female`, `male` or `other`, two letters
    for countries (ISO 3166), and what the platform calls a city.
    """

    __tablename__ = "audience_snapshots"
    __table_args__ = (
        # Its usual name would be too long for PostgreSQL.
        same_user("connection_id", "platform_connections", name="fk_audience_snapshots_connection"),
        one_of("dimension", AudienceDimension),
    )

    connection_id: Mapped[UUID] = mapped_column(primary_key=True)
    dimension: Mapped[str] = mapped_column(primary_key=True)
    date: Mapped[dt.date] = mapped_column(primary_key=True)
    user_id: Mapped[UUID]
    shares: Mapped[dict[str, Any]]
    collected_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())


class AnalyticsVersion(Base):
    """Another value after each change of the user's accounts, days, posts or audience.

    Triggers renew it in the transaction that changes them (migration 0006); who has never had
    any has no row.
    """

    __tablename__ = "analytics_versions"

    user_id: Mapped[UserId] = mapped_column(primary_key=True)
    version: Mapped[UUID] = mapped_column(server_default=func.gen_random_uuid())
