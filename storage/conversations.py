"""Queries over conversations. All of them see the session's user only."""

import datetime as dt
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, cast, delete, or_, select, tuple_, update
from sqlalchemy.dialects.postgresql import TSQUERY, insert
from sqlalchemy.ext.asyncio import AsyncSession

from core.errors import NotFoundError
from storage.models import Conversation, ConversationWords, new_id


class ConversationNotFoundError(NotFoundError):
    """There is no such conversation."""

    code = "conversation_not_found"


async def find_conversation(
    session: AsyncSession, key: str, *, is_locked: bool = False
) -> Conversation | None:
    """Return the conversation with this id, or with this id of the client's own."""
    statement = select(Conversation).where(_has_key(key)).limit(1)
    return await session.scalar(statement.with_for_update() if is_locked else statement)


async def get_conversation(session: AsyncSession, key: str) -> Conversation:
    """Return the conversation with this id, or with this id of the client's own."""
    conversation = await find_conversation(session, key)
    if conversation is None:
        raise ConversationNotFoundError
    return conversation


async def lock_or_create_conversation(
    session: AsyncSession, user_id: UUID, key: str | None, *, title: str
) -> Conversation:
    """Return the conversation, locked until the transaction ends; an unknown key creates one."""
    if key and (found := await find_conversation(session, key, is_locked=True)):
        return found
    created_id = await session.scalar(
        insert(Conversation)
        .values(id=new_id(), user_id=user_id, client_id=key, title=title)
        .on_conflict_do_nothing(index_elements=["user_id", "client_id"])
        .returning(Conversation.id)
    )
    # A null id means that a request at the same moment has created it first.
    found = await find_conversation(session, str(created_id or key), is_locked=True)
    if found is None:
        raise ConversationNotFoundError
    return found


async def list_conversations(
    session: AsyncSession,
    *,
    limit: int,
    query: str | None = None,
    pinned: bool | None = None,
    before: tuple[bool, dt.datetime, UUID] | None = None,
) -> list[Conversation]:
    """Return conversations, pinned ones first, then the last used first.

    `query` is a tsquery over their words, and `before` where the previous page ended.
    """
    place = tuple_(Conversation.pinned, Conversation.updated_at, Conversation.id)
    statement = select(Conversation).order_by(
        Conversation.pinned.desc(), Conversation.updated_at.desc(), Conversation.id.desc()
    )
    if query:
        words = ConversationWords
        is_of = and_(
            words.user_id == Conversation.user_id, words.conversation_id == Conversation.id
        )
        matches = words.words.bool_op("@@")(cast(query, TSQUERY))
        statement = statement.join(words, is_of).where(matches)
    if pinned is not None:
        statement = statement.where(Conversation.pinned == pinned)
    if before:
        statement = statement.where(place < before)
    return list(await session.scalars(statement.limit(limit)))


async def change_conversation(
    session: AsyncSession, key: str, *, title: str | None = None, pinned: bool | None = None
) -> Conversation:
    """Change what is given; the conversation keeps its place by time."""
    conversation = await get_conversation(session, key)
    conversation.title = conversation.title if title is None else title
    conversation.pinned = conversation.pinned if pinned is None else pinned
    await session.flush()
    return conversation


async def write_summary(
    session: AsyncSession, conversation_id: UUID, summary: dict[str, Any]
) -> None:
    """Replace the conversation's summary."""
    await session.execute(
        update(Conversation).where(Conversation.id == conversation_id).values(summary=summary)
    )


async def move_head(
    session: AsyncSession, conversation_id: UUID, message_id: UUID, now: dt.datetime
) -> None:
    """Let the shown path of the conversation end in this message."""
    await session.execute(
        update(Conversation)
        .where(Conversation.id == conversation_id)
        .values(head_id=message_id, updated_at=now)
    )


async def delete_conversation(session: AsyncSession, conversation_id: UUID) -> None:
    """Delete the conversation with its messages and runs."""
    await session.execute(delete(Conversation).where(Conversation.id == conversation_id))


def _has_key(key: str) -> ColumnElement[bool]:
    by_client = Conversation.client_id == key
    try:
        return or_(by_client, Conversation.id == UUID(key))
    except ValueError:
        return by_client
