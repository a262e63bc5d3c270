"""A backup of one embedded server, restored into another: the creator finds everything again."""

import asyncio
import shutil
import stat
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from api.app import create_app
from core.settings import Settings
from storage.embedded import running_server
from storage.embedded_cluster import cluster_folder
from storage.provision import prepare_embedded
from tests.conftest import PASSWORD, new_client, new_email, serving
from tests.e2e.streams import ask
from tests.integration.test_storage_commands import storage

NUMBERS = "platform,account,date,metric,value\n" + "".join(
    f"instagram,mira,2026-10-{day:02},followers,{10_000 + 7 * day}\n" for day in range(1, 32)
)
GROWTH = "/api/analytics/growth?start=2026-10-01&end=2026-10-31"
QUESTION = "How did my followers on Instagram develop in October 2026?"


@pytest.fixture
def data_dirs(tmp_path: Path) -> Iterator[tuple[Path, Path]]:
    """Return the folder that is backed up, and the one that it is restored into."""
    folders = tmp_path / "data", tmp_path / "restored"
    yield folders
    for folder in folders:
        shutil.rmtree(cluster_folder(folder), ignore_errors=True)


@asynccontextmanager
async def suite_of(settings: Settings, data_dir: Path) -> AsyncIterator[httpx.AsyncClient]:
    """Serve the database of a folder for the length of the block."""
    with running_server(data_dir) as server:
        app = create_app(settings, prepare_embedded(server))
        async with serving(app) as url, new_client(url) as client:
            yield client


async def read_all(client: httpx.AsyncClient) -> dict[str, Any]:
    """Return what the creator sees."""
    paths = ("/api/conversations/first", GROWTH, "/api/connections")
    answers = {path: await client.get(path) for path in paths}
    assert all(answer.status_code == 200 for answer in answers.values()), answers
    return {path: answer.json() for path, answer in answers.items()}


async def test_a_creator_signs_in_to_the_restored_suite_and_finds_everything(
    settings: Settings, data_dirs: tuple[Path, Path], tmp_path: Path
) -> None:
    data_dir, restored_dir = data_dirs
    account = {"email": new_email(), "password": PASSWORD}
    async with suite_of(settings, data_dir) as client:
        token = (await client.post("/api/auth/register", json=account)).json()["token"]
        client.headers["Authorization"] = f"Bearer {token}"
        await client.post(
            "/api/metrics/import", content=NUMBERS, headers={"Content-Type": "text/csv"}
        )
        asked = await ask(client, QUESTION, id="first")
        assert "10,217" in asked.text
        before = await read_all(client)
        # While it is being served, and by a process of its own.
        done = await asyncio.to_thread(storage, tmp_path, "backup", "suite.dump")
        assert (done.returncode, done.stderr) == (0, "")
        assert stat.S_IMODE((tmp_path / "suite.dump").stat().st_mode) == 0o600
        await client.delete("/api/conversations/first")

    done = storage(tmp_path, "restore", "suite.dump", DATA_DIR=str(restored_dir))
    assert (done.returncode, done.stderr) == (0, "")
    async with suite_of(settings, restored_dir) as client:
        answer = await client.post("/api/auth/login", json=account)
        client.headers["Authorization"] = f"Bearer {answer.json()['token']}"
        assert await read_all(client) == before
        assert (await ask(client, QUESTION, id="second")).text == asked.text


def test_what_is_there_is_never_overwritten(data_dirs: tuple[Path, Path], tmp_path: Path) -> None:
    restored = str(data_dirs[1])
    assert storage(tmp_path, "migrate").returncode == 0
    assert storage(tmp_path, "backup", "suite.dump").returncode == 0
    (tmp_path / "half.dump").write_bytes((tmp_path / "suite.dump").read_bytes()[:40_000])

    half = storage(tmp_path, "restore", "half.dump", DATA_DIR=restored)
    assert half.returncode == 1
    assert "pg_restore: error:" in half.stderr
    assert storage(tmp_path, "backup", "empty.dump", DATA_DIR=restored).returncode == 1
    assert not (tmp_path / "empty.dump").exists()
    assert storage(tmp_path, "restore", "suite.dump", DATA_DIR=restored).returncode == 0

    again = storage(tmp_path, "restore", "suite.dump", DATA_DIR=restored)
    assert again.returncode == 1
    assert "There is a database already" in again.stderr
