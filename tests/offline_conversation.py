"""Conversations with the offline model: a creator's context, tools, and what they return."""

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Any

import orjson
from langchain_core.messages import (
    AIMessage,
    AnyMessage,
    HumanMessage,
    SystemMessage,
    ToolMessage,
)

from agents.offline.creator import Creator
from agents.offline.model import OfflineChatModel
from storage.models import Platform
from tools.metrics import (
    compare_platforms,
    find_unusual_days,
    get_metrics,
    growth_summary,
    list_connections,
)
from tools.results import ToolResult

TODAY = dt.date(2026, 11, 20)  # a Friday
FIRST_DAY = dt.date(2025, 11, 20)
ACCOUNTS = tuple((platform.value, f"luna.on.{platform.value}") for platform in Platform)

# What questions about plain numbers need; `tests/evals/agent_questions.jsonl` is about the rest.
NUMBER_TOOLS = (
    list_connections,
    get_metrics,
    growth_summary,
    compare_platforms,
    find_unusual_days,
)

Calls = list[tuple[str, dict[str, Any]]]
Answers = Iterable[tuple[str, dict[str, Any], ToolResult]]


def creator(
    accounts: Sequence[tuple[str, str]] = ACCOUNTS, *, locale: str = "en"
) -> dict[str, Any]:
    """Return what the prompt says about a creator."""
    return {
        "today": str(TODAY),
        "weekday": f"{TODAY:%A}",
        "timezone": "Europe/Berlin",
        "locale": locale,
        "accounts": [
            {
                "platform": platform,
                "account": account,
                "first_date": str(FIRST_DAY),
                "last_date": str(TODAY),
            }
            for platform, account in accounts
        ],
    }


def parsed(context: dict[str, Any]) -> Creator:
    return Creator.model_validate(context)


def system(context: dict[str, Any]) -> SystemMessage:
    """Return a prompt with the creator's context on a line of its own."""
    return SystemMessage(
        f"You advise a creator.\nRules:\n- Be exact.\n{orjson.dumps(context).decode()}"
    )


def ask(messages: Sequence[AnyMessage]) -> AIMessage:
    """Return what the model says with the career agent's tools."""
    return OfflineChatModel().bind_tools(NUMBER_TOOLS).invoke(list(messages))


def calls(message: AIMessage) -> Calls:
    return [(call["name"], call["args"]) for call in message.tool_calls]


def answered(answers: Answers) -> list[AnyMessage]:
    """Return the messages of tools that were called, and answered."""
    found = list(answers)
    tool_calls = [
        {"name": name, "args": args, "id": f"call_{number}", "type": "tool_call"}
        for number, (name, args, _) in enumerate(found)
    ]
    return [
        AIMessage("", tool_calls=tool_calls),
        *(
            ToolMessage(result.content(), name=name, tool_call_id=f"call_{number}")
            for number, (name, _, result) in enumerate(found)
        ),
    ]


def answer(question: str, results: Sequence[ToolResult], **context: Any) -> str:
    """Ask a question, answer its tool calls in their order, and return the text."""
    messages: list[AnyMessage] = [system(creator(**context)), HumanMessage(question)]
    asked = ask(messages)
    assert len(asked.tool_calls) == len(results), calls(asked)
    messages += answered(
        (call["name"], call["args"], result)
        for call, result in zip(asked.tool_calls, results, strict=True)
    )
    return ask(messages).text
