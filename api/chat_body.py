"""What `POST /api/chat` takes: a question, or what the AI SDK sends."""

from typing import Annotated, Any, Literal

from fastapi import Path
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    model_validator,
)

from agents.catalog import DEFAULT_AGENT
from api.bodies import RequestBody
from domain.approvals import Decision
from domain.conversations import Ask, Regenerate

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


class Approval(BaseModel):
    """What the user decided about a tool call."""

    id: str
    approved: bool
    reason: Annotated[str, StringConstraints(max_length=1000)] | None = None


class DecidedPart(BaseModel):
    """A tool call that the user has decided about."""

    state: Literal["approval-responded"]
    approval: Approval


class DecidedMessage(BaseModel):
    """An answer that waited for approvals, as far as it is read."""

    id: Key
    role: Literal["assistant"]
    parts: Annotated[list[DecidedPart], Field(min_length=1, max_length=50)]

    def decisions(self) -> list[Decision]:
        """Return what was decided, in our own terms."""
        return [
            Decision(
                id=part.approval.id,
                type="approve" if part.approval.approved else "reject",
                reason=part.approval.reason,
            )
            for part in self.parts
        ]


def _last_message(messages: Any) -> Any:
    """Keep of a client's messages the last, if the user wrote it or decided in it.

    History is the server's.
    """
    match messages:
        case [*_, {"role": "user"} as last]:
            return [last]
        case [*_, {"role": "assistant", "parts": list() as parts} as last]:
            decided = [part for part in parts if _is_decided(part)]
            return [last | {"parts": decided}] if decided else []
        case list():
            return []
        case _:
            return messages


def _is_decided(part: Any) -> bool:
    return isinstance(part, dict) and part.get("state") == "approval-responded"


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
    messages: Annotated[list[UserMessage | DecidedMessage], BeforeValidator(_last_message)] = Field(
        default=[],
        description="The AI SDK's messages. Only the last one is read, if it is the user's, or "
        "an answer whose approvals the user has decided about.",
        json_schema_extra={"items": {"type": "object"}},
    )
    trigger: Literal["submit-message", "regenerate-message"] = "submit-message"
    message_id: Key | None = Field(None, alias="messageId", description="To answer again.")

    @model_validator(mode="after")
    def _check_question(self) -> "ChatIn":
        if self.trigger == "submit-message" and not self._text and not self.decided:
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
    def decided(self) -> DecidedMessage | None:
        """The answer whose approvals are decided, if that is what was sent."""
        last = self.messages[-1] if self.messages and self.message is None else None
        return last if isinstance(last, DecidedMessage) else None

    @property
    def _message(self) -> UserMessage | None:
        if isinstance(self.message, UserMessage):
            return self.message
        last = self.messages[-1] if self.messages else None
        return last if isinstance(last, UserMessage) else None

    @property
    def _text(self) -> str:
        if isinstance(self.message, str):
            return self.message
        return self._message.text if self._message else ""
