"""The server process of an embedded cluster: found, started and stopped.

Whoever starts or stops it must have the turn: see `storage.embedded`.
"""

import logging
import os
import secrets
import shlex
import shutil
import socket
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from storage.embedded_cluster import (
    ADVICE,
    SOCKET_NAME,
    Cluster,
    EmbeddedServerError,
    prepare_socket_dir,
)

logger = logging.getLogger(__name__)

PATIENCE = timedelta(seconds=120)  # for a start with crash recovery, or a stop
ORPHANS_PATIENCE = timedelta(seconds=10)  # for backends that outlive a killed server
LOG_LINES = 20

INITDB_OPTIONS = (
    "--username=postgres",
    "--auth-local=trust",
    "--auth-host=reject",
    "--encoding=UTF8",
    "--locale=C",
    "--locale-provider=builtin",  # sorts alike on every system
    "--builtin-locale=C.UTF-8",
    "--data-checksums",
    "--no-instructions",
)
SERVER_SETTINGS = {
    "listen_addresses": "",
    "port": "5432",
    "unix_socket_permissions": "0700",
    "max_connections": "100",
    "shared_buffers": "64MB",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_checkpoints": "off",  # the log has no rotation
}


@dataclass(frozen=True, kw_only=True)
class Postmaster:
    pid: int
    socket_dir: Path
    is_ready: bool
    is_listening: bool


def find_postmaster(cluster: Cluster) -> Postmaster | None:
    """Return the live server of this cluster.

    A pid file proves nothing: after a crash its pid may be a zombie's, a stranger's, or that of
    another cluster's server, and a copied folder brings the original's along. Alive is who
    listens on the cluster's socket or was started with its folder.
    """
    try:
        lines = (cluster.pgdata / "postmaster.pid").read_text(errors="replace").splitlines()
        lines += [""] * (8 - len(lines))  # a starting server writes them one by one
        pid = abs(int(lines[0]))
    except (FileNotFoundError, ValueError):
        return None
    is_own_file = Path(lines[1]) == cluster.pgdata
    socket_dir = Path(lines[4]) if is_own_file and lines[4] else cluster.pgdata
    is_listening = _is_listening(socket_dir / SOCKET_NAME)
    if not is_listening and f"postgres -D {cluster.pgdata} " not in _command_line(pid):
        return None
    return Postmaster(
        pid=pid,
        socket_dir=socket_dir,
        is_ready=lines[7].strip() == "ready",
        is_listening=is_listening,
    )


def _is_listening(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX) as client:
        client.settimeout(1)
        try:
            client.connect(str(path))
        except (BlockingIOError, TimeoutError):  # somebody is there, only too busy
            return True
        except OSError:
            return False
    return True


def _command_line(pid: int) -> str:
    """Return it with spaces between and after its words; empty for a zombie or no process."""
    if sys.platform == "linux":
        try:
            words = Path(f"/proc/{pid}/cmdline").read_bytes()
        except OSError:
            return ""
        return os.fsdecode(words.replace(b"\0", b" "))
    command = ["ps", "-ww", "-o", "command=", "-p", str(pid)]
    listed = subprocess.run(  # noqa: S603  # a fixed command, no shell
        command, capture_output=True, text=True, check=False
    )
    return f"{listed.stdout.rstrip()} "


def ensure_created(cluster: Cluster) -> None:
    """Run initdb if need be, under another name first: a killed one must not pass for a cluster."""
    if (cluster.pgdata / "PG_VERSION").exists():
        return
    for leftover in cluster.folder.glob(".initdb-*"):
        shutil.rmtree(leftover, ignore_errors=True)
    staging = cluster.folder / f".initdb-{secrets.token_hex(4)}"
    result = cluster.run("initdb", "--pgdata", staging, *INITDB_OPTIONS)
    if result.returncode:
        raise EmbeddedServerError(
            f"PostgreSQL cannot create its cluster in {cluster.folder}:\n"
            f"{result.stdout.strip()}\n{ADVICE}"
        )
    staging.rename(cluster.pgdata)


def ensure_started(cluster: Cluster) -> Path:
    """Return the folder of the socket on which the server accepts connections."""
    deadline = time.monotonic() + PATIENCE.total_seconds()
    while postmaster := find_postmaster(cluster):
        if postmaster.is_ready and postmaster.is_listening:
            return postmaster.socket_dir
        if postmaster.is_ready or time.monotonic() > deadline:
            raise EmbeddedServerError(
                f"PostgreSQL runs on {cluster.pgdata} (process {postmaster.pid}) but does not "
                f"answer on {postmaster.socket_dir / SOCKET_NAME}; its log is {cluster.log}. "
                f"Stop it with `kill {postmaster.pid}` and start again."
            )
        time.sleep(0.05)  # it is starting, or somebody else is stopping it
    socket_dir = prepare_socket_dir(cluster)
    # Both leftovers of a crash would stop the start if their pid lives on as something else.
    (cluster.pgdata / "postmaster.pid").unlink(missing_ok=True)
    (socket_dir / f"{SOCKET_NAME}.lock").unlink(missing_ok=True)
    _start(cluster, socket_dir)
    return socket_dir


def _start(cluster: Cluster, socket_dir: Path) -> None:
    settings = SERVER_SETTINGS | {"unix_socket_directories": str(socket_dir)}
    options = shlex.join(word for item in settings.items() for word in ("-c", "=".join(item)))
    where: tuple[str | Path, ...] = ("-D", cluster.pgdata, "-l", cluster.log)
    deadline = time.monotonic() + ORPHANS_PATIENCE.total_seconds()
    while True:
        log_start = cluster.log.stat().st_size if cluster.log.exists() else 0
        result = cluster.run("pg_ctl", "start", *where, "-o", options, *_waiting())
        if result.returncode == 0:
            logger.info("PostgreSQL started on %s", cluster.pgdata)
            return
        log = _read_log(cluster, log_start) or result.stdout
        if "pre-existing shared memory block" not in log or time.monotonic() > deadline:
            raise EmbeddedServerError(
                f"PostgreSQL does not start on {cluster.pgdata}. "
                f"The end of its log, {cluster.log}:\n{log.strip()}\n{ADVICE}"
            )
        time.sleep(0.2)  # a backend of the killed server still finishes its query


def stop(cluster: Cluster) -> None:
    postmaster = find_postmaster(cluster)
    if postmaster is None:
        return
    result = cluster.run("pg_ctl", "stop", "-D", cluster.pgdata, "-m", "fast", *_waiting())
    if result.returncode and find_postmaster(cluster):
        raise EmbeddedServerError(
            f"PostgreSQL on {cluster.pgdata} (process {postmaster.pid}) does not stop: "
            f"{result.stdout.strip()}. Its log is {cluster.log}."
        )
    if postmaster.socket_dir != cluster.pgdata:
        with suppress(OSError):
            postmaster.socket_dir.rmdir()


def _waiting() -> tuple[str, ...]:
    return "-w", "-t", str(int(PATIENCE.total_seconds()))


def _read_log(cluster: Cluster, start: int) -> str:
    """Return the last lines written since `start`."""
    if not cluster.log.exists():
        return ""
    with cluster.log.open(encoding="utf-8", errors="replace") as log:
        log.seek(start)
        return "".join(log.readlines()[-LOG_LINES:])
