"""What a tool returns: figures and notes, as JSON that the model reads and clients show."""

from typing import Any

import orjson
from pydantic import BaseModel, Field

from domain.figures import Figure

MAX_CHARACTERS = 24_000  # about 8,000 tokens; a usual result has a tenth of that


class ToolResult(BaseModel):
    """Figures to answer with, notes on what is missing, and rows of what is not a number."""

    figures: list[Figure] = Field(default_factory=list)
    notes: list[str] = Field(default_factory=list)
    rows: list[dict[str, Any]] = Field(default_factory=list)

    def answer(self, *, if_empty: str = "") -> "Result":
        """Return a tool's content for the model, and its artifact for the run.

        `if_empty` is the note that says why there is no figure.
        """
        notes = self.notes if self.figures or not if_empty else [*self.notes, if_empty]
        result = self.model_copy(update={"notes": notes})
        return result.content(), result

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


Result = tuple[str, ToolResult]
