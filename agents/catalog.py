"""The agents that a creator can talk to."""

from agents.agent import Agent
from agents.career import CAREER
from agents.content_strategist import CONTENT_STRATEGIST
from agents.goal_tracker import GOAL_TRACKER
from agents.planner import PLANNER
from core.errors import InvalidError

AGENTS: dict[str, Agent] = {
    agent.name: agent for agent in (CAREER, CONTENT_STRATEGIST, GOAL_TRACKER, PLANNER)
}
DEFAULT_AGENT = CAREER.name
AUTO = Agent(
    name="auto",
    title="Auto",
    purpose="Picks the right agent for each question, and says which.",
    prompt="",
    tools=(),
    may_pause=any(agent.may_pause for agent in AGENTS.values()),
)


class UnknownAgentError(InvalidError):
    """There is no such agent; GET /api/agents lists them."""

    code = "unknown_agent"


def list_agents() -> list[Agent]:
    """Return what can be asked: the agents, and the router over them."""
    return [*AGENTS.values(), AUTO]


def get_agent(name: str) -> Agent:
    """Return the agent of this name, which may be the router."""
    for agent in list_agents():
        if agent.name == name:
            return agent
    raise UnknownAgentError(agents=sorted(agent.name for agent in list_agents()))
