"""What administrators see of everybody's jobs, and may set going again."""

from collections.abc import Sequence
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field
from pydantic.config import JsonDict

from api.deps import AdminRequiredError, AdminSessionDep, CrossOriginError, SuiteDep
from api.errors import problems
from api.job_models import (
    ATTEMPT_EXAMPLE,
    JOB_EXAMPLE,
    KINDS,
    SUMMARY_EXAMPLE,
    AttemptOut,
    JobOut,
    JobSummaryOut,
    job_fields,
)
from api.jobs import Kind, Statuses
from api.pages import (
    BY_TIME,
    DEFAULT_PAGE_SIZE,
    Cursor,
    InvalidCursorError,
    Limit,
    Page,
    decode_cursor,
    split_page,
)
from core.errors import UnauthenticatedError
from domain.jobs import JobKindGoneError, JobNotFailedError, retry_job
from storage.jobs import JobNotFoundError, count_by_status, get_job, list_attempts, list_jobs
from storage.models import Job, JobAttempt, JobStatus
from storage.queue import read_queue

router = APIRouter(
    prefix="/api/admin",
    tags=["Admin"],
    responses=problems(UnauthenticatedError, AdminRequiredError),
)

OWNER: JsonDict = {"user_id": "0198c5a2-0c3d-7a21-8f6e-5a9d3b7c1e42"}
DETAIL: JsonDict = {"worker": "worker-1:17", "error": None}


class AdminJobSummaryOut(JobSummaryOut):
    """A job, and whose it is."""

    model_config = ConfigDict(json_schema_extra={"examples": [SUMMARY_EXAMPLE | OWNER]})

    user_id: UUID


class AdminAttemptOut(AttemptOut):
    """One try to do a job, where it was made, and what went wrong."""

    worker: str = Field(description="Machine and process.")
    error: str | None = Field(description="The exception.")


class AdminJobOut(JobOut):
    """A job with all that is known of it."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [JOB_EXAMPLE | OWNER | {"attempts": [ATTEMPT_EXAMPLE | DETAIL]}]
        }
    )

    user_id: UUID
    attempts: list[AdminAttemptOut]  # type: ignore[assignment]  # each is an AttemptOut


class AdminJobsOut(Page[AdminJobSummaryOut]):
    """A page of jobs, the newest first."""


class JobCount(BaseModel):
    """How many jobs of a kind stand so."""

    kind: str
    status: JobStatus
    count: int


class JobCountsOut(BaseModel):
    """How many jobs there are, and how the queue stands."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "counts": [{"kind": "content_calendar", "status": "failed", "count": 3}],
                    "workers": 2,
                    "wait_seconds": 0.0,
                }
            ]
        }
    )

    counts: list[JobCount]
    workers: int = Field(
        description="Those that gave a sign of life within the last JOB_STALL_SECONDS."
    )
    wait_seconds: float = Field(description="How long the oldest due task has waited.")


@router.get("/jobs", summary="List everybody's jobs", responses=problems(InvalidCursorError))
async def list_all_jobs(
    session: AdminSessionDep,
    status: Statuses = None,
    kind: Kind = None,
    user_id: Annotated[UUID | None, Query(description="Only jobs of this user.")] = None,
    limit: Limit = DEFAULT_PAGE_SIZE,
    cursor: Cursor = None,
) -> AdminJobsOut:
    """The newest come first."""
    before = decode_cursor(cursor, BY_TIME)
    found = await list_jobs(
        session,
        statuses=status or tuple(JobStatus),
        kind=kind,
        user_id=user_id,
        before=before,
        limit=limit + 1,
    )
    page, next_page = split_page(found, limit, lambda job: (job.created_at, job.id))
    items = [AdminJobSummaryOut.model_validate(job_fields(job)) for job in page]
    return AdminJobsOut(items=items, next=next_page)


@router.get("/jobs/counts", summary="Count everybody's jobs")
async def count_jobs(session: AdminSessionDep, suite: SuiteDep) -> JobCountsOut:
    """By kind and status; and is anybody working, and how far behind?"""
    counts = await count_by_status(session)
    queue = await read_queue(session, stall_seconds=suite.settings.job_stall_seconds)
    return JobCountsOut(
        counts=[
            JobCount(kind=kind, status=JobStatus(status), count=count)
            for (kind, status), count in sorted(counts.items())
        ],
        workers=queue.workers,
        wait_seconds=queue.wait.total_seconds(),
    )


@router.get("/jobs/{job_id}", summary="Get anybody's job", responses=problems(JobNotFoundError))
async def get_any_job(job_id: UUID, session: AdminSessionDep) -> AdminJobOut:
    """With the exceptions of its attempts, and where they were made."""
    job = await get_job(session, job_id)
    return _answer(job, await list_attempts(session, job_id))


@router.post(
    "/jobs/{job_id}/retry",
    summary="Try anybody's job again",
    responses=problems(
        AdminRequiredError, CrossOriginError, JobNotFoundError, JobNotFailedError, JobKindGoneError
    ),
)
async def retry_any_job(job_id: UUID, session: AdminSessionDep) -> AdminJobOut:
    """However often its user has; it counts against nobody's limits."""
    job = await retry_job(session, job_id, KINDS, max_retries=None)
    return _answer(job, await list_attempts(session, job_id))


def _answer(job: Job, attempts: Sequence[JobAttempt]) -> AdminJobOut:
    return AdminJobOut.model_validate(job_fields(job) | {"attempts": attempts})
