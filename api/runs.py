"""Runs that wait for their creator's approval."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter
from pydantic import ConfigDict, Field
from sse_starlette import EventSourceResponse

from api.bodies import RequestBody
from api.deps import AskerDep, CrossOriginError, SuiteDep
from api.errors import problems
from api.sse import STREAM, stream_run
from core.errors import UnauthenticatedError
from domain.approvals import Decision, RunNotWaitingError, UndecidedError
from domain.usage import TokenLimitReachedError
from storage.runs import RunNotFoundError
from tools.edits import InvalidEditError

router = APIRouter(prefix="/api/runs", tags=["Chat"], responses=problems(UnauthenticatedError))


class DecisionsIn(RequestBody):
    """A decision about each approval that the run waits for."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"decisions": [{"id": "call_1", "type": "approve"}]},
                {"decisions": [{"id": "call_1", "type": "edit", "input": {"target_value": 30000}}]},
                {"decisions": [{"id": "call_1", "type": "reject", "reason": "Too far away."}]},
            ]
        }
    )

    decisions: Annotated[list[Decision], Field(min_length=1, max_length=50)]


@router.post(
    "/{run_id}/resume",
    summary="Approve, edit or reject",
    response_class=EventSourceResponse,
    responses={
        200: STREAM,
        **problems(
            CrossOriginError,
            RunNotFoundError,
            RunNotWaitingError,
            UndecidedError,
            InvalidEditError,
            TokenLimitReachedError,
        ),
    },
)
async def resume(
    run_id: UUID, body: DecisionsIn, asker: AskerDep, suite: SuiteDep
) -> EventSourceResponse:
    """Let a waiting run go on, and follow it as a stream.

    `edit` acts with your `input` instead of what was asked for, once it fits the approval's
    `fields`; `reject` changes nothing, and the agent is told your `reason`. The same decisions
    again follow the same run.
    """
    run = await suite.runs.resume(asker, run_id, body.decisions)
    return stream_run(run, after=run.log.resumed_at)
