"""The tables. Every row belongs to a user; composite keys keep a row from pointing elsewhere.

Row-level security (`storage/migrations/security.py`) decides who sees a row; the foreign keys
over `(user_id, …)` and `(conversation_id, …)` decide what a row may point at, which row-level
security does not check. Counters are nullable: unknown is null, never 0.
"""

import datetime as dt
from enum import StrEnum
from typing import Any, ClassVar
from uuid import UUID

import uuid_utils.compat
from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Computed,
    DateTime,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    MetaData,
    Text,
    UniqueConstraint,
    false,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB, TSVECTOR
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from core.engine_settings import Engine


def new_id() -> UUID:
    """Return a UUIDv7 (RFC 9562, section 5.7): unique, and in the order of creation."""
    return uuid_utils.compat.uuid7()


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


class Tier(StrEnum):
    """What a user may use; how much that is stands in `domain/tiers.py`."""

    FREE = "free"
    PRO = "pro"
    BUSINESS = "business"


class Role(StrEnum):
    """Who somebody is; administrators see everybody's jobs (`api/admin.py`)."""

    USER = "user"
    ADMIN = "admin"


class RunStatus(StrEnum):
    """How a run stands; `RUNNING` and `WAITING` are the open ones."""

    RUNNING = "running"
    WAITING = "waiting"
    COMPLETED = "completed"
    STOPPED = "stopped"
    FAILED = "failed"
    LOST = "lost"


class Rating(StrEnum):
    """What a creator thinks of an answer."""

    UP = "up"
    DOWN = "down"


class GoalStatus(StrEnum):
    """How a goal stands; creators archive goals, the rest follows from the numbers."""

    ACTIVE = "active"
    REACHED = "reached"
    MISSED = "missed"
    ARCHIVED = "archived"


class InsightType(StrEnum):
    """What an insight is about."""

    GROWTH = "growth"
    CONTENT = "content"
    STRATEGY = "strategy"
    TREND = "trend"
    GOAL = "goal"


class Priority(StrEnum):
    """How soon an insight wants to be read."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    URGENT = "urgent"


class NotificationType(StrEnum):
    """What users are told about; the last four belong to credits and scheduled posts."""

    JOB_COMPLETED = "job_completed"
    JOB_FAILED = "job_failed"
    PLAN_READY = "plan_ready"
    INSIGHT = "insight"
    MILESTONE = "milestone"
    RECONNECT = "reconnect"
    SYNC_FAILED = "sync_failed"
    TIER_LIMIT_REACHED = "tier_limit_reached"
    LOW_CREDITS = "low_credits"
    CREDITS_EXPIRING = "credits_expiring"
    POST_SKIPPED = "post_skipped"
    POST_FAILED = "post_failed"


class MailKind(StrEnum):
    """What a mail is about."""

    DIGEST = "digest"
    PLAN_READY = "plan_ready"
    JOB_FAILED = "job_failed"
    VERIFY_EMAIL = "verify_email"
    RESET_PASSWORD = "reset_password"  # noqa: S105  # no password
    PASSWORD_CHANGED = "password_changed"  # noqa: S105  # no password


class MailStatus(StrEnum):
    """How a mail stands; `dropped` was not wanted any more, or came too late."""

    QUEUED = "queued"
    SENT = "sent"
    REFUSED = "refused"
    DROPPED = "dropped"


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


def _one_of(column: str, values: type[StrEnum] | tuple[str, ...]) -> CheckConstraint:
    allowed = ", ".join(f"'{value}'" for value in values)
    return CheckConstraint(f"{column} IN ({allowed})", name=column)


class Base(DeclarativeBase):
    """Declares types and constraint names once for all tables."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        str: Text,
        dt.datetime: DateTime(timezone=True),
        dict[str, Any]: JSONB(none_as_null=True),
        list[dict[str, Any]]: JSONB,
    }


