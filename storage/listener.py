"""One connection per process that hears the database's notifications (LISTEN)."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from contextlib import aclosing, asynccontextmanager

import psycopg
from psycopg import AsyncConnection, Notify, sql
from sqlalchemy import make_url

from core.tasks import end_tasks

logger = logging.getLogger(__name__)

RECONNECT_SECONDS = (0.2, 1, 3)
# A connection whose other end has vanished says nothing by itself, for hours. So it is asked.
QUIET_SECONDS = 30
ANSWER_SECONDS = 10


@asynccontextmanager
async def listening(url: str, channels: Mapping[str, Callable[[str], None]]) -> AsyncIterator[None]:
    """Listen, as `listen` does, for the length of the block."""
    listener = asyncio.create_task(listen(url, channels), name="notifications")
    try:
        yield
    finally:
        await end_tasks([listener])


async def listen(url: str, channels: Mapping[str, Callable[[str], None]]) -> None:
    """Call a channel's function with each notification's payload, until cancelled.

    `url` is an SQLAlchemy URL. A lost connection is opened again; what was notified meanwhile is
    not heard, so that nothing may depend on hearing it.
    """
    conninfo = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    failures = 0
    while True:
        try:
            async with await AsyncConnection.connect(conninfo, autocommit=True) as connection:
                while True:
                    async with asyncio.timeout(ANSWER_SECONDS):
                        await _subscribe(connection, channels)
                    failures = 0
                    quiet = connection.notifies(timeout=QUIET_SECONDS)
                    async with aclosing(quiet) as notifications:
                        async for notification in notifications:
                            _tell(channels, notification)
        except (psycopg.OperationalError, TimeoutError) as error:
            logger.warning("notifications are not heard; connecting again: %r", error)
        await asyncio.sleep(RECONNECT_SECONDS[min(failures, len(RECONNECT_SECONDS) - 1)])
        failures += 1


async def _subscribe(connection: AsyncConnection, channels: Iterable[str]) -> None:
    """Listen to the channels; once more changes nothing, and shows that somebody is there."""
    for channel in channels:
        await connection.execute(sql.SQL("LISTEN {}").format(sql.Identifier(channel)))


def _tell(channels: Mapping[str, Callable[[str], None]], notification: Notify) -> None:
    """Call the channel's function; what it cannot take must not end the listening."""
    try:
        channels[notification.channel](notification.payload)
    except Exception:  # the function is the caller's, and so are its errors
        logger.exception("a notification could not be taken: %s", notification)
