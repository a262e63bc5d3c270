"""The suite on a PostgreSQL where nobody of ours is a superuser, as docs/operations.md sets it up.

The SQL and the commands are the document's own.
"""

import asyncio
import os
import re
import shutil
import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import psycopg
import pytest
from psycopg import sql

from api.app import create_app
from core.settings import Settings
from storage.embedded import EmbeddedServer, running_server
from storage.embedded_cluster import cluster_folder
from tests.conftest import PASSWORD, new_client, new_email, serving
from tests.e2e.streams import ask
from tests.integration.test_storage_commands import storage

OPERATIONS = Path(__file__).parents[2] / "docs" / "operations.md"
SQL = re.findall(r"^```sql\n(.*?)^```", OPERATIONS.read_text(), re.MULTILINE | re.DOTALL)
ROLES, BACKUP_ROLE, NEW_DATABASE = SQL
NUMBERS = (
    "platform,account,date,metric,value\n"
    "instagram,mira,2026-10-01,followers,10000\n"
    "instagram,mira,2026-10-31,followers,10217\n"
)
GROWTH = "/api/analytics/growth?start=2026-10-01&end=2026-10-31"


@dataclass(frozen=True, kw_only=True)
class Managed:
    """A server that lets us in as anybody, so that only rights count."""

    server: EmbeddedServer

    def url(self, user: str, database: str = "dreamsuite") -> str:
        return self.server.url(user=user, database=database).replace("+psycopg", "")

    def execute(self, statements: str, *, user: str, database: str = "postgres") -> None:
        with psycopg.connect(self.url(user, database), autocommit=True) as connection:
            for statement in filter(str.strip, statements.split(";")):
                connection.execute(statement.encode())

    def run(self, command: str, folder: Path, **urls: str) -> subprocess.CompletedProcess[str]:
        """Run a command of the document, with PostgreSQL's own programs."""
        path = f"{self.server.binaries}:{os.defpath}"
        return subprocess.run(  # noqa: S602  # the document's words
            command, shell=True, cwd=folder, env={"PATH": path, **urls}, check=False,
            capture_output=True, text=True, timeout=60,
        )  # fmt: skip

    def count_rows(self, database: str) -> dict[str, int]:
        with psycopg.connect(self.url("postgres", database)) as connection:
            names = connection.execute(
                "SELECT relname FROM pg_class"
                " WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
            ).fetchall()
            counts = {}
            for (name,) in names:
                count = sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(name))
                row = connection.execute(count).fetchone()
                assert row
                counts[name] = row[0]
            return counts


@pytest.fixture(scope="module")
def managed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Managed]:
    """Lend a server whose administrator is no superuser, with the document's roles."""
    data_dir = tmp_path_factory.mktemp("managed")
    try:
        with running_server(data_dir) as server:
            managed = Managed(server=server)
            managed.execute("CREATE ROLE admin LOGIN CREATEROLE CREATEDB", user="postgres")
            managed.execute(ROLES, user="admin")
            yield managed
    finally:
        shutil.rmtree(cluster_folder(data_dir), ignore_errors=True)


def migrate(
    managed: Managed, folder: Path, database: str = "dreamsuite", owner: str = "dream_owner"
) -> None:
    owner_url = managed.url(owner, database)
    app_url = managed.url("dream", database)
    done = storage(folder, "migrate", database_url=app_url, MIGRATION_DATABASE_URL=owner_url)
    assert done.returncode == 0, done.stderr


@asynccontextmanager
async def suite_on(
    managed: Managed, settings: Settings, database: str = "dreamsuite"
) -> AsyncIterator[httpx.AsyncClient]:
    url = managed.server.url(user="dream", database=database)
    settings = settings.model_copy(update={"run_jobs": True})
    async with serving(create_app(settings, url)) as address, new_client(address) as client:
        yield client


async def sign_in(client: httpx.AsyncClient, path: str, email: str) -> None:
    answer = await client.post(path, json={"email": email, "password": PASSWORD})
    client.headers["Authorization"] = f"Bearer {answer.json()['token']}"


