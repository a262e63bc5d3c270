"""Servers in processes of their own, and what they use of the machine."""

import http.client
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

ROOT = Path(__file__).parents[1]


@dataclass(frozen=True, kw_only=True)
class ServerProcess:
    """A server that answers on this port of 127.0.0.1."""

    port: int
    pid: int

    @property
    def cpu_seconds(self) -> float:
        """Processor time of the process so far."""
        # Linux's clock of another process (clock_getcpuclockid(3)): finer than /proc's 10 ms.
        return time.clock_gettime((~self.pid << 3) | 2)

    @property
    def memory_bytes(self) -> int:
        """Memory that it has in use."""
        pages = int(Path(f"/proc/{self.pid}/statm").read_text(encoding="ascii").split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE")


@contextmanager
def serving(*arguments: str, **settings: str) -> Iterator[ServerProcess]:
    """Serve with `python ARGUMENTS`, where `{port}` is a free port; wait for its /readyz."""
    port = find_free_port()
    command = [sys.executable, *(each.format(port=port) for each in arguments)]
    environment = os.environ | {"PYTHONPATH": str(ROOT), "PORT": str(port)} | settings
    with TemporaryDirectory() as folder:  # there is no .env in it
        server = subprocess.Popen(  # noqa: S603  # our own commands
            command, cwd=folder, env=environment, stdout=subprocess.DEVNULL
        )
        try:
            _wait_until_ready(port, server)
            yield ServerProcess(port=port, pid=server.pid)
        finally:
            server.terminate()
            server.wait(timeout=30)


@contextmanager
def serving_suite(app_url: str, **settings: str) -> Iterator[ServerProcess]:
    """Serve the suite on this database."""
    settings = {"DATABASE_URL": app_url, "LOG_LEVEL": "WARNING"} | settings
    with serving("-m", "api", **settings) as server:
        yield server


def find_free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port


def _wait_until_ready(port: int, server: subprocess.Popen[bytes]) -> None:
    for _ in range(600):
        if server.poll() is not None:
            raise RuntimeError("the server did not start")
        try:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
            connection.request("GET", "/readyz")
            if connection.getresponse().status == http.client.OK:
                return
        except OSError:
            pass
        time.sleep(0.1)
    raise RuntimeError("the server is not ready")
