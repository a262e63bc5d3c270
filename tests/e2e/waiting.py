"""Waiting for what happens elsewhere."""

import time
from collections.abc import Awaitable, Callable

import anyio

PATIENCE_SECONDS = 30


async def eventually(
    is_so: Callable[[], Awaitable[bool]], *, seconds: float = PATIENCE_SECONDS
) -> None:
    """Wait until the condition holds; fail if it does not in time."""
    deadline = time.monotonic() + seconds
    while not await is_so():
        assert time.monotonic() < deadline, f"waited in vain for {is_so.__qualname__}"
        await anyio.sleep(0.01)
