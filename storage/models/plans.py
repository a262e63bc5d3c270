"""Posts to come: plans of many, and drafts of one."""

import datetime as dt
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, func
from sqlalchemy.orm import Mapped, mapped_column

from storage.models.accounts import Platform
from storage.models.base import Base, Id, UserId, one_of, same_user


class PlanVersion(Base):
    """A version of a plan: the one that a job made, or one that its user made of another.

    All versions have the job's id; the newest is the plan. `body` is `domain/plans/plan.py`'s.
    """

    __tablename__ = "plans"
    __table_args__ = (
        UniqueConstraint("user_id", "id"),
        UniqueConstraint("job_id", "version"),
        same_user("job_id", "jobs"),
        same_user("parent_id", "plans"),
        Index(None, "user_id", "parent_id"),
        CheckConstraint("version > 0", name="version"),
    )

    id: Mapped[Id]
    user_id: Mapped[UUID]
    job_id: Mapped[UUID]
    version: Mapped[int]
    parent_id: Mapped[UUID | None]
    title: Mapped[str]
    body: Mapped[dict[str, Any]]
    created_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())


class Draft(Base):
    """A post that is written and not published."""

    __tablename__ = "drafts"
    __table_args__ = (Index(None, "user_id", "updated_at"), one_of("platform", Platform))

    id: Mapped[Id]
    user_id: Mapped[UserId]
    platform: Mapped[str]
    post_type: Mapped[str | None]
    title: Mapped[str | None]
    caption: Mapped[str]
    created_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())
    updated_at: Mapped[dt.datetime] = mapped_column(server_default=func.now(), onupdate=func.now())
