"""Figure references that lead nowhere: the model is told once, and goes on from there."""

import re
from collections.abc import Awaitable, Callable
from typing import Any

from langchain.agents.middleware.types import (
    AgentMiddleware,
    AgentState,
    ModelRequest,
    ModelResponse,
)
from langchain_core.messages import AIMessage, HumanMessage
from langchain_core.messages.ai import add_usage

from domain.references import ReferenceWriter
from tools.context import RunContext

TAIL = 80
MAX_LISTED = 30


class ReferenceErrors(AgentMiddleware[AgentState[Any], RunContext]):
    """Lets a model correct a message that names a figure which does not exist."""

    async def awrap_model_call(
        self,
        request: ModelRequest[RunContext],
        handler: Callable[[ModelRequest[RunContext]], Awaitable[ModelResponse[Any]]],
    ) -> ModelResponse[Any]:
        """Call the model once more behind the last words that could be shown."""
        response = await handler(request)
        message = response.result[-1]
        if not isinstance(message, AIMessage) or message.tool_calls:
            return response
        cut = _find_cut(message.text, request.runtime.context)
        if cut is None:
            return response
        said, unknown = cut
        told = HumanMessage(_correction(said, unknown, request.runtime.context))
        messages = [*request.messages, AIMessage(said or "…"), told]
        again = await handler(request.override(messages=messages, tools=[], tool_choice=None))
        corrected = again.result[-1]
        if isinstance(corrected, AIMessage):
            corrected.content = said + corrected.text
            corrected.tool_calls = []
            corrected.usage_metadata = add_usage(message.usage_metadata, corrected.usage_metadata)
        return again


def _find_cut(text: str, context: RunContext) -> tuple[str, str] | None:
    """Return the text before the first unknown reference, as the model wrote it, and its id."""
    writer = ReferenceWriter(context.figures, context.locale)
    writer.feed(text)
    writer.flush()
    if not writer.unknown:
        return None
    unknown = writer.unknown[0]
    match = re.search(rf"\{{\{{\s*{re.escape(unknown)}\s*\}}\}}", text, re.IGNORECASE)
    return (text[: match.start()] if match else text), unknown


def _correction(said: str, unknown: str, context: RunContext) -> str:
    figures = context.figures.figures
    known = ", ".join(f"{{{{{figure.id}}}}} {figure.label}" for figure in figures[-MAX_LISTED:])
    there = f"There are: {known}." if known else "No tool has returned a figure yet."
    place = f" right after “{said[-TAIL:]}”" if said.strip() else ""
    return (
        f"Your answer was cut{place}, because the figure {{{{{unknown}}}}} does not exist. {there} "
        "Go on from there with what the figures say, without repeating what is said, and without "
        "mentioning this message."
    )
