"""Conversations, their messages, and what was thought of the answers."""

import datetime as dt
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKeyConstraint, Index, UniqueConstraint, false, func
from sqlalchemy.dialects.postgresql import TSVECTOR
from sqlalchemy.orm import Mapped, mapped_column

from storage.models.base import Base, Id, UserId, one_of, same_conversation, same_user


class Rating(StrEnum):
    """What a creator thinks of an answer."""

    UP = "up"
    DOWN = "down"


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

    id: Mapped[Id]
    user_id: Mapped[UserId]
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
    __table_args__ = (same_user("conversation_id", "conversations"),)

    user_id: Mapped[UUID] = mapped_column(primary_key=True)
    conversation_id: Mapped[UUID] = mapped_column(primary_key=True)
    title: Mapped[str]
    head_id: Mapped[UUID | None]
    updated_at: Mapped[dt.datetime]
    words: Mapped[str] = mapped_column(TSVECTOR)


class ChatMessage(Base):
    """A question or an answer; `parts` are the parts of an AI SDK UIMessage."""

    __tablename__ = "chat_messages"
    __table_args__ = (
        UniqueConstraint("conversation_id", "id"),
        same_user("conversation_id", "conversations"),
        same_conversation("parent_id"),
        same_user("run_id", "runs", use_alter=True),
        Index(None, "conversation_id", "parent_id"),
        Index(None, "conversation_id", "client_id"),
        one_of("role", ("user", "assistant")),
    )

    id: Mapped[Id]
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
        same_user("conversation_id", "conversations"),
        same_conversation("message_id"),
        Index(None, "conversation_id"),
        one_of("rating", Rating),
    )

    user_id: Mapped[UUID] = mapped_column(primary_key=True)
    message_id: Mapped[UUID] = mapped_column(primary_key=True)
    conversation_id: Mapped[UUID]
    rating: Mapped[str]
    comment: Mapped[str | None]
    created_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())
    updated_at: Mapped[dt.datetime] = mapped_column(server_default=func.now())
