"""Jobs: ask for long work, follow it, cancel it, and try it again."""

from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from sse_starlette import EventSourceResponse

from api.deps import CrossOriginError, CurrentUserDep, SuiteDep, TokenDep, UserSessionDep
from api.errors import problems
from api.following import read_changes
from api.idempotency import CreatingRoute
from api.job_models import KINDS, JobIn, JobOut, JobSummaryOut, job_answer, job_summary
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
from api.sse import EventStream
from core.errors import InvalidError, UnauthenticatedError
from domain.jobs import (
    JobKindGoneError,
    JobLimitReachedError,
    JobNotFailedError,
    JobNotOpenError,
    JobRetriesUsedError,
    cancel_job,
    create_job,
    retry_job,
)
from domain.plans.inputs import PeriodOverError, PlatformNotConnectedError
from graph.suite import Suite
from storage.jobs import OPEN, JobNotFoundError, get_job, list_attempts, list_jobs
from storage.models import JobStatus, new_id

router = APIRouter(
    prefix="/api/jobs",
    tags=["Jobs"],
    responses=problems(UnauthenticatedError),
    route_class=CreatingRoute,
)

Statuses = Annotated[list[JobStatus] | None, Query(description="Only jobs that stand so.")]
Kind = Annotated[str | None, Query(max_length=50, description="Only jobs of this kind.")]

STREAM = {
    "description": "Server-sent events `job`, each the job as GET answers it: at once, whenever it "
    "has come further, and when it has ended, which ends the stream: close it then, or EventSource "
    "comes back.",
    "content": {
        "text/event-stream": {
            "schema": {"type": "string"},
            "example": 'event: job\ndata: {"id":"0198c5a2-…","status":"running","progress":60}\n\n',
        }
    },
}


class JobsOut(Page[JobSummaryOut]):
    """A page of jobs, the newest first."""


@router.post(
    "",
    status_code=202,
    summary="Ask for long work",
    responses=problems(
        CrossOriginError, JobLimitReachedError, PeriodOverError, PlatformNotConnectedError
    ),
)
async def create(
    body: JobIn, user: CurrentUserDep, session: UserSessionDep, suite: SuiteDep
) -> JobOut:
    """It is done in the background; follow it with GET …/events, or ask for it now and then.

    What cannot be done is refused at once, and does not count against your limits.
    """
    with _naming_fields():
        job = await create_job(
            session,
            user.id,
            KINDS[body.kind],
            body.input,
            job_id=new_id(),
            timezone=user.timezone,
            now=suite.clock(),
        )
    return job_answer(job, ())


@router.get("", summary="List my jobs", responses=problems(InvalidCursorError))
async def list_all(
    session: UserSessionDep,
    status: Statuses = None,
    kind: Kind = None,
    limit: Limit = DEFAULT_PAGE_SIZE,
    cursor: Cursor = None,
) -> JobsOut:
    """The newest come first. They are kept for 90 days, and as long as there is a plan of them.

    What the suite does by itself every morning is left out, unless you ask for its kind, which is
    `insights`.
    """
    before = decode_cursor(cursor, BY_TIME)
    found = await list_jobs(
        session,
        statuses=status or tuple(JobStatus),
        kind=kind,
        before=before,
        with_scheduled=kind is not None,
        limit=limit + 1,
    )
    page, next_page = split_page(found, limit, lambda job: (job.created_at, job.id))
    return JobsOut(items=[job_summary(job) for job in page], next=next_page)


@router.get("/{job_id}", summary="Get a job", responses=problems(JobNotFoundError))
async def get(job_id: UUID, session: UserSessionDep) -> JobOut:
    """With what was asked for, what came of it, and each attempt at it."""
    job = await get_job(session, job_id)
    return job_answer(job, await list_attempts(session, job_id))


@router.get(
    "/{job_id}/events",
    summary="Follow a job",
    response_class=EventSourceResponse,
    responses={200: STREAM, **problems(JobNotFoundError)},
)
async def follow(
    job_id: UUID, user: CurrentUserDep, token: TokenDep, suite: SuiteDep
) -> EventStream:
    """Nothing is missed by coming back: what comes first is how the job stands.

    It also ends when you sign out, or the API key is revoked.
    """
    await _read(suite, user.id, job_id)
    return EventStream(_frames(suite, user.id, token, job_id))


@router.post(
    "/{job_id}/cancel",
    summary="Cancel a job",
    responses=problems(CrossOriginError, JobNotFoundError, JobNotOpenError),
)
async def cancel(job_id: UUID, session: UserSessionDep, suite: SuiteDep) -> JobOut:
    """It ends where it is. What it has used of your limits stays used."""
    job = await cancel_job(session, job_id, suite.clock())
    return job_answer(job, await list_attempts(session, job_id))


@router.post(
    "/{job_id}/retry",
    summary="Try a job again",
    responses=problems(
        CrossOriginError, JobNotFoundError, JobNotFailedError, JobRetriesUsedError, JobKindGoneError
    ),
)
async def retry(job_id: UUID, session: UserSessionDep) -> JobOut:
    """For a job that failed or was cancelled, five times at most.

    It is the same job: your limits count it once.
    """
    job = await retry_job(session, job_id, KINDS)
    return job_answer(job, await list_attempts(session, job_id))


@contextmanager
def _naming_fields() -> Iterator[None]:
    """Name the fields of a job's input by where they are in the body, as other errors do."""
    try:
        yield
    except InvalidError as error:
        if field := error.fields.get("field"):
            error.fields["field"] = f"body.input.{field}"
        raise


async def _frames(suite: Suite, user_id: UUID, token: str, job_id: UUID) -> AsyncIterator[bytes]:
    """Yield the job whenever it is another than was told last."""
    with suite.changes.subscribe(user_id) as subscription:
        told = await _read(suite, user_id, job_id)
        yield _frame(told)
        if told.status not in OPEN:
            return
        async for change in read_changes(suite, subscription, token):
            if change is not None and change.id != job_id:
                continue
            try:
                job = await _read(suite, user_id, job_id)
            except JobNotFoundError:  # its account was deleted
                return
            if job != told:
                told = job
                yield _frame(told)
            if told.status not in OPEN:
                return


def _frame(job: JobOut) -> bytes:
    return b"event: job\ndata: %b\n\n" % job.model_dump_json().encode()


async def _read(suite: Suite, user_id: UUID, job_id: UUID) -> JobOut:
    async with suite.database.user_session(user_id) as session:
        job = await get_job(session, job_id)
        return job_answer(job, await list_attempts(session, job_id))
