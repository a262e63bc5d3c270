"""How many calls an answer may take. Counted from the messages, so that a resumed run goes on.

Both limits are kept inside `wrap_…` hooks: `before_…` hooks would cost a graph step per call.
"""

from collections.abc import Awaitable, Callable
from typing import Any

from langchain.agents.middleware.types import (
    AgentMiddleware,
    AgentState,
    ModelRequest,
    ModelResponse,
    ToolCallRequest,
)
from langchain_core.messages import AIMessage, AnyMessage, HumanMessage, ToolMessage
from langgraph.types import Command

from agents.faults import CALL_LIMIT
from tools.context import RunContext


class CallLimits(AgentMiddleware[AgentState[Any], RunContext]):
    """Makes the model answer with what it has once a run's calls are used up."""

    def __init__(self, *, model_calls: int, tool_calls: int) -> None:
        """Allow this many calls per run; the last model call gets no tools."""
        super().__init__()
        self._model_calls = model_calls
        self._tool_calls = tool_calls

    async def awrap_model_call(
        self,
        request: ModelRequest[RunContext],
        handler: Callable[[ModelRequest[RunContext]], Awaitable[ModelResponse[Any]]],
    ) -> ModelResponse[Any]:
        """Offer no tools on the last allowed call, so that an answer must come."""
        if len(_calls_of_run(request.messages)) < self._model_calls - 1:
            return await handler(request)
        response = await handler(request.override(tools=[], tool_choice=None))
        # A model may call tools that it was not offered; that would lead to one more call.
        for message in response.result:
            if isinstance(message, AIMessage) and message.tool_calls:
                message.tool_calls = []
                message.response_metadata["finish_reason"] = CALL_LIMIT
        return response

    async def awrap_tool_call(
        self,
        request: ToolCallRequest,
        handler: Callable[[ToolCallRequest], Awaitable[ToolMessage | Command[Any]]],
    ) -> ToolMessage | Command[Any]:
        """Refuse a tool call beyond the limit, in words for the model."""
        asked = [
            call["id"]
            for message in _calls_of_run(request.state["messages"])
            for call in message.tool_calls
        ]
        if request.tool_call["id"] not in asked[: self._tool_calls]:
            return ToolMessage(
                f"The limit of {self._tool_calls} tool calls per answer is reached. "
                "Answer with the figures you have.",
                tool_call_id=request.tool_call["id"],
                name=request.tool_call["name"],
                status="error",
            )
        return await handler(request)


def _calls_of_run(messages: list[AnyMessage]) -> list[AIMessage]:
    """Return the model's messages since the creator's last one."""
    calls: list[AIMessage] = []
    for message in reversed(messages):
        if isinstance(message, HumanMessage):
            break
        if isinstance(message, AIMessage):
            calls.insert(0, message)
    return calls
