"""Conversations: find, read, rename, pin, export and delete them."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Query, Response
from pydantic import (
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    TypeAdapter,
)
from pydantic.config import JsonDict

from api.bodies import RequestBody
from api.chat_body import ConversationKey
from api.conversation_export import (
    ConversationExport,
    build_export,
    render_markdown,
)
from api.deps import CrossOriginError, CurrentUserDep, SuiteDep, UserSessionDep
from api.downloads import file_name
from api.errors import problems
from api.pages import (
    DEFAULT_PAGE_SIZE,
    Cursor,
    InvalidCursorError,
    Limit,
    Page,
    decode_cursor,
    split_page,
)
from core.errors import UnauthenticatedError
from domain.approvals import Part
from domain.conversations import ConversationBusyError, show_branch
from domain.job_parts import with_present_jobs
from domain.search import build_query, refresh_words
from graph.suite import Suite
from storage.conversations import (
    ConversationNotFoundError,
    change_conversation,
    delete_conversation,
    find_conversation,
    get_conversation,
    list_conversations,
)
from storage.feedback import list_feedback
from storage.messages import MessageNotFoundError, list_branches, list_path
from storage.models import ChatMessage, Conversation, MessageFeedback
from storage.runs import find_open_run, list_statuses

router = APIRouter(
    prefix="/api/conversations", tags=["Conversations"], responses=problems(UnauthenticatedError)
)


JSON = "application/json"
CONVERSATION_EXAMPLE: JsonDict = {
    "id": "0198c5a2-7b1e-7c3d-9a54-0f6f2f3b8f10",
    "client_id": "first",
    "title": "Which platform grew fastest this year?",
    "pinned": False,
    "created_at": "2026-03-02T09:15:00Z",
    "updated_at": "2026-03-02T09:15:04Z",
}
BY_PIN_AND_TIME: TypeAdapter[tuple[bool, dt.datetime, UUID]] = TypeAdapter(
    tuple[bool, AwareDatetime, UUID]
)
EXPORT_RESPONSE: dict[str, Any] = {
    "description": "The conversation; `format` decides how.",
    "headers": {
        "Content-Disposition": {
            "description": "A file name, after the title.",
            "schema": {"type": "string"},
        }
    },
    "content": {
        "text/markdown": {
            "schema": {"type": "string"},
            "example": "# Which platform grew fastest this year?\n\n## You, 2 March 2026, 09:15\n",
        },
    },
}


class ConversationOut(BaseModel):
    """A conversation, without its messages."""

    model_config = ConfigDict(json_schema_extra={"examples": [CONVERSATION_EXAMPLE]})

    id: UUID
    client_id: str | None = Field(description="The id that your client gave it, if any.")
    title: str
    pinned: bool
    created_at: dt.datetime
    updated_at: dt.datetime = Field(description="When something was last said in it.")


class ConversationsOut(Page[ConversationOut]):
    """A page of conversations: pinned ones first, then the last used first."""


class UIMessage(BaseModel):
    """A message as the AI SDK has it; `initialMessages` of `useChat` takes it unchanged."""

    id: str
    role: str
    parts: list[dict[str, Any]]
    metadata: dict[str, Any] = Field(
        description="Of answers `status`, `agent`, `model`, `tokens`, `processingTimeMs` and your "
        "`feedback`, as far as there is such. Where a question was edited or answered again, "
        "`branches` has the `ids` of the messages that stand there, the oldest first, and which of "
        "them is `shown`, counted from 0."
    )


class ConversationWithMessages(ConversationOut):
    """A conversation with the messages of its shown path, the oldest first."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                CONVERSATION_EXAMPLE
                | {
                    "messages": [
                        {
                            "id": "question-1",
                            "role": "user",
                            "parts": [{"type": "text", "text": "How did I grow last month?"}],
                            "metadata": {"createdAt": "2026-03-02T09:15:00Z"},
                        }
                    ]
                }
            ]
        }
    )

    messages: list[UIMessage]


class ConversationIn(RequestBody):
    """What is to change; what is null or left out stays."""

    title: (
        Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
        | None
    ) = Field(None, examples=["Growth in spring"])
    pinned: bool | None = Field(None, examples=[True])
    shown_message_id: UUID | None = Field(
        None,
        examples=["0198c5a2-7b1e-7c3d-9a54-0f6f2f3b8f10"],
        description="A message to be on the shown path, with the newest that followed it.",
    )


@router.get("", summary="List or search my conversations", responses=problems(InvalidCursorError))
async def list_all(
    user: CurrentUserDep,
    session: UserSessionDep,
    search: Annotated[
        str | None,
        Query(
            max_length=200,
            description="Words of the title or of messages, or their beginnings; all of them have "
            "to be there. Case and accents do not matter.",
            examples=["spotify listeners"],
        ),
    ] = None,
    pinned: Annotated[
        bool | None, Query(description="Only pinned ones, or only the others.")
    ] = None,
    limit: Limit = DEFAULT_PAGE_SIZE,
    cursor: Cursor = None,
) -> ConversationsOut:
    """Pinned ones come first, then those in which something was said last."""
    before = decode_cursor(cursor, BY_PIN_AND_TIME)
    query = build_query(search) if search else None
    if search and search.strip() and query is None:  # no word, so nothing has it
        return ConversationsOut(items=[], next=None)
    if query:
        await refresh_words(session, user.id)
    found = await list_conversations(
        session, limit=limit + 1, query=query, pinned=pinned, before=before
    )
    page, next_page = split_page(found, limit, lambda row: (row.pinned, row.updated_at, row.id))
    return ConversationsOut(
        items=[ConversationOut.model_validate(_summary(row)) for row in page], next=next_page
    )


