"""The part of an answer that shows a job: what it is, and how far it has come."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from domain.approvals import Part
from storage.jobs import list_jobs_by_id
from storage.models import Job, JobStatus

JOB_PART = "data-job"
_IDENTITY = ("job_id", "kind", "title")


def job_state(job: Job | None) -> dict[str, Any]:
    """Return how a job stands; null of one that is not kept any more."""
    if job is None:
        return dict.fromkeys(("status", "stage", "progress", "message", "plan_id"))
    return {
        "status": job.status,
        "stage": job.stage,
        "progress": job.progress,
        "message": job.error if job.status == JobStatus.FAILED else job.message,
        "plan_id": (job.result or {}).get("plan_id"),
    }


def find_job_shown(output: Any) -> dict[str, Any] | None:
    """Return the job that a tool's output is about, as its part shows it."""
    rows = output.get("rows", ()) if isinstance(output, dict) else ()
    row = next((row for row in rows if isinstance(row, dict) and "job_id" in row), None)
    if row is None:
        return None
    return {name: row.get(name) for name in (*_IDENTITY, *job_state(None))}


async def read_job_states(
    session: AsyncSession, job_ids: Sequence[str]
) -> Mapping[str, dict[str, Any]]:
    """Return how each of these jobs stands now."""
    found = {str(job.id): job for job in await list_jobs_by_id(session, map(UUID, job_ids))}
    return {job_id: job_state(found.get(job_id)) for job_id in job_ids}


async def with_present_jobs(
    session: AsyncSession, messages: Sequence[Sequence[Part]]
) -> list[list[Part]]:
    """Return the parts of messages, their jobs as they stand now."""
    shown = [part["id"] for parts in messages for part in parts if part["type"] == JOB_PART]
    if not shown:
        return [list(parts) for parts in messages]
    states = await read_job_states(session, shown)
    return [
        [
            part | {"data": part["data"] | states[part["id"]]} if part["type"] == JOB_PART else part
            for part in parts
        ]
        for parts in messages
    ]
