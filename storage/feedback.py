"""Queries over what creators think of answers."""

import datetime as dt
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from storage.models import ChatMessage, MessageFeedback, Rating


async def write_feedback(
    session: AsyncSession,
    message: ChatMessage,
    *,
    rating: Rating,
    comment: str | None,
    now: dt.datetime,
) -> MessageFeedback:
    """Store what the creator thinks of a message, instead of what they thought before."""
    thought = {"rating": rating, "comment": comment, "updated_at": now}
    statement = (
        insert(MessageFeedback)
        .values(
            user_id=message.user_id,
            message_id=message.id,
            conversation_id=message.conversation_id,
            created_at=now,
            **thought,
        )
        .on_conflict_do_update(index_elements=["user_id", "message_id"], set_=thought)
        .returning(MessageFeedback)
    )
    feedback = await session.scalars(statement, execution_options={"populate_existing": True})
    return feedback.one()


async def list_feedback(
    session: AsyncSession, conversation_id: UUID
) -> dict[UUID, MessageFeedback]:
    """Return the feedback on a conversation's messages, by their ids."""
    found = await session.scalars(
        select(MessageFeedback).where(MessageFeedback.conversation_id == conversation_id)
    )
    return {feedback.message_id: feedback for feedback in found}


async def delete_feedback(session: AsyncSession, message_id: UUID) -> bool:
    """Remove the feedback on a message; tell whether there was any."""
    statement = delete(MessageFeedback).where(MessageFeedback.message_id == message_id)
    return await session.scalar(statement.returning(MessageFeedback.message_id)) is not None
