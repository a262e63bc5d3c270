"""Conversations that are longer than the model can read: the question alone is asked again."""

from collections.abc import Awaitable, Callable
from typing import Any

from langchain.agents.middleware.types import (
    AgentMiddleware,
    AgentState,
    ModelRequest,
    ModelResponse,
)
from langchain_core.messages import AnyMessage, HumanMessage, SystemMessage

from agents.faults import ContextTooLongError
from tools.context import RunContext

LEFT_OUT = (
    "\nThe earlier messages of this conversation were too long to be shown to you. If the question "
    "leans on them, say that you can no longer read them, and ask."
)


class ContextOverflow(AgentMiddleware[AgentState[Any], RunContext]):
    """Leaves out what was said before the question when the model cannot read it all."""

    async def awrap_model_call(
        self,
        request: ModelRequest[RunContext],
        handler: Callable[[ModelRequest[RunContext]], Awaitable[ModelResponse[Any]]],
    ) -> ModelResponse[Any]:
        """Raise `ContextTooLongError` only if the question and its figures are too long."""
        try:
            return await handler(request)
        except ContextTooLongError:
            start = _question(request.messages)
            if start == 0:
                raise
            prompt = request.system_message.text if request.system_message else ""
            return await handler(
                request.override(
                    messages=request.messages[start:],
                    system_message=SystemMessage(prompt + LEFT_OUT),
                )
            )


def _question(messages: list[AnyMessage]) -> int:
    """Return the place of the creator's last message."""
    places = [n for n, message in enumerate(messages) if isinstance(message, HumanMessage)]
    return places[-1] if places else 0
