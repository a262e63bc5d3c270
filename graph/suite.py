"""Everything a run needs, opened together."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

from agents.models import Model, build_model
from core.clock import Clock, utc_now
from core.settings import Settings
from graph.run import Runs
from storage.database import Database


@dataclass(frozen=True, kw_only=True)
class Suite:
    """The opened suite."""

    settings: Settings
    database: Database
    clock: Clock
    model: Model
    runs: Runs


@asynccontextmanager
async def open_suite(
    settings: Settings, database_url: str, *, clock: Clock = utc_now
) -> AsyncIterator[Suite]:
    """Open the suite on a database that `storage.provision.ready_database` made ready.

    Runs that are still answering at the end are stopped, and keep
    what they have said.
    """
    async with AsyncExitStack() as stack:
        model = build_model(settings.chat)
        stack.push_async_callback(model.close)
        database = Database(database_url, pool_size=settings.database_pool_size)
        stack.push_async_callback(database.close)
        runs = await stack.enter_async_context(
            Runs(database=database, settings=settings, model=model, clock=clock)
        )
        yield Suite(settings=settings, database=database, clock=clock, model=model, runs=runs)
