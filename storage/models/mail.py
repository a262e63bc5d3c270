"""Mails, and the links in them."""

import datetime as dt
from enum import StrEnum
from typing import Any

from sqlalchemy import Index, UniqueConstraint, func, text
from sqlalchemy.orm import Mapped, mapped_column

from storage.models.base import Base, Id, UserId, one_of


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


class Mail(Base):
    """A mail to a user, once per `cause`; what it says is read when it is sent.

    Until it has been sent, or `expires_at` has passed, it is tried again from `due_at` on, which
    lies behind the end of an attempt that may still be going on. Its id is in its Message-ID.
    """

    __tablename__ = "mails"
    __table_args__ = (
        UniqueConstraint("user_id", "cause"),
        Index("ix_mails_queued", "due_at", postgresql_where=text("status = 'queued'")),
        one_of("kind", MailKind),
        one_of("status", MailStatus),
    )

    id: Mapped[Id]
    user_id: Mapped[UserId]
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
        one_of("kind", (MailKind.VERIFY_EMAIL, MailKind.RESET_PASSWORD)),
    )

    token_hash: Mapped[bytes] = mapped_column(primary_key=True)
    user_id: Mapped[UserId]
    kind: Mapped[str]
    expires_at: Mapped[dt.datetime]