class User(Base):
    """Who signs in. The password is elsewhere, so that `dream_app` can never read it.

    `notification_preferences` has what differs from the usual (`domain/preferences.py`).
    `mail_key` signs the links by which mails are unsubscribed from.
    `insights_date` is the last local day that the schedule has seen to; their first morning is the
    one after they signed up.
    """

    __tablename__ = "users"
    __table_args__ = (
        Index(None, "timezone", "insights_date"),
        _one_of("role", Role),
        _one_of("tier", Tier),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    email: Mapped[str] = mapped_column(unique=True)
    role: Mapped[str] = mapped_column(server_default="user")
    tier: Mapped[str] = mapped_column(server_default=Tier.FREE)
    timezone: Mapped[str] = mapped_column(server_default="UTC")
    locale: Mapped[str] = mapped_column(server_default="en")
    brand: Mapped[dict[str, Any] | None]
    notification_preferences: Mapped[dict[str, Any] | None]
    email_verified_at: Mapped[dt.datetime | None]
    mail_key: Mapped[bytes] = mapped_column(server_default=text("uuid_send(gen_random_uuid())"))
    insights_date: Mapped[dt.date] = mapped_column(server_default=text("CURRENT_DATE"))
    created_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())


class Password(Base):
    """A user's argon2 hash; only `dream_service` reads this table."""

    __tablename__ = "passwords"

    user_id: Mapped[UUID] = mapped_column(
        ForeignKey("users.id", ondelete="CASCADE"), primary_key=True
    )
    hash: Mapped[str]
    updated_at: Mapped[dt.datetime] = mapped_column(server_default=func.now(), onupdate=func.now())


