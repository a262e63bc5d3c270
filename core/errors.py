"""What can go wrong, and what the client is told.

AppError(code, status)
├─ InvalidError          400
├─ UnauthenticatedError  401
├─ PaymentRequiredError  402
├─ ForbiddenError        403
├─ NotFoundError         404  missing, or someone else's
├─ ConflictError         409
├─ TooLargeError         413
├─ UnsupportedMediaError 415
├─ UnprocessableError    422
├─ LimitError            429  retry_after
├─ UpstreamError         502  a platform or a model failed after our retries
└─ UnavailableError      503  retry_after

ToolError is for the model, never for HTTP: RetryableToolError | FinalToolError.

A specific error lives beside its noun, sets only `code`, and its docstring is its message.
"""

from typing import ClassVar


class AppError(Exception):
    """Something went wrong."""

    code: ClassVar[str] = "error"
    status: ClassVar[int] = 500

    def __init__(self, detail: str | None = None, **fields: object) -> None:
        """Take a sentence for the user, and machine-readable fields for the problem JSON."""
        self.detail = detail or (type(self).__doc__ or "").strip()
        self.fields = fields
        super().__init__(self.detail)


class InvalidError(AppError):
    """The request is not valid."""

    code = "invalid"
    status = 400


class UnauthenticatedError(AppError):
    """Sign in first: POST /api/auth/login, then send the cookie or the bearer token."""

    code = "unauthenticated"
    status = 401


class PaymentRequiredError(AppError):
    """Your plan does not include this."""

    code = "payment_required"
    status = 402


class ForbiddenError(AppError):
    """You may not do this."""

    code = "forbidden"
    status = 403


class NotFoundError(AppError):
    """There is nothing here."""

    code = "not_found"
    status = 404


class ConflictError(AppError):
    """This does not fit the present state."""

    code = "conflict"
    status = 409


class TooLargeError(AppError):
    """The request body is too large."""

    code = "too_large"
    status = 413


class UnsupportedMediaError(AppError):
    """The request body is of a kind that this route does not read."""

    code = "unsupported_media"
    status = 415


class UnprocessableError(AppError):
    """The request makes no sense beside an earlier one."""

    code = "unprocessable"
    status = 422


class LimitError(AppError):
    """Too many requests; try again later."""

    code = "rate_limited"
    status = 429

    def __init__(self, detail: str | None = None, *, retry_after: float, **fields: object) -> None:
        """Take the seconds after which another try can succeed."""
        self.retry_after = max(1, round(retry_after))
        super().__init__(detail, retry_after=self.retry_after, **fields)


class UpstreamError(AppError):
    """A service we depend on did not answer; try again in a moment."""

    code = "upstream_failed"
    status = 502


class UnavailableError(AppError):
    """The service cannot answer right now; try again in a moment."""

    code = "unavailable"
    status = 503

    def __init__(
        self, detail: str | None = None, *, retry_after: float = 5, **fields: object
    ) -> None:
        """Take the seconds after which another try can succeed."""
        self.retry_after = max(1, round(retry_after))
        super().__init__(detail, retry_after=self.retry_after, **fields)


class ToolError(Exception):
    """A tool could not do what the model asked; the message is written for the model.

    `advice` follows the message.
    """

    advice: ClassVar[str]


class RetryableToolError(ToolError):
    """The model may try again with other arguments."""

    advice = "You may try again with other arguments."


class FinalToolError(ToolError):
    """Trying again will not help; the model should say so."""

    advice = "Trying again in this answer will not help."
