"""What a run said is kept when the run is over, or waits for its creator."""

import datetime as dt
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from domain.approvals import abandon
from domain.usage import TokenUsage, settle_usage
from storage.conversations import find_conversation, move_head
from storage.messages import find_answer
from storage.models import ChatMessage, Run, RunStatus
from storage.run_events import Batch, append_last_events
from storage.runs import close_run, get_run


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What a run said, whole or as far as it came; null usage is not known."""

    message_id: UUID
    agent: str
    parts: list[dict[str, Any]]
    text: str
    model: str | None
    tokens: int | None
    processing_time_ms: int | None
    grounding: dict[str, Any] | None
    usage: TokenUsage | None = None


async def close_turn(
    session: AsyncSession,
    run: Run,
    status: RunStatus,
    answer: Answer,
    now: dt.datetime,
    *,
    events: Batch,
    error_code: str | None = None,
) -> bool:
    """Close the run, or let it wait, and keep what it said; tell whether it was still ours.

    `events` are those that are not stored yet, with its end. An answer without a single part is
    not stored: the question stays the head.
    """
    # Conversations are locked before their runs everywhere, so that nobody waits in a circle.
    await find_conversation(session, str(run.conversation_id), is_locked=True)
    if not await close_run(session, run, status, now, error_code=error_code):
        return False
    await append_last_events(session, run, events)
    if answer.parts:
        message = await session.get(ChatMessage, answer.message_id) or ChatMessage(
            id=answer.message_id,
            user_id=run.user_id,
            conversation_id=run.conversation_id,
            parent_id=run.question_id,
            run_id=run.id,
            role="assistant",
            created_at=now,
        )
        message.parts = answer.parts
        message.text = answer.text
        message.agent = answer.agent
        message.model_used = answer.model
        message.tokens_used = answer.tokens
        message.processing_time_ms = answer.processing_time_ms
        message.grounding = answer.grounding
        session.add(message)
        await session.flush()
        await move_head(session, run.conversation_id, answer.message_id, now)
    if run.usage_date:
        await settle_usage(session, run.id, answer.usage)
    return True


async def has_answer(session: AsyncSession, run: Run, status: RunStatus, answer: Answer) -> bool:
    """Tell whether the run was closed like this already, with this very answer."""
    stored = await get_run(session, run.id)
    if stored.owner != run.owner:  # it went on elsewhere, which only a stored pause can
        return True
    message = await find_answer(session, run.id)
    is_same = message.id == answer.message_id if message else not answer.parts
    return stored.status == status and is_same


async def abandon_run(session: AsyncSession, run: Run, now: dt.datetime) -> None:
    """Close a waiting run whose creator did something else instead: nothing is approved."""
    answer = await find_answer(session, run.id)
    if answer:
        answer.parts = abandon(answer.parts)
    await close_run(session, run, RunStatus.STOPPED, now)
