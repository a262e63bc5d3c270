"""Calling the suite's tools as LangGraph does: with a run's context, and arguments from outside."""

import datetime as dt
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from langchain_core.messages import AIMessage, ToolMessage
from langchain_core.tools import BaseTool
from langgraph.graph import END, START, MessagesState, StateGraph
from langgraph.prebuilt import ToolNode

from storage.database import Database
from tools.context import RunContext
from tools.results import ToolResult


def new_context(
    database: Database, user_id: UUID, today: dt.date, *, timezone: str = "UTC"
) -> RunContext:
    """Return what a run of this user would lend its tools."""
    return RunContext(
        user_id=user_id, database=database, today=today, timezone=timezone, locale="en"
    )


async def call_message(
    tool: BaseTool, context: RunContext, args: dict[str, Any], *, call_id: str = "call_1"
) -> ToolMessage:
    """Call a tool and return what the model is told; a tool's error is raised."""
    graph = StateGraph(MessagesState, context_schema=RunContext)
    graph.add_node("tools", ToolNode([tool], handle_tool_errors=False))
    graph.add_edge(START, "tools")
    graph.add_edge("tools", END)
    call = {"name": tool.name, "args": args, "id": call_id, "type": "tool_call"}
    asked = AIMessage("", tool_calls=[call])
    state = await graph.compile().ainvoke({"messages": [asked]}, context=context)
    message = state["messages"][-1]
    assert isinstance(message, ToolMessage)
    return message


async def call(tool: BaseTool, context: RunContext, **args: Any) -> ToolResult:
    """Call a tool and return its result, as the model is told it."""
    message = await call_message(tool, context, args)
    return ToolResult.model_validate_json(message.text)


def values(result: ToolResult, metric: str) -> dict[str | None, float | None]:
    """Return a metric's values by platform."""
    return {each.platform: each.value for each in result.figures if each.metric == metric}


def by_row(result: ToolResult, metric: str) -> Sequence[float | None]:
    """Return a metric's value in each row."""
    known = {figure.id: figure for figure in result.figures}
    return [
        next((known[n].value for n in row["figures"] if known[n].metric == metric), None)
        for row in result.rows
    ]
