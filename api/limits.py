"""What the signed-in user may use, and how much of it they have used."""

import datetime as dt

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from api.deps import CurrentUserDep, SuiteDep, UserSessionDep
from api.errors import problems
from core.errors import UnauthenticatedError
from domain.usage import read_limits
from storage.models import Platform, Tier

router = APIRouter(
    prefix="/api/limits", tags=["Accounts"], responses=problems(UnauthenticatedError)
)


class LimitOut(BaseModel):
    """How much of something is used, and how much there is."""

    model_config = ConfigDict(
        from_attributes=True,
        json_schema_extra={
            "examples": [{"used": 18240, "limit": 100000, "resets_at": "2026-03-02T00:00:00+01:00"}]
        },
    )

    used: int
    limit: int
    resets_at: dt.datetime | None = Field(
        description="The next midnight in your time zone; null for what does not begin anew."
    )


class AnswerLimitsOut(BaseModel):
    """What one answer may take; then it ends, and says why."""

    model_calls: int = Field(description="The last one gets no tools.")
    tool_calls: int
    seconds: float


class LimitsOut(BaseModel):
    """Your tier, and its limits."""

    model_config = ConfigDict(from_attributes=True)

    tier: Tier
    model_tokens: LimitOut = Field(
        description="Tokens of the language model, per day. What answers under way have set "
        "aside counts as used. The offline model costs none, and is never limited."
    )
    plans: LimitOut = Field(description="Content plans, per day.")
    jobs: LimitOut = Field(description="Other jobs, per day.")
    accounts: dict[Platform, LimitOut] = Field(description="Accounts on each platform.")
    answer: AnswerLimitsOut


@router.get("", summary="Get my limits")
async def get_limits(user: CurrentUserDep, session: UserSessionDep, suite: SuiteDep) -> LimitsOut:
    """Beyond the day's model tokens a question is refused with 429 `token_limit_reached`.

    That problem has the same `limit`, `used` and `resets_at`. An answer that uses up the day's
    tokens midway ends with this code, and keeps what it had said.
    """
    limits = await read_limits(session, user.id, timezone=user.timezone, now=suite.clock())
    settings = suite.settings
    answer = AnswerLimitsOut(
        model_calls=settings.run_model_calls,
        tool_calls=settings.run_tool_calls,
        seconds=settings.run_timeout_seconds,
    )
    return LimitsOut.model_validate({**vars(limits), "answer": answer})
