"""The suite in a few lines, for notebooks and scripts of the person who owns the database.

    async with open_local() as creator:
        answer = await creator.ask("How did I grow last month?")

The embedded PostgreSQL of the data folder is shared with a server that runs at the same time.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Literal
from uuid import UUID

import orjson

from agents.catalog import AUTO, get_agent
from core.clock import utc_now
from core.errors import AppError, NotFoundError
from core.settings import Settings, read_settings
from domain.accounts import normalize_email
from domain.approvals import Decision
from domain.conversations import Ask
from domain.demo import DEMO_EMAIL, seed_demo
from domain.figures import Figure
from graph.insights import Morning
from graph.preparation import Asker
from graph.run import RunHandle
from graph.suite import Suite, open_suite
from storage.provision import ready_database
from storage.users import find_user


class NoSuchUserError(NotFoundError):
    """There is no such account: name yours by its e-mail."""

    code = "no_such_user"


class AnswerFailedError(AppError):
    """The answer failed."""

    code = "answer_failed"


@dataclass(kw_only=True)
class LocalAnswer:
    """An answer, whole once it has been awaited or streamed to its end.

    `approvals` is what it waits for: decide with `approve` or `reject`, and go on.
    """

    run: RunHandle
    creator: "LocalCreator"
    agent: str = ""
    text: str = ""
    figures: list[Figure] = field(default_factory=list)
    tool_calls: list[dict[str, Any]] = field(default_factory=list)
    grounding: dict[str, Any] | None = None
    tokens: int | None = None
    approvals: list[dict[str, Any]] = field(default_factory=list)

    @property
    def conversation_id(self) -> UUID:
        """Ask on with it."""
        return self.run.conversation_id

    async def stream(self) -> AsyncIterator[str]:
        """Yield the text as it comes. Raises `AnswerFailedError`."""
        async for event in self.run.log.read(self.run.log.resumed_at):
            chunk = orjson.loads(event.data)
            if delta := self._take(chunk):
                yield delta

    async def wait(self) -> "LocalAnswer":
        """Return when the answer is whole, or waits for approvals."""
        async for _ in self.stream():
            pass
        return self

    async def approve(self) -> "LocalAnswer":
        """Approve all that the answer waits for, and return the rest of it."""
        return await self._decide("approve")

    async def reject(self, reason: str | None = None) -> "LocalAnswer":
        """Decline all that the answer waits for, and return the rest of it."""
        return await self._decide("reject", reason)

    async def _decide(
        self, kind: Literal["approve", "reject"], reason: str | None = None
    ) -> "LocalAnswer":
        decisions = [
            Decision(id=approval["id"], type=kind, reason=reason) for approval in self.approvals
        ]
        self.approvals = []
        suite, asker = self.creator.suite, self.creator.asker
        self.run = await suite.runs.resume(asker, self.run.run_id, decisions)
        return await self.wait()

    def _take(self, chunk: dict[str, Any]) -> str:
        match chunk:
            case {"type": "text-delta", "delta": delta}:
                self.text += delta
                return str(delta)
            case {"type": "start" | "message-metadata", "messageMetadata": {"agent": agent}}:
                self.agent = agent
            case {"type": "tool-input-available", "toolName": name, "input": arguments}:
                self.tool_calls.append({"tool": name, "args": arguments})
            case {"type": "tool-output-available", "output": {"figures": figures}}:
                self.figures += [Figure.model_validate(figure) for figure in figures]
            case {"type": "tool-approval-request", "approvalId": name, "approvalDescriptor": what}:
                self.approvals.append({"id": name, **what})
            case {"type": "data-grounding", "data": grounding}:
                self.grounding = grounding
            case {"type": "finish", "messageMetadata": {"tokens": tokens}}:
                self.tokens = tokens
            case {"type": "error", "errorText": reason}:
                raise AnswerFailedError(reason)
        return ""


@dataclass(frozen=True, kw_only=True)
class LocalCreator:
    """Somebody whose agents can be asked."""

    suite: Suite
    asker: Asker

    async def begin(
        self, question: str, *, agent: str = AUTO.name, conversation_id: UUID | None = None
    ) -> LocalAnswer:
        """Ask, and return the answer that begins to come: `stream` it."""
        key = str(conversation_id) if conversation_id else None
        name = get_agent(agent).name
        run = await self.suite.runs.start(self.asker, key, Ask(text=question), agent=name)
        return LocalAnswer(run=run, creator=self)

    async def ask(
        self, question: str, *, agent: str = AUTO.name, conversation_id: UUID | None = None
    ) -> LocalAnswer:
        """Ask, and return the whole answer."""
        begun = await self.begin(question, agent=agent, conversation_id=conversation_id)
        return await begun.wait()

    async def analyze(self, agent: str = AUTO.name) -> Morning:
        """Return today's insights on an agent's subjects, and make those that are missing."""
        return await self.suite.analyze(self.asker.user_id, agent)


@asynccontextmanager
async def open_local(
    email: str | None = None, *, settings: Settings | None = None
) -> AsyncIterator[LocalCreator]:
    """Open the suite for this account; the demo creator, where there is one, if none is named.

    Raises `NoSuchUserError`, `InvalidSettingsError` and `DatabaseNotReadyError`.
    """
    settings = settings or read_settings()
    with ready_database(settings) as url:
        async with open_suite(settings, url) as suite:
            yield LocalCreator(suite=suite, asker=await find_asker(suite, email))


async def find_asker(suite: Suite, email: str | None = None) -> Asker:
    """Return whose numbers are asked about; who has the database needs no password."""
    if email is None and suite.settings.has_demo:
        email = DEMO_EMAIL
        await seed_demo(suite.database, utc_now)
    async with suite.database.service_session() as session:
        user = await find_user(session, normalize_email(email or ""))
    if user is None:
        raise NoSuchUserError
    return Asker(user_id=user.id, timezone=user.timezone, locale=user.locale, brand=user.brand)
