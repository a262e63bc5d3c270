"""More servers of the same database, for the same creator."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx

from api.app import create_app
from core.settings import Settings
from tests.conftest import Creator, new_client, serving


def client_of(creator: Creator, url: str) -> httpx.AsyncClient:
    """Return a client of another server, signed in as this creator."""
    client = new_client(url)
    client.headers["Authorization"] = creator.headers["Authorization"]
    return client


@asynccontextmanager
async def second_server(
    settings: Settings, database_url: str, creator: Creator
) -> AsyncIterator[httpx.AsyncClient]:
    """Serve with these settings for the length of the block."""
    async with (
        serving(create_app(settings, database_url)) as url,
        client_of(creator, url) as client,
    ):
        yield client
