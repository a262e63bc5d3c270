"""Ending tasks of asyncio."""

import asyncio
from collections.abc import Iterable
from typing import Any

AGAIN_SECONDS = 1


async def end_tasks(tasks: Iterable[asyncio.Task[Any]]) -> None:
    """Cancel tasks, and return when they have ended, however they did.

    Once is not enough: before Python 3.12 `asyncio.wait_for`, which psycopg waits by, swallows a
    cancellation that comes together with what it waits for.
    """
    pending = set(tasks)
    while pending:
        for task in pending:
            task.cancel()
        _, pending = await asyncio.wait(pending, timeout=AGAIN_SECONDS)
