"""`python -m jobs`: work on background jobs; as many workers as needed, on any machine."""

import argparse
import asyncio
import gc
import signal
import sys
from collections.abc import Sequence
from contextlib import suppress
from typing import NoReturn

from core.logging import configure_logging
from core.settings import InvalidSettingsError, Settings, read_settings
from core.tracing import tracing
from graph.suite import open_suite
from jobs.engines import check_engines
from jobs.handlers import HANDLERS
from jobs.worker import run_worker
from storage.embedded import stop_on_sigterm
from storage.provision import DatabaseNotReadyError, ready_database
from storage.queue import QUEUES


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m jobs",
        description="Work on background jobs. Settings are environment variables: see README.md.",
    )
    parser.add_argument(
        "--queues",
        nargs="+",
        choices=QUEUES,
        default=QUEUES,
        metavar="QUEUE",
        help=f"which jobs to do: {', '.join(QUEUES)} (default: all)",
    )
    parser.add_argument("--concurrency", type=read_count, help="jobs at once (JOB_CONCURRENCY)")
    arguments = parser.parse_args()
    try:
        settings = read_settings()
        check_engines(settings, HANDLERS)
        if arguments.concurrency:
            settings = settings.model_copy(update={"job_concurrency": arguments.concurrency})
        configure_logging(settings.log_level, settings.log_format)
        stop_on_sigterm()
        with (
            suppress(KeyboardInterrupt),
            tracing(settings.otel_exporter_otlp_endpoint),
            ready_database(settings) as database_url,
        ):
            asyncio.run(work(settings, database_url, arguments.queues))
    except (InvalidSettingsError, DatabaseNotReadyError) as error:
        leave(str(error))


def read_count(text: str) -> int:
    """Return how many jobs are to be done at once."""
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError("use 1 or more")
    return int(text)


async def work(settings: Settings, database_url: str, queues: Sequence[str]) -> None:
    """Work until SIGTERM or Ctrl-C."""
    async with open_suite(settings, database_url) as suite:
        gc.freeze()  # all that is loaded stays: looking through it for garbage would take time
        worker = asyncio.create_task(run_worker(suite, HANDLERS, queues))
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, worker.cancel)
        print(f"Working on {', '.join(queues)}. Stop it with Ctrl-C.", flush=True)
        with suppress(asyncio.CancelledError):
            await worker


def leave(message: str) -> NoReturn:
    print(f"The worker cannot start. {message}", file=sys.stderr)
    sys.exit(2)


if __name__ == "__main__":
    main()
