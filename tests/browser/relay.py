"""A network between browser and server that can break."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from urllib.parse import urlsplit

from tests.listening import stop_listening


class Relay:
    """Passes bytes between a port of its own and a server, as long as it is up."""

    def __init__(self, server_url: str) -> None:
        self.server_url = server_url
        self.url = ""
        self.is_up = True
        self._open: set[asyncio.StreamWriter] = set()

    async def break_down(self) -> None:
        """Reset all connections, and every new one."""
        self.is_up = False
        for writer in list(self._open):
            writer.transport.abort()

    async def mend(self, server_url: str | None = None) -> None:
        """Let connections through again, to another server if there is one."""
        self.server_url = server_url or self.server_url
        self.is_up = True

    async def accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if not self.is_up:
            writer.transport.abort()
            return
        address = urlsplit(self.server_url)
        up_reader, up_writer = await asyncio.open_connection(address.hostname, address.port)
        both = {writer, up_writer}
        self._open |= both
        if not self.is_up:
            await self.break_down()
        try:
            async with asyncio.TaskGroup() as directions:
                directions.create_task(_pass(reader, up_writer))
                directions.create_task(_pass(up_reader, writer))
        finally:
            self._open -= both


async def _pass(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while chunk := await reader.read(65536):
            writer.write(chunk)
            await writer.drain()
    with suppress(OSError):
        writer.close()
        await writer.wait_closed()


@asynccontextmanager
async def relaying(server_url: str) -> AsyncIterator[Relay]:
    """Run a relay for the length of the block."""
    relay = Relay(server_url)
    server = await asyncio.start_server(relay.accept, "127.0.0.1", 0)
    relay.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield relay
    finally:
        await relay.break_down()
        await stop_listening(server)
        await server.wait_closed()
