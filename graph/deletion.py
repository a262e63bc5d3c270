"""Deleting an account, with all that belongs to it."""

import logging
from uuid import UUID

from sqlalchemy.exc import OperationalError

from graph.suite import Suite
from storage.checkpoints import delete_checkpoints
from storage.jobs import cancel_all
from storage.queue import delete_tasks
from storage.runs import list_running
from storage.users import delete_user, end_sign_ins, lock_user

logger = logging.getLogger(__name__)

TRIES = 5


async def delete_account(suite: Suite, user_id: UUID) -> None:
    """End the user's sign-ins and keys, stop their answers and jobs, and delete all their rows."""
    async with suite.database.service_session() as session:
        await end_sign_ins(session, user_id)
    for tries_left in reversed(range(TRIES)):
        try:
            while running := await _delete_rows(suite, user_id):
                for conversation_id in running:
                    if run := await suite.runs.find_open(user_id, conversation_id):
                        await suite.runs.stop(run)
        except OperationalError:  # a deadlock with a request that was still under way
            if not tries_left:
                raise
            logger.warning("deleting account %s is tried again", user_id, exc_info=True)
        else:
            return


async def _delete_rows(suite: Suite, user_id: UUID) -> list[UUID]:
    """Delete the user's rows; or return the conversations that are still being answered."""
    async with suite.database.service_session() as session:
        await lock_user(session, user_id)  # nothing new can belong to them from here on
        running = await list_running(session, user_id)
        if not running:
            await cancel_all(session, user_id, suite.clock())
            await delete_tasks(session, user_id)
            await delete_checkpoints(session, user_id)
            await delete_user(session, user_id)
        return running
