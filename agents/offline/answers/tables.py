"""Tables of an answer: a row for each platform or account, a column for each thing asked."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from agents.offline.answers.places import EVERYWHERE, Place, place_name
from agents.offline.answers.wording import date_text, number, span_text, table
from agents.offline.creator import Creator
from agents.offline.dates.spans import Span
from domain.figures import Figure

UNKNOWN = "unknown"
MIN_TABLE_ROWS = 3


@dataclass(frozen=True, kw_only=True)
class Column:
    """A column's head, its figure for each place, and how its values are written."""

    head: str
    figures: Mapping[Place, Figure]
    text: Callable[[float], str] = number
    describe: Callable[[Figure], str] | None = None

    def cell(self, place: Place) -> str:
        """Return the place's value as text; empty where the tool said nothing about it."""
        figure = self.figures.get(place)
        if figure is None:
            return "–"
        if figure.value is None:
            return UNKNOWN
        return self.describe(figure) if self.describe else self.text(figure.value)

    def value(self, place: Place) -> float | None:
        """Return the place's value."""
        figure = self.figures.get(place)
        return figure.value if figure else None


def day_columns(figures: Mapping[Place, Figure], *, is_level: bool) -> list[Column]:
    """Return a column with the days of each row, where they are not the same for all."""
    known = [f for place, f in figures.items() if f.value is not None and place != EVERYWHERE]
    if is_level and len({figure.end for figure in known}) > 1:
        return [Column(head="Day", figures=figures, describe=lambda f: date_text(f.end))]
    if not is_level and len({(figure.start, figure.end) for figure in known}) > 1:
        return [Column(head="Days counted", figures=figures, describe=_days)]
    return []


def _days(figure: Figure) -> str:
    return span_text(Span(start=figure.start, end=figure.end))


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
