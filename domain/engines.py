"""What outside engines tell about the jobs that they have, and what can be wrong with that."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field, StringConstraints

from core.errors import AppError, ConflictError, UnprocessableError

Word = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=50)]
Sentence = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
Detail = Annotated[str, StringConstraints(max_length=2000)]

# What became of a message: it had its effect, it came before, or nobody waits for it any more.
Reception = Literal["accepted", "duplicate", "ignored"]


class EngineRefusedError(AppError):
    """The service that does this did not take it. We know about it: try it again later."""

    code = "engine_refused"


class EngineUnreachableError(AppError):
    """The service that does this could not be reached for a while. Try it again later."""

    code = "engine_unreachable"


class EngineSilentError(AppError):
    """The service that does this was not heard of for too long. Try it again later."""

    code = "engine_silent"


class EngineFailedError(AppError):
    """The service that does this could not do it. Try it again later."""

    code = "engine_failed"


class InvalidResultError(UnprocessableError):
    """This cannot be the result of the job."""

    code = "invalid_result"


class DeliveryNotReplayableError(ConflictError):
    """The job of this delivery is done, is just being delivered, or was delivered anew since."""

    code = "delivery_not_replayable"


class EngineFault(BaseModel):
    """Why an engine could not do a job; only operators read it."""

    code: Word | None = None
    message: Detail
    retryable: bool = Field(False, description="Whether another attempt can succeed.")


class Progress(BaseModel):
    """How far the job is. One that is less far than was told before changes nothing."""

    progress: int = Field(ge=0, le=100, description="Percent.")
    stage: Word | None = Field(None, description="What it is at, in a word.")
    message: Sentence | None = Field(None, description="A sentence about that, for the creator.")


class Completion(BaseModel):
    """What came of the job."""

    result: dict[str, Any] = Field(description="As docs/engines/n8n.md has it for each kind.")


class Failure(BaseModel):
    """Why nothing came of the job."""

    error: EngineFault