async def test_the_suite_works_and_its_backup_is_whole_without_a_superuser(
    managed: Managed, settings: Settings, tmp_path: Path
) -> None:
    email = new_email()
    await asyncio.to_thread(migrate, managed, tmp_path)
    async with suite_on(managed, settings) as client:
        assert (await client.get("/readyz")).status_code == 200
        await sign_in(client, "/api/auth/register", email)
        csv = {"Content-Type": "text/csv"}
        assert (await client.post("/api/metrics/import", content=NUMBERS, headers=csv)).is_success
        told = (await ask(client, "How many followers did I gain in October 2026?", id="c")).text
        assert "217" in told
        before = (await client.get(GROWTH)).json()
        conversation = (await client.get("/api/conversations/c")).json()

    owner = {"MIGRATION_DATABASE_URL": managed.url("dream_owner")}
    plain, with_policies, by_role = pg_dumps()
    refused = managed.run(plain, tmp_path, **owner)
    assert "row-level security policy" in refused.stderr
    managed.execute(BACKUP_ROLE, user="postgres")
    backup_url = managed.url("dream_backup")
    by_role = by_role.replace("suite.dump", "other.dump")
    assert managed.run(by_role, tmp_path, BACKUP_DATABASE_URL=backup_url).returncode == 0
    done = managed.run(with_policies, tmp_path, **owner)
    assert (done.returncode, done.stderr) == (0, "")

    managed.execute(NEW_DATABASE, user="admin")
    managed.execute(NEW_DATABASE.replace("restored", "other"), user="admin")
    (pg_restore,) = commands("pg_restore")
    for name, file in (("restored", "suite.dump"), ("other", "other.dump")):
        urls = {"MIGRATION_DATABASE_URL": managed.url("dream_owner", name)}
        done = managed.run(pg_restore.replace("suite.dump", file), tmp_path, **urls)
        assert (done.returncode, done.stderr) == (0, "")
        await asyncio.to_thread(migrate, managed, tmp_path, name)
        assert managed.count_rows(name) == managed.count_rows("dreamsuite")
    async with suite_on(managed, settings, "restored") as client:
        await sign_in(client, "/api/auth/login", email)
        assert (await client.get(GROWTH)).json() == before
        assert (await client.get("/api/conversations/c")).json() == conversation
        gone = await client.request("DELETE", "/api/me", json={"password": PASSWORD})
        assert gone.status_code == 204, gone.text
    rows = managed.count_rows("restored")
    assert (rows["users"], rows["daily_metrics"], rows["chat_messages"]) == (0, 0, 0)


@contextmanager
def volume(data_dir: Path) -> Iterator[Managed]:
    """Lend a server as compose.yaml does: with a superuser, a database and the app's login."""
    try:
        with running_server(data_dir) as server:
            started = Managed(server=server)
            started.execute(
                "CREATE ROLE dream LOGIN NOINHERIT; CREATE DATABASE dreamsuite", user="postgres"
            )
            yield started
    finally:
        shutil.rmtree(cluster_folder(data_dir), ignore_errors=True)


def test_a_backup_of_compose_is_restored_into_a_new_volume(tmp_path: Path) -> None:
    in_container = "docker compose exec -T postgres "
    back_up, create_roles, restore = (
        line.removeprefix(in_container) for line in commands(in_container)
    )
    with volume(tmp_path / "old") as old:
        migrate(old, tmp_path, owner="postgres")
        old.execute("INSERT INTO users (id, email) VALUES (gen_random_uuid(), 'a@example.com')",
            user="postgres", database="dreamsuite",
        )  # fmt: skip
        rows = old.count_rows("dreamsuite")
        done = old.run(back_up, tmp_path, PGHOST=str(old.server.socket_dir))
        assert (done.returncode, done.stderr) == (0, "")
    with volume(tmp_path / "new") as new:
        for line in (create_roles, restore):
            done = new.run(line, tmp_path, PGHOST=str(new.server.socket_dir))
            assert (done.returncode, done.stderr) == (0, "")
        migrate(new, tmp_path, owner="postgres")
        assert new.count_rows("dreamsuite") == rows
        urls = {"database_url": new.url("dream")}
        command = ("set-tier", "a@example.com", "pro")
        assert storage(tmp_path, *command, **urls).returncode == 0


def pg_dumps() -> tuple[str, str, str]:
    """Return how the document has pg_dump refused, with the policies, and by another role."""
    with_policies, by_role = commands("pg_dump --format")
    (refused,) = commands("$ pg_dump")
    return refused.removeprefix("$ "), with_policies, by_role


def commands(beginning: str) -> list[str]:
    return [line for line in OPERATIONS.read_text().splitlines() if line.startswith(beginning)]


async def test_a_backup_of_the_embedded_server_moves_there(
    managed: Managed, settings: Settings, tmp_path: Path
) -> None:
    try:
        assert storage(tmp_path, "seed").returncode == 0
        assert storage(tmp_path, "backup", "suite.dump").returncode == 0
    finally:
        shutil.rmtree(cluster_folder(tmp_path / "data"), ignore_errors=True)
    managed.execute(NEW_DATABASE.replace("restored", "moved"), user="admin")
    (pg_restore,) = commands("pg_restore")
    url = managed.url("dream_owner", "moved")
    done = managed.run(pg_restore, tmp_path, MIGRATION_DATABASE_URL=url)
    assert (done.returncode, done.stderr) == (0, "")
    await asyncio.to_thread(migrate, managed, tmp_path, "moved")
    async with suite_on(managed, settings, "moved") as client:
        account = {"email": "demo@dreamsuite.local", "password": "dreamsuite"}
        assert (await client.post("/api/auth/login", json=account)).status_code == 200
