"""Everything a run needs, opened together."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from uuid import UUID

from agents.catalog import AUTO, get_agent
from agents.models import build_model
from core.clock import Clock, utc_now
from core.settings import Settings
from graph.changes import Changes
from graph.insights import Morning, analyze
from graph.resources import Resources
from graph.run import Runs
from storage.changes import CHANGES_CHANNEL
from storage.checkpoints import open_checkpoints
from storage.database import Database
from storage.listener import listening

# What the state of a paused run holds besides LangChain's own classes.
CHECKPOINTED = (("tools.results", "ToolResult"), ("domain.figures", "Figure"))


@dataclass(frozen=True, kw_only=True)
class Suite(Resources):
    """The opened suite: what runs share, the runs, and what changes for users."""

    runs: Runs
    changes: Changes

    async def analyze(self, user_id: UUID, agent: str = AUTO.name) -> Morning:
        """Return a creator's insights of today on an agent's subjects, and make those missing.

        Raises `UnknownAgentError` and `ModelFailedError`.
        """
        return await analyze(self, user_id, get_agent(agent).name)


@asynccontextmanager
async def open_suite(
    settings: Settings, database_url: str, *, clock: Clock = utc_now
) -> AsyncIterator[Suite]:
    """Open the suite on a database that `storage.provision.ready_database` made ready.

    Runs that are still answering at the end are stopped, and keep what they have said.
    """
    async with AsyncExitStack() as stack:
        models = [build_model(each) for each in (settings.chat, settings.plan, settings.trends)]
        for each in models:
            stack.push_async_callback(each.close)
        model, plan_model, trends_model = models
        database = Database(database_url, pool_size=settings.database_pool_size)
        stack.push_async_callback(database.close)
        checkpoints = await stack.enter_async_context(
            open_checkpoints(database_url, types=CHECKPOINTED)
        )
        resources = Resources(
            database=database,
            checkpoints=checkpoints,
            settings=settings,
            model=model,
            plan_model=plan_model,
            # The offline model knows of nothing outside.
            trends_model=trends_model if trends_model.is_metered else None,
            clock=clock,
        )
        changes = Changes()
        runs = Runs(resources, changes)
        stack.callback(changes.close)
        channels = {**runs.channels, CHANGES_CHANNEL: changes.hear}
        await stack.enter_async_context(listening(database_url, channels))
        await stack.enter_async_context(runs)
        yield Suite(**vars(resources), runs=runs, changes=changes)
