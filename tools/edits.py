"""Arguments that the creator has edited in an approval, checked before their tool uses them.

Whose things they are about is no argument: the run says whose it is, and the call which goal.
"""

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from pydantic import ValidationError
from sqlalchemy.ext.asyncio import AsyncSession

from core.errors import InvalidError
from domain import goals
from domain.approvals import Decision, Part
from domain.jobs import check_job
from tools.context import RunContext
from tools.goals import ChangedGoal, NewGoal, create_goal, update_goal
from tools.plans import create_plan_job

Arguments = Mapping[str, Any]
Check = Callable[[AsyncSession, RunContext, Arguments, Arguments], Awaitable[None]]


class InvalidEditError(InvalidError):
    """These arguments cannot be used: see `errors`. Nothing is decided yet."""

    code = "invalid_edit"


async def check_edits(
    session: AsyncSession,
    context: RunContext,
    parts: Iterable[Part],
    decisions: Sequence[Decision],
) -> None:
    """Raise `InvalidEditError`, or what the tool itself would refuse; `parts` have the calls."""
    calls = {part.get("toolCallId"): part for part in parts}
    for decision in decisions:
        if decision.type != "edit":
            continue
        call = calls[decision.id]
        check = CHECKS.get(call["toolName"])
        if check is None or decision.input is None:
            raise _refusal(decision, "", "Say what to use instead.")
        try:
            await check(session, context, call["input"], decision.input)
        except ValidationError as error:
            wrong = error.errors(include_url=False, include_context=False)[0]
            place = ".".join(str(step) for step in wrong["loc"])
            message = wrong["msg"].removeprefix("Value error, ")
            raise _refusal(decision, place, message) from error
        except InvalidError as error:
            raise _refusal(decision, error.fields.get("field", ""), error.detail) from error


async def _check_new_goal(
    session: AsyncSession, context: RunContext, _: Arguments, edited: Arguments
) -> None:
    wanted = NewGoal.model_validate(edited)
    await goals.plan_goal(session, today=context.today, **wanted.model_dump())


async def _check_changed_goal(
    session: AsyncSession, context: RunContext, called: Arguments, edited: Arguments
) -> None:
    change = ChangedGoal.model_validate(edited)
    goal = await goals.get_goal(session, UUID(called["goal_id"]))
    goals.check_change(goal, context.today, **change.model_dump())


async def _check_plan(
    session: AsyncSession, context: RunContext, _: Arguments, edited: Arguments
) -> None:
    kind = context.plan_kinds.get(str(edited.get("kind")))
    if kind is None:
        raise InvalidError(f"Choose one of {', '.join(context.plan_kinds)}.", field="kind")
    given = {name: value for name, value in edited.items() if name != "kind" and value is not None}
    asked = kind.input.model_validate(given)
    await check_job(
        session,
        context.user_id,
        kind,
        asked,
        timezone=context.timezone,
        now=context.clock(),
    )


CHECKS: Mapping[str, Check] = {
    create_goal.name: _check_new_goal,
    update_goal.name: _check_changed_goal,
    create_plan_job.name: _check_plan,
}


def _refusal(decision: Decision, field: object, message: str) -> InvalidEditError:
    place = f"input.{field}" if field else "input"
    return InvalidEditError(
        message, approval=decision.id, errors=[{"field": place, "message": message}]
    )
