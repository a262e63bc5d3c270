"""A run that is no longer in any log is told again from the message that it stored."""

from core.errors import AppError
from graph import chunks
from graph.closing import LostRunError
from graph.events import RunLog
from storage.models import ChatMessage, Run, RunStatus


class PastFailureError(AppError):
    """This answer failed. Your question is kept: ask for another answer."""

    code = "run_failed"


# How such a run tells why it has no whole answer.
PAST_ERRORS: dict[str, type[AppError]] = {
    RunStatus.FAILED: PastFailureError,
    RunStatus.LOST: LostRunError,
}


def replay(run: Run, answer: ChatMessage | None) -> RunLog:
    """Return a closed log of what the run had said, and of how it ended."""
    log = RunLog(run.id)
    if answer:
        tell(log, answer)
    error = PAST_ERRORS.get(run.status)
    metadata = {"tokens": answer.tokens_used if answer else None}
    for chunk in chunks.finish(RunStatus(run.status), metadata, error() if error else None):
        log.append(chunk)
    log.close()
    return log


def tell(log: RunLog, answer: ChatMessage) -> None:
    """Write down what a message's run must have said."""
    log.append(chunks.start(answer.id, {"agent": answer.agent, "model": answer.model_used}))
    for chunk in chunks.stored(answer.parts):
        log.append(chunk)
