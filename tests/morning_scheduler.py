"""A scheduler process for tests, whose clock goes on by ninety minutes with each tick.

python -m tests.morning_scheduler FROM TICKS      prints a line after each tick
"""

import asyncio
import datetime as dt
import sys
from dataclasses import replace
from functools import partial

from core.settings import read_settings
from graph.suite import open_suite
from jobs.insights import INSIGHTS
from jobs.schedules import queue_mornings

STEP = dt.timedelta(minutes=90)


def _same(moment: dt.datetime) -> dt.datetime:
    return moment


async def tick(first: dt.datetime, count: int) -> None:
    settings = read_settings()
    assert settings.database_url
    async with open_suite(settings, settings.database_url.get_secret_value()) as suite:
        for number in range(count):
            moment = first + number * STEP
            await queue_mornings(replace(suite, clock=partial(_same, moment)), INSIGHTS)
            print(moment.isoformat(), flush=True)  # noqa: T201  # for the test


if __name__ == "__main__":
    asyncio.run(tick(dt.datetime.fromisoformat(sys.argv[1]), int(sys.argv[2])))
