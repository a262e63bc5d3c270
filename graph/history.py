"""From stored messages to what a model reads."""

from collections.abc import Iterator, Sequence
from typing import Any

import orjson
from langchain_core.messages import AIMessage, AnyMessage, HumanMessage, ToolMessage

from domain.approvals import Part
from domain.figures import Figure
from storage.models import ChatMessage

# About 15,000 tokens. A longer path is cut to the newest messages of about 5,000, so that notes
# on the rest have to be taken once in a while only.
MAX_HISTORY_CHARACTERS = 60_000
KEPT_CHARACTERS = 20_000


def split_path(
    path: Sequence[ChatMessage],
) -> tuple[Sequence[ChatMessage], Sequence[ChatMessage]]:
    """Return the messages that are too old to be read, and those that are read.

    The first that is read is a question, never an answer whose question was cut off. The last
    question is always read.
    """
    sizes = [sum(len(part.text) for part in _messages_of(message)) for message in path]
    if sum(sizes) <= MAX_HISTORY_CHARACTERS:
        return (), path
    start, size = len(path), 0
    for place in range(len(path) - 1, -1, -1):
        size += sizes[place]
        if size > KEPT_CHARACTERS and start < len(path):
            break
        if path[place].role == "user":
            start = place
    return path[:start], path[start:]


def model_messages(path: Sequence[ChatMessage]) -> list[AnyMessage]:
    """Return the path as LangChain messages, with tool calls and results."""
    return [message for turn in path for message in _messages_of(turn)]


def previous_agent(path: Sequence[ChatMessage]) -> str | None:
    """Return the agent that answered last."""
    return next((message.agent for message in reversed(path) if message.agent), None)


def list_figures(parts: Sequence[Part]) -> list[Figure]:
    """Return the figures of a stored answer's tool results, in the order of their ids."""
    figures = [
        Figure.model_validate(figure)
        for part in parts
        if isinstance(output := part.get("output"), dict)
        for figure in output.get("figures", ())
    ]
    return sorted(figures, key=lambda figure: int(figure.id.removeprefix("f")))


def _messages_of(message: ChatMessage) -> Iterator[AnyMessage]:
    if message.role == "user":
        yield HumanMessage(message.text)
        return
    for step in _steps(message.parts):
        tools = [part for part in step if part["type"] == "dynamic-tool"]
        yield AIMessage(
            "".join(part["text"] for part in step if part["type"] == "text"),
            tool_calls=[
                {"id": part["toolCallId"], "name": part["toolName"], "args": part["input"] or {}}
                for part in tools
            ],
        )
        for part in tools:
            is_success = part["state"] == "output-available"
            yield ToolMessage(
                _output_text(part["output"]) if is_success else _failure_text(part),
                tool_call_id=part["toolCallId"],
                name=part["toolName"],
                status="success" if is_success else "error",
            )


def _steps(parts: Sequence[Part]) -> list[list[Part]]:
    """Split a message's parts into model calls, each with the tools it asked for."""
    steps: list[list[Part]] = []
    for part in parts:
        if part["type"] == "step-start" or not steps:
            steps.append([])
        steps[-1].append(part)
    return [
        step for step in steps if any(part["type"] in {"text", "dynamic-tool"} for part in step)
    ]


def _failure_text(part: Part) -> str:
    match part["state"]:
        case "output-error":
            return str(part["errorText"])
        case "output-denied":
            return f"Not approved: {part['approval'].get('reason') or 'the creator declined'}"
        case _:
            return "The tool did not answer."


def _output_text(output: Any) -> str:
    return output if isinstance(output, str) else orjson.dumps(output).decode()
