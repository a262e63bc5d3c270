"""The jobs that QStash delivers: they are done here, and answered when they are over."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path, Request, Response
from pydantic import BaseModel, ValidationError
from starlette.datastructures import Headers

from api.callbacks import ReceivedOut
from api.deps import SuiteDep
from api.errors import problem_response, problems
from core import metrics
from core.engine_settings import Engine
from core.errors import AppError
from domain.signatures import InvalidSignatureError, verify_qstash
from graph.suite import Suite
from jobs.callbacks import JobBusyError, take_delivery
from jobs.handlers import HANDLERS
from storage.jobs import JobNotFoundError

router = APIRouter(prefix="/api/webhooks/qstash", tags=["Engines"])

MAX_ID_LENGTH = 200
Kind = Annotated[str, Path(max_length=50, description="The kind of the job.")]
BODY = {
    "required": True,
    "content": {
        "application/json": {
            "schema": {
                "type": "object",
                "required": ["job_id", "delivery_id"],
                "properties": {
                    "job_id": {"type": "string", "format": "uuid"},
                    "delivery_id": {"type": "string", "format": "uuid"},
                },
            },
            "example": {
                "job_id": "0198c5a2-7b1e-7c3d-9a54-0f6f2f3b8f10",
                "delivery_id": "0198c5a2-7b20-7f11-8d3c-6a1b5e9f0c27",
            },
        }
    },
}


class NotRetryableError(AppError):
    """This is no message for us, and will not be one when it comes again."""

    code = "not_retryable"
    status = 489  # QStash's: it is kept in the dead letter queue, and not tried again


class MessageIn(BaseModel):
    """What we published."""

    job_id: UUID
    delivery_id: UUID


@router.post(
    "/{kind}",
    summary="Do a job that QStash delivers",
    response_model=ReceivedOut,
    responses=problems(InvalidSignatureError, NotRetryableError, JobBusyError),
    openapi_extra={"requestBody": BODY},
)
async def do_delivered_job(kind: Kind, request: Request, suite: SuiteDep) -> Response:
    """For QStash alone, with its signature. It is answered when the job is over, well or not.

    What cannot be done is answered with 489, so that QStash does not try it again.
    """
    body, headers = await request.body(), request.headers
    try:
        _check_signature(kind, headers.get("upstash-signature", ""), suite, body)
    except InvalidSignatureError:
        metrics.ENGINE_MESSAGES.labels(Engine.QSTASH, "refused").inc()
        raise
    try:
        message = MessageIn.model_validate_json(body)
        outcome = await take_delivery(
            suite, HANDLERS, kind, message.job_id, message.delivery_id, _read_message_id(headers)
        )
    except (ValidationError, JobNotFoundError, NotRetryableError):
        response = problem_response(NotRetryableError())
        response.headers["Upstash-NonRetryable-Error"] = "true"
        return response
    return Response(ReceivedOut(outcome=outcome).model_dump_json(), media_type="application/json")


def _check_signature(kind: str, token: str, suite: Suite, body: bytes) -> None:
    settings = suite.settings
    keys, url = settings.engines.qstash_keys, settings.public_url
    if not keys or url is None:
        raise InvalidSignatureError
    address = f"{url}/api/webhooks/qstash/{kind}"
    verify_qstash(keys, token, body, url=address, now=suite.clock())


def _read_message_id(headers: Headers) -> str:
    """Return what names a try at a message: another try came about since the first one broke off.

    Raises `NotRetryableError`.
    """
    name = f"{headers.get('upstash-message-id', '')} {headers.get('upstash-retried', '0')}"
    if name.startswith(" ") or len(name) > MAX_ID_LENGTH:
        raise NotRetryableError
    return name
