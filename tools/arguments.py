"""Checks what a model or a creator gave a tool; what is wrong with it is told to the model."""

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from core.errors import AppError, FinalToolError, RetryableToolError
from domain.analytics import periods
from domain.analytics.growth import Period
from tools.context import RunContext

Checked = TypeVar("Checked", bound=BaseModel)


def checked(model: type[Checked], values: dict[str, Any]) -> Checked:
    """Return the arguments as they have to be."""
    try:
        return model.model_validate(values)
    except ValidationError as error:
        wrong = error.errors()[0]
        name = ".".join(str(part) for part in wrong["loc"])
        raise RetryableToolError(": ".join(filter(None, (name, wrong["msg"] + ".")))) from error


def past_period(context: RunContext, start: dt.date, end: dt.date) -> Period:
    """Return the asked period up to today."""
    with told_to_the_model():
        return periods.past_period(start, end, today=context.today)


@contextmanager
def told_to_the_model(*, final: type[AppError] | tuple[()] = ()) -> Iterator[None]:
    """Let the model hear why it was refused; after a `final` error it need not try again."""
    try:
        yield
    except AppError as error:
        kind = FinalToolError if isinstance(error, final) else RetryableToolError
        raise kind(error.detail) from error
