"""Ending tasks that do not end at once."""

import asyncio
from contextlib import suppress

import pytest

from core import tasks


async def deaf() -> None:
    """Swallow the first cancellation."""
    with suppress(asyncio.CancelledError):
        await asyncio.sleep(60)
    await asyncio.sleep(60)


async def broken() -> None:
    raise ValueError


async def test_all_are_ended_whatever_they_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tasks, "AGAIN_SECONDS", 0.01)
    begun = [asyncio.create_task(work()) for work in (deaf, broken, deaf)]
    await asyncio.sleep(0)
    async with asyncio.timeout(5):
        await tasks.end_tasks(begun)
    assert [task.cancelled() for task in begun] == [True, False, True]
    assert isinstance(begun[1].exception(), ValueError)


async def test_none_is_no_work() -> None:
    await tasks.end_tasks([])
