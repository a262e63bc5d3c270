"""Having a model fill in a form: one tool that it has to call, checked against a schema."""

import logging
from collections.abc import Sequence
from functools import cache
from typing import Any, TypeVar

from langchain_core.messages import AIMessage, BaseMessage, HumanMessage
from langchain_core.utils.json_schema import dereference_refs
from pydantic import BaseModel, ValidationError

from agents.models import Model
from agents.monitoring import watch_model_call
from domain.usage import estimate_tokens

logger = logging.getLogger(__name__)

MAX_TRIES = 2
MAX_ERRORS = 8

Form = TypeVar("Form", bound=BaseModel)


async def fill_form(
    model: Model, name: str, form: type[Form], messages: Sequence[BaseMessage]
) -> tuple[Form | None, int]:
    """Return the form as the model filled it in, and the tokens that took.

    What cannot be used is asked for once more, with what is wrong with it; null when that is of
    no use either. Raises `ModelFailedError`.
    """
    writer = model.chat.bind_tools([_tool(name, form)], tool_choice=name)
    asked, tokens = list(messages), 0
    for _ in range(MAX_TRIES):
        with watch_model_call(model.name) as call:
            reply = await writer.ainvoke(asked)
            call.count_tokens(reply)
        tokens += _count(model, reply, asked)
        filled, errors = _read(reply, form)
        if filled is not None:
            return filled, tokens
        logger.info("form %s: an answer was no use", name)
        told = "\n".join(errors)
        complaint = HumanMessage(f"Your answer cannot be used. Call {name} again:\n{told}")
        asked = [*messages, complaint]
    return None, tokens


def _read(reply: AIMessage, form: type[Form]) -> tuple[Form | None, list[str]]:
    """Return what was written, or what is wrong with it."""
    errors: list[str] = []
    for call in reply.tool_calls:
        try:
            return form.model_validate(call["args"]), []
        except ValidationError as error:
            errors += [
                f"{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in error.errors()
            ]
    return None, errors[:MAX_ERRORS] or ["there was no call that can be read"]


def _count(model: Model, reply: AIMessage, messages: Sequence[BaseMessage]) -> int:
    """Return the tokens of a call: reported, or else estimated."""
    if not model.is_metered:
        return 0
    if reply.usage_metadata and reply.usage_metadata["total_tokens"] > 0:
        return reply.usage_metadata["total_tokens"]
    written = "".join(str(call["args"]) for call in reply.tool_calls) + str(reply.text)
    sent = "".join(str(message.text) for message in messages)
    return estimate_tokens(len((sent + written).encode(errors="replace")))


@cache
def _tool(name: str, form: type[BaseModel]) -> dict[str, Any]:
    """Return the form as a tool; worked out once."""
    schema = dereference_refs(form.model_json_schema())
    schema.pop("$defs", None)
    return {
        "type": "function",
        "function": {
            "name": name,
            "description": (form.__doc__ or "").strip(),
            "parameters": schema,
        },
    }
