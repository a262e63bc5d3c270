"""Turns of a conversation as they are answered."""

import datetime as dt
from enum import StrEnum
from uuid import UUID

from sqlalchemy import BigInteger, Index, UniqueConstraint, false, func, text
from sqlalchemy.orm import Mapped, mapped_column

from storage.models.base import Base, Id, one_of, same_conversation, same_user


class RunStatus(StrEnum):
    """How a run stands; `RUNNING` and `WAITING` are the open ones."""

    RUNNING = "running"
    WAITING = "waiting"
    COMPLETED = "completed"
    STOPPED = "stopped"
    FAILED = "failed"
    LOST = "lost"


class Run(Base):
    """One turn being answered, or how it ended; at most one open run per conversation.

    `owner` is the process that answers. `resumed_after` and `lost_after` are the last events
    before the creator's decisions, and before the owner went away. `reserved_tokens` are set
    aside of the day `usage_date`, which is null where the model costs nothing.
    """

    __tablename__ = "runs"
    __table_args__ = (
        UniqueConstraint("user_id", "id"),
        same_user("conversation_id", "conversations"),
        same_conversation("question_id"),
        Index(
            "uq_runs_open_conversation",
            "conversation_id",
            unique=True,
            postgresql_where=text("status IN ('running', 'waiting')"),
        ),
        Index(None, "conversation_id", "question_id"),
        Index("ix_runs_running", "id", postgresql_where=text("status = 'running'")),
        one_of("status", RunStatus),
    )

    id: Mapped[Id]
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
    __table_args__ = (same_user("run_id", "runs"),)

    run_id: Mapped[UUID] = mapped_column(primary_key=True)
    first_seq: Mapped[int] = mapped_column(primary_key=True)
    last_seq: Mapped[int]
    user_id: Mapped[UUID]
    is_last: Mapped[bool]
    chunks: Mapped[str]
