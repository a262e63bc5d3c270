"""Chat: ask, follow the answer, come back to it, stop it."""

from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Header, Path, Response
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    model_validator,
)
from sse_starlette import EventSourceResponse

from agents.catalog import DEFAULT_AGENT, UnknownAgentError
from api.bodies import RequestBody
from api.deps import CrossOriginError, CurrentUserDep, SuiteDep
from api.errors import problems
from api.sse import stream_run
from core.errors import UnauthenticatedError
from domain.accounts import CurrentUser
from domain.conversations import Ask, ConversationBusyError, NothingToRegenerateError, Regenerate
from graph.run import Asker
from graph.suite import Suite
from storage.conversations import ConversationNotFoundError, get_conversation
from storage.messages import MessageNotFoundError
from storage.models import Conversation

router = APIRouter(prefix="/api/chat", tags=["Chat"], responses=problems(UnauthenticatedError))

MAX_QUESTION_LENGTH = 20_000


def _check_segment(key: str) -> str:
    """Refuse what clients resolve away in an address."""
    if key in {".", ".."}:
        raise ValueError("an id must not be a dot segment")
    return key


# Printable ASCII without the slash, which an address cannot carry in one segment.
Key = Annotated[
    str,
    StringConstraints(min_length=1, max_length=64, pattern=r"^[\x21-\x2e\x30-\x7e]+$"),
    AfterValidator(_check_segment),
]
ConversationKey = Annotated[
    str, Path(min_length=1, max_length=64, description="Our id, or the one your client gave it.")
]
Question = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=MAX_QUESTION_LENGTH)
]
STREAM = {
    "description": "Server-sent events: AI SDK UI message stream, version 1, with our own parts "
    "`data-grounding` (what backs each number) and a `code` on `error` chunks. Event ids are "
    "`<eight characters of the run>:<number>`; docs/streaming.md has the stream in full.",
    "headers": {
        "X-Conversation-Id": {
            "description": "Our id of the conversation.",
            "schema": {"type": "string", "format": "uuid"},
        },
        "X-Run-Id": {
            "description": "The run that answers.",
            "schema": {"type": "string", "format": "uuid"},
        },
    },
    "content": {
        "text/event-stream": {
            "schema": {"type": "string"},
            "example": 'id: 9f3c01ab:1\nevent: start\ndata: {"type":"start","messageId":"…"}\n\n',
        }
    },
}


class TextPart(BaseModel):
    """A piece of a question; other kinds of parts are not understood yet."""

    type: Literal["text"]
    text: str


class UserMessage(BaseModel):
    """The AI SDK's UIMessage, as far as it is read."""

    id: Key
    role: Literal["user"]
    parts: Annotated[list[TextPart], Field(min_length=1, max_length=50)]

    @property
    def text(self) -> str:
        return "\n\n".join(part.text for part in self.parts).strip()


def _last_question(messages: Any) -> Any:
    """Keep of a client's messages the last, if it is the user's: history is the server's."""
    match messages:
        case [*_, {"role": "user"} as last]:
            return [last]
        case list():
            return []
        case _:
            return messages


