"""Tasks of asyncio that go on until they are ended."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable
from typing import Any

logger = logging.getLogger(__name__)

AGAIN_SECONDS = 1
RESTART_SECONDS = 1


async def keep_going(name: str, service: Callable[[], Awaitable[None]]) -> None:
    """Run a service until cancelled: one that fails unexpectedly is started again."""
    while True:
        try:
            await service()
        except Exception:  # whatever it is, the process goes on, and needs the service
            logger.exception("the service %r failed; it is started again", name)
        await asyncio.sleep(RESTART_SECONDS)


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
