"""A conversation as the database has it."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import select

from storage.conversations import get_conversation
from storage.database import Database
from storage.models import ChatMessage, Run


@dataclass(frozen=True, kw_only=True)
class Tree:
    """The messages of a conversation, its runs, both the oldest first, and its shown path."""

    messages: list[ChatMessage]
    runs: list[Run]
    path: list[str]

    @property
    def edges(self) -> list[tuple[str | None, str]]:
        """The text of each message's parent, and its own."""
        texts = {message.id: message.text for message in self.messages}
        return [
            (texts[message.parent_id] if message.parent_id else None, message.text)
            for message in self.messages
        ]

    @property
    def statuses(self) -> list[tuple[str, str | None]]:
        """Status and error code of each run."""
        return [(run.status, run.error_code) for run in self.runs]

    @property
    def answers(self) -> list[ChatMessage]:
        return [message for message in self.messages if message.role == "assistant"]


async def load_tree(database: Database, user_id: UUID, key: str) -> Tree:
    """Return what is stored of a user's conversation."""
    async with database.user_session(user_id) as session:
        conversation = await get_conversation(session, key)
        of_conversation: Any = ChatMessage.conversation_id == conversation.id
        messages = list(
            await session.scalars(select(ChatMessage).where(of_conversation).order_by("id"))
        )
        runs = await session.scalars(
            select(Run).where(Run.conversation_id == conversation.id).order_by("id")
        )
        return Tree(messages=messages, runs=list(runs), path=_path(messages, conversation.head_id))


def _path(messages: list[ChatMessage], head_id: UUID | None) -> list[str]:
    known = {message.id: message for message in messages}
    texts: list[str] = []
    while head_id:
        texts.insert(0, known[head_id].text)
        head_id = known[head_id].parent_id
    return texts
