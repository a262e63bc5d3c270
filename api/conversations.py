"""Conversations: find, read, rename and delete them."""

import datetime as dt
from collections.abc import Mapping
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Response
from pydantic import BaseModel, Field, StringConstraints

from api.bodies import RequestBody
from api.chat_body import ConversationKey
from api.deps import CrossOriginError, CurrentUserDep, SuiteDep, UserSessionDep
from api.errors import problems
from api.pages import (
    BY_TIME,
    DEFAULT_PAGE_SIZE,
    Cursor,
    InvalidCursorError,
    Limit,
    Page,
    decode_cursor,
    split_page,
)
from core.errors import UnauthenticatedError
from storage.conversations import (
    ConversationNotFoundError,
    delete_conversation,
    get_conversation,
    list_conversations,
    rename_conversation,
)
from storage.messages import list_path
from storage.models import ChatMessage, Conversation
from storage.runs import list_statuses

router = APIRouter(
    prefix="/api/conversations", tags=["Conversations"], responses=problems(UnauthenticatedError)
)


class ConversationOut(BaseModel):
    """A conversation, without its messages."""

    id: UUID
    client_id: str | None = Field(description="The id that your client gave it, if any.")
    title: str
    created_at: dt.datetime
    updated_at: dt.datetime


class ConversationsOut(Page[ConversationOut]):
    """A page of conversations, the last used first."""


class UIMessage(BaseModel):
    """A message as the AI SDK has it; `initialMessages` of `useChat` takes it unchanged."""

    id: str
    role: str
    parts: list[dict[str, Any]]
    metadata: dict[str, Any]


class ConversationWithMessages(ConversationOut):
    """A conversation with the messages of its shown path, the oldest first."""

    messages: list[UIMessage]


class ConversationIn(RequestBody):
    """A conversation's new title."""

    title: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]


@router.get("", summary="List my conversations", responses=problems(InvalidCursorError))
async def list_all(
    session: UserSessionDep,
    limit: Limit = DEFAULT_PAGE_SIZE,
    cursor: Cursor = None,
) -> ConversationsOut:
    before = decode_cursor(cursor, BY_TIME)
    found = await list_conversations(session, limit=limit + 1, before=before)
    page, next_page = split_page(found, limit, lambda row: (row.updated_at, row.id))
    return ConversationsOut(
        items=[ConversationOut.model_validate(_summary(row)) for row in page], next=next_page
    )


@router.get("/{key}", summary="Read a conversation", responses=problems(ConversationNotFoundError))
async def get(key: ConversationKey, session: UserSessionDep) -> ConversationWithMessages:
    conversation = await get_conversation(session, key)
    path = await list_path(session, conversation.head_id)
    statuses = await list_statuses(session, conversation.id)
    return ConversationWithMessages(
        **_summary(conversation), messages=[_ui_message(message, statuses) for message in path]
    )


@router.patch(
    "/{key}",
    summary="Rename a conversation",
    responses=problems(CrossOriginError, ConversationNotFoundError),
)
async def rename(
    key: ConversationKey, body: ConversationIn, session: UserSessionDep
) -> ConversationOut:
    conversation = await rename_conversation(session, key, body.title)
    return ConversationOut.model_validate(_summary(conversation))


@router.delete(
    "/{key}",
    summary="Delete a conversation",
    status_code=204,
    responses=problems(CrossOriginError, ConversationNotFoundError),
)
async def delete(key: ConversationKey, user: CurrentUserDep, suite: SuiteDep) -> Response:
    """Delete it with all its messages; an answer that is still coming is stopped first."""
    async with suite.database.user_session(user.id) as session:
        conversation = await get_conversation(session, key)
    if run := await suite.runs.find_open(user.id, conversation.id):
        await suite.runs.stop(run)
    async with suite.database.user_session(user.id) as session:
        await delete_conversation(session, conversation.id)
    return Response(status_code=204)


def _summary(conversation: Conversation) -> dict[str, Any]:
    return {
        "id": conversation.id,
        "client_id": conversation.client_id,
        "title": conversation.title,
        "created_at": conversation.created_at,
        "updated_at": conversation.updated_at,
    }


def _ui_message(message: ChatMessage, statuses: Mapping[UUID, str]) -> UIMessage:
    metadata = {
        "status": statuses[message.run_id] if message.run_id else None,
        "createdAt": message.created_at,
        "runId": message.run_id,
        "agent": message.agent,
        "model": message.model_used,
        "tokens": message.tokens_used,
        "processingTimeMs": message.processing_time_ms,
    }
    return UIMessage(
        id=message.client_id or str(message.id),
        role=message.role,
        parts=message.parts,
        metadata={key: value for key, value in metadata.items() if value is not None},
    )
