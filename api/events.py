"""What changes for a user, pushed as it happens: one stream for everything that a page shows."""

from collections.abc import AsyncIterator

import orjson
from fastapi import APIRouter
from sse_starlette import EventSourceResponse

from api.deps import CurrentUserDep, SuiteDep, TokenDep
from api.errors import problems
from api.following import read_changes
from api.sse import EventStream
from core.errors import UnauthenticatedError
from domain.accounts import CurrentUser
from graph.suite import Suite

router = APIRouter(prefix="/api/events", tags=["Events"], responses=problems(UnauthenticatedError))

STREAM = {
    "description": "Server-sent events `change` with `kind` and `id` of what is new, different or "
    "gone: read it anew. `ready` comes first: what changes from then on is told. After a `behind` "
    "the stream ends: read everything anew, and come back.",
    "content": {
        "text/event-stream": {
            "schema": {"type": "string"},
            "example": "event: ready\ndata: {}\n\nevent: change\n"
            'data: {"kind":"job","id":"0198c5a2-7b1e-7c3d-9a54-0f6f2f3b8f10"}\n\n',
        }
    },
}


@router.get(
    "",
    summary="Follow what changes",
    response_class=EventSourceResponse,
    responses={200: STREAM},
)
async def follow(user: CurrentUserDep, token: TokenDep, suite: SuiteDep) -> EventStream:
    """Nothing is told again: read what you show when the stream is `ready`, and after each change.

    It ends when you sign out, or the API key is revoked.
    """
    return EventStream(_frames(suite, user, token))


async def _frames(suite: Suite, user: CurrentUser, token: str) -> AsyncIterator[bytes]:
    with suite.changes.subscribe(user.id) as subscription:
        yield _frame("ready", {})
        async for change in read_changes(suite, subscription, token):
            if change:
                yield _frame("change", {"kind": change.kind, "id": change.id})
        if subscription.is_behind:
            yield _frame("behind", {})


def _frame(name: str, data: dict[str, object]) -> bytes:
    return b"event: %b\ndata: %b\n\n" % (name.encode(), orjson.dumps(data))
