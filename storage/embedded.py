"""The embedded PostgreSQL server: started by the first process that needs it, stopped by the last.

Every process that uses a data folder keeps a shared lock on `postgres.holders`; the kernel
drops it even after kill -9. Starting and stopping take turns through `postgres.lock`, so
nobody is ever handed a server that is being stopped. A server that is killed meanwhile is
started again by whoever of its holders sees it first.
"""

import fcntl
import logging
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from types import FrameType
from typing import IO
from urllib.parse import quote

from storage.embedded_cluster import (
    ADVICE,
    Cluster,
    EmbeddedServerError,
    exclusive,
    open_lock,
    prepare_cluster,
)
from storage.embedded_postmaster import ensure_created, ensure_started, find_postmaster, stop

__all__ = ["EmbeddedServer", "EmbeddedServerError", "running_server", "stop_on_sigterm"]

logger = logging.getLogger(__name__)

WATCH_INTERVAL = timedelta(seconds=1)
LONGEST_WATCH_INTERVAL = timedelta(minutes=1)  # while every start fails


@dataclass(frozen=True, kw_only=True)
class EmbeddedServer:
    socket_dir: Path
    binaries: Path

    def url(self, *, user: str, database: str) -> str:
        """Return a SQLAlchemy URL; without its `+psycopg` it is libpq's."""
        return (
            f"postgresql+psycopg://{quote(user, safe='')}@/{quote(database, safe='')}"
            f"?host={quote(str(self.socket_dir))}&port=5432"
        )


@contextmanager
def running_server(data_dir: Path) -> Iterator[EmbeddedServer]:
    """Lend the server of `data_dir`: started if need be, stopped when its last holder leaves.

    Any number of processes of one user on one machine may hold it at once. The superuser is
    `postgres`, without a password: the socket is open to the server's own user and root only.
    Raises EmbeddedServerError with what to do.
    """
    with ExitStack() as stack:
        with _explained(data_dir):
            cluster = prepare_cluster(data_dir)
            turn = stack.enter_context(open_lock(cluster.turn))
            holders = stack.enter_context(open_lock(cluster.folder / "postgres.holders"))
        try:
            with _explained(data_dir), exclusive(turn):
                fcntl.flock(holders, fcntl.LOCK_SH)
                ensure_created(cluster)
                socket_dir = ensure_started(cluster)
            with _watched(cluster):
                yield EmbeddedServer(socket_dir=socket_dir, binaries=cluster.binaries)
        finally:
            with exclusive(turn):
                if _is_last(holders):
                    stop(cluster)


def stop_on_sigterm() -> None:
    """Let SIGTERM unwind the process, so that `running_server` stops the server.

    Call it in the main thread, before `uvicorn.run`: uvicorn shuts down on SIGTERM, puts back
    the handler it found and raises the signal again, which kills a process that has none.
    """

    def leave(_signum: int, _frame: FrameType | None) -> None:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)  # a second one must not cut the stop short
        sys.exit(0)

    signal.signal(signal.SIGTERM, leave)


@contextmanager
def _explained(data_dir: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise EmbeddedServerError(
            f"{data_dir.absolute()} cannot hold the database: {error}. {ADVICE}"
        ) from error


def _is_last(holders: IO[bytes]) -> bool:
    try:
        fcntl.flock(holders, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    finally:
        fcntl.flock(holders, fcntl.LOCK_UN)
    return True


# --- the watchdog ---


@contextmanager
def _watched(cluster: Cluster) -> Iterator[None]:
    """Start the server again whenever it is gone, until the block ends."""
    leaving = threading.Event()
    watchdog = threading.Thread(
        target=_watch, args=(cluster, leaving), name="PostgreSQL watchdog", daemon=True
    )
    try:
        watchdog.start()
        yield
    finally:
        leaving.set()
        if watchdog.is_alive():
            watchdog.join()


def _watch(cluster: Cluster, leaving: threading.Event) -> None:
    interval = WATCH_INTERVAL
    while not leaving.wait(interval.total_seconds()):
        try:
            if find_postmaster(cluster) is None:
                _restart(cluster, leaving)
            interval = WATCH_INTERVAL
        except (EmbeddedServerError, OSError) as error:
            interval = min(2 * interval, LONGEST_WATCH_INTERVAL)
            logger.warning("%s Next try in %d s.", error, interval.total_seconds())


def _restart(cluster: Cluster, leaving: threading.Event) -> None:
    """Start the server, unless another holder has done so or we leave: the next one starts it."""
    # A file of its own: a lock belongs to the open file, so that of `running_server` excludes us.
    with open_lock(cluster.turn) as turn, exclusive(turn):
        if leaving.is_set() or find_postmaster(cluster):
            return
        logger.warning("PostgreSQL on %s is gone and is started again.", cluster.pgdata)
        ensure_started(cluster)
