"""What creators want to reach."""

import datetime as dt
from enum import StrEnum
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Index, UniqueConstraint, func
from sqlalchemy.orm import Mapped, mapped_column

from storage.models.base import Base, Id, UserId, one_of, same_user


class GoalStatus(StrEnum):
    """How a goal stands; creators archive goals, the rest follows from the numbers."""

    ACTIVE = "active"
    REACHED = "reached"
    MISSED = "missed"
    ARCHIVED = "archived"


class Goal(Base):
    """A value that a creator wants a metric to reach by a day."""

    __tablename__ = "goals"
    __table_args__ = (
        same_user("connection_id", "platform_connections"),
        UniqueConstraint("user_id", "id"),
        Index(None, "user_id"),
        one_of("status", GoalStatus),
    )

    id: Mapped[Id]
    user_id: Mapped[UserId]
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
        same_user("goal_id", "goals"),
        CheckConstraint("percent IN (25, 50, 75, 100)", name="percent"),
    )

    goal_id: Mapped[UUID] = mapped_column(primary_key=True)
    percent: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    user_id: Mapped[UUID]
    reached_on: Mapped[dt.date]
    value: Mapped[int] = mapped_column(BigInteger)
    recorded_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())
