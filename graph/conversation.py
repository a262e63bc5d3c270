"""The graph of one turn: the agent answers, then every number of the answer is checked."""

from typing import Annotated, Any, TypedDict

from langchain_core.messages import AIMessage, AnyMessage, HumanMessage
from langgraph.graph import END, START, StateGraph
from langgraph.graph.message import add_messages
from langgraph.graph.state import CompiledStateGraph
from langgraph.runtime import Runtime

from agents.agent import Agent, build_agent
from agents.models import Model
from core.settings import Settings
from domain.grounding import Verdict, check_numbers
from tools.context import RunContext


class ConversationState(TypedDict, total=False):
    """The messages of the shown path and of this turn, and the verdict on the answer."""

    messages: Annotated[list[AnyMessage], add_messages]
    verdict: Verdict


ConversationGraph = CompiledStateGraph[ConversationState, RunContext, Any, Any]


def build_conversation(agent: Agent, model: Model, settings: Settings) -> ConversationGraph:
    """Compile the graph of a turn with this agent."""
    graph = StateGraph(ConversationState, context_schema=RunContext)
    graph.add_node(
        "agent",
        build_agent(
            agent,
            model,
            model_calls=settings.run_model_calls,
            tool_calls=settings.run_tool_calls,
        ),
    )
    graph.add_node("ground", ground)
    graph.add_edge(START, "agent")
    graph.add_edge("agent", "ground")
    graph.add_edge("ground", END)
    return graph.compile(name="conversation")


async def ground(state: ConversationState, runtime: Runtime[RunContext]) -> ConversationState:
    """Compare the numbers of the answer with the figures of this run and with the question."""
    messages = state["messages"]
    last = max(i for i, message in enumerate(messages) if isinstance(message, HumanMessage))
    said = [message.text for message in messages[last:] if isinstance(message, AIMessage)]
    return {
        "verdict": check_numbers(
            answer="\n\n".join(text for text in said if text),
            figures=runtime.context.figures.figures,
            question=messages[last].text,
        )
    }
