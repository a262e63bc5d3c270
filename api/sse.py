"""Encoders: from a run's log to the frames of a stream.

A frame carries the chunk in `data:`, which is all that AI SDK clients read, and `id:` and
`event:` for EventSource and other readers. The chunk type `error` has no `event:` line, since
EventSource uses that name for its own.
"""

import logging
import time
from collections.abc import AsyncIterator, Mapping

import orjson
from sse_starlette import EventSourceResponse
from sse_starlette.sse import SendTimeoutError
from starlette.types import Receive, Scope, Send

from core.logging import bind_log_ids
from graph.events import Event
from graph.run import RunHandle

logger = logging.getLogger(__name__)

# How long a reader may take nothing, or stay behind what has been said.
PATIENCE_SECONDS = 30
STREAM_HEADERS = {"x-vercel-ai-ui-message-stream": "v1"}
STREAM = {
    "description": "Server-sent events: AI SDK UI message stream, version 1, with our own parts "
    "`data-grounding` (what backs each number) and `data-job` (how far a plan is), a `code` on "
    "`error` chunks, and `data-resume` to a reader too slow to go on. Event ids "
    "are opaque; docs/streaming.md has the stream in full.",
    "headers": {
        "X-Conversation-Id": {
            "description": "Our id of the conversation.",
            "schema": {"type": "string", "format": "uuid"},
        },
        "X-Run-Id": {
            "description": "The run that answers.",
            "schema": {"type": "string", "format": "uuid"},
        },
    },
    "content": {
        "text/event-stream": {
            "schema": {"type": "string"},
            "example": 'id: 9f3c01ab:1\nevent: start\ndata: {"type":"start","messageId":"…"}\n\n',
        }
    },
}
_DONE = b"data: [DONE]\n\n"


class EventStream(EventSourceResponse):
    """Frames as they come; cut when its reader takes nothing for `PATIENCE_SECONDS`."""

    def __init__(
        self, frames: AsyncIterator[bytes], headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(frames, headers=headers, sep="\n", send_timeout=PATIENCE_SECONDS)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await super().__call__(scope, receive, send)
        except SendTimeoutError:
            logger.info("a reader that took nothing for %g s was cut off", self.send_timeout)


def stream_run(run: RunHandle, *, after: int = 0) -> EventStream:
    """Answer with the run's events behind `after`, as they come, until it ends.

    A reader that goes away ends its own reading only, never the run.
    """
    bind_log_ids(run_id=run.run_id, conversation_id=run.conversation_id)
    return EventStream(
        _frames(run, after),
        headers={
            **STREAM_HEADERS,
            "X-Conversation-Id": str(run.conversation_id),
            "X-Run-Id": str(run.run_id),
        },
    )


def encode_frame(event_id: str, event: Event) -> bytes:
    """Return one frame."""
    name = b"" if event.type == "error" else b"event: %b\n" % event.type.encode()
    return b"id: %b\n%bdata: %b\n\n" % (event_id.encode(), name, event.data)


async def _frames(run: RunHandle, after: int) -> AsyncIterator[bytes]:
    caught_up_at = time.monotonic()
    async for event in run.log.read(after):
        event_id = run.log.id_of(event)
        yield encode_frame(event_id, event)
        if event.seq == len(run.log):
            caught_up_at = time.monotonic()
        elif time.monotonic() > caught_up_at + PATIENCE_SECONDS:
            yield _resume_frame(event_id)
            return
    yield _DONE


def _resume_frame(event_id: str) -> bytes:
    """Return the last frame of a reader that is too slow: it has to come back for the rest."""
    chunk = {"type": "data-resume", "data": {"after": event_id}, "transient": True}
    return b"event: data-resume\ndata: %b\n\n" % orjson.dumps(chunk)
