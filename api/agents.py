"""The agents that can be asked."""

from fastapi import APIRouter
from pydantic import BaseModel, Field

from agents import catalog
from api.deps import CurrentUserDep, SuiteDep
from api.errors import problems
from core.errors import UnauthenticatedError

router = APIRouter(prefix="/api/agents", tags=["Chat"], responses=problems(UnauthenticatedError))


class AgentOut(BaseModel):
    """An agent; send its `name` as `agent` with a question."""

    name: str
    title: str
    purpose: str
    model: str = Field(description="`offline` is the suite's own model, which needs no key.")
    tools: list[str]


class AgentsOut(BaseModel):
    """All agents."""

    items: list[AgentOut]


@router.get("", summary="List the agents")
async def list_agents(_user: CurrentUserDep, suite: SuiteDep) -> AgentsOut:
    """`auto` picks one of the others for each question."""
    return AgentsOut(
        items=[
            AgentOut(
                name=agent.name,
                title=agent.title,
                purpose=agent.purpose,
                model=suite.model.name,
                tools=[tool.name for tool in agent.tools],
            )
            for agent in catalog.list_agents()
        ]
    )
