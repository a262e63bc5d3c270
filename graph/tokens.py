"""What the model calls of a run cost, while they are made.

A call counts as what its model reports, and until then, or where it reports nothing, as what was
sent and received is estimated at. LangChain tells of every call of a run: those of agents, of the
router and of notes.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import orjson
from langchain_core.callbacks import AsyncCallbackHandler
from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage
from langchain_core.outputs import ChatGeneration, ChatGenerationChunk, LLMResult

from agents.faults import UNREPORTED_TRIES, ModelFailedError
from domain.usage import TokenLimitReachedError, TokenUsage, estimate_tokens

# What a call carries around each message: its role and where it ends.
MESSAGE_TOKENS = 10
MAX_CALL_TOKENS = 100_000_000  # more is nonsense from upstream


@dataclass(kw_only=True)
class _Call:
    """A call that has not ended: the tokens that were sent, and the bytes received so far."""

    sent: int
    received: int = 0

    @property
    def tokens(self) -> int:
        return self.sent + estimate_tokens(self.received)


class TokenMeter(AsyncCallbackHandler):
    """Counts the tokens of a run's model calls, and ends the run where there are none left.

    Not `run_inline`: LangChain forgets its other handlers when such a one is cancelled.
    """

    def __init__(
        self,
        reserved: int,
        extend: Callable[[int], Awaitable[int]],
        stop: Callable[[TokenLimitReachedError], None],
    ) -> None:
        """Take what is set aside for the run already.

        `extend` sets at least so many more tokens aside and returns how many, or raises
        `TokenLimitReachedError`; with that `stop` ends the run.
        """
        self._reserved = reserved
        self._extend = extend
        self._stop = stop
        self._reported = 0
        self._estimated = 0
        self._calls: dict[UUID, _Call] = {}

    @property
    def ignore_chain(self) -> bool:
        """Model calls are all that counts."""
        return True

    @property
    def usage(self) -> TokenUsage:
        """What the run has used so far; calls that were cut off are estimated."""
        estimated = self._estimated + sum(call.tokens for call in self._calls.values())
        return TokenUsage(tokens=self._reported + estimated, estimated=estimated)

    async def on_chat_model_start(
        self,
        serialized: dict[str, Any],  # noqa: ARG002  # LangChain's signature
        messages: list[list[BaseMessage]],
        *,
        run_id: UUID,
        **kwargs: Any,
    ) -> None:
        """Set tokens aside for a call, or cancel it."""
        tools = (kwargs.get("invocation_params") or {}).get("tools")
        sent = sum(_size_of(message) for batch in messages for message in batch)
        call = _Call(
            sent=estimate_tokens(sent + (len(orjson.dumps(tools)) if tools else 0))
            + MESSAGE_TOKENS * sum(map(len, messages))
        )
        if not await self._cover(call.tokens):
            raise asyncio.CancelledError
        self._calls[run_id] = call

    async def on_llm_new_token(
        self,
        token: str | list[str | dict[str, Any]],  # noqa: ARG002  # LangChain's signature
        *,
        chunk: Any = None,
        run_id: UUID,
        **_: Any,
    ) -> None:
        """Count a piece of an answer."""
        call = self._calls.get(run_id)
        if call and isinstance(chunk, ChatGenerationChunk):
            call.received += _size_of(chunk.message)
            await self._cover()

    async def on_llm_end(self, response: LLMResult, *, run_id: UUID, **_: Any) -> None:
        """Take what the model reports, if it does."""
        call = self._calls.pop(run_id, None)
        if call is None:
            return
        answers = [
            generation.message
            for batch in response.generations
            for generation in batch
            if isinstance(generation, ChatGeneration)
        ]
        self._estimated += call.sent * sum(map(_unreported_tries, answers))
        if reported := sum(map(_reported_tokens, answers)):
            self._reported += min(reported, MAX_CALL_TOKENS)
        else:
            call.received = max(call.received, sum(map(_size_of, answers)))
            self._estimated += call.tokens

    async def on_llm_error(self, error: BaseException, *, run_id: UUID, **_: Any) -> None:
        """Estimate what a call cost that failed; one that was refused cost nothing."""
        if call := self._calls.pop(run_id, None):
            tries = error.unreported_tries if isinstance(error, ModelFailedError) else 1
            self._estimated += call.sent * tries + estimate_tokens(call.received)

    async def _cover(self, tokens: int = 0) -> bool:
        """Set aside what these tokens take; tell whether the run goes on."""
        missing = self.usage.tokens + tokens - self._reserved
        if missing > 0:
            try:
                self._reserved += await self._extend(missing)
            except TokenLimitReachedError as error:
                self._stop(error)
                return False
        return True


def _size_of(message: BaseMessage) -> int:
    """Return the bytes of a message that a model reads or writes."""
    texts = [str(message.text)]
    calls: Sequence[Mapping[str, Any]] = ()
    if isinstance(message, AIMessageChunk):
        calls = message.tool_call_chunks
    elif isinstance(message, AIMessage):
        calls = message.tool_calls
    texts += [f"{call['name'] or ''}{call['args'] or ''}" for call in calls]
    return sum(len(text.encode(errors="replace")) for text in texts)


def _reported_tokens(message: BaseMessage) -> int:
    usage = message.usage_metadata if isinstance(message, AIMessage) else None
    return max(usage["total_tokens"], 0) if usage else 0


def _unreported_tries(message: BaseMessage) -> int:
    tries: int = message.response_metadata.get(UNREPORTED_TRIES, 0)
    return tries
