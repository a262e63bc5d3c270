"""Queries over plans and their versions."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Select, delete, exists, func, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from core.errors import NotFoundError
from storage.models import PlanVersion, Platform


class PlanNotFoundError(NotFoundError):
    """There is no such plan."""

    code = "plan_not_found"


@dataclass(frozen=True, kw_only=True)
class PlanSummary:
    """A version of a plan, without its parts; `posts` is how many it has."""

    id: UUID
    job_id: UUID
    version: int
    title: str
    created_at: dt.datetime
    template: str
    goal: str
    start: dt.date
    end: dt.date
    platforms: Sequence[Platform]
    posts: int


async def get_version(
    session: AsyncSession, plan_id: UUID, *, is_locked: bool = False
) -> PlanVersion:
    """Return the version with this id. Raises `PlanNotFoundError`."""
    found = await session.get(PlanVersion, plan_id, with_for_update=is_locked or None)
    if found is None:
        raise PlanNotFoundError
    return found


async def get_newest_id(session: AsyncSession, plan_id: UUID) -> UUID:
    """Return the newest version of the plan that has this one. Raises `PlanNotFoundError`."""
    newest = aliased(PlanVersion)
    found = await session.scalar(
        select(newest.id)
        .join(PlanVersion, PlanVersion.job_id == newest.job_id)
        .where(PlanVersion.id == plan_id)
        .order_by(newest.version.desc())
        .limit(1)
    )
    if found is None:
        raise PlanNotFoundError
    return found


async def list_newest(
    session: AsyncSession, *, before: tuple[dt.datetime, UUID] | None = None, limit: int
) -> Sequence[PlanSummary]:
    """Return the newest version of each plan, the last changed first; `before` is a cursor."""
    later = aliased(PlanVersion)
    is_newest = ~exists().where(
        later.job_id == PlanVersion.job_id, later.version > PlanVersion.version
    )
    place = tuple_(PlanVersion.created_at, PlanVersion.id)
    query = _summaries().where(is_newest).order_by(place.desc()).limit(limit)
    if before is not None:
        query = query.where(place < before)
    return await _read(session, query)


async def list_versions(
    session: AsyncSession, job_id: UUID, *, limit: int
) -> Sequence[PlanSummary]:
    """Return the versions of a plan, the newest first."""
    query = _summaries().where(PlanVersion.job_id == job_id)
    return await _read(session, query.order_by(PlanVersion.version.desc()).limit(limit))


async def create_version(session: AsyncSession, version: PlanVersion) -> None:
    """Store a version."""
    session.add(version)
    await session.flush()


async def delete_versions(session: AsyncSession, job_id: UUID) -> None:
    """Delete a plan with all its versions."""
    await session.execute(delete(PlanVersion).where(PlanVersion.job_id == job_id))


def _summaries() -> Select[Any]:
    """Return what is read of a version for lists: bodies are long."""
    body = PlanVersion.body
    return select(
        PlanVersion.id,
        PlanVersion.job_id,
        PlanVersion.version,
        PlanVersion.title,
        PlanVersion.created_at,
        body["template"].astext.label("template"),
        body["goal"].astext.label("goal"),
        body["start"].astext.label("start"),
        body["end"].astext.label("end"),
        body["platforms"].label("platforms"),
        func.jsonb_array_length(body["items"]).label("posts"),
    )


async def _read(session: AsyncSession, query: Select[Any]) -> Sequence[PlanSummary]:
    rows = (await session.execute(query)).mappings()
    return [
        PlanSummary(
            **{
                **row,
                "start": dt.date.fromisoformat(row["start"]),
                "end": dt.date.fromisoformat(row["end"]),
                "platforms": [Platform(name) for name in row["platforms"]],
            }
        )
        for row in rows
    ]
