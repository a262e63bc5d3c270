"""Fixtures: a scripted language model of the test's own, behind a real server."""

import gc
import logging
import secrets
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator

import pytest

from tests.conftest import new_client
from tests.e2e.scripted_model import ScriptedModel


@pytest.fixture(scope="session")
def openai_server() -> Iterator[str]:
    """Return the URL of an OpenAI-compatible server."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.openai_server"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:
        assert process.stdout
        yield f"http://127.0.0.1:{process.stdout.readline().strip()}"


@pytest.fixture
async def model(openai_server: str) -> AsyncIterator[ScriptedModel]:
    """Return a model that answers `settings` made by its `answers`."""
    async with new_client(openai_server) as http:
        yield ScriptedModel(room_url=f"{openai_server}/{secrets.token_hex(6)}", http=http)


@pytest.fixture(scope="module", autouse=True)
def _no_task_is_left_behind() -> Iterator[None]:
    """Fail the module if asyncio has logged a destroyed task or an exception nobody took."""
    complaints: list[str] = []
    handler = logging.Handler(logging.WARNING)
    handler.emit = lambda record: complaints.append(record.getMessage())  # type: ignore[method-assign]  # a handler of one line
    logger = logging.getLogger("asyncio")
    logger.addHandler(handler)
    yield
    gc.collect()
    logger.removeHandler(handler)
    assert not complaints
