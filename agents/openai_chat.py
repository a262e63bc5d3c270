"""The chat model behind the OpenAI protocol: it outlives the faults of its server where it can.

The client library's own retries end at a response's headers, and wait for up to two minutes when
a server asks for it. Ours go on until the first word of the answer, and wait for seconds.
"""

import asyncio
import itertools
import logging
import math
import random
import re
import time
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Any, Self, cast

from langchain_core.exceptions import ContextOverflowError
from langchain_core.outputs import ChatGenerationChunk, ChatResult
from langchain_openai import ChatOpenAI
from openai import (
    APIConnectionError,
    APIError,
    APIStatusError,
    APITimeoutError,
    AsyncOpenAI,
    AsyncStream,
    OpenAIError,
)
from openai.resources.chat import AsyncCompletions
from pydantic import model_validator

from agents.faults import (
    ENDINGS,
    UNREPORTED_TRIES,
    AnswerCutError,
    AnswerWithheldError,
    ContextTooLongError,
    FinalModelError,
    ModelFailedError,
    ModelRateLimitedError,
    ModelRefusedError,
    ModelTimeoutError,
    ModelUnreachableError,
)
from core import metrics
from core.logging import name_error

logger = logging.getLogger(__name__)

FIRST_WAIT_SECONDS = 0.5
MAX_WAIT_SECONDS = 8.0
# A server that asks for more is not waited for: the creator is told how long it takes.
MAX_RETRY_AFTER_SECONDS = 20.0

# What the client raises: its own errors, and whatever a chunk causes that cannot be read.
FAULTS = (OpenAIError, TimeoutError, ValueError, TypeError, LookupError, AttributeError)

# By which the client's errors say that a request has never left.
UNSENT = {"ConnectError", "ConnectTimeout"}

# Errors by what servers call them, as code, type or status, in an answer or in its stream.
ERRORS: dict[str, type[ModelFailedError]] = {
    "context_length_exceeded": ContextTooLongError,
    "insufficient_quota": ModelRefusedError,
    "content_filter": AnswerWithheldError,
    "rate_limit_exceeded": ModelRateLimitedError,
    str(HTTPStatus.REQUEST_TIMEOUT): ModelTimeoutError,
    str(HTTPStatus.CONFLICT): ModelFailedError,
    str(HTTPStatus.REQUEST_ENTITY_TOO_LARGE): ContextTooLongError,
    str(HTTPStatus.TOO_MANY_REQUESTS): ModelRateLimitedError,
}
# How other servers than OpenAI's say that a request is longer than the model's context.
TOO_LONG = re.compile(r"context (length|size|window)|maximum prompt length|prompt is too long")


class UnfinishedError(ValueError):
    """A stream that ended without an end, or without a word."""


class PlainCompletions(AsyncCompletions):
    """Streams each chunk as the dictionary that it is.

    The client would make a model of it, and LangChain take that apart again.
    """

    def __init__(self, client: AsyncOpenAI) -> None:
        super().__init__(client)
        self._post = self._post_plainly

    async def _post_plainly(self, path: str, **options: Any) -> Any:
        return await self._client.post(path, **options | {"stream_cls": AsyncStream[object]})


class OpenAIChat(ChatOpenAI):
    """Calls again after a fault, as long as nothing of the answer was told."""

    retries: int = 0
    silence_seconds: float | None = None

    @model_validator(mode="after")
    def _stream_plainly(self) -> Self:
        self.async_client = PlainCompletions(self.root_async_client)
        return self

    async def _agenerate(self, *args: Any, **kwargs: Any) -> ChatResult:
        """Raise a `ModelFailedError` when it cannot be answered."""
        unreported = 0
        for tried in itertools.count():
            try:
                result = await super()._agenerate(*args, **kwargs)
            except FAULTS as error:
                unreported += not _is_free(error)
                await self._recover(error, tried, unreported)
            else:
                result.generations[0].message.response_metadata[UNREPORTED_TRIES] = unreported
                return result
        raise AssertionError("unreachable")

    async def _astream(self, *args: Any, **kwargs: Any) -> AsyncIterator[ChatGenerationChunk]:
        """Do the same piece by piece; what tells nothing is held back until something does."""
        held: list[ChatGenerationChunk] = []
        unreported = 0
        for tried in itertools.count():
            has_begun, ending = False, None
            try:
                async with _closing(super()._astream(*args, **kwargs)) as chunks:
                    async for chunk in _timely(chunks, self.silence_seconds):
                        held.append(chunk)
                        ending = _ending(chunk) or ending
                        if not has_begun and _tells_something(chunk):
                            has_begun = True
                            chunk.message.response_metadata[UNREPORTED_TRIES] = unreported
                        while has_begun and held:
                            yield held.pop(0)
                if ending is None:
                    raise UnfinishedError("the stream broke off")
                if not has_begun and ending not in ENDINGS and tried < self.retries:
                    raise UnfinishedError("the answer is empty")
                break
            except FAULTS as error:
                if has_begun:
                    cut = AnswerCutError()
                    cut.unreported_tries += unreported
                    raise cut from error
                held = [chunk for chunk in held if _usage(chunk)]  # it was paid for
                unreported += not held and not _is_free(error)
                await self._recover(error, tried, unreported)
        for chunk in held:
            yield chunk

    async def _recover(self, error: Exception, tried: int, unreported: int) -> None:
        """Wait until the next try makes sense. Raises what the error means if none does."""
        retry_after = _retry_after(error)
        failure = _failure(error, retry_after)
        failure.unreported_tries = unreported
        is_final = isinstance(failure, FinalModelError) or tried >= self.retries
        if is_final or (retry_after or 0) > MAX_RETRY_AFTER_SECONDS:
            raise failure from error
        backoff = min(FIRST_WAIT_SECONDS * 2**tried, MAX_WAIT_SECONDS)
        # Never earlier than the server asks, and not in step with others.
        wait = (retry_after or backoff) * random.uniform(1, 1.25)  # noqa: S311  # no secret
        logger.warning("the model is called again in %.1f s: %s", wait, name_error(error))
        metrics.MODEL_RETRIES.labels(failure.code).inc()
        await asyncio.sleep(wait)


