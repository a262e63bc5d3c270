"""What outside engines tell about the jobs that they have; docs/engines/n8n.md is for them."""

import hashlib
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Body, Depends, Request
from pydantic import BaseModel, ConfigDict, Field
from pydantic.config import JsonDict

from api.bodies import RequestBody
from api.deps import SuiteDep
from api.errors import problems
from core import metrics
from core.engine_settings import Engine
from core.errors import UnprocessableError
from domain.engines import Completion, Failure, InvalidResultError, Progress, Reception
from domain.signatures import InvalidSignatureError, check_shared_secret, verify
from graph.suite import Suite
from jobs.callbacks import take_callback
from jobs.handlers import HANDLERS
from storage.jobs import JobNotFoundError

router = APIRouter(prefix="/api/callbacks", tags=["Engines"])

MAX_ATTEMPT = 2**31 - 1  # PostgreSQL's integer

ABOUT: JsonDict = {"job_id": "0198c5a2-7b1e-7c3d-9a54-0f6f2f3b8f10", "attempt": 1}
EXAMPLES: dict[str, JsonDict] = {
    "progress": {"progress": 40, "stage": "writing", "message": "Writing the second week."},
    "completed": {"result": {"plan": {"items": []}}},
    "failed": {"error": {"code": "quota", "message": "The model is busy.", "retryable": True}},
}


class OtherJobError(UnprocessableError):
    """The address is that of another job than `job_id`."""

    code = "other_job"


class _About(RequestBody):
    job_id: UUID = Field(description="As it was delivered, and as in the address.")
    attempt: int = Field(ge=1, le=MAX_ATTEMPT, description="As it was delivered.")


class ProgressIn(Progress, _About):
    """The job has come so far."""

    event: Literal["progress"]


class CompletedIn(Completion, _About):
    """The job is done."""

    event: Literal["completed"]


class FailedIn(Failure, _About):
    """The job could not be done."""

    event: Literal["failed"]


CallbackIn = Annotated[
    ProgressIn | CompletedIn | FailedIn,
    Body(
        discriminator="event",
        openapi_examples={
            event: {"summary": event, "value": {"event": event, **ABOUT, **fields}}
            for event, fields in EXAMPLES.items()
        },
    ),
]


class ReceivedOut(BaseModel):
    """What became of a message."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"outcome": "accepted"}]})

    outcome: Reception = Field(
        description="`duplicate`: it came before. `ignored`: nobody waits for it any more."
    )


async def get_message_id(request: Request, suite: SuiteDep) -> str:
    """Return what names this message, if the engine sent it. Raises `InvalidSignatureError`."""
    try:
        return _identify(request, await request.body(), suite)
    except InvalidSignatureError:
        metrics.ENGINE_MESSAGES.labels(Engine.WEBHOOK, "refused").inc()
        raise


def _identify(request: Request, body: bytes, suite: Suite) -> str:
    """Return the id that was signed, or that of an unsigned body beside the shared secret."""
    engines = suite.settings.engines
    if engines.signing_keys and "webhook-signature" in request.headers:
        return verify(engines.signing_keys, request.headers, body, suite.clock())
    if engines.callback_secret is None:
        raise InvalidSignatureError
    given = request.headers.get("x-callback-secret", "")
    check_shared_secret(engines.callback_secret.get_secret_value(), given)
    return f"sha256:{hashlib.sha256(body).hexdigest()}"


@router.post(
    "/jobs/{job_id}",
    summary="Tell about a job",
    responses=problems(InvalidSignatureError, JobNotFoundError, InvalidResultError, OtherJobError),
)
async def call_back(
    job_id: UUID,
    message_id: Annotated[str, Depends(get_message_id)],
    body: CallbackIn,
    suite: SuiteDep,
) -> ReceivedOut:
    """For the engine that has the job, with the signature or the secret that it was set up with.

    Progress never goes back, the first end of an attempt counts, and what comes twice, late or
    out of order is answered with 200 and changes nothing.
    """
    if body.job_id != job_id:
        raise OtherJobError
    outcome = await take_callback(suite, HANDLERS, (job_id, body.attempt), message_id, body)
    return ReceivedOut(outcome=outcome)
