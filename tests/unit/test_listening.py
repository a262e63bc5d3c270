"""Tests of how servers in the tests' own event loop are closed."""

import asyncio
import gc
import socket
import warnings

import pytest

from tests.listening import stop_listening


async def accept(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.close()


@pytest.mark.parametrize("turns", range(5))
async def test_nobody_is_left_half_way_in(turns: int) -> None:
    server = await asyncio.start_server(accept, "127.0.0.1", 0)
    with (
        warnings.catch_warnings(record=True, category=ResourceWarning) as unclosed,
        socket.create_connection(server.sockets[0].getsockname()),
    ):
        for _ in range(turns):
            await asyncio.sleep(0)
        await stop_listening(server)
        await server.wait_closed()
        gc.collect()
    assert not unclosed
