"""What an agent is, and how one is built: a LangChain agent with our prompt, tools and limits."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from langchain.agents import create_agent
from langchain_core.tools import BaseTool
from langgraph.graph.state import CompiledStateGraph

from agents.limit_notices import LimitNotices
from agents.limits import CallLimits
from agents.models import Model
from agents.monitoring import CallMonitor
from agents.overflow import ContextOverflow
from agents.prompts import CreatorPrompt
from agents.references import ReferenceErrors
from agents.tool_faults import ToolFaults, tell_tool_errors
from tools.context import RunContext

CompiledAgent = CompiledStateGraph[Any, RunContext, Any, Any]


@dataclass(frozen=True, kw_only=True)
class Agent:
    """Who answers: a name for machines, a title and purpose for people, a prompt and tools.

    `may_pause` tells that some of the tools ask for approval.
    """

    name: str
    title: str
    purpose: str
    prompt: str
    tools: Sequence[BaseTool]
    may_pause: bool = False


def build_agent(
    agent: Agent, model: Model, *, model_calls: int, tool_calls: int, tool_seconds: float
) -> CompiledAgent:
    """Compile the agent for a model, within these limits per run and per tool call."""
    return create_agent(
        model.chat,
        tools=list(agent.tools),
        middleware=[
            CreatorPrompt(agent.prompt),
            ReferenceErrors(),
            CallLimits(model_calls=model_calls, tool_calls=tool_calls),
            ContextOverflow(),
            tell_tool_errors(),
            LimitNotices(),
            ToolFaults(timeout_seconds=tool_seconds),
            CallMonitor(model.name),
        ],
        context_schema=RunContext,
        name=agent.name,
    )
