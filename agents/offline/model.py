"""The offline model as a LangChain chat model: any agent can run on it, at no cost."""

import json
import re
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from typing import Any
from uuid import uuid4

from langchain_core.callbacks import (
    AsyncCallbackManagerForLLMRun,
    CallbackManagerForLLMRun,
)
from langchain_core.language_models import BaseChatModel, LanguageModelInput
from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage
from langchain_core.messages.ai import UsageMetadata
from langchain_core.messages.tool import ToolCallChunk
from langchain_core.outputs import ChatGeneration, ChatGenerationChunk, ChatResult
from langchain_core.runnables import Runnable
from langchain_core.tools import BaseTool
from langchain_core.utils.function_calling import convert_to_openai_tool
from typing_extensions import override

from agents.offline.calls import Call
from agents.offline.turn import next_step

MODEL_NAME = "offline"


class OfflineChatModel(BaseChatModel):
    """Understands the suite's questions by rules and answers from the figures of its tools.

    Free and exact: it names no number that a tool did not return. The same messages always get
    the same answer.
    """

    @property
    def _llm_type(self) -> str:
        return MODEL_NAME

    @override
    def bind_tools(
        self,
        tools: Sequence[dict[str, Any] | type | Callable[..., Any] | BaseTool],
        *,
        tool_choice: str | None = None,
        **kwargs: Any,
    ) -> Runnable[LanguageModelInput, AIMessage]:
        """Let the model call these tools and no others; it chooses by itself."""
        formatted = [convert_to_openai_tool(tool) for tool in tools]
        return self.bind(tools=formatted, tool_choice=tool_choice, **kwargs)

    @override
    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        step = next_step(messages, _tool_names(kwargs))
        return ChatResult(generations=[ChatGeneration(message=_message(step))])

    @override
    async def _agenerate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: AsyncCallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        return self._generate(messages, **kwargs)

    @override
    def _stream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> Iterator[ChatGenerationChunk]:
        for chunk in _chunks(next_step(messages, _tool_names(kwargs))):
            if run_manager:
                run_manager.on_llm_new_token(chunk.text, chunk=chunk)
            yield chunk

    @override
    async def _astream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: AsyncCallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> AsyncIterator[ChatGenerationChunk]:
        for chunk in _chunks(next_step(messages, _tool_names(kwargs))):
            if run_manager:
                await run_manager.on_llm_new_token(chunk.text, chunk=chunk)
            yield chunk


def _tool_names(kwargs: dict[str, Any]) -> set[str]:
    """Return the names of the bound tools."""
    return {tool["function"]["name"] for tool in kwargs.get("tools") or ()}


def _message(step: str | list[Call]) -> AIMessage:
    if isinstance(step, str):
        return AIMessage(step, response_metadata=_metadata("stop"), usage_metadata=_no_tokens())
    return AIMessage(
        "",
        tool_calls=[
            {"name": call.tool, "args": call.args, "id": _call_id(), "type": "tool_call"}
            for call in step
        ],
        response_metadata=_metadata("tool_calls"),
        usage_metadata=_no_tokens(),
    )


def _chunks(step: str | list[Call]) -> Iterator[ChatGenerationChunk]:
    """Yield an answer word by word, tool calls at once, and what belongs to the end."""
    if isinstance(step, str):
        for word in re.findall(r"\s*\S+\s*", step):
            yield ChatGenerationChunk(message=AIMessageChunk(content=word))
        reason = "stop"
    else:
        calls = [
            ToolCallChunk(
                name=call.tool,
                args=json.dumps(call.args),
                id=_call_id(),
                index=index,
                type="tool_call_chunk",
            )
            for index, call in enumerate(step)
        ]
        yield ChatGenerationChunk(message=AIMessageChunk(content="", tool_call_chunks=calls))
        reason = "tool_calls"
    yield ChatGenerationChunk(
        message=AIMessageChunk(
            content="",
            response_metadata=_metadata(reason),
            usage_metadata=_no_tokens(),
            chunk_position="last",
        )
    )


def _call_id() -> str:
    return f"call_{uuid4().hex}"


def _metadata(reason: str) -> dict[str, Any]:
    return {"model_name": MODEL_NAME, "finish_reason": reason}


def _no_tokens() -> UsageMetadata:
    return UsageMetadata(input_tokens=0, output_tokens=0, total_tokens=0)
