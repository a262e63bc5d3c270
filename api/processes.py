"""Several processes of the same server: started, started again when they die, stopped together."""

import logging
import os
import signal
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack
from multiprocessing import connection, get_context, parent_process
from types import FrameType
from typing import Any

logger = logging.getLogger(__name__)

# A process that dies sooner than this was never well; after so many of them all are stopped.
WELL_SECONDS = 10
MAX_FAILURES = 3
LOOK_SECONDS = 2


class Supervisor:
    """Keeps so many processes running until it is told to stop."""

    def __init__(self, serve: Callable[..., None], arguments: tuple[Any, ...]) -> None:
        """Take what each process runs: `serve(*arguments, is_first=…)`.

        What they share, such as a listening socket, is among the arguments.
        """
        self._serve = serve
        self._arguments = arguments
        self._spawn = get_context("spawn")
        self._processes: dict[int, Any] = {}
        self._born: dict[int, float] = {}
        self._failures = 0
        self._is_stopping = False

    def run(self, count: int) -> bool:
        """Run until a signal, which is passed on, has ended all; False if they kept dying."""
        with ExitStack() as stack:
            for number in (signal.SIGTERM, signal.SIGINT):
                stack.callback(signal.signal, number, signal.signal(number, self._stop))
            for place in range(count):
                self._start(place, is_first=place == 0)
            while not self._is_stopping:
                sentinels = [process.sentinel for process in self._processes.values()]
                connection.wait(sentinels, timeout=LOOK_SECONDS)
                self._restart_dead()
            for process in self._processes.values():
                process.join()
        return self._failures < MAX_FAILURES

    def _start(self, place: int, *, is_first: bool = False) -> None:
        self._born[place] = time.monotonic()
        self._processes[place] = self._spawn.Process(
            target=self._serve, args=self._arguments, kwargs={"is_first": is_first}
        )
        self._processes[place].start()

    def _restart_dead(self) -> None:
        for place, process in list(self._processes.items()):
            if process.is_alive() or self._is_stopping:
                continue
            logger.error("server process %s died (%s)", process.pid, process.exitcode)
            self._failures += time.monotonic() - self._born[place] < WELL_SECONDS
            if self._failures >= MAX_FAILURES:
                self._stop()
                return
            self._start(place)

    def _stop(self, _number: int = signal.SIGTERM, _frame: FrameType | None = None) -> None:
        self._is_stopping = True
        for process in self._processes.values():
            if process.is_alive():
                process.terminate()


def stop_with_parent() -> None:
    """Stop this process as SIGTERM would when the one that started it has died."""
    parent = parent_process()
    if parent is None:
        return

    def wait() -> None:
        parent.join()
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=wait, name="parent", daemon=True).start()
