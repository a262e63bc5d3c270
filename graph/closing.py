"""The end of a run: why it has no whole answer, and storing what it said."""

import asyncio
import logging
from datetime import timedelta

from sqlalchemy.exc import OperationalError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from core.errors import AppError
from domain.answers import Answer, close_turn, has_answer
from domain.notifications import tell_limit_reached
from domain.tiers import TierLimitReachedError
from domain.usage import TokenUsage, settle_usage
from graph.resources import Resources
from storage.models import Run, RunStatus
from storage.run_events import Batch, append_last_events
from storage.runs import close_run

logger = logging.getLogger(__name__)

# How long to wait before each further try to store an answer while the database is away.
STORE_RETRIES = tuple(timedelta(seconds=seconds) for seconds in (0.2, 1, 3, 6))


class RunTimeoutError(AppError):
    """The answer took too long and was ended. What had been said is kept."""

    code = "run_timeout"


class InternalError(AppError):
    """Something went wrong on our side. Your question is kept: try again."""

    code = "internal_error"


class ServerStoppedError(AppError):
    """The server was restarted while it answered. What was said is kept: ask for the rest."""

    code = "server_stopped"


class LostRunError(AppError):
    """The server went away while it answered. Your question is kept: ask for another answer."""

    code = "run_lost"


async def store_answer(
    resources: Resources,
    run: Run,
    status: RunStatus,
    answer: Answer,
    events: Batch,
    error: AppError | None,
) -> bool:
    """Store the answer and close the run, waiting for a database that is away for a moment.

    Returns whether the run was still ours to close.
    """
    is_again = False
    for retry in (*STORE_RETRIES, None):
        try:
            async with resources.database.user_session(run.user_id) as session:
                if is_again and await has_answer(session, run, status, answer):
                    return True  # stored, only the confirmation was lost
                is_ours = await close_turn(
                    session,
                    run,
                    status,
                    answer,
                    resources.clock(),
                    events=events,
                    error_code=error.code if error else None,
                )
                if is_ours and isinstance(error, TierLimitReachedError):
                    await tell_limit_reached(session, run.user_id, error)
                return is_ours
        except (OperationalError, PoolTimeoutError):
            if retry is None:
                raise
            logger.warning("storing run %s is tried again", run.id, exc_info=True)
            await asyncio.sleep(retry.total_seconds())
            is_again = True
    raise AssertionError("the last try returns or raises")


async def close_without_answer(
    resources: Resources, run: Run, events: Batch, usage: TokenUsage
) -> None:
    """Let the conversation go on after an answer that could not be stored."""
    try:
        async with resources.database.user_session(run.user_id) as session:
            if await close_run(
                session, run, RunStatus.FAILED, resources.clock(), error_code=InternalError.code
            ):
                await append_last_events(session, run, events)
                await settle_usage(session, run.id, usage)
    except SQLAlchemyError:  # its lease ends soon, and whoever comes next closes it as lost
        logger.exception("run %s could not be closed", run.id)
