"""Fixtures: a scripted language model of the test's own, behind a real server."""

import gc
import logging
from collections.abc import AsyncIterator, Iterator

import pytest

from tests.conftest import new_client
from tests.e2e.scripted_model import ScriptedModel, new_model, serving_openai


@pytest.fixture(scope="session")
def openai_server() -> Iterator[str]:
    """Return the URL of an OpenAI-compatible server."""
    with serving_openai() as url:
        yield url


@pytest.fixture
async def model(openai_server: str) -> AsyncIterator[ScriptedModel]:
    """Return a model that answers `settings` made by its `answers`."""
    async with new_client(openai_server) as http:
        yield new_model(openai_server, http)


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
