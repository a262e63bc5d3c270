"""The graph of one turn: for `auto` a router chooses the agent, then the agent answers.

What the creator is shown is checked behind the graph, in `graph/execution.py`: figure references
are filled in on the way there.
"""

from typing import Annotated, Any, TypedDict

from langchain_core.messages import AnyMessage
from langgraph.graph import END, START, StateGraph
from langgraph.graph.message import add_messages
from langgraph.graph.state import CompiledStateGraph

from agents.agent import build_agent
from agents.catalog import AGENTS, AUTO, get_agent
from agents.models import Model
from agents.router import choose_agent
from core.settings import Settings
from tools.context import RunContext

ROUTE = "route"


class ConversationState(TypedDict, total=False):
    """The messages of the shown path and of this turn, and who answers it."""

    messages: Annotated[list[AnyMessage], add_messages]
    previous_agent: str | None
    agent: str
    routing_tokens: int | None


ConversationGraph = CompiledStateGraph[ConversationState, RunContext, Any, Any]


def build_conversation(name: str, model: Model, settings: Settings) -> ConversationGraph:
    """Compile the graph of a turn with this agent, or with `auto`.

    Raises `UnknownAgentError`.
    """
    graph = StateGraph(ConversationState, context_schema=RunContext)
    agents = AGENTS if name == AUTO.name else {name: get_agent(name)}
    for agent in agents.values():
        graph.add_node(
            agent.name,
            build_agent(
                agent,
                model,
                model_calls=settings.run_model_calls,
                tool_calls=settings.run_tool_calls,
                tool_seconds=settings.tool_timeout_seconds,
            ),
        )
        graph.add_edge(agent.name, END)
    if name != AUTO.name:
        graph.add_edge(START, name)
        return graph.compile(name="conversation")

    async def route(state: ConversationState) -> ConversationState:
        """Choose who answers."""
        previous = state.get("previous_agent")
        chosen = await choose_agent(model, agents, state["messages"], previous)
        return {"agent": chosen.agent, "routing_tokens": chosen.tokens}

    graph.add_node(ROUTE, route)
    graph.add_edge(START, ROUTE)
    graph.add_conditional_edges(ROUTE, lambda state: state["agent"], list(agents))
    return graph.compile(name="conversation")
