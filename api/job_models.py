"""What the job routes take and answer with; each kind of job has an input of its own."""

import datetime as dt
from collections.abc import Mapping, Sequence
from functools import reduce
from operator import or_
from typing import Annotated, Any, Literal, cast
from uuid import UUID

from fastapi import Body
from pydantic import BaseModel, ConfigDict, Field, create_model
from pydantic.alias_generators import to_pascal
from pydantic.config import JsonDict

from api.bodies import RequestBody
from domain.jobs import JobKind
from jobs.handlers import HANDLERS
from storage.models import AttemptStatus, Job, JobAttempt, JobStatus

KINDS: Mapping[str, JobKind] = {name: handler.kind for name, handler in HANDLERS.items()}
# What `POST /api/jobs` takes; daily ones have routes of their own.
ASKED_KINDS = {name: kind for name, kind in KINDS.items() if not kind.is_daily}
INPUT_EXAMPLES: Mapping[str, JsonDict] = {
    "content_calendar": {
        "goal": "More listeners before the tour",
        "start": "2026-12-01",
        "end": "2026-12-31",
        "platforms": ["instagram", "youtube"],
        "posts_per_week": 4,
    },
    "onboarding": {
        "goal": "A first thousand listeners",
        "niche": "quiet indie folk",
        "audience": "listeners from 20 to 35",
        "hours_per_week": 6,
        "platforms": ["instagram"],
        "posts_per_week": 3,
        "start": "2026-12-01",
        "weeks": 4,
    },
}
SUMMARY_EXAMPLE: JsonDict = {
    "id": "0198c5a2-7b1e-7c3d-9a54-0f6f2f3b8f10",
    "kind": "content_calendar",
    "title": "Content calendar",
    "status": "running",
    "stage": "calendar",
    "progress": 60,
    "message": "Writing the third of five weeks.",
    "error": None,
    "error_code": None,
    "created_at": "2026-11-20T09:15:00Z",
    "started_at": "2026-11-20T09:15:02Z",
    "completed_at": None,
}
ATTEMPT_EXAMPLE: JsonDict = {
    "number": 1,
    "status": "running",
    "started_at": "2026-11-20T09:15:02Z",
    "ended_at": None,
}
JOB_EXAMPLE: JsonDict = SUMMARY_EXAMPLE | {
    "input": INPUT_EXAMPLES["content_calendar"],
    "result": None,
    "attempts": [ATTEMPT_EXAMPLE],
}


def _body_of(kind: JobKind) -> type[RequestBody]:
    """Return the body that asks for a job of this kind."""
    model: type[RequestBody] = create_model(
        f"{to_pascal(kind.name)}JobIn",
        __base__=RequestBody,
        __doc__=f"{kind.title}.",
        kind=(cast("Any", Literal[kind.name]), ...),
        input=(kind.input, ...),
    )
    return model


JobIn: Any = Annotated[
    reduce(or_, (_body_of(kind) for kind in ASKED_KINDS.values())),
    Body(
        discriminator="kind",
        openapi_examples={
            name: {"summary": KINDS[name].title, "value": {"kind": name, "input": example}}
            for name, example in INPUT_EXAMPLES.items()
        },
    ),
]


class AttemptOut(BaseModel):
    """One try to do a job; `lost` ones stopped with their worker, and another went on."""

    model_config = ConfigDict(from_attributes=True)

    number: int
    status: AttemptStatus
    started_at: dt.datetime
    ended_at: dt.datetime | None


class JobSummaryOut(BaseModel):
    """A job, and how far it has come."""

    model_config = ConfigDict(json_schema_extra={"examples": [SUMMARY_EXAMPLE]})

    id: UUID
    kind: str
    title: str = Field(description="What jobs of this kind are called.")
    status: JobStatus
    stage: str | None = Field(description="What it is at.")
    progress: int = Field(description="Percent; never goes back while the job goes on.")
    message: str | None = Field(description="A sentence about that.")
    error: str | None = Field(description="Why it failed.")
    error_code: str | None
    created_at: dt.datetime
    started_at: dt.datetime | None
    completed_at: dt.datetime | None


class JobOut(JobSummaryOut):
    """A job with what was asked for, what came of it, and its attempts."""

    model_config = ConfigDict(json_schema_extra={"examples": [JOB_EXAMPLE]})

    input: dict[str, Any]
    result: dict[str, Any] | None
    attempts: list[AttemptOut]


def job_summary(job: Job) -> JobSummaryOut:
    """Return a job without what it is about."""
    return JobSummaryOut.model_validate(job_fields(job))


def job_answer(job: Job, attempts: Sequence[JobAttempt]) -> JobOut:
    """Return all of a job that its user sees."""
    return JobOut.model_validate(job_fields(job) | {"attempts": attempts})


def job_fields(job: Job) -> dict[str, Any]:
    """Return the columns of a job, and what its kind is called, also one of another release."""
    columns = {column.key: getattr(job, column.key) for column in Job.__table__.columns}
    return columns | {"title": KINDS[job.kind].title if job.kind in KINDS else job.kind}
