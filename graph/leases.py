"""The leases of this process's runs: while one is renewed, no other process takes the run over."""

import asyncio
import logging
from collections.abc import Callable, Iterable
from datetime import timedelta
from uuid import UUID

from sqlalchemy.exc import SQLAlchemyError

from core.clock import Clock
from storage.database import Database
from storage.runs import extend_leases

logger = logging.getLogger(__name__)

# How often leases are renewed, as a part of their length.
RENEWAL = 1 / 4


async def keep_leases(
    database: Database,
    clock: Clock,
    owner: UUID,
    lease: timedelta,
    runs: Iterable[UUID],
    stop: Callable[[UUID], None],
) -> None:
    """Renew the leases of the runs, as they are each time, until cancelled.

    Runs that belong to the owner no more are stopped, and so are those whose stop was asked for
    without being heard.
    """
    while True:
        await asyncio.sleep(lease.total_seconds() * RENEWAL)
        run_ids = list(runs)
        if not run_ids:
            continue
        try:
            async with database.service_session() as session:
                ours = await extend_leases(session, owner, run_ids, clock() + lease)
        except (SQLAlchemyError, OSError):
            logger.warning("leases could not be renewed; trying again", exc_info=True)
            continue
        for run_id in run_ids:
            if ours.get(run_id, True):
                stop(run_id)
