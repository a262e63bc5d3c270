"""Following what changes, for as long as the session or key that asked is valid."""

from collections.abc import AsyncIterator

from domain.accounts import find_current_user
from graph.changes import Subscription
from graph.suite import Suite
from storage.changes import Change

# How often it is asked whether the session or key still counts, when nothing happens.
CHECK_SECONDS = 15


async def read_changes(
    suite: Suite, subscription: Subscription, token: str
) -> AsyncIterator[Change | None]:
    """Yield changes as they come, null when there was none for a while; end with the sign-in."""
    async for change in subscription.read(pause_seconds=CHECK_SECONDS):
        if (change is None or change.kind == "session") and not await _counts(suite, token):
            return
        yield change


async def _counts(suite: Suite, token: str) -> bool:
    async with suite.database.service_session() as session:
        return await find_current_user(session, token, now=suite.clock()) is not None
