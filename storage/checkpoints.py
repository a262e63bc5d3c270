"""Where paused runs and unfinished plans wait: LangGraph's checkpoints, one thread for each."""

import datetime as dt
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import psycopg
from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.base import ChannelVersions, Checkpoint, CheckpointMetadata
from langgraph.checkpoint.postgres.aio import AsyncPostgresSaver
from langgraph.checkpoint.serde.jsonplus import JsonPlusSerializer
from psycopg import AsyncConnection
from psycopg.rows import dict_row
from psycopg_pool import AsyncConnectionPool, PoolTimeout
from sqlalchemy import make_url, text
from sqlalchemy.ext.asyncio import AsyncSession

from storage.migrations.security import SERVICE_ROLE

logger = logging.getLogger(__name__)

TABLES = ("checkpoints", "checkpoint_blobs", "checkpoint_writes")
POOL_SIZE = 4
IDLE_SECONDS = 60


class _GuardedSaver(AsyncPostgresSaver):
    check: Callable[[], Awaitable[None]]

    async def aput(
        self,
        config: RunnableConfig,
        checkpoint: Checkpoint,
        metadata: CheckpointMetadata,
        new_versions: ChannelVersions,
    ) -> RunnableConfig:
        await self.check()
        return await super().aput(config, checkpoint, metadata, new_versions)

    async def aput_writes(
        self,
        config: RunnableConfig,
        writes: Sequence[tuple[str, Any]],
        task_id: str,
        task_path: str = "",
    ) -> None:
        await self.check()
        await super().aput_writes(config, writes, task_id, task_path)


@dataclass(frozen=True, kw_only=True)
class Checkpoints:
    """The checkpoints of a database, and the connections that reach them."""

    pool: AsyncConnectionPool[AsyncConnection[dict[str, Any]]]
    serializer: JsonPlusSerializer

    def saver(self) -> AsyncPostgresSaver:
        """Return a saver for one run: it does one thing at a time, and runs must not wait."""
        return AsyncPostgresSaver(self.pool, serde=self.serializer)

    def guarded_saver(self, check: Callable[[], Awaitable[None]]) -> AsyncPostgresSaver:
        """Return a saver that writes nothing once `check` raises."""
        saver = _GuardedSaver(self.pool, serde=self.serializer)
        saver.check = check
        return saver

    async def delete(self, thread: UUID | str) -> None:
        """Forget what is over. What cannot be reached now stays, unread, and is logged."""
        try:
            await self.saver().adelete_thread(str(thread))
        except (psycopg.Error, PoolTimeout):
            logger.warning("the checkpoint of %s is left behind", thread, exc_info=True)


async def delete_checkpoints(session: AsyncSession, user_id: UUID) -> None:
    """Delete the checkpoints of a user's runs and jobs, in a service session.

    The name of a thread is, or begins with, the id of what it is about.
    """
    for table in TABLES:
        await session.execute(
            text(
                f"DELETE FROM {table} WHERE left(thread_id, 36) IN "  # noqa: S608  # from above
                "(SELECT id::text FROM runs WHERE user_id = :user_id"
                " UNION ALL SELECT id::text FROM jobs WHERE user_id = :user_id)"
            ),
            {"user_id": user_id},
        )


async def delete_leftovers(session: AsyncSession, *, ended_before: dt.datetime) -> int:
    """Delete what is about no run or job that is open, or ended later; return how many checkpoints.

    Most are deleted with what they are about: these could not be reached then, or are of a job
    that failed or was cancelled, and that nobody has tried again.
    """
    deleted = 0
    for table in TABLES:
        rows = await session.execute(
            text(
                f"DELETE FROM {table} WHERE NOT EXISTS ("  # noqa: S608  # as above
                "SELECT FROM runs WHERE id::text = left(thread_id, 36)"
                " AND (finished_at IS NULL OR finished_at > :before)"
                ") AND NOT EXISTS ("
                "SELECT FROM jobs WHERE id::text = left(thread_id, 36)"
                " AND (completed_at IS NULL OR completed_at > :before)"
                ") RETURNING thread_id"
            ),
            {"before": ended_before},
        )
        deleted += len(rows.all()) if table == "checkpoints" else 0
    return deleted


async def delete_thread(session: AsyncSession, thread: str) -> None:
    """Delete the checkpoints of a thread, in a service session and its transaction."""
    for table in TABLES:
        await session.execute(
            text(f"DELETE FROM {table} WHERE thread_id = :thread"),  # noqa: S608  # as above
            {"thread": thread},
        )


@asynccontextmanager
async def open_checkpoints(
    url: str, *, types: Sequence[tuple[str, str]]
) -> AsyncIterator[Checkpoints]:
    """Open the checkpoints of an SQLAlchemy URL; nothing connects before the first paused run.

    `types` are the classes, as module and name, that a checkpoint may hold besides LangChain's
    own: others are not read back.
    """
    conninfo = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    pool = AsyncConnectionPool(
        conninfo,
        connection_class=AsyncConnection[dict[str, Any]],
        kwargs={
            "autocommit": True,
            "prepare_threshold": 0,
            "row_factory": dict_row,
            "options": f"-c role={SERVICE_ROLE}",
        },
        min_size=0,
        max_size=POOL_SIZE,
        max_idle=IDLE_SECONDS,
        check=AsyncConnectionPool.check_connection,  # the database may have been away
        open=False,
    )
    async with pool:
        yield Checkpoints(
            pool=pool, serializer=JsonPlusSerializer(allowed_msgpack_modules=list(types))
        )
