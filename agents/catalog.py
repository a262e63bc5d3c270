"""The agents that a creator can talk to."""

from agents.agent import Agent
from agents.career import CAREER
from core.errors import InvalidError

AGENTS: dict[str, Agent] = {agent.name: agent for agent in (CAREER,)}
DEFAULT_AGENT = CAREER.name


class UnknownAgentError(InvalidError):
    """There is no such agent; GET /api/agents lists them."""

    code = "unknown_agent"


def get_agent(name: str) -> Agent:
    """Return the agent of this name."""
    agent = AGENTS.get(name)
    if agent is None:
        raise UnknownAgentError(agents=sorted(AGENTS))
    return agent
