"""What is forgotten every night. `graph/rescue.py` forgets what is old after minutes or a day."""

import datetime as dt
import logging

from graph.resources import Resources
from storage.checkpoints import delete_leftovers
from storage.deliveries import forget_bodies
from storage.jobs import delete_ended
from storage.notifications import delete_expired as delete_expired_notifications
from storage.schedules import delete_old_batches
from storage.sessions import delete_expired

logger = logging.getLogger(__name__)

# A job is of use to its user, and its attempts are to operators, for so long.
JOB_RETENTION = dt.timedelta(days=90)
# Who tries a failed job again within this time goes on where it stopped.
CHECKPOINT_RETENTION = dt.timedelta(days=7)
# Operators may look so long at what an engine was sent, in the database.
BODY_RETENTION = dt.timedelta(days=7)
# Rows of a transaction: each that is deleted is told to those who follow its user's changes.
BATCH = 500


async def prune_rows(resources: Resources) -> None:
    """Forget jobs that ended long ago and made no plan, their checkpoints, and what has expired.

    A job with a plan stays as long as the plan: it tells what was asked for.
    """
    database, now = resources.database, resources.clock()
    async with database.service_session() as session:
        sign_ins = await delete_expired(session, now)
        await delete_expired_notifications(session, now)
        await delete_old_batches(session, now - JOB_RETENTION)
        await forget_bodies(session, ended_before=now - BODY_RETENTION)
    async with database.service_session() as session:
        checkpoints = await delete_leftovers(session, ended_before=now - CHECKPOINT_RETENTION)
    jobs = 0
    while True:
        async with database.service_session() as session:
            deleted = await delete_ended(session, now - JOB_RETENTION, limit=BATCH)
        jobs += deleted
        if deleted < BATCH:
            break
    logger.info(
        "forgotten: %d jobs, %d checkpoints, %d expired sign-ins", jobs, checkpoints, sign_ins
    )
