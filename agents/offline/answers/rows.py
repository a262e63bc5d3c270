"""Rows of a tool's result with the figures that belong to them."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from agents.offline.answers.results import Answered
from agents.offline.answers.wording import number, percent
from domain.figures import Figure

UNKNOWN = "unknown"


@dataclass(frozen=True, kw_only=True)
class Row:
    """What of a row is not a number, and its figures by metric."""

    fields: dict[str, Any]
    figures: dict[str, Figure]
    labelled_figures: tuple[Figure, ...] = ()

    def known(self, label: str) -> float | None:
        """Return the value of the figure whose label begins like this; null if unknown."""
        figure = self._labelled(label)
        return figure.value if figure else None

    def labelled(self, label: str) -> str:
        """Return that value as text."""
        figure = self._labelled(label)
        return shown(figure) if figure else UNKNOWN

    def _labelled(self, label: str) -> Figure | None:
        return next((f for f in self.labelled_figures if f.label.startswith(label)), None)

    def text(self, name: str) -> str:
        """Return a field as text; empty where it is null."""
        value = self.fields.get(name)
        return "" if value is None else str(value)

    def value(self, metric: str) -> float | None:
        """Return a figure's value; null where it is unknown."""
        figure = self.figures.get(metric)
        return figure.value if figure else None

    def shown(self, metric: str) -> str:
        """Return a figure as it stands in a table."""
        figure = self.figures.get(metric)
        return shown(figure) if figure else "–"

    @property
    def stands_out(self) -> bool:
        """Whether the tool says so."""
        return self.fields.get("stands_out") is True


def rows_of(answer: Answered) -> Iterator[Row]:
    """Yield the rows of a result in its order."""
    by_id = {figure.id: figure for figure in answer.result.figures}
    for fields in answer.result.rows:
        own = [by_id[name] for name in fields.get("figures", ()) if name in by_id]
        yield Row(
            fields=fields,
            figures={figure.metric: figure for figure in own},
            labelled_figures=tuple(own),
        )


def shown(figure: Figure) -> str:
    """Return a figure's value as text; shares and rates have no sign."""
    if figure.value is None:
        return UNKNOWN
    if figure.unit == "percent" and figure.value == 0:
        return "0%"
    if figure.unit == "percent":
        return percent(figure.value).removeprefix("+")
    return number(figure.value)
