"""`python -m api` as a newcomer starts it: nothing configured, a process of its own."""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from storage.embedded_cluster import cluster_folder
from tests.conftest import Postgres
from tests.e2e.waiting import PATIENCE_SECONDS

REPOSITORY = Path(__file__).parents[2]


@pytest.fixture
def data_dir(tmp_path: Path) -> Iterator[Path]:
    data_dir = tmp_path / "data"
    yield data_dir
    shutil.rmtree(cluster_folder(data_dir), ignore_errors=True)


@contextmanager
def started(data_dir: Path, **environment: str) -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen(
        [sys.executable, "-m", "api"],
        cwd=data_dir.parent,
        env={
            "PATH": os.defpath,
            "PYTHONPATH": str(REPOSITORY),
            "DATA_DIR": str(data_dir),
            "PORT": "0",
            **environment,
        },
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            yield process
        finally:
            process.terminate()


def read_greeting(process: subprocess.Popen[str]) -> str:
    """Return what is printed up to the last line of the greeting; all of it if that never comes."""
    assert process.stdout
    lines = []
    for line in process.stdout:
        lines.append(line)
        if "Ctrl-C" in line:
            break
    return "".join(lines)


def end(process: subprocess.Popen[str], stop: signal.Signals | None = None) -> tuple[int, str]:
    """Return the exit code, and what stands on standard error."""
    if stop:
        process.send_signal(stop)
    _, errors = process.communicate(timeout=60)
    return process.returncode, errors


@pytest.mark.parametrize("stop", [signal.SIGTERM, signal.SIGINT])
def test_it_says_where_to_go_and_how_to_sign_in_and_stops_when_told(
    data_dir: Path, stop: signal.Signals
) -> None:
    with started(data_dir) as process:
        greeting = read_greeting(process)
        url = re.search(r"ready at (http://127\.0\.0\.1:\d+)\n", greeting)
        who = re.search(r"Sign in as (\S+), password (\S+)\n", greeting)
        assert url, greeting
        assert who, greeting
        with httpx.Client(base_url=url[1], trust_env=False) as client:
            body = {"email": who[1], "password": who[2]}
            assert client.post("/api/auth/login", json=body).status_code == 200
            assert client.get("/api/me").json()["email"] == who[1]
        code, errors = end(process, stop)
    assert code == 0
    assert "Traceback" not in errors
    assert not (cluster_folder(data_dir) / "postgres" / "postmaster.pid").exists()


@pytest.mark.parametrize(
    ("environment", "names"),
    [
        ({"PORT": "many"}, ["PORT"]),
        ({"CHAT_TEMPERATURE": "9", "LOG_LEVEL": "LOUD"}, ["CHAT_TEMPERATURE"]),
        ({"DATABASE_URL": "nonsense"}, ["DATABASE_URL"]),
        ({"DATABASE_URL": "postgresql://127.0.0.1:1/suite"}, ["database", "does not answer"]),
        ({"HOST": "192.0.2.1"}, ["192.0.2.1", "HOST"]),
    ],
)
def test_what_is_wrong_with_the_settings_is_one_sentence(
    data_dir: Path, environment: dict[str, str], names: list[str]
) -> None:
    with started(data_dir, **environment) as process:
        code, errors = end(process)
    assert code == 2
    assert errors.startswith("Dream Suite cannot start.")
    assert "Traceback" not in errors
    for name in names:
        assert name in errors


def test_a_port_in_use_is_named_before_anything_is_started(data_dir: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with started(data_dir, PORT=str(port)) as process:
            code, errors = end(process)
    assert code == 2
    assert f"port {port}" in errors
    assert not data_dir.exists()


def test_a_database_that_is_not_migrated_is_refused_with_advice(
    data_dir: Path, postgres: Postgres
) -> None:
    with postgres.temporary_database("template1") as name:
        address = postgres.owner_url(name).replace("+psycopg", "")
        with started(data_dir, DATABASE_URL=address) as process:
            code, errors = end(process)
    assert code == 2
    assert "python -m storage migrate" in errors


# --- several processes ---


def server_processes(parent: int) -> list[int]:
    """Return the processes that serve for this one."""
    children = Path(f"/proc/{parent}/task/{parent}/children").read_text().split()
    return [
        int(child)
        for child in children
        if b"spawn_main" in Path(f"/proc/{child}/cmdline").read_bytes()
    ]


def wait_until(is_so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.05)


@pytest.mark.skipif(not Path("/proc").exists(), reason="looks into /proc")
def test_a_server_process_that_dies_is_replaced_and_all_stop_together(data_dir: Path) -> None:
    with started(data_dir, WORKERS="2") as process:
        url = re.search(r"http://\S+:\d+", read_greeting(process))
        assert url
        one, other = server_processes(process.pid)
        os.kill(one, signal.SIGKILL)
        wait_until(lambda: len(set(server_processes(process.pid)) - {one}) == 2)
        assert httpx.get(f"{url[0]}/healthz").status_code == 200
        assert other in server_processes(process.pid)
        children = server_processes(process.pid)
        code, errors = end(process, signal.SIGTERM)
    assert code == 0
    assert "Traceback" not in errors
    assert not [child for child in children if Path(f"/proc/{child}").exists()]


@pytest.mark.skipif(not Path("/proc").exists(), reason="looks into /proc")
def test_server_processes_do_not_outlive_the_one_that_started_them(data_dir: Path) -> None:
    with started(data_dir, WORKERS="2") as process:
        read_greeting(process)
        children = server_processes(process.pid)
        process.kill()
        wait_until(lambda: not [each for each in children if Path(f"/proc/{each}").exists()])
