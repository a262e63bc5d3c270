"""Queries over plans and their versions."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import delete, exists, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from core.errors import NotFoundError
from storage.models import PlanVersion


class PlanNotFoundError(NotFoundError):
    """There is no such plan."""

    code = "plan_not_found"


async def get_version(
    session: AsyncSession, plan_id: UUID, *, is_locked: bool = False
) -> PlanVersion:
    """Return the version with this id. Raises `PlanNotFoundError`."""
    found = await session.get(PlanVersion, plan_id, with_for_update=is_locked or None)
    if found is None:
        raise PlanNotFoundError
    return found


async def list_newest(
    session: AsyncSession, *, before: UUID | None = None, limit: int
) -> Sequence[PlanVersion]:
    """Return the newest version of each plan, the last changed first."""
    later = aliased(PlanVersion)
    is_newest = ~exists().where(
        later.job_id == PlanVersion.job_id, later.version > PlanVersion.version
    )
    query = select(PlanVersion).where(is_newest).order_by(PlanVersion.id.desc()).limit(limit)
    if before is not None:
        query = query.where(PlanVersion.id < before)
    return (await session.scalars(query)).all()


async def list_versions(session: AsyncSession, job_id: UUID) -> Sequence[PlanVersion]:
    """Return all versions of a plan, the newest first."""
    query = select(PlanVersion).where(PlanVersion.job_id == job_id)
    return (await session.scalars(query.order_by(PlanVersion.version.desc()))).all()


async def create_version(session: AsyncSession, version: PlanVersion) -> None:
    """Store a version."""
    session.add(version)
    await session.flush()


async def delete_versions(session: AsyncSession, job_id: UUID) -> None:
    """Delete a plan with all its versions."""
    await session.execute(delete(PlanVersion).where(PlanVersion.job_id == job_id))
