"""A process that uses the embedded server and reports in JSON lines, for test_embedded.py.

The tests start some eighty of these, so each imports only what its mode needs.
"""

import argparse
import json
import os
import sys
from pathlib import Path
from typing import Any

from storage.embedded import EmbeddedServerError, running_server, stop_on_sigterm


def report(**fields: object) -> None:
    sys.stdout.write(json.dumps(fields) + "\n")
    sys.stdout.flush()


async def app(scope: Any, receive: Any, send: Any) -> None:
    """Answer uvicorn's lifespan events; it serves nothing else here."""
    await receive()
    await send({"type": "lifespan.startup.complete"})
    report(serving=True)
    await receive()
    await send({"type": "lifespan.shutdown.complete"})


def hold(data_dir: Path) -> None:
    """Keep the server until standard input ends."""
    with running_server(data_dir) as server:
        report(
            socket_dir=str(server.socket_dir), url=server.url(user="postgres", database="postgres")
        )
        sys.stdin.read()


def serve(data_dir: Path) -> None:
    import uvicorn  # noqa: PLC0415  # see above

    with running_server(data_dir):
        uvicorn.run(app, port=0, log_level="error")


def visit(data_dir: Path) -> None:
    """Come, run a query and leave, once for each line of standard input."""
    import psycopg  # noqa: PLC0415  # see above

    for _ in sys.stdin:
        with running_server(data_dir) as server:
            url = server.url(user="postgres", database="postgres")
            with psycopg.connect(url.replace("+psycopg", "")) as connection:
                connection.execute("SELECT 1")
        report(visited=True)


MODES = {"hold": hold, "serve": serve, "visit": visit}


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("data_dir", type=Path)
    parser.add_argument("--uid", type=int)
    parser.add_argument("--mode", choices=MODES, default="hold")
    arguments = parser.parse_args()
    if arguments.uid is not None:  # after the imports: root's Python may be closed to others
        os.setgroups([])
        os.setgid(arguments.uid)
        os.setuid(arguments.uid)
    stop_on_sigterm()
    try:
        MODES[arguments.mode](arguments.data_dir)
    except EmbeddedServerError as error:
        report(error=str(error))
        sys.exit(1)


if __name__ == "__main__":
    main()
