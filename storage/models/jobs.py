"""Long work, its attempts, and what goes to and comes from outside engines."""

import datetime as dt
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, func, text
from sqlalchemy.orm import Mapped, mapped_column

from core.engine_settings import Engine
from storage.models.base import Base, Id, UserId, one_of, same_user


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
    __table_args__ = (one_of("trigger", ("schedule", "cron")),)

    id: Mapped[Id]
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
        one_of("status", JobStatus),
        CheckConstraint("progress BETWEEN 0 AND 100", name="progress"),
        one_of("engine", Engine),
    )

    id: Mapped[Id]
    user_id: Mapped[UserId]
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
        same_user("job_id", "jobs"),
        one_of("status", AttemptStatus),
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
        same_user("job_id", "jobs"),
        Index("ix_webhook_deliveries_user_id_job_id", "user_id", "job_id"),
        one_of("engine", Engine),
        one_of("status", DeliveryStatus),
    )

    id: Mapped[Id]
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
        same_user("job_id", "jobs"),
        Index("ix_inbound_deliveries_user_id_job_id", "user_id", "job_id"),
        one_of("engine", Engine),
    )

    engine: Mapped[str] = mapped_column(primary_key=True)
    message_id: Mapped[str] = mapped_column(primary_key=True)
    user_id: Mapped[UUID]
    job_id: Mapped[UUID]
    attempt: Mapped[int]
    received_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())
