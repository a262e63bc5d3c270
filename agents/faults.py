"""How a language model can fail an answer, and what the creator is told.

UpstreamError
└─ ModelFailedError         it broke down, or sent what cannot be read
   ├─ ModelUnreachableError
   ├─ ModelTimeoutError
   ├─ ModelRateLimitedError
   └─ FinalModelError       the same call would fail again
      ├─ ModelRefusedError  only who runs the suite can mend it
      ├─ ContextTooLongError
      ├─ AnswerCutError     some of the answer was already told
      ├─ AnswerTooLongError
      ├─ AnswerWithheldError
      ├─ EmptyAnswerError
      └─ CallLimitError
"""

from langchain_core.messages import AIMessage

from core.errors import UpstreamError


class ModelFailedError(UpstreamError):
    """The language model did not answer. Your question is kept: try again in a moment."""

    code = "model_failed"
    # Tries that the model may charge for, though it has not said what they cost.
    unreported_tries = 1


class ModelUnreachableError(ModelFailedError):
    """The language model cannot be reached. Your question is kept: try again in a few minutes."""

    code = "model_unreachable"


class ModelTimeoutError(ModelFailedError):
    """The language model was silent for too long. Your question is kept: try again in a moment."""

    code = "model_timeout"


class ModelRateLimitedError(ModelFailedError):
    """The language model has too much to do. Your question is kept: try again in a minute."""

    code = "model_rate_limited"


class FinalModelError(ModelFailedError):
    """The language model cannot answer this."""


class ModelRefusedError(FinalModelError):
    """The language model refuses, and would again. Tell whoever runs the suite: see its log."""

    code = "model_refused"


class ContextTooLongError(FinalModelError):
    """This is more than the language model can read at once. Ask for less, or in fewer words."""

    code = "context_too_long"


class AnswerCutError(FinalModelError):
    """The language model broke off here. What it had said is kept: ask for another answer."""

    code = "answer_cut"


class AnswerTooLongError(FinalModelError):
    """The answer is longer than the language model may write. It is kept: ask for less at once."""

    code = "answer_too_long"


class AnswerWithheldError(FinalModelError):
    """The language model's provider held back the rest of the answer. Ask in other words."""

    code = "answer_withheld"


class EmptyAnswerError(FinalModelError):
    """The language model gave no answer. Try again, or ask in other words."""

    code = "empty_answer"


class CallLimitError(FinalModelError):
    """The agent looked up as much as it may and came to no answer. Ask for less at once."""

    code = "call_limit"


# Of an answer's metadata: the tries before it that its model may charge for, as above.
UNREPORTED_TRIES = "unreported_tries"
# Our own finish reason: the model wanted more calls than a run has.
CALL_LIMIT = "call_limit"
ENDINGS: dict[str, type[FinalModelError]] = {
    "length": AnswerTooLongError,
    "content_filter": AnswerWithheldError,
    CALL_LIMIT: CallLimitError,
}


def check_ending(message: AIMessage | None) -> None:
    """Raise what keeps a run's last message from being the end of an answer."""
    reason = message.response_metadata.get("finish_reason") if message else None
    if ending := ENDINGS.get(str(reason)):
        raise ending
    if not message or not message.text.strip():
        raise EmptyAnswerError