class UserSession(Base):
    """A sign-in, known by its token's SHA-256 only; `dream_app` cannot read this table."""

    __tablename__ = "sessions"
    __table_args__ = (Index(None, "user_id"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    token_hash: Mapped[bytes] = mapped_column(unique=True)
    created_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())
    expires_at: Mapped[dt.datetime]


class ApiKey(Base):
    """A key for programs, known by its SHA-256 and its first characters only."""

    __tablename__ = "api_keys"
    __table_args__ = (Index(None, "user_id", "created_at"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    name: Mapped[str]
    prefix: Mapped[str]
    key_hash: Mapped[bytes] = mapped_column(unique=True)
    created_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())
    last_used_at: Mapped[dt.datetime | None]


class IdempotencyKey(Base):
    """What was answered to a request with an `Idempotency-Key`, to be answered to it again.

    `answer` is sealed with the token of the request: nobody else can read it.
    """

    __tablename__ = "idempotency_keys"
    __table_args__ = (Index(None, "created_at"),)

    user_id: Mapped[UUID] = mapped_column(
        ForeignKey("users.id", ondelete="CASCADE"), primary_key=True
    )
    route: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    body_hash: Mapped[bytes]
    status: Mapped[int]
    answer: Mapped[bytes]
    created_at: Mapped[dt.datetime]


class DailyUsage(Base):
    """What a user has used on one day of their own calendar.

    `estimated_tokens` are those of the model tokens that no model has reported;
    `reserved_tokens` are set aside for runs that are being answered.
    """

    __tablename__ = "daily_usage"

    user_id: Mapped[UUID] = mapped_column(
        ForeignKey("users.id", ondelete="CASCADE"), primary_key=True
    )
    date: Mapped[dt.date] = mapped_column(primary_key=True)
    model_tokens: Mapped[int] = mapped_column(BigInteger, server_default="0")
    estimated_tokens: Mapped[int] = mapped_column(BigInteger, server_default="0")
    reserved_tokens: Mapped[int] = mapped_column(BigInteger, server_default="0")
    runs: Mapped[int] = mapped_column(server_default="0")


class PlatformConnection(Base):
    """One account of a creator on one platform, signed in to or known from an import."""

    __tablename__ = "platform_connections"
    __table_args__ = (
        UniqueConstraint("user_id", "platform", "platform_account"),
        UniqueConstraint("user_id", "id"),
        _one_of("platform", Platform),
        _one_of("source", ("oauth", "import")),
        _one_of("status", ("active", "expiring", "needs_reconnect", "revoked")),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
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
        ForeignKeyConstraint(
            ["user_id", "connection_id"],
            ["platform_connections.user_id", "platform_connections.id"],
            ondelete="CASCADE",
        ),
        Index(None, "user_id", "date", postgresql_include=["connection_id", "known_metrics"]),
        _one_of("status", DayStatus),
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
        ForeignKeyConstraint(
            ["user_id", "connection_id"],
            ["platform_connections.user_id", "platform_connections.id"],
            ondelete="CASCADE",
        ),
        UniqueConstraint("connection_id", "platform_post_id"),
        Index(None, "user_id", "posted_at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
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
    100 is unknown.
    """

    __tablename__ = "audience_snapshots"
    __table_args__ = (
        ForeignKeyConstraint(
            ["user_id", "connection_id"],
            ["platform_connections.user_id", "platform_connections.id"],
            name="fk_audience_snapshots_connection",  # ours would be too long for PostgreSQL
            ondelete="CASCADE",
        ),
        _one_of("dimension", AudienceDimension),
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

    user_id: Mapped[UUID] = mapped_column(
        ForeignKey("users.id", ondelete="CASCADE"), primary_key=True
    )
    version: Mapped[UUID] = mapped_column(server_default=func.gen_random_uuid())


class Goal(Base):
    """A value that a creator wants a metric to reach by a day."""

    __tablename__ = "goals"
    __table_args__ = (
        ForeignKeyConstraint(
            ["user_id", "connection_id"],
            ["platform_connections.user_id", "platform_connections.id"],
            ondelete="CASCADE",
        ),
        UniqueConstraint("user_id", "id"),
        Index(None, "user_id"),
        _one_of("status", GoalStatus),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    title: Mapped[str]
    metric: Mapped[str]
    platform: Mapped[str | None]
    connection_id: Mapped[UUID | None]
    start_value: Mapped[int] = mapped_column(BigInteger)
    target_value: Mapped[int] = mapped_column(BigInteger)
    start_date: Mapped[dt.date]
    due_date: Mapped[dt.date | None]
    status: Mapped[str] = mapped_column(server_default="active")
    created_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())


class GoalMilestone(Base):
    """A quarter of the way to a goal, recorded once, on the first day that reached it."""

    __tablename__ = "goal_milestones"
    __table_args__ = (
        ForeignKeyConstraint(
            ["user_id", "goal_id"], ["goals.user_id", "goals.id"], ondelete="CASCADE"
        ),
        CheckConstraint("percent IN (25, 50, 75, 100)", name="percent"),
    )

    goal_id: Mapped[UUID] = mapped_column(primary_key=True)
    percent: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    user_id: Mapped[UUID]
    reached_on: Mapped[dt.date]
    value: Mapped[int] = mapped_column(BigInteger)
    recorded_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())


class Insight(Base):
    """Something worth knowing, found by the suite; each `finding` once per local day."""

    __tablename__ = "ai_insights"
    __table_args__ = (
        UniqueConstraint("user_id", "local_date", "finding"),
        Index(None, "user_id", "generated_at", "id"),
        _one_of("type", InsightType),
        _one_of("priority", Priority),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    type: Mapped[str]
    priority: Mapped[str]
    title: Mapped[str]
    message: Mapped[str]
    action_items: Mapped[list[dict[str, Any]]] = mapped_column(server_default=text("'[]'"))
    data_sources: Mapped[list[dict[str, Any]]] = mapped_column(server_default=text("'[]'"))
    grounding: Mapped[dict[str, Any] | None]
    local_date: Mapped[dt.date]
    finding: Mapped[str]
    is_read: Mapped[bool] = mapped_column(server_default=false())
    is_dismissed: Mapped[bool] = mapped_column(server_default=false())
    generated_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())
    expires_at: Mapped[dt.datetime | None]


class Notification(Base):
    """Something that a user is told, once per `cause`; it is gone when it has expired."""

    __tablename__ = "notifications"
    __table_args__ = (
        ForeignKeyConstraint(
            ["user_id", "job_id"], ["jobs.user_id", "jobs.id"], ondelete="CASCADE"
        ),
        UniqueConstraint("user_id", "cause"),
        Index(None, "user_id", "created_at", "id"),
        Index(None, "expires_at"),
        _one_of("type", NotificationType),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    type: Mapped[str]
    title: Mapped[str]
    message: Mapped[str]
    cause: Mapped[str]
    job_id: Mapped[UUID | None]
    is_read: Mapped[bool] = mapped_column(server_default=false())
    is_dismissed: Mapped[bool] = mapped_column(server_default=false())
    created_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())
    expires_at: Mapped[dt.datetime]


class Mail(Base):
    """A mail to a user, once per `cause`; what it says is read when it is sent.

    Until it has been sent, or `expires_at` has passed, it is tried again from `due_at` on, which
    lies behind the end of an attempt that may still be going on. Its id is in its Message-ID.
    """

    __tablename__ = "mails"
    __table_args__ = (
        UniqueConstraint("user_id", "cause"),
        Index("ix_mails_queued", "due_at", postgresql_where=text("status = 'queued'")),
        _one_of("kind", MailKind),
        _one_of("status", MailStatus),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    kind: Mapped[str]
    cause: Mapped[str]
    about: Mapped[dict[str, Any]]
    status: Mapped[str] = mapped_column(server_default=MailStatus.QUEUED)
    attempts: Mapped[int] = mapped_column(server_default="0")
    error: Mapped[str | None]
    created_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())
    due_at: Mapped[dt.datetime]
    expires_at: Mapped[dt.datetime]
    sent_at: Mapped[dt.datetime | None]


class MailToken(Base):
    """What a link in a mail carries, known by its SHA-256 only; `dream_app` cannot read it."""

    __tablename__ = "mail_tokens"
    __table_args__ = (
        Index(None, "user_id"),
        _one_of("kind", (MailKind.VERIFY_EMAIL, MailKind.RESET_PASSWORD)),
    )

    token_hash: Mapped[bytes] = mapped_column(primary_key=True)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    kind: Mapped[str]
    expires_at: Mapped[dt.datetime]


class Draft(Base):
    """A post that is written and not published."""

    __tablename__ = "drafts"
    __table_args__ = (Index(None, "user_id", "updated_at"), _one_of("platform", Platform))

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    platform: Mapped[str]
    post_type: Mapped[str | None]
    title: Mapped[str | None]
    caption: Mapped[str]
    created_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())
    updated_at: Mapped[dt.datetime] = mapped_column(server_default=func.now(), onupdate=func.now())


class Conversation(Base):
    """A tree of messages; `head_id` is the message its shown path ends in.

    `summary` tells the beginning of a long path in few words: `{message_id, notes}`, up to and
    including that message (`graph/notes.py`).
    """

    __tablename__ = "conversations"
    __table_args__ = (
        UniqueConstraint("user_id", "id"),
        UniqueConstraint("user_id", "client_id"),
        Index(None, "user_id", "pinned", "updated_at", "id"),
        ForeignKeyConstraint(
            ["id", "head_id"],
            ["chat_messages.conversation_id", "chat_messages.id"],
            use_alter=True,
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    client_id: Mapped[str | None]
    title: Mapped[str]
    pinned: Mapped[bool] = mapped_column(server_default=false())
    head_id: Mapped[UUID | None]
    summary: Mapped[dict[str, Any] | None]
    created_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())
    updated_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())


class ConversationWords(Base):
    """The words of a conversation's title and messages, for searching (`storage/search.py`).

    They are those of the title, head and moment beside them, and are read anew when one differs.
    """

    __tablename__ = "conversation_words"
    __table_args__ = (
        ForeignKeyConstraint(
            ["user_id", "conversation_id"],
            ["conversations.user_id", "conversations.id"],
            ondelete="CASCADE",
        ),
    )

    user_id: Mapped[UUID] = mapped_column(primary_key=True)
    conversation_id: Mapped[UUID] = mapped_column(primary_key=True)
    title: Mapped[str]
    head_id: Mapped[UUID | None]
    updated_at: Mapped[dt.datetime]
    words: Mapped[str] = mapped_column(TSVECTOR)


class Run(Base):
    """One turn being answered, or how it ended; at most one open run per conversation.

    `owner` is the process that answers. `resumed_after` and `lost_after` are the last events
    before the creator's decisions, and before the owner went away. `reserved_tokens` are set
    aside of the day `usage_date`, which is null where the model costs nothing.
    """

    __tablename__ = "runs"
    __table_args__ = (
        UniqueConstraint("user_id", "id"),
        ForeignKeyConstraint(
            ["user_id", "conversation_id"],
            ["conversations.user_id", "conversations.id"],
            ondelete="CASCADE",
        ),
        ForeignKeyConstraint(
            ["conversation_id", "question_id"],
            ["chat_messages.conversation_id", "chat_messages.id"],
            ondelete="CASCADE",
        ),
        Index(
            "uq_runs_open_conversation",
            "conversation_id",
            unique=True,
            postgresql_where=text("status IN ('running', 'waiting')"),
        ),
        Index(None, "conversation_id", "question_id"),
        Index("ix_runs_running", "id", postgresql_where=text("status = 'running'")),
        _one_of("status", RunStatus),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    user_id: Mapped[UUID]
    conversation_id: Mapped[UUID]
    question_id: Mapped[UUID]
    agent: Mapped[str]
    status: Mapped[str] = mapped_column(server_default=RunStatus.RUNNING)
    owner: Mapped[UUID]
    lease_until: Mapped[dt.datetime]
    stop_requested: Mapped[bool] = mapped_column(server_default=false())
    resumed_after: Mapped[int] = mapped_column(server_default="0")
    lost_after: Mapped[int | None]
    usage_date: Mapped[dt.date | None]
    reserved_tokens: Mapped[int] = mapped_column(BigInteger, server_default="0")
    error_code: Mapped[str | None]
    created_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())
    finished_at: Mapped[dt.datetime | None]


class RunEvents(Base):
    """Consecutive events of a run, one JSON chunk per line; deleted soon after its end.

    `is_last` marks the events with which the run ended or paused.
    """

    __tablename__ = "run_events"
    __table_args__ = (
        ForeignKeyConstraint(
            ["user_id", "run_id"], ["runs.user_id", "runs.id"], ondelete="CASCADE"
        ),
    )

    run_id: Mapped[UUID] = mapped_column(primary_key=True)
    first_seq: Mapped[int] = mapped_column(primary_key=True)
    last_seq: Mapped[int]
    user_id: Mapped[UUID]
    is_last: Mapped[bool]
    chunks: Mapped[str]


class JobStatus(StrEnum):
    """How a job stands; the last three are for good."""

    QUEUED = "queued"
    RUNNING = "running"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"


class JobBatch(Base):
    """Daily jobs that a schedule asked for at once, and for how many users it did not.

    The counts grow with each page of users; `queued_at` is null until it has been through all.
    """

    __tablename__ = "job_batches"
    __table_args__ = (_one_of("trigger", ("schedule", "cron")),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    kind: Mapped[str]
    trigger: Mapped[str]
    queued: Mapped[int] = mapped_column(server_default="0")
    already: Mapped[int] = mapped_column(server_default="0")
    skipped: Mapped[int] = mapped_column(server_default="0")
    created_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())
    queued_at: Mapped[dt.datetime | None]


class Job(Base):
    """Long work that a user asked for, and how far it has come.

    `attempts` is the number of its newest attempt, and its fence: no other attempt may write.
    `attempt_limit` is that of the last one, until its user asks for more; `retries` counts how
    often that was. `usage_date` is the day of the user's calendar that it was asked for on, null
    for jobs from before there was this column, and for those that nobody asked for. `engine` is
    who was last given the job, null for the workers. By `answer_due_at` that engine has to be
    heard of; null: none has the job. A daily job has its user's `local_date`, once for each kind;
    it has a batch if a schedule asked for it.
    """

    __tablename__ = "jobs"
    __table_args__ = (
        UniqueConstraint("user_id", "id"),
        Index("ix_jobs_open", "id", postgresql_where=text("status IN ('queued', 'running')")),
        Index(
            "uq_jobs_daily",
            "user_id",
            "kind",
            "local_date",
            unique=True,
            postgresql_where=text("local_date IS NOT NULL"),
        ),
        Index(None, "batch_id", postgresql_where=text("batch_id IS NOT NULL")),
        _one_of("status", JobStatus),
        CheckConstraint("progress BETWEEN 0 AND 100", name="progress"),
        _one_of("engine", Engine),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    kind: Mapped[str]
    engine: Mapped[str | None]
    external_id: Mapped[str | None]
    answer_due_at: Mapped[dt.datetime | None]
    status: Mapped[str] = mapped_column(server_default=JobStatus.QUEUED)
    stage: Mapped[str | None]
    progress: Mapped[int] = mapped_column(server_default="0")
    message: Mapped[str | None]
    input: Mapped[dict[str, Any]]
    result: Mapped[dict[str, Any] | None]
    error: Mapped[str | None]
    error_code: Mapped[str | None]
    attempts: Mapped[int] = mapped_column(server_default="0")
    attempt_limit: Mapped[int]
    retries: Mapped[int] = mapped_column(server_default="0")
    usage_date: Mapped[dt.date | None]
    model_tokens: Mapped[int | None]
    local_date: Mapped[dt.date | None]
    batch_id: Mapped[UUID | None] = mapped_column(ForeignKey("job_batches.id", ondelete="SET NULL"))
    created_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())
    started_at: Mapped[dt.datetime | None]
    completed_at: Mapped[dt.datetime | None]


class AttemptStatus(StrEnum):
    """How an attempt stands; `lost` means that its worker went away."""

    RUNNING = "running"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"
    INTERRUPTED = "interrupted"
    LOST = "lost"


class JobAttempt(Base):
    """One try to do a job; `error` is the detail for operators."""

    __tablename__ = "job_attempts"
    __table_args__ = (
        ForeignKeyConstraint(
            ["user_id", "job_id"], ["jobs.user_id", "jobs.id"], ondelete="CASCADE"
        ),
        _one_of("status", AttemptStatus),
    )

    job_id: Mapped[UUID] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[UUID]
    worker: Mapped[str]
    status: Mapped[str] = mapped_column(server_default=AttemptStatus.RUNNING)
    error: Mapped[str | None]
    started_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())
    ended_at: Mapped[dt.datetime | None]


class DeliveryStatus(StrEnum):
    """How a delivery stands; `silent` was taken, and then nothing came of it."""

    PENDING = "pending"
    DELIVERED = "delivered"
    FAILED = "failed"
    SILENT = "silent"


class WebhookDelivery(Base):
    """A job that is handed to an outside engine; the newest of a job is the one that counts.

    `attempt` is the attempt at the job that it is for, at QStash the last one before it. `body`
    is what is sent, null until then. `status_code` and `detail` are of the last of its `tries`.
    """

    __tablename__ = "webhook_deliveries"
    __table_args__ = (
        ForeignKeyConstraint(
            ["user_id", "job_id"], ["jobs.user_id", "jobs.id"], ondelete="CASCADE"
        ),
        Index("ix_webhook_deliveries_user_id_job_id", "user_id", "job_id"),
        _one_of("engine", Engine),
        _one_of("status", DeliveryStatus),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    user_id: Mapped[UUID]
    job_id: Mapped[UUID]
    attempt: Mapped[int]
    engine: Mapped[str]
    status: Mapped[str] = mapped_column(server_default=DeliveryStatus.PENDING)
    body: Mapped[dict[str, Any] | None]
    tries: Mapped[int] = mapped_column(server_default="0")
    status_code: Mapped[int | None]
    detail: Mapped[str | None]
    created_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())
    tried_at: Mapped[dt.datetime | None]


class InboundDelivery(Base):
    """A message of an outside engine that had its effect, and has none when it comes again."""

    __tablename__ = "inbound_deliveries"
    __table_args__ = (
        ForeignKeyConstraint(
            ["user_id", "job_id"], ["jobs.user_id", "jobs.id"], ondelete="CASCADE"
        ),
        Index("ix_inbound_deliveries_user_id_job_id", "user_id", "job_id"),
        _one_of("engine", Engine),
    )

    engine: Mapped[str] = mapped_column(primary_key=True)
    message_id: Mapped[str] = mapped_column(primary_key=True)
    user_id: Mapped[UUID]
    job_id: Mapped[UUID]
    attempt: Mapped[int]
    received_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())


class PlanVersion(Base):
    """A version of a plan: the one that a job made, or one that its user made of another.

    All versions have the job's id; the newest is the plan. `body` is `domain/plans/plan.py`'s.
    """

    __tablename__ = "plans"
    __table_args__ = (
        UniqueConstraint("user_id", "id"),
        UniqueConstraint("job_id", "version"),
        ForeignKeyConstraint(
            ["user_id", "job_id"], ["jobs.user_id", "jobs.id"], ondelete="CASCADE"
        ),
        ForeignKeyConstraint(
            ["user_id", "parent_id"], ["plans.user_id", "plans.id"], ondelete="CASCADE"
        ),
        Index(None, "user_id", "parent_id"),
        CheckConstraint("version > 0", name="version"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    user_id: Mapped[UUID]
    job_id: Mapped[UUID]
    version: Mapped[int]
    parent_id: Mapped[UUID | None]
    title: Mapped[str]
    body: Mapped[dict[str, Any]]
    created_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())


class ChatMessage(Base):
    """A question or an answer; `parts` are the parts of an AI SDK UIMessage."""

    __tablename__ = "chat_messages"
    __table_args__ = (
        UniqueConstraint("conversation_id", "id"),
        ForeignKeyConstraint(
            ["user_id", "conversation_id"],
            ["conversations.user_id", "conversations.id"],
            ondelete="CASCADE",
        ),
        ForeignKeyConstraint(
            ["conversation_id", "parent_id"],
            ["chat_messages.conversation_id", "chat_messages.id"],
            ondelete="CASCADE",
        ),
        ForeignKeyConstraint(
            ["user_id", "run_id"], ["runs.user_id", "runs.id"], ondelete="CASCADE", use_alter=True
        ),
        Index(None, "conversation_id", "parent_id"),
        Index(None, "conversation_id", "client_id"),
        _one_of("role", ("user", "assistant")),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    user_id: Mapped[UUID]
    conversation_id: Mapped[UUID]
    parent_id: Mapped[UUID | None]
    run_id: Mapped[UUID | None] = mapped_column(index=True)
    client_id: Mapped[str | None]
    role: Mapped[str]
    parts: Mapped[list[dict[str, Any]]]
    text: Mapped[str]
    agent: Mapped[str | None]
    model_used: Mapped[str | None]
    tokens_used: Mapped[int | None]
    processing_time_ms: Mapped[int | None]
    grounding: Mapped[dict[str, Any] | None]
    created_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())


class MessageFeedback(Base):
    """What a creator thinks of an answer."""

    __tablename__ = "message_feedback"
    __table_args__ = (
        ForeignKeyConstraint(
            ["user_id", "conversation_id"],
            ["conversations.user_id", "conversations.id"],
            ondelete="CASCADE",
        ),
        ForeignKeyConstraint(
            ["conversation_id", "message_id"],
            ["chat_messages.conversation_id", "chat_messages.id"],
            ondelete="CASCADE",
        ),
        Index(None, "conversation_id"),
        _one_of("rating", Rating),
    )

    user_id: Mapped[UUID] = mapped_column(primary_key=True)
    message_id: Mapped[UUID] = mapped_column(primary_key=True)
    conversation_id: Mapped[UUID]
    rating: Mapped[str]
    comment: Mapped[str | None]
    created_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())
    updated_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())
