"""What a tool returns: figures and notes, as JSON that the model reads and clients show."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

import orjson
from pydantic import BaseModel, Field

from core.errors import RetryableToolError
from domain.analytics import periods
from domain.analytics.growth import InvalidPeriodError, Period
from domain.figures import Figure
from tools.context import RunContext

MAX_CHARACTERS = 24_000  # about 8,000 tokens; a usual result has a tenth of that


class ToolResult(BaseModel):
    """Figures to answer with, notes on what is missing, and rows of what is not a number."""

    figures: list[Figure] = Field(default_factory=list)
    notes: list[str] = Field(default_factory=list)
    rows: list[dict[str, Any]] = Field(default_factory=list)

    def content(self) -> str:
        """Return the JSON for the model: no empty fields, but an unknown value stays null.

        Of what is too much to read the end of each list is left out, and a note says so.
        """
        text, share = self._json(), 1.0
        while len(text) > MAX_CHARACTERS:
            share *= 0.9 * MAX_CHARACTERS / len(text)
            text = self._first(share)._json()  # noqa: SLF001  # of its own kind
        return text

    def _first(self, share: float) -> "ToolResult":
        """Return the first part of each list."""
        lists: list[list[Any]] = [self.figures, self.notes, self.rows]
        figures, notes, rows = [each[: int(share * len(each))] for each in lists]
        left_out = sum(map(len, lists)) - len(figures) - len(notes) - len(rows)
        note = f"this is too much to show: {left_out} entries are left out; ask for less at once"
        return ToolResult(figures=figures, notes=[*notes, note], rows=rows)

    def _json(self) -> str:
        body: dict[str, Any] = {
            "figures": [
                figure.model_dump(mode="json", by_alias=True, exclude_none=True)
                | {"value": figure.value}
                for figure in self.figures
            ],
            "notes": self.notes,
            "rows": self.rows,
        }
        return orjson.dumps({key: value for key, value in body.items() if value}).decode()


def answer(
    figures: Sequence[Figure], notes: Sequence[str] = (), *, if_empty: str
) -> tuple[str, ToolResult]:
    """Return a tool's content for the model, and its artifact for the run.

    `if_empty` is the note that says why there is no figure.
    """
    result = ToolResult(figures=list(figures), notes=[*notes, *([] if figures else [if_empty])])
    return result.content(), result


def past_period(context: RunContext, start: dt.date, end: dt.date) -> Period:
    """Return the asked period up to today; what is wrong with it is told to the model."""
    try:
        return periods.past_period(start, end, today=context.today)
    except InvalidPeriodError as error:
        raise RetryableToolError(error.detail) from error
