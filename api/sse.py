"""Encoders: from a run's log to the frames of a stream.

A frame carries the chunk in `data:`, which is all that AI SDK clients read, and `id:` and
`event:` for EventSource and other readers. The chunk type `error` has no `event:` line, since
EventSource uses that name for its own.
"""

from collections.abc import AsyncIterator

from sse_starlette import EventSourceResponse

from graph.events import Event
from graph.run import RunHandle

STREAM_HEADERS = {"x-vercel-ai-ui-message-stream": "v1"}
STREAM = {
    "description": "Server-sent events: AI SDK UI message stream, version 1, with our own parts "
    "`data-grounding` (what backs each number) and a `code` on `error` chunks. Event ids are "
    "`<eight characters of the run>:<number>`; docs/streaming.md has the stream in full.",
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


def stream_run(run: RunHandle, *, after: int = 0) -> EventSourceResponse:
    """Answer with the run's events behind `after`, as they come, until it ends.

    A reader that goes away ends its own reading only, never the run.
    """
    return EventSourceResponse(
        _frames(run, after),
        headers={
            **STREAM_HEADERS,
            "X-Conversation-Id": str(run.conversation_id),
            "X-Run-Id": str(run.run_id),
        },
        sep="\n",
    )


def encode_frame(event_id: str, event: Event) -> bytes:
    """Return one frame."""
    name = b"" if event.type == "error" else b"event: %b\n" % event.type.encode()
    return b"id: %b\n%bdata: %b\n\n" % (event_id.encode(), name, event.data)


async def _frames(run: RunHandle, after: int) -> AsyncIterator[bytes]:
    async for event in run.log.read(after):
        yield encode_frame(run.log.id_of(event), event)
    yield _DONE
