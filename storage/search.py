"""Queries over the words of conversations.

One row per conversation, by user: a search reads the rows of its user and no others. There is no
index over words, since row-level security would keep it from being used: `@@` may tell of rows
before it is known whose they are (it is not leakproof).
"""

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import and_, func, literal, or_, select
from sqlalchemy.dialects.postgresql import ARRAY, insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.types import Text

from storage.models import ChatMessage, Conversation, ConversationWords


@dataclass(frozen=True, kw_only=True)
class Stale:
    """A conversation whose words have to be read, as it was when they were asked for."""

    conversation_id: UUID
    title: str
    head_id: UUID | None
    updated_at: dt.datetime


async def list_stale(session: AsyncSession, *, limit: int) -> Sequence[Stale]:
    """Return conversations of the session's user whose words are not, or no longer, known."""
    known = ConversationWords
    is_same = and_(
        known.title == Conversation.title,
        known.head_id.is_not_distinct_from(Conversation.head_id),
        known.updated_at == Conversation.updated_at,
    )
    rows = await session.execute(
        select(Conversation.id, Conversation.title, Conversation.head_id, Conversation.updated_at)
        .outerjoin(
            known,
            and_(known.user_id == Conversation.user_id, known.conversation_id == Conversation.id),
        )
        .where(or_(known.conversation_id.is_(None), ~is_same))
        .limit(limit)
    )
    return [
        Stale(
            conversation_id=row.id, title=row.title, head_id=row.head_id, updated_at=row.updated_at
        )
        for row in rows
    ]


async def list_texts(
    session: AsyncSession, conversation_ids: Collection[UUID]
) -> dict[UUID, list[str]]:
    """Return what was said in each conversation, the newest first."""
    rows = await session.execute(
        select(ChatMessage.conversation_id, ChatMessage.text)
        .where(ChatMessage.conversation_id.in_(conversation_ids))
        .order_by(ChatMessage.id.desc())
    )
    texts: dict[UUID, list[str]] = {}
    for row in rows:
        texts.setdefault(row.conversation_id, []).append(row.text)
    return texts


async def write_words(
    session: AsyncSession, user_id: UUID, stale: Sequence[Stale], words: Sequence[list[str]]
) -> None:
    """Store the words of conversations; of one that was deleted meanwhile, nothing."""
    there = set(
        await session.scalars(
            select(Conversation.id)
            .where(Conversation.id.in_([each.conversation_id for each in stale]))
            .with_for_update(read=True, key_share=True)
        )
    )
    rows = [
        {
            "user_id": user_id,
            "conversation_id": each.conversation_id,
            "title": each.title,
            "head_id": each.head_id,
            "updated_at": each.updated_at,
            "words": func.array_to_tsvector(literal(found, ARRAY(Text))),
        }
        for each, found in zip(stale, words, strict=True)
        if each.conversation_id in there
    ]
    if rows:
        added = insert(ConversationWords).values(rows)
        told = ("title", "head_id", "updated_at", "words")
        await session.execute(
            added.on_conflict_do_update(
                index_elements=["user_id", "conversation_id"],
                set_={name: added.excluded[name] for name in told},
            )
        )
