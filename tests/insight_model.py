"""The offline model as a writer of insights, whose entries a test spoils before they are used."""

import json
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

from langchain_core.messages import AIMessage, BaseMessage
from langchain_core.outputs import ChatGeneration, ChatResult
from pydantic import Field

from agents.offline.model import OfflineChatModel
from graph.suite import Suite

Form = dict[str, Any]
SpoilEntry = Callable[[dict[str, Any], int], None]
SpoilForm = Callable[[Form], Awaitable[Form]]


class ScriptedModel(OfflineChatModel):
    """`asked` is what it was shown, turn by turn; an entry is spoiled with the turn's number."""

    spoil_entry: SpoilEntry | None = None
    spoil_form: SpoilForm | None = None
    asked: list[dict[str, Any]] = Field(default_factory=list)

    async def _agenerate(
        self, messages: list[BaseMessage], *args: Any, **kwargs: Any
    ) -> ChatResult:
        self.asked.append(json.loads(messages[1].text.splitlines()[-1]))
        reply = self._generate(messages, **kwargs).generations[0].message
        assert isinstance(reply, AIMessage)
        [call] = reply.tool_calls
        if self.spoil_entry:
            for entry in call["args"]["insights"]:
                self.spoil_entry(entry, len(self.asked))
        if self.spoil_form:
            call["args"] = await self.spoil_form(call["args"])
        return ChatResult(generations=[ChatGeneration(message=reply)])


def with_model(
    suite: Suite, spoil_entry: SpoilEntry | None = None, spoil_form: SpoilForm | None = None
) -> tuple[Suite, ScriptedModel]:
    """Return the suite with such a model, and the model."""
    chat = ScriptedModel(spoil_entry=spoil_entry, spoil_form=spoil_form)
    return replace(suite, model=replace(suite.model, chat=chat)), chat
