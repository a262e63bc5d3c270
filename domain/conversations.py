"""Turns of a conversation: a question and its run (`domain/answers.py` keeps what it says).

Conversations are trees. A new question hangs under the head; an edited one becomes a sibling of
the first, and a regenerated answer a sibling of the other answer. Nothing is overwritten.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from core.errors import ConflictError, InvalidError
from domain.answers import abandon_run
from domain.approvals import (
    Decision,
    Part,
    RunNotWaitingError,
    UndecidedError,
    are_decided,
    decide,
    open_approvals,
)
from domain.usage import begin_usage
from storage.conversations import (
    ConversationNotFoundError,
    find_conversation,
    lock_or_create_conversation,
    move_head,
)
from storage.messages import (
    find_answer,
    find_message,
    find_newest_leaf,
    get_message,
    list_path,
)
from storage.models import ChatMessage, Conversation, Run, RunStatus, new_id
from storage.run_events import last_seq_of
from storage.runs import (
    find_last_run,
    find_open_run,
    get_run,
    reopen_run,
)

TITLE_LENGTH = 60


class ConversationBusyError(ConflictError):
    """This conversation is still being answered; wait for it, or stop it first."""

    code = "conversation_busy"

    def __init__(self, run_id: UUID) -> None:
        """Take the run that is being answered."""
        super().__init__()
        self.run_id = run_id


class NothingToRegenerateError(InvalidError):
    """There is no question yet that could be answered again."""

    code = "nothing_to_regenerate"


@dataclass(frozen=True, kw_only=True)
class Ask:
    """A question, and the client's own id of its message.

    An id that the conversation knows, with the same text, is the same request again; with
    another text it is an edit of that question.
    """

    text: str
    client_id: str | None = None


@dataclass(frozen=True, kw_only=True)
class Regenerate:
    """Another answer to a question, or to the question of an answer; null is the last one."""

    message: str | None = None


@dataclass(frozen=True, kw_only=True)
class Turn:
    """A question that is to be answered, and the path of messages up to and including it.

    The path begins behind the message that the conversation's summary ends in, if it is on it.
    `answer` is what the run had said when it paused, `abandoned_run_id` a run that waited and
    was given up for this turn. `is_repeated` tells that the same request
    has come before: `run` is the run it started then.
    """

    conversation: Conversation
    question: ChatMessage
    run: Run
    path: Sequence[ChatMessage]
    answer: ChatMessage | None = None
    abandoned_run_id: UUID | None = None
    is_repeated: bool = False

    @property
    def parts(self) -> Sequence[Part]:
        """The parts of what the run had said when it paused."""
        return self.answer.parts if self.answer else ()


async def open_turn(
    session: AsyncSession,
    user_id: UUID,
    key: str | None,
    request: Ask | Regenerate,
    *,
    agent: str,
    owner: UUID,
    lease_until: dt.datetime,
    now: dt.datetime,
    timezone: str,
    is_metered: bool,
) -> Turn:
    """Store the question and its run, for the conversation with this key.

    A run of the conversation that waits for an approval is abandoned: nothing is approved.
    Raises `ConversationBusyError` while another run is being answered,
    `NotFoundError` when the message to edit or to answer again does not exist, and
    `TokenLimitReachedError` when the day has too few tokens left for a metered model.
    """
    conversation = await _lock_conversation(session, user_id, key, request)
    known = await _find_known(session, conversation, request)
    repeated = known and await _find_repeated(session, conversation, known, request)
    if repeated:
        return repeated
    if open_run := await find_open_run(session, conversation.id):
        if open_run.status != RunStatus.WAITING:
            raise ConversationBusyError(open_run.id)
        await abandon_run(session, open_run, now)
    if isinstance(request, Regenerate):
        question = await _find_question(session, conversation, request)
    else:
        parent_id = known.parent_id if known else conversation.head_id
        question = await _store_question(session, conversation, request, parent_id)
    run = Run(
        id=new_id(),
        user_id=user_id,
        conversation_id=conversation.id,
        question_id=question.id,
        agent=agent,
        status=RunStatus.RUNNING,
        owner=owner,
        lease_until=lease_until,
        created_at=now,
    )
    path = await list_path(session, question.id, after=_summarised(conversation))
    await begin_usage(session, run, path, timezone=timezone, now=now, is_metered=is_metered)
    session.add(run)
    await session.flush()
    await move_head(session, conversation.id, question.id, now)
    return Turn(
        conversation=conversation,
        question=question,
        run=run,
        path=path,
        abandoned_run_id=open_run.id if open_run else None,
    )


async def reopen_turn(
    session: AsyncSession,
    run_id: UUID,
    decisions: Sequence[Decision],
    *,
    owner: UUID,
    lease_until: dt.datetime,
    now: dt.datetime,
    timezone: str,
    is_metered: bool,
) -> Turn:
    """Let a waiting run go on with these decisions; the same decisions again are a repetition.

    Raises `RunNotFoundError`, `RunNotWaitingError`, `UndecidedError` and
    `TokenLimitReachedError`.
    """
    run = await get_run(session, run_id)
    conversation = await find_conversation(session, str(run.conversation_id), is_locked=True)
    await session.refresh(run)
    answer = await find_answer(session, run_id)
    if conversation is None or answer is None:
        raise RunNotWaitingError
    path = await list_path(session, run.question_id)
    turn = Turn(conversation=conversation, question=path[-1], run=run, path=(), answer=answer)
    if are_decided(answer.parts, decisions):
        return replace(turn, is_repeated=True)
    if run.status != RunStatus.WAITING:
        raise RunNotWaitingError
    open_ids = open_approvals(answer.parts)
    if sorted(open_ids) != sorted(decision.id for decision in decisions):
        raise UndecidedError(approvals=open_ids)
    answer.parts = decide(answer.parts, decisions)
    resumed_after = await last_seq_of(session, run_id)
    await reopen_run(
        session, run, owner=owner, lease_until=lease_until, resumed_after=resumed_after
    )
    await begin_usage(
        session,
        run,
        [*path, answer],
        timezone=timezone,
        now=now,
        is_metered=is_metered,
        is_new=False,
    )
    return turn


async def show_branch(session: AsyncSession, key: str, message_id: UUID) -> None:
    """Let the shown path lead over this message, to the newest that followed it.

    Raises `ConversationNotFoundError`, `MessageNotFoundError` and `ConversationBusyError`.
    """
    conversation = await find_conversation(session, key, is_locked=True)
    if conversation is None:
        raise ConversationNotFoundError
    message = await get_message(session, conversation.id, str(message_id))
    if (run := await find_open_run(session, conversation.id)) and run.status != RunStatus.WAITING:
        raise ConversationBusyError(run.id)
    leaf = await find_newest_leaf(session, message.id)
    await move_head(session, conversation.id, leaf, conversation.updated_at)


def title_of(text: str) -> str:
    """Return a first title: the question's start, cut between words."""
    line = " ".join(text.split())
    if len(line) <= TITLE_LENGTH:
        return line or "New conversation"
    return line[:TITLE_LENGTH].rsplit(" ", 1)[0] + "…"


