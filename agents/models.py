"""The model factory: from `provider:name` in the settings to a LangChain chat model.

A provider's package is imported when it is used: an offline start does not pay for it.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from langchain_core.language_models import BaseChatModel

from core.model_settings import OFFLINE, ModelSettings

# What an OpenAI-compatible server without authentication (Ollama, vLLM) is sent.
NO_KEY = "none"
CONNECT_SECONDS = 10.0


@dataclass(frozen=True, kw_only=True)
class Model:
    """A chat model that raises `ModelFailedError`, its name for people, and how it is closed.

    A metered one costs tokens.
    """

    name: str
    chat: BaseChatModel
    close: Callable[[], Awaitable[None]]
    is_metered: bool = True


def build_model(settings: ModelSettings) -> Model:
    """Build the model that the settings name."""
    provider, _, name = settings.spec.partition(":")
    return _build_offline() if provider == OFFLINE else _build_openai(settings, name)


def _build_offline() -> Model:
    from agents.offline.model import OfflineChatModel  # noqa: PLC0415

    async def close() -> None:
        """Nothing is open."""

    return Model(name=OFFLINE, chat=OfflineChatModel(), close=close, is_metered=False)


def _build_openai(settings: ModelSettings, name: str) -> Model:
    from openai import DefaultAsyncHttpxClient, Timeout  # noqa: PLC0415

    from agents.openai_chat import OpenAIChat  # noqa: PLC0415

    # LangChain's own client is shared by all models of the process, and bound to the event loop
    # that used it first: it could never be closed.
    http = DefaultAsyncHttpxClient()
    seconds = settings.timeout_seconds
    chat = OpenAIChat(
        model=name,
        base_url=settings.base_url,
        api_key=settings.api_key or NO_KEY,
        temperature=settings.temperature,
        timeout=Timeout(seconds, connect=min(seconds, CONNECT_SECONDS)),
        stream_chunk_timeout=None,
        silence_seconds=seconds,
        max_retries=0,
        retries=settings.max_retries,
        stream_usage=True,
        http_async_client=http,
    )
    return Model(name=name, chat=chat, close=http.aclose)
