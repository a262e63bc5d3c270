"""Two servers on one PostgreSQL of their own, and a language model: all of it can be broken."""

import asyncio
import os
import re
import shutil
import signal
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import psycopg
from psycopg.rows import DictRow, dict_row

from storage.embedded import EmbeddedServer, running_server
from storage.embedded_cluster import Cluster, exclusive, open_lock, prepare_cluster
from storage.embedded_postmaster import ensure_started, find_postmaster, stop
from storage.provision import DATABASE, OWNER, prepare_embedded
from tests.chaos.plan import SERVERS, Action
from tests.e2e.scripted_model import ScriptedModel, new_model, serving_openai
from tests.e2e.test_server import REPOSITORY
from tests.e2e.waiting import eventually

LEASE_SECONDS = 4
POOL_SIZE = 5
PATIENCE_SECONDS = 100


@dataclass(kw_only=True)
class Fault:
    """Something that broke down, and when all was well again; on the monotonic clock."""

    name: str
    began: float
    began_at: float = field(default_factory=time.time)
    ended: float = float("inf")


@dataclass(frozen=True, kw_only=True)
class Postgres:
    """A database server that can be restarted and killed."""

    server: EmbeddedServer
    cluster: Cluster
    app_url: str

    @property
    def owner_url(self) -> str:
        """Return libpq's URL of the superuser, whom row-level security does not bind."""
        return self.server.url(user=OWNER, database=DATABASE).replace("+psycopg", "")

    def connect(self) -> psycopg.Connection[DictRow]:
        return psycopg.connect(self.owner_url, row_factory=dict_row)

    def query(self, statement: str, *values: object) -> list[DictRow]:
        with self.connect() as connection:
            return connection.execute(statement.encode(), values or None).fetchall()

    def execute(self, statement: str) -> None:
        with self.connect() as connection:
            connection.execute(statement.encode())

    def restart(self) -> None:
        """Stop it as an operator does, and start it again."""
        with open_lock(self.cluster.turn) as turn, exclusive(turn):
            stop(self.cluster)
            ensure_started(self.cluster)

    def kill(self) -> None:
        """Kill it; the watchdog starts it again."""
        if postmaster := find_postmaster(self.cluster):
            with suppress(ProcessLookupError):
                os.kill(postmaster.pid, signal.SIGKILL)

    def count_listeners(self) -> int:
        """Return how many servers hear notifications; none while the database is away."""
        listening = "SELECT FROM pg_stat_activity WHERE query LIKE %s"
        try:
            return len(self.query(listening, "LISTEN%"))
        except psycopg.OperationalError:
            return 0


class Server:
    """A server that is started again whenever it ends, until it is told to end."""

    def __init__(self, folder: Path, place: int, environment: dict[str, str]) -> None:
        self.url: str | None = None
        self.log = folder / f"server-{place}.log"
        self._folder = folder
        self._environment = environment
        self._process: asyncio.subprocess.Process | None = None
        self._is_up = asyncio.Event()
        self._is_ending = False

    async def keep(self) -> None:
        """Start it again and again."""
        with self.log.open("wb") as log:
            while not self._is_ending:
                self._process = await asyncio.create_subprocess_exec(
                    sys.executable, "-m", "api",
                    cwd=self._folder, env=self._environment,
                    stdout=asyncio.subprocess.PIPE, stderr=log,
                )  # fmt: skip
                if url := await _read_url(self._process):
                    self.url = url
                    self._is_up.set()
                await self._process.wait()
                self.url = None
                self._is_up.clear()

    def kill(self, *, is_for_good: bool = False) -> None:
        """Kill it, also one that only starts."""
        self._is_ending |= is_for_good
        self.url = None
        self._is_up.clear()
        if self._process and self._process.returncode is None:
            self._process.kill()

    async def wait_up(self) -> None:
        await self._is_up.wait()

    async def end(self) -> int:
        """Tell it to end; return its exit code."""
        assert self._process
        self._is_ending = True
        self._process.terminate()
        return await self._process.wait()


async def _read_url(process: asyncio.subprocess.Process) -> str | None:
    """Return where the server is once it answers; None if it ends before."""
    assert process.stdout
    async for line in process.stdout:
        if found := re.search(r"http://\S+:\d+", line.decode()):
            return found[0]
    return None


@dataclass(frozen=True, kw_only=True)
class World:
    """All that the creators deal with."""

    postgres: Postgres
    servers: list[Server]
    model: ScriptedModel
    http: httpx.AsyncClient
    faults: list[Fault] = field(default_factory=list)
    _restarting: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def break_down(self, action: Action) -> None:
        """Let happen what is planned; return when all is well again."""
        fault = Fault(name=action.name, began=time.monotonic())
        self.faults.append(fault)
        if action.name == "kill server":
            self.servers[action.server].kill()
        else:
            async with self._restarting:
                is_kill = action.name == "kill database"
                postgres = self.postgres
                await asyncio.to_thread(postgres.kill if is_kill else postgres.restart)
        await self.wait_well()
        fault.ended = time.monotonic()

    async def wait_well(self) -> None:
        """Return when both servers answer, and hear each other."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            await eventually(self._is_well, seconds=PATIENCE_SECONDS)

    async def _is_well(self) -> bool:
        for server in self.servers:
            await server.wait_up()
        return await asyncio.to_thread(self.postgres.count_listeners) >= len(self.servers)

    def was_quiet(self, began: float, ended: float) -> bool:
        """Tell whether nothing was broken in this time."""
        return not any(fault.began < ended and began < fault.ended for fault in self.faults)

    def lost_a_server(self, began: float, ended: float) -> bool:
        """Tell whether a server was killed in this time, on the wall clock."""
        return any(
            fault.name == "kill server" and began <= fault.began_at <= ended
            for fault in self.faults
        )


@asynccontextmanager
async def open_world(folder: Path) -> AsyncIterator[World]:
    """Start everything in this folder, which has to be empty."""
    limits = httpx.Limits(max_connections=None)
    async with httpx.AsyncClient(limits=limits, timeout=30, trust_env=False) as http:
        with serving_openai() as openai_url, serving_postgres(folder / "data") as postgres:
            model = new_model(openai_url, http)
            environment = {
                "PATH": os.defpath,
                "PYTHONPATH": str(REPOSITORY),
                "PORT": "0",
                "DATABASE_URL": postgres.app_url,
                "DATABASE_POOL_SIZE": str(POOL_SIZE),
                "RUN_JOBS": "false",
                "LEASE_SECONDS": str(LEASE_SECONDS),
                "CHAT_MODEL": "openai:scripted",
                "CHAT_BASE_URL": model.base_url,
            }
            servers = [Server(folder, place, environment) for place in SERVERS]
            world = World(postgres=postgres, servers=servers, model=model, http=http)
            keepers = [asyncio.create_task(server.keep()) for server in servers]
            try:
                await world.wait_well()
                yield world
            finally:
                for server in servers:
                    server.kill(is_for_good=True)
                await asyncio.gather(*keepers)


@contextmanager
def serving_postgres(data_dir: Path) -> Iterator[Postgres]:
    """Lend a database server of one's own, with the suite's database on it."""
    cluster = prepare_cluster(data_dir)
    try:
        with running_server(data_dir) as server:
            yield Postgres(server=server, cluster=cluster, app_url=prepare_embedded(server))
    finally:
        shutil.rmtree(cluster.folder, ignore_errors=True)