def _summarised(conversation: Conversation) -> UUID | None:
    return UUID(conversation.summary["message_id"]) if conversation.summary else None


async def _lock_conversation(
    session: AsyncSession, user_id: UUID, key: str | None, request: Ask | Regenerate
) -> Conversation:
    if isinstance(request, Ask):
        title = title_of(request.text)
        return await lock_or_create_conversation(session, user_id, key, title=title)
    conversation = await find_conversation(session, key or "", is_locked=True)
    if conversation is None:
        raise ConversationNotFoundError
    return conversation


async def _find_known(
    session: AsyncSession, conversation: Conversation, request: Ask | Regenerate
) -> ChatMessage | None:
    if isinstance(request, Regenerate) or request.client_id is None:
        return None
    message = await find_message(session, conversation.id, request.client_id)
    return message if message and message.role == "user" else None


async def _find_repeated(
    session: AsyncSession,
    conversation: Conversation,
    question: ChatMessage,
    request: Ask | Regenerate,
) -> Turn | None:
    if not isinstance(request, Ask) or question.text != request.text:
        return None
    run = await find_last_run(session, question.id)
    if run is None:
        return None
    return Turn(conversation=conversation, question=question, run=run, path=(), is_repeated=True)


async def _store_question(
    session: AsyncSession, conversation: Conversation, request: Ask, parent_id: UUID | None
) -> ChatMessage:
    question = ChatMessage(
        id=new_id(),
        user_id=conversation.user_id,
        conversation_id=conversation.id,
        parent_id=parent_id,
        client_id=request.client_id,
        role="user",
        parts=[{"type": "text", "text": request.text}],
        text=request.text,
    )
    session.add(question)
    await session.flush()
    return question


async def _find_question(
    session: AsyncSession, conversation: Conversation, request: Regenerate
) -> ChatMessage:
    key = request.message or (str(conversation.head_id) if conversation.head_id else None)
    if key is None:
        raise NothingToRegenerateError
    message = await get_message(session, conversation.id, key)
    if message.role == "assistant":
        message = await get_message(session, conversation.id, str(message.parent_id))
    return message
