"""What the suite found by itself, and what users are told."""

import datetime as dt
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import Index, UniqueConstraint, false, func, text
from sqlalchemy.orm import Mapped, mapped_column

from storage.models.base import Base, Id, UserId, one_of, same_user


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


class Insight(Base):
    """Something worth knowing, found by the suite; each `finding` once per local day."""

    __tablename__ = "ai_insights"
    __table_args__ = (
        UniqueConstraint("user_id", "local_date", "finding"),
        Index(None, "user_id", "generated_at", "id"),
        one_of("type", InsightType),
        one_of("priority", Priority),
    )

    id: Mapped[Id]
    user_id: Mapped[UserId]
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


class Notification(Base):
    """Something that a user is told, once per `cause`; it is gone when it has expired."""

    __tablename__ = "notifications"
    __table_args__ = (
        same_user("job_id", "jobs"),
        UniqueConstraint("user_id", "cause"),
        Index(None, "user_id", "created_at", "id"),
        Index(None, "expires_at"),
        one_of("type", NotificationType),
    )

    id: Mapped[Id]
    user_id: Mapped[UserId]
    type: Mapped[str]
    title: Mapped[str]
    message: Mapped[str]
    cause: Mapped[str]
    job_id: Mapped[UUID | None]
    is_read: Mapped[bool] = mapped_column(server_default=false())
    is_dismissed: Mapped[bool] = mapped_column(server_default=false())
    created_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())
    expires_at: Mapped[dt.datetime]
