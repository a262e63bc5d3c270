"""Limits of a tier that a tool runs into: the creator is told elsewhere, too."""

import logging
from collections.abc import Awaitable, Callable
from typing import Any

from langchain.agents.middleware.types import AgentMiddleware, AgentState, ToolCallRequest
from langchain_core.messages import ToolMessage
from langgraph.types import Command
from sqlalchemy.exc import SQLAlchemyError

from core.errors import ToolError
from domain.notifications import tell_limit_reached
from domain.tiers import TierLimitReachedError
from tools.context import RunContext

logger = logging.getLogger(__name__)


class LimitNotices(AgentMiddleware[AgentState[Any], RunContext]):
    """Notifies of the limit behind a tool's refusal, as the HTTP API does of its own."""

    async def awrap_tool_call(
        self,
        request: ToolCallRequest,
        handler: Callable[[ToolCallRequest], Awaitable[ToolMessage | Command[Any]]],
    ) -> ToolMessage | Command[Any]:
        """Tell it, and let the model hear of it as before."""
        try:
            return await handler(request)
        except ToolError as error:
            if isinstance(error.__cause__, TierLimitReachedError):
                context: Any = request.runtime.context  # the type of a call knows of none
                await _tell(context, error.__cause__)
            raise


async def _tell(context: RunContext, limit: TierLimitReachedError) -> None:
    try:
        async with context.database.user_session(context.user_id) as session:
            await tell_limit_reached(session, context.user_id, limit)
    except SQLAlchemyError:
        logger.warning("user %s could not be told of a limit", context.user_id, exc_info=True)
