"""Tool calls that fail: the model is told why, and whether it makes sense to try again."""

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import uuid4

from langchain.agents.middleware import ToolErrorMiddleware
from langchain.agents.middleware.types import (
    AgentMiddleware,
    AgentState,
    ModelRequest,
    ModelResponse,
    ToolCallRequest,
)
from langchain_core.messages import AIMessage, ToolMessage
from langchain_core.messages.tool import tool_call
from langgraph.types import Command
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from agents.faults import ENDINGS
from core.errors import FinalToolError, RetryableToolError
from tools.context import RunContext

logger = logging.getLogger(__name__)

Handler = Callable[[ToolCallRequest], Awaitable[ToolMessage | Command[Any]]]

# The one argument of a call whose arguments cannot be read: what the model had written.
UNREADABLE = "unreadable_arguments"
DATABASE_WAIT_SECONDS = (0.2, 0.6)  # at random between these, so that calls do not keep step


class ToolFaults(AgentMiddleware[AgentState[Any], RunContext]):
    """Bounds the time of each tool call, and waits that long for a database that is away."""

    def __init__(self, *, timeout_seconds: float) -> None:
        """Take the longest time of one call."""
        super().__init__()
        self._seconds = timeout_seconds

    async def awrap_model_call(
        self,
        request: ModelRequest[RunContext],
        handler: Callable[[ModelRequest[RunContext]], Awaitable[ModelResponse[Any]]],
    ) -> ModelResponse[Any]:
        """Let calls with unreadable arguments fail as others do, and drop those cut off."""
        response = await handler(request)
        for message in response.result:
            if isinstance(message, AIMessage):
                _mend_calls(message)
        return response

    async def awrap_tool_call(
        self, request: ToolCallRequest, handler: Handler
    ) -> ToolMessage | Command[Any]:
        """Raise `ToolError` for what the model is to be told."""
        if UNREADABLE in request.tool_call["args"]:
            raise RetryableToolError("The arguments of this call are no JSON object.")
        away: list[Exception] = []
        try:
            async with asyncio.timeout(self._seconds):
                return await _call(request, handler, away)
        except TimeoutError as error:
            seconds = f"{self._seconds:g} seconds"
            if away:
                raise FinalToolError(
                    f"Your numbers could not be reached for {seconds}. Ask again in a few minutes."
                ) from away[-1]
            raise RetryableToolError(
                f"This took longer than {seconds} and was ended: ask for less, as a shorter period."
            ) from error


async def _call(
    request: ToolCallRequest, handler: Handler, away: list[Exception]
) -> ToolMessage | Command[Any]:
    """Call the tool, again and again while the database is away. Tools can be called twice."""
    while True:
        try:
            return await handler(request)
        except (OperationalError, PoolTimeoutError) as error:
            logger.warning("%s waits for the database", request.tool_call["name"])
            away.append(error)
        await asyncio.sleep(random.uniform(*DATABASE_WAIT_SECONDS))  # noqa: S311  # no secret


def _mend_calls(message: AIMessage) -> None:
    if message.response_metadata.get("finish_reason") in ENDINGS:  # the last call is cut off
        message.tool_calls = []
        return
    for call in message.invalid_tool_calls:
        arguments = {UNREADABLE: call["args"] or ""}
        call_id = call["id"] or f"call_{uuid4().hex}"
        message.tool_calls.append(tool_call(name=call["name"] or "", args=arguments, id=call_id))
    message.invalid_tool_calls = []


def tell_tool_errors() -> ToolErrorMiddleware[Any, RunContext]:
    """Return what turns a tool's exceptions into words for the model and the creator."""
    return ToolErrorMiddleware(_tell)


def _tell(error: Exception, request: ToolCallRequest) -> str:
    if not isinstance(error, RetryableToolError | FinalToolError):
        logger.error("%s failed", request.tool_call["name"], exc_info=error)
        error = FinalToolError("This failed on our side.")
    return f"{error} {error.advice}"
