"""Who uses the suite, how they sign in, and how much they have used."""

import datetime as dt
from enum import StrEnum
from typing import Any

from sqlalchemy import BigInteger, Index, func, text
from sqlalchemy.orm import Mapped, mapped_column

from storage.models.base import Base, Id, UserId, one_of


class Tier(StrEnum):
    """What a user may use; how much that is stands in `domain/tiers.py`."""

    FREE = "free"
    PRO = "pro"
    BUSINESS = "business"


class Role(StrEnum):
    """Who somebody is; administrators see everybody's jobs (`api/admin.py`)."""

    USER = "user"
    ADMIN = "admin"


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
        one_of("role", Role),
        one_of("tier", Tier),
    )

    id: Mapped[Id]
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

    user_id: Mapped[UserId] = mapped_column(primary_key=True)
    hash: Mapped[str]
    updated_at: Mapped[dt.datetime] = mapped_column(server_default=func.now(), onupdate=func.now())


class UserSession(Base):
    """A sign-in, known by its token's SHA-256 only; `dream_app` cannot read this table."""

    __tablename__ = "sessions"
    __table_args__ = (Index(None, "user_id"),)

    id: Mapped[Id]
    user_id: Mapped[UserId]
    token_hash: Mapped[bytes] = mapped_column(unique=True)
    created_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())
    expires_at: Mapped[dt.datetime]


class ApiKey(Base):
    """A key for programs, known by its SHA-256 and its first characters only."""

    __tablename__ = "api_keys"
    __table_args__ = (Index(None, "user_id", "created_at"),)

    id: Mapped[Id]
    user_id: Mapped[UserId]
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

    user_id: Mapped[UserId] = mapped_column(primary_key=True)
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

    user_id: Mapped[UserId] = mapped_column(primary_key=True)
    date: Mapped[dt.date] = mapped_column(primary_key=True)
    model_tokens: Mapped[int] = mapped_column(BigInteger, server_default="0")
    estimated_tokens: Mapped[int] = mapped_column(BigInteger, server_default="0")
    reserved_tokens: Mapped[int] = mapped_column(BigInteger, server_default="0")
    runs: Mapped[int] = mapped_column(server_default="0")