def _closing(
    chunks: AsyncIterator[ChatGenerationChunk],
) -> "aclosing[AsyncGenerator[ChatGenerationChunk]]":
    """Close the stream wherever its reading ends, so that nothing goes on upstream."""
    return aclosing(cast("AsyncGenerator[ChatGenerationChunk]", chunks))


async def _timely(
    chunks: AsyncGenerator[ChatGenerationChunk], seconds: float | None
) -> AsyncIterator[ChatGenerationChunk]:
    """Yield the chunks. Raises `TimeoutError` when one takes longer.

    In place of the library's own `stream_chunk_timeout`, which uses `asyncio.wait_for`: with Python
    3.11 that swallows a cancellation which comes together with a chunk, and a stop is not heard.
    """
    while True:
        async with asyncio.timeout(seconds):
            chunk = await anext(chunks, None)
        if chunk is None:
            return
        yield chunk


def _tells_something(chunk: ChatGenerationChunk) -> bool:
    return bool(chunk.text or getattr(chunk.message, "tool_call_chunks", ()))


def _usage(chunk: ChatGenerationChunk) -> object:
    return getattr(chunk.message, "usage_metadata", None)


def _is_free(error: Exception) -> bool:
    """Tell whether the server answered with an error status, or was never reached."""
    cause: BaseException | None = error
    while cause and not isinstance(cause, APIStatusError) and type(cause).__name__ not in UNSENT:
        cause = cause.__cause__
    return cause is not None


def _ending(chunk: ChatGenerationChunk) -> str | None:
    """Return why the answer ends here; the Responses API calls it a status."""
    reason: str | None = (chunk.generation_info or {}).get("finish_reason")
    return reason or chunk.message.response_metadata.get("status")


def _retry_after(error: Exception) -> float | None:
    """Return the seconds that the server asks to wait, as a number or until a date."""
    value = error.response.headers.get("retry-after") if isinstance(error, APIStatusError) else None
    if value is None:
        return None
    try:
        seconds = float(value)
    except ValueError:
        pass
    else:
        return max(0.0, seconds) if math.isfinite(seconds) else None
    try:
        return max(0.0, parsedate_to_datetime(value).timestamp() - time.time())
    except (ValueError, OverflowError):
        return None


def _failure(error: Exception, retry_after: float | None) -> ModelFailedError:
    """Return what an error means for the creator."""
    match error:
        case ContextOverflowError():
            return ContextTooLongError()
        case APITimeoutError() | TimeoutError():
            return ModelTimeoutError()
        case APIConnectionError():
            return ModelUnreachableError()
        case APIError():
            kind = _kind(error)
        case _:
            kind = ModelFailedError
    if kind is ModelRateLimitedError and retry_after:
        minutes = math.ceil(retry_after / 60)
        when = f"{minutes} minutes" if minutes > 1 else "a minute"
        return ModelRateLimitedError(
            f"The language model has too much to do. Your question is kept: try again in {when}."
        )
    return kind()


def _kind(error: APIError) -> type[ModelFailedError]:
    if TOO_LONG.search(error.message):
        return ContextTooLongError
    status = error.status_code if isinstance(error, APIStatusError) else 0
    for name in (error.code, error.type, str(status)):
        if known := ERRORS.get(str(name)):
            return known
    is_refusal = HTTPStatus.BAD_REQUEST <= status < HTTPStatus.INTERNAL_SERVER_ERROR
    return ModelRefusedError if is_refusal else ModelFailedError