@router.get("/{key}", summary="Read a conversation", responses=problems(ConversationNotFoundError))
async def get(key: ConversationKey, session: UserSessionDep) -> ConversationWithMessages:
    """With the messages of its shown path: the last question and answer, and what led there.

    A part `data-job` says how far its job is now.
    """
    conversation = await get_conversation(session, key)
    path = await list_path(session, conversation.head_id)
    statuses = await list_statuses(session, conversation.id)
    feedback = await list_feedback(session, conversation.id)
    present = await with_present_jobs(session, [message.parts for message in path])
    branches = await list_branches(session, conversation.id)
    return ConversationWithMessages(
        **_summary(conversation),
        messages=[
            _ui_message(
                message,
                parts,
                statuses,
                feedback.get(message.id),
                branches.get(message.parent_id, ()),
            )
            for message, parts in zip(path, present, strict=True)
        ],
    )


@router.get(
    "/{key}/export",
    summary="Export a conversation",
    response_model=ConversationExport,
    responses={200: EXPORT_RESPONSE, **problems(ConversationNotFoundError)},
)
async def export(
    key: ConversationKey,
    user: CurrentUserDep,
    session: UserSessionDep,
    suite: SuiteDep,
    format: Annotated[  # noqa: A002  # the parameter's name
        Literal["json", "markdown"], Query(description="For programs, or for people.")
    ] = "json",
) -> Response:
    """What was said, by whom and when, with the figures that its numbers come from."""
    conversation = await get_conversation(session, key)
    exported = build_export(
        conversation,
        await list_path(session, conversation.head_id),
        statuses=await list_statuses(session, conversation.id),
        feedback=await list_feedback(session, conversation.id),
        timezone=user.timezone,
        now=suite.clock(),
    )
    if format == "markdown":
        text, media_type, ending = render_markdown(exported, user.locale), "text/markdown", "md"
    else:
        text, media_type, ending = exported.model_dump_json(by_alias=True), JSON, "json"
    disposition = file_name(exported.title, ending, if_empty="conversation")
    headers = {"Content-Disposition": disposition}
    return Response(text, media_type=media_type, headers=headers)


@router.patch(
    "/{key}",
    summary="Rename or pin a conversation, or show another branch",
    responses=problems(
        CrossOriginError, ConversationNotFoundError, MessageNotFoundError, ConversationBusyError
    ),
)
async def change(
    key: ConversationKey, body: ConversationIn, session: UserSessionDep
) -> ConversationOut:
    """It keeps its place among the pinned or the other ones. What is asked next follows the branch.

    Another branch cannot be shown while an answer is still coming.
    """
    if body.shown_message_id:
        await show_branch(session, key, body.shown_message_id)
    conversation = await change_conversation(session, key, title=body.title, pinned=body.pinned)
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
    while not await _delete_if_idle(suite, user.id, conversation.id):
        await suite.runs.stop_open(user.id, conversation.id)
    return Response(status_code=204)


async def _delete_if_idle(suite: Suite, user_id: UUID, conversation_id: UUID) -> bool:
    """Delete the conversation, unless it is being answered or waits; tell whether it is gone.

    A run that went with it would keep the tokens that are set aside for it.
    """
    async with suite.database.user_session(user_id) as session:
        await find_conversation(session, str(conversation_id), is_locked=True)
        if await find_open_run(session, conversation_id):
            return False
        await delete_conversation(session, conversation_id)
    return True


def _summary(conversation: Conversation) -> dict[str, Any]:
    return {
        "id": conversation.id,
        "client_id": conversation.client_id,
        "title": conversation.title,
        "pinned": conversation.pinned,
        "created_at": conversation.created_at,
        "updated_at": conversation.updated_at,
    }


def _ui_message(
    message: ChatMessage,
    parts: list[Part],
    statuses: Mapping[UUID, str],
    feedback: MessageFeedback | None,
    branches: Sequence[UUID],
) -> UIMessage:
    metadata = {
        "status": statuses[message.run_id] if message.run_id else None,
        "createdAt": message.created_at,
        "runId": message.run_id,
        "agent": message.agent,
        "model": message.model_used,
        "tokens": message.tokens_used,
        "processingTimeMs": message.processing_time_ms,
        "feedback": {"rating": feedback.rating, "comment": feedback.comment} if feedback else None,
        "branches": {"ids": branches, "shown": branches.index(message.id)} if branches else None,
    }
    return UIMessage(
        id=message.client_id or str(message.id),
        role=message.role,
        parts=parts,
        metadata={key: value for key, value in metadata.items() if value is not None},
    )
