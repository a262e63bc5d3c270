"""Plans as they are kept: the newest version of each, and those it came from."""

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from pydantic import ValidationError
from sqlalchemy.ext.asyncio import AsyncSession

from core.errors import ConflictError, InvalidError
from domain.plans.plan import Plan
from storage import plans as plan_queries
from storage.models import PlanVersion, new_id
from storage.plans import PlanSummary

# What was asked for, or was measured, is no matter of opinion.
EDITABLE = frozenset({"title", "goals", "pillars", "weeks", "items", "metrics", "routine", "notes"})
MAX_ERRORS = 5
MAX_VERSIONS_LISTED = 100


class PlanChangedError(ConflictError):
    """There is a newer version of this plan already: change that one, `newest_id`."""

    code = "plan_changed"


class InvalidPlanError(InvalidError):
    """A plan cannot look like this."""

    code = "invalid_plan"


@dataclass(frozen=True, kw_only=True)
class StoredPlan:
    """A version of a plan; `row` is as it is stored."""

    row: PlanVersion
    plan: Plan


async def create_plan(
    session: AsyncSession, user_id: UUID, job_id: UUID, plan: Plan, *, plan_id: UUID
) -> None:
    """Store the first version of the plan that a job made, in the transaction that ends the job."""
    row = PlanVersion(
        id=plan_id,
        user_id=user_id,
        job_id=job_id,
        version=1,
        title=plan.title,
        body=_body(plan),
    )
    await plan_queries.create_version(session, row)


async def get_plan(session: AsyncSession, plan_id: UUID) -> StoredPlan:
    """Return a version of a plan. Raises `PlanNotFoundError`."""
    return _read(await plan_queries.get_version(session, plan_id))


async def list_plans(
    session: AsyncSession, *, before: tuple[dt.datetime, UUID] | None = None, limit: int
) -> Sequence[PlanSummary]:
    """Return the newest version of each plan, the last changed first; `before` is a cursor."""
    return await plan_queries.list_newest(session, before=before, limit=limit)


async def list_versions(session: AsyncSession, plan_id: UUID) -> Sequence[PlanSummary]:
    """Return the last hundred versions of a plan, newest first. Raises `PlanNotFoundError`."""
    version = await plan_queries.get_version(session, plan_id)
    return await plan_queries.list_versions(session, version.job_id, limit=MAX_VERSIONS_LISTED)


async def edit_plan(session: AsyncSession, plan_id: UUID, changes: dict[str, Any]) -> StoredPlan:
    """Store a new version with these fields of `EDITABLE` in place of the old ones.

    The creator may write what they like: the rules are for what others write. Raises
    `InvalidPlanError`, and what `change_plan` raises.
    """
    if unknown := sorted(changes.keys() - EDITABLE):
        raise InvalidPlanError(f"{unknown[0]}: this cannot be changed.", field=unknown[0])
    return await change_plan(session, plan_id, lambda plan: _valid(_body(plan) | changes))


async def change_plan(
    session: AsyncSession,
    plan_id: UUID,
    change: Callable[[Plan], Plan],
    *,
    version_id: UUID | None = None,
) -> StoredPlan:
    """Store what `change` makes of the newest version as a new one.

    What changes nothing makes no version. Raises `PlanNotFoundError`, `PlanChangedError`, and
    what `change` raises.
    """
    # Locked, so that of two changes at once the later one finds the version of the first.
    old = await plan_queries.get_version(session, plan_id, is_locked=True)
    newest_id = await plan_queries.get_newest_id(session, plan_id)
    if newest_id != plan_id:
        raise PlanChangedError(newest_id=newest_id)
    before = _read(old)
    plan = _valid(_body(change(before.plan)))
    if plan == before.plan:
        return before
    row = PlanVersion(
        id=version_id or new_id(),
        user_id=old.user_id,
        job_id=old.job_id,
        version=old.version + 1,
        parent_id=old.id,
        title=plan.title,
        body=_body(plan),
    )
    await plan_queries.create_version(session, row)
    return StoredPlan(row=row, plan=plan)


async def delete_plan(session: AsyncSession, plan_id: UUID) -> None:
    """Delete a plan with all its versions. Raises `PlanNotFoundError`."""
    version = await plan_queries.get_version(session, plan_id)
    await plan_queries.delete_versions(session, version.job_id)


def _read(row: PlanVersion) -> StoredPlan:
    return StoredPlan(row=row, plan=Plan.model_validate(row.body))


def _body(plan: Plan) -> dict[str, Any]:
    return plan.model_dump(mode="json", by_alias=True)


def _valid(body: dict[str, Any]) -> Plan:
    try:
        return Plan.model_validate(body)
    except ValidationError as error:
        told = [
            f"{'.'.join(map(str, each['loc']))}: {each['msg']}"
            for each in error.errors()[:MAX_ERRORS]
        ]
        field = str(error.errors()[0]["loc"][0])
        raise InvalidPlanError("; ".join(told), field=field) from None
