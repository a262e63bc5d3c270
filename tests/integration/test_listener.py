"""Hearing what the database notifies, over connections that break or fall silent."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

import pytest
from sqlalchemy import make_url, text

from storage import listener
from storage.database import Database
from storage.listener import listening
from storage.models import new_id
from tests.e2e.waiting import eventually
from tests.listening import stop_listening


@dataclass(kw_only=True)
class Wire:
    """What lies between a listener and its database; what troubles it spares new connections."""

    url: str = ""
    ends: set[asyncio.StreamWriter] = field(default_factory=set)
    silent: set[asyncio.StreamWriter] = field(default_factory=set)

    def cut(self) -> None:
        for end in self.ends:
            end.close()

    def fall_silent(self) -> None:
        self.silent |= self.ends

    async def carry(self, source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
        self.ends.add(target)
        with suppress(OSError):
            while chunk := await source.read(65536):
                if target not in self.silent:
                    target.write(chunk)
        target.close()


@asynccontextmanager
async def wired(database_url: str) -> AsyncIterator[Wire]:
    """Lend a new way to the database; connections over it are its own."""
    url, wire = make_url(database_url), Wire()
    path = f"{url.query['host']}/.s.PGSQL.{url.query['port']}"

    async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        server_reader, server_writer = await asyncio.open_unix_connection(path)
        await asyncio.gather(wire.carry(reader, server_writer), wire.carry(server_reader, writer))

    server = await asyncio.start_server(accept, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    address = url.set(host="127.0.0.1", port=port, query={})
    wire.url = address.render_as_string(hide_password=False)
    try:
        yield wire
    finally:
        await stop_listening(server)
        wire.cut()
        await server.wait_closed()


@pytest.mark.parametrize("trouble", [Wire.cut, Wire.fall_silent])
async def test_who_listens_hears_again_after_the_connection_was_lost(
    database: Database,
    database_url: str,
    monkeypatch: pytest.MonkeyPatch,
    trouble: Callable[[Wire], None],
) -> None:
    monkeypatch.setattr(listener, "QUIET_SECONDS", 0.2)
    monkeypatch.setattr(listener, "ANSWER_SECONDS", 0.5)
    channel, heard = f"test_{new_id().hex}", asyncio.Event()
    statement = text("SELECT pg_notify(:channel, '')")

    async def is_heard() -> bool:
        async with database.service_session() as session:
            await session.execute(statement, {"channel": channel})
        return heard.is_set()

    async with wired(database_url) as wire, listening(wire.url, {channel: lambda _: heard.set()}):
        await eventually(is_heard)
        trouble(wire)
        heard.clear()
        await eventually(is_heard)
