"""Tables of an answer: a row for each platform or account, a column for each thing asked."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from agents.offline.answers.places import EVERYWHERE, Place, place_name
from agents.offline.answers.wording import number, table
from agents.offline.creator import Creator
from domain.figures import Figure

UNKNOWN = "unknown"
MIN_TABLE_ROWS = 3


@dataclass(frozen=True, kw_only=True)
class Column:
    """A column's head, its figure for each place, and how its values are written."""

    head: str
    figures: Mapping[Place, Figure]
    text: Callable[[float], str] = number

    def cell(self, place: Place) -> str:
        """Return the place's value as text; empty where the tool said nothing about it."""
        figure = self.figures.get(place)
        if figure is None:
            return "–"
        return UNKNOWN if figure.value is None else self.text(figure.value)

    def value(self, place: Place) -> float | None:
        """Return the place's value."""
        figure = self.figures.get(place)
        return figure.value if figure else None


def places_of(columns: Sequence[Column]) -> list[Place]:
    """Return the places of all columns without the sum of all; by the first column, largest first.

    An account comes right after its platform, and what is unknown comes last.
    """
    places = dict.fromkeys(place for column in columns for place in column.figures)

    def rank(place: Place) -> float:
        value = columns[0].value(place)
        return float("inf") if value is None else -value

    def order(place: Place) -> tuple[float, str, float, str]:
        platform, account = place
        own = rank(place) if account else float("-inf")
        return rank((platform, None)), platform or "", own, account or ""

    return sorted((place for place in places if place != EVERYWHERE), key=order)


def breakdown(columns: Sequence[Column], creator: Creator) -> str:
    """Return a table of the places; bullets for two, nothing for a single one."""
    places = places_of(columns)
    if len(places) < 2:  # noqa: PLR2004 — one place is already said in the sentence
        return ""
    names = {place: place_name(place, creator) for place in places}
    if len(places) < MIN_TABLE_ROWS and len(columns) == 1:
        return "\n".join(f"- {names[place]}: {columns[0].cell(place)}" for place in places)
    rows = [[names[place], *(column.cell(place) for column in columns)] for place in places]
    return table(["Platform", *(column.head for column in columns)], rows)
