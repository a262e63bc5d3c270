"""A process for tests that queues everybody's insights, to see how much memory that takes."""

import asyncio

from core.settings import read_settings
from graph.suite import open_suite
from jobs.insights import INSIGHTS
from jobs.schedules import queue_everybody


async def queue() -> None:
    settings = read_settings()
    assert settings.database_url
    async with open_suite(settings, settings.database_url.get_secret_value()) as suite:
        await queue_everybody(suite, INSIGHTS)


if __name__ == "__main__":
    asyncio.run(queue())