class ChatIn(RequestBody):
    """`{message, agent?, id?}`, or what the AI SDK's `useChat` sends.

    Of `messages` only the last is read, which is the question. History, user and everything
    else that decides what an answer is made of come from the server.
    """

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"message": "How did I grow last month?"},
                {
                    "id": "chat-1",
                    "trigger": "submit-message",
                    "messages": [
                        {
                            "id": "message-1",
                            "role": "user",
                            "parts": [{"type": "text", "text": "How did I grow last month?"}],
                        }
                    ],
                },
            ]
        },
    )

    id: Key | None = Field(None, description="The conversation; an unknown id creates one.")
    agent: Annotated[str, StringConstraints(max_length=40)] = DEFAULT_AGENT
    message: Question | UserMessage | None = None
    messages: Annotated[list[UserMessage], BeforeValidator(_last_question)] = Field(
        default=[],
        description="The AI SDK's messages. Only the last one is read, if it is the user's.",
        json_schema_extra={"items": {"type": "object"}},
    )
    trigger: Literal["submit-message", "regenerate-message"] = "submit-message"
    message_id: Key | None = Field(None, alias="messageId", description="To answer again.")

    @model_validator(mode="after")
    def _check_question(self) -> "ChatIn":
        if self.trigger == "submit-message" and not self._text:
            raise ValueError("send a `message`, or `messages` that end in the user's question")
        if len(self._text) > MAX_QUESTION_LENGTH:
            raise ValueError(f"a question has at most {MAX_QUESTION_LENGTH} characters")
        return self

    def request(self) -> Ask | Regenerate:
        """Return what is asked of the conversation."""
        question = self._message
        if self.trigger == "regenerate-message":
            return Regenerate(message=question.id if question else self.message_id)
        return Ask(text=self._text, client_id=question.id if question else None)

    @property
    def _message(self) -> UserMessage | None:
        if isinstance(self.message, UserMessage):
            return self.message
        return self.messages[-1] if self.messages else None

    @property
    def _text(self) -> str:
        if isinstance(self.message, str):
            return self.message
        return self._message.text if self._message else ""


class StopOut(BaseModel):
    """The run that was stopped, or null if none was open."""

    run_id: UUID | None


@router.post(
    "",
    summary="Ask a question and follow the answer",
    response_class=EventSourceResponse,
    responses={
        200: STREAM,
        **problems(
            UnknownAgentError,
            NothingToRegenerateError,
            CrossOriginError,
            ConversationNotFoundError,
            MessageNotFoundError,
            ConversationBusyError,
        ),
    },
)
async def ask(body: ChatIn, user: CurrentUserDep, suite: SuiteDep) -> EventSourceResponse:
    """Answer as a stream. The run goes on if you disconnect: come back with GET …/stream.

    The same message id with the same text is the same request and follows the same run; with
    another text it edits that question. Headers `X-Conversation-Id` and `X-Run-Id` name both.
    """
    run = await suite.runs.start(_asker(user), body.id, body.request(), agent=body.agent)
    return stream_run(run)


@router.get(
    "/{key}/stream",
    summary="Come back to an answer",
    response_class=EventSourceResponse,
    responses={
        200: STREAM,
        204: {"description": "There is nothing (more) to follow."},
        **problems(ConversationNotFoundError),
    },
)
async def resume(
    key: ConversationKey,
    user: CurrentUserDep,
    suite: SuiteDep,
    last_event_id: Annotated[
        str | None,
        Header(max_length=64, description="The `id` of the last event you have seen."),
    ] = None,
) -> Response:
    """Follow the open answer from its start; with `Last-Event-ID`, what came after that event."""
    conversation = await _get_conversation(suite, user, key)
    if last_event_id is None:
        run = suite.runs.find_open(conversation.id)
        return stream_run(run) if run else Response(status_code=204)
    run_key, _, seq = last_event_id.partition(":")
    run = suite.runs.find_by_key(conversation.id, run_key)
    after = int(seq) if seq.isascii() and seq.isdigit() else 0
    if run is None or (run.log.is_closed and after >= len(run.log)):
        return Response(status_code=204)
    return stream_run(run, after=after)


@router.post(
    "/{key}/stop",
    summary="Stop the answer",
    responses=problems(CrossOriginError, ConversationNotFoundError),
)
async def stop(key: ConversationKey, user: CurrentUserDep, suite: SuiteDep) -> StopOut:
    """Stop the open answer; what it had said is kept. Answers when it is stored."""
    conversation = await _get_conversation(suite, user, key)
    run = suite.runs.find_open(conversation.id)
    if run:
        await suite.runs.stop(run)
    return StopOut(run_id=run.run_id if run else None)


def _asker(user: CurrentUser) -> Asker:
    return Asker(user_id=user.id, timezone=user.timezone, locale=user.locale)


async def _get_conversation(suite: Suite, user: CurrentUser, key: str) -> Conversation:
    """Return the user's conversation in a transaction that ends before a stream begins."""
    async with suite.database.user_session(user.id) as session:
        return await get_conversation(session, key)
