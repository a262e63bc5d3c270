"""Questions that are worth asking now."""

import datetime as dt

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from api.deps import CurrentUserDep, SuiteDep
from api.errors import problems
from api.etags import NOT_MODIFIED, build_etag, is_known, not_modified, tagged
from core.clock import local_date
from core.errors import UnauthenticatedError
from domain.suggestions import AgentName, Reason, suggest_questions
from storage.analytics_version import find_analytics_version
from storage.goals import list_goals
from storage.models import Metric, Platform

router = APIRouter(
    prefix="/api/suggestions",
    tags=["Chat"],
    responses=problems(UnauthenticatedError) | NOT_MODIFIED,
)


class SuggestionOut(BaseModel):
    """A question; send it as `message` of a chat, with its `agent`."""

    model_config = ConfigDict(
        from_attributes=True,
        json_schema_extra={
            "examples": [
                {
                    "question": "When should I post on Instagram?",
                    "agent": "content_strategist",
                    "reason": "best_time",
                    "metric": None,
                    "platform": "instagram",
                    "start": "2026-09-02",
                    "end": "2026-02-28",
                }
            ]
        },
    )

    question: str
    agent: AgentName
    reason: Reason = Field(description="What of your data makes it worth asking.")
    metric: Metric | None
    platform: Platform | None
    start: dt.date = Field(description="First day of the data it is about.")
    end: dt.date


class SuggestionsOut(BaseModel):
    """At most six questions, the most pressing first; none where nothing is known."""

    items: list[SuggestionOut]


@router.get("", summary="Get questions worth asking now", response_model=SuggestionsOut)
async def list_suggestions(request: Request, suite: SuiteDep, user: CurrentUserDep) -> Response:
    """They come from your own numbers, posts and goals: what changed, what is due, what works.

    The same data on the same day give the same questions, and nothing is asked of which nothing
    is known.
    """
    today = local_date(suite.clock(), user.timezone)
    async with suite.database.user_session(user.id) as session:
        version = await find_analytics_version(session)
        goals = await list_goals(session, status="active")
        of_goals = [(goal.id, goal.title, goal.due_date, goal.start_date) for goal in goals]
        etag = build_etag(user.id, version, of_goals, today, user.timezone, request.url.path)
        if is_known(request, etag):
            return not_modified(etag)
        found = await suggest_questions(session, goals, today=today, timezone=user.timezone)
    items = [SuggestionOut.model_validate(each) for each in found]
    return tagged(SuggestionsOut(items=items).model_dump_json(), etag)
