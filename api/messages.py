"""Messages: what their reader thinks of them, and what to ask next."""

import datetime as dt
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Response
from pydantic import BaseModel, ConfigDict, StringConstraints
from sqlalchemy.ext.asyncio import AsyncSession

from api.bodies import RequestBody
from api.deps import CrossOriginError, CurrentUserDep, SuiteDep, TodayDep, UserSessionDep
from api.errors import problems
from api.idempotency import CreatingRoute
from api.suggestions import SuggestionOut, SuggestionsOut
from core.errors import InvalidError, NotFoundError, UnauthenticatedError
from domain.follow_ups import suggest_follow_ups
from storage.feedback import delete_feedback, write_feedback
from storage.goals import list_goals
from storage.messages import MessageNotFoundError, list_path
from storage.models import ChatMessage, Rating

router = APIRouter(
    prefix="/api/messages",
    tags=["Chat"],
    responses=problems(UnauthenticatedError),
    route_class=CreatingRoute,
)


class NotAnAnswerError(InvalidError):
    """This message is a question: take its answer."""

    code = "not_an_answer"


class FeedbackNotFoundError(NotFoundError):
    """There is no feedback on this message."""

    code = "feedback_not_found"


class FeedbackIn(RequestBody):
    """What you think of an answer."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"rating": "down", "comment": "The dates are off by a week."}]
        }
    )

    rating: Rating
    comment: (
        Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2000)]
        | None
    ) = None


class FeedbackOut(BaseModel):
    """What you think of an answer."""

    model_config = ConfigDict(
        from_attributes=True,
        json_schema_extra={
            "examples": [
                {
                    "message_id": "0198c5a2-7b1e-7c3d-9a54-0f6f2f3b8f10",
                    "rating": "down",
                    "comment": "The dates are off by a week.",
                    "created_at": "2026-03-02T09:15:00Z",
                    "updated_at": "2026-03-02T09:15:00Z",
                }
            ]
        },
    )

    message_id: UUID
    rating: Rating
    comment: str | None
    created_at: dt.datetime
    updated_at: dt.datetime


@router.post(
    "/{message_id}/feedback",
    status_code=201,
    summary="Rate an answer",
    responses=problems(CrossOriginError, MessageNotFoundError, NotAnAnswerError),
)
async def rate(
    message_id: UUID, body: FeedbackIn, session: UserSessionDep, suite: SuiteDep
) -> FeedbackOut:
    """It takes the place of what you thought before. `GET /api/conversations/{id}` tells it."""
    message = await _get_answer(session, message_id)
    feedback = await write_feedback(
        session, message, rating=body.rating, comment=body.comment, now=suite.clock()
    )
    return FeedbackOut.model_validate(feedback)


@router.delete(
    "/{message_id}/feedback",
    status_code=204,
    summary="Take a rating back",
    responses=problems(CrossOriginError, FeedbackNotFoundError),
)
async def take_back(message_id: UUID, session: UserSessionDep) -> Response:
    """The comment goes with it."""
    if not await delete_feedback(session, message_id):
        raise FeedbackNotFoundError
    return Response(status_code=204)


@router.get(
    "/{message_id}/follow-ups",
    summary="Get questions that lead on from an answer",
    responses=problems(MessageNotFoundError, NotAnAnswerError),
)
async def list_follow_ups(
    message_id: UUID, session: UserSessionDep, user: CurrentUserDep, today: TodayDep
) -> SuggestionsOut:
    """At most three, about the platform and the days that it looked at, and each has an answer.

    They come from your own data, without a model; what was asked already is not among them.
    """
    message = await _get_answer(session, message_id)
    asked = [each.text for each in await list_path(session, message.id) if each.role == "user"]
    found = await suggest_follow_ups(
        session,
        message.parts,
        asked,
        await list_goals(session, status="active"),
        today=today,
        timezone=user.timezone,
    )
    return SuggestionsOut(items=[SuggestionOut.model_validate(each) for each in found])


async def _get_answer(session: AsyncSession, message_id: UUID) -> ChatMessage:
    message = await session.get(ChatMessage, message_id)
    if message is None:
        raise MessageNotFoundError("There is no such message.")
    if message.role != "assistant":
        raise NotAnAnswerError
    return message
