"""Chat: ask, follow the answer, come back to it, stop it."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Header, Response
from pydantic import BaseModel, ConfigDict
from sse_starlette import EventSourceResponse

from agents.catalog import UnknownAgentError
from api.chat_body import ChatIn, ConversationKey, DecidedMessage
from api.deps import AskerDep, CrossOriginError, CurrentUserDep, SuiteDep
from api.errors import problems
from api.sse import STREAM, stream_run
from core.errors import UnauthenticatedError
from domain.approvals import RunNotWaitingError, UndecidedError
from domain.conversations import ConversationBusyError, NothingToRegenerateError
from domain.usage import TokenLimitReachedError
from graph.suite import Suite
from storage.conversations import ConversationNotFoundError, get_conversation
from storage.messages import MessageNotFoundError, get_message
from storage.models import Conversation

router = APIRouter(prefix="/api/chat", tags=["Chat"], responses=problems(UnauthenticatedError))


class StopOut(BaseModel):
    """The run that was stopped, or null if none was open."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"run_id": "0198c5a2-7b1e-7c3d-9a54-0f6f2f3b8f10"}]}
    )

    run_id: UUID | None


@router.post(
    "",
    summary="Ask a question and follow the answer",
    response_class=EventSourceResponse,
    responses={
        200: STREAM,
        **problems(
            UnknownAgentError,
            NothingToRegenerateError,
            CrossOriginError,
            ConversationNotFoundError,
            MessageNotFoundError,
            ConversationBusyError,
            RunNotWaitingError,
            UndecidedError,
            TokenLimitReachedError,
        ),
    },
)
async def ask(body: ChatIn, asker: AskerDep, suite: SuiteDep) -> EventSourceResponse:
    """Answer as a stream. The run goes on if you disconnect: come back with GET …/stream.

    The same message id with the same text is the same request and follows the same run; with
    another text it edits that question. Headers `X-Conversation-Id` and `X-Run-Id` name both.
    """
    if body.decided:
        run_id = await _get_run_id(suite, asker.user_id, body.id, body.decided)
        run = await suite.runs.resume(asker, run_id, body.decided.decisions())
        return stream_run(run, after=run.log.resumed_at)
    run = await suite.runs.start(asker, body.id, body.request(), agent=body.agent)
    return stream_run(run)


@router.get(
    "/{key}/stream",
    summary="Come back to an answer",
    response_class=EventSourceResponse,
    responses={
        200: STREAM,
        204: {"description": "There is nothing (more) to follow."},
        **problems(ConversationNotFoundError),
    },
)
async def resume(
    key: ConversationKey,
    user: CurrentUserDep,
    suite: SuiteDep,
    last_event_id: Annotated[
        str | None,
        Header(max_length=64, description="The `id` of the last event you have seen."),
    ] = None,
) -> Response:
    """Follow the open answer from its start; with `Last-Event-ID`, what came after that event."""
    conversation = await _get_conversation(suite, user.id, key)
    if last_event_id is None:
        run = await suite.runs.find_open(user.id, conversation.id)
        return stream_run(run) if run else Response(status_code=204)
    run = await suite.runs.find_by_event(user.id, conversation.id, last_event_id)
    after = run.log.position_of(last_event_id) if run else 0
    if run is None or (run.log.is_closed and after >= len(run.log)):
        return Response(status_code=204)
    return stream_run(run, after=after)


@router.post(
    "/{key}/stop",
    summary="Stop the answer",
    responses=problems(CrossOriginError, ConversationNotFoundError),
)
async def stop(key: ConversationKey, user: CurrentUserDep, suite: SuiteDep) -> StopOut:
    """Stop the open answer; what it had said is kept. Answers when it is stored.

    An answer that waits for approvals is closed, and nothing is approved.
    """
    conversation = await _get_conversation(suite, user.id, key)
    return StopOut(run_id=await suite.runs.stop_open(user.id, conversation.id))


async def _get_conversation(suite: Suite, user_id: UUID, key: str) -> Conversation:
    """Return the user's conversation in a transaction that ends before a stream begins."""
    async with suite.database.user_session(user_id) as session:
        return await get_conversation(session, key)


async def _get_run_id(
    suite: Suite, user_id: UUID, key: str | None, decided: DecidedMessage
) -> UUID:
    """Return the run that waits for these decisions."""
    async with suite.database.user_session(user_id) as session:
        conversation = await get_conversation(session, key or "")
        message = await get_message(session, conversation.id, decided.id)
    if message.run_id is None:
        raise RunNotWaitingError
    return message.run_id
