"""Queries over the messages of a conversation, which form a tree."""

from uuid import UUID

from sqlalchemy import ColumnElement, func, literal, or_, select
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from core.errors import NotFoundError
from storage.models import ChatMessage


class MessageNotFoundError(NotFoundError):
    """There is no such message in this conversation."""

    code = "message_not_found"


async def find_message(
    session: AsyncSession, conversation_id: UUID, key: str
) -> ChatMessage | None:
    """Return the newest message with this id, or with this id of the client's own.

    An edited question keeps its client's id, so that several siblings may share it.
    """
    return await session.scalar(
        select(ChatMessage)
        .where(ChatMessage.conversation_id == conversation_id, _has_key(key))
        .order_by(ChatMessage.id.desc())
        .limit(1)
    )


async def get_message(session: AsyncSession, conversation_id: UUID, key: str) -> ChatMessage:
    """Return the newest message with this id, or with this id of the client's own."""
    message = await find_message(session, conversation_id, key)
    if message is None:
        raise MessageNotFoundError
    return message


async def list_path(
    session: AsyncSession, message_id: UUID | None, *, after: UUID | None = None
) -> list[ChatMessage]:
    """Return the messages from the root, or from behind `after`, to this one; none for null."""
    if message_id is None:
        return []
    path = (
        select(ChatMessage.id, ChatMessage.parent_id, literal(0).label("depth"))
        .where(ChatMessage.id == message_id)
        .cte("path", recursive=True)
    )
    parent = aliased(ChatMessage)
    path = path.union_all(
        select(parent.id, parent.parent_id, path.c.depth + 1).join(
            path, (parent.id == path.c.parent_id) & parent.id.is_distinct_from(after)
        )
    )
    messages = await session.scalars(
        select(ChatMessage).join(path, ChatMessage.id == path.c.id).order_by(path.c.depth.desc())
    )
    return list(messages)


async def list_branches(
    session: AsyncSession, conversation_id: UUID
) -> dict[UUID | None, list[UUID]]:
    """Return the messages below each parent that has several, the oldest first."""
    rows = await session.execute(
        select(
            ChatMessage.parent_id,
            func.array_agg(aggregate_order_by(ChatMessage.id, ChatMessage.id)),
        )
        .where(ChatMessage.conversation_id == conversation_id)
        .group_by(ChatMessage.parent_id)
        .having(func.count() > 1)
    )
    return {parent_id: list(ids) for parent_id, ids in rows}


async def find_newest_leaf(session: AsyncSession, message_id: UUID) -> UUID:
    """Return where one comes to from a message by always taking the newest that followed."""
    found = message_id
    while newest := await session.scalar(
        select(ChatMessage.id)
        .where(ChatMessage.parent_id == found)
        .order_by(ChatMessage.id.desc())
        .limit(1)
    ):
        found = newest
    return found


async def find_answer(session: AsyncSession, run_id: UUID) -> ChatMessage | None:
    """Return the answer that a run has stored."""
    return await session.scalar(select(ChatMessage).where(ChatMessage.run_id == run_id))


def _has_key(key: str) -> ColumnElement[bool]:
    by_client = ChatMessage.client_id == key
    try:
        return or_(by_client, ChatMessage.id == UUID(key))
    except ValueError:
        return by_client
