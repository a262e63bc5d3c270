"""The end of servers in the tests' own event loop."""

import asyncio


async def stop_listening(server: asyncio.Server) -> None:
    """Close a server's sockets when nobody is half-way in.

    asyncio accepts a connection in one turn of its loop and makes the transport in the next; where
    the server is closed in between, that fails (`Server._attach`), and the socket is left open.
    """
    loop = asyncio.get_running_loop()
    for each in server.sockets:
        loop.remove_reader(each.fileno())
    await asyncio.sleep(0)
    server.close()
