"""The model factory: from `provider:name` in the settings to a LangChain chat model.

A provider's package is imported when it is used: an offline start does not pay for it.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from langchain.agents.middleware.types import (
    AgentMiddleware,
    AgentState,
    ModelRequest,
    ModelResponse,
)
from langchain_core.language_models import BaseChatModel

from core.errors import UpstreamError
from core.settings import OFFLINE, ModelSettings
from tools.context import RunContext

# What an OpenAI-compatible server without authentication (Ollama, vLLM) is sent.
NO_KEY = "none"


class ModelFailedError(UpstreamError):
    """The language model did not answer. Your question is kept: try again in a moment."""

    code = "model_failed"


@dataclass(frozen=True, kw_only=True)
class Model:
    """A chat model, its name for people, the errors by which it fails, and how it is closed."""

    name: str
    chat: BaseChatModel
    errors: tuple[type[Exception], ...]
    close: Callable[[], Awaitable[None]]


def build_model(settings: ModelSettings) -> Model:
    """Build the model that the settings name."""
    provider, _, name = settings.spec.partition(":")
    return _build_offline() if provider == OFFLINE else _build_openai(settings, name)


class ModelErrors(AgentMiddleware[AgentState[Any], RunContext]):
    """Translates a provider's errors, once, at the boundary."""

    def __init__(self, errors: tuple[type[Exception], ...]) -> None:
        """Take the provider's own error types."""
        super().__init__()
        self._errors = errors

    async def awrap_model_call(
        self,
        request: ModelRequest[RunContext],
        handler: Callable[[ModelRequest[RunContext]], Awaitable[ModelResponse[Any]]],
    ) -> ModelResponse[Any]:
        """Raise `ModelFailedError` instead of what the provider raises."""
        try:
            return await handler(request)
        except self._errors as error:
            raise ModelFailedError from error


def _build_offline() -> Model:
    from agents.offline.model import OfflineChatModel  # noqa: PLC0415

    async def close() -> None:
        """Nothing is open."""

    return Model(name=OFFLINE, chat=OfflineChatModel(), errors=(), close=close)


def _build_openai(settings: ModelSettings, name: str) -> Model:
    from langchain_openai import ChatOpenAI  # noqa: PLC0415
    from openai import DefaultAsyncHttpxClient, OpenAIError  # noqa: PLC0415

    # LangChain's own client is shared by all models of the process, and bound to the event loop
    # that used it first: it could never be closed.
    http = DefaultAsyncHttpxClient()
    chat = ChatOpenAI(
        model=name,
        base_url=settings.base_url,
        api_key=settings.api_key or NO_KEY,
        temperature=settings.temperature,
        timeout=settings.timeout_seconds,
        max_retries=settings.max_retries,
        stream_usage=True,
        http_async_client=http,
    )
    return Model(name=name, chat=chat, errors=(OpenAIError,), close=http.aclose)
