"""Figure references: a model writes `{{f3}}`, and the value is written in its place.

A model that names a figure instead of its number cannot get the number wrong.
"""

import re
from typing import NamedTuple

from domain.figures import Figure, FigureBook
from domain.number_format import format_figure

# "{{ f12 }}", in capitals too. The digits are bounded, and so is what is held back.
_REFERENCE = re.compile(r"\{\{[ \t]{0,4}([fF]\d{1,6})[ \t]{0,4}\}\}")
_MAX_LENGTH = 2 + 4 + 7 + 4 + 2
# What may still become a reference: every beginning of one.
_BEGINNING = re.compile(r"\{(?:\{(?:[ \t]{0,4}(?:[fF](?:\d{1,6}(?:[ \t]{0,4}\}?)?)?)?)?)?$")
_PERCENT_FOLLOWS = re.compile(r"[ \u00a0\u202f]?(?:%|percent\b|percentage point|pp\b)")
_LONGEST_PERCENT = 17
_SPACES = " \u00a0\u202f"
_UNITS = ("%", "percent", "percentage point", "pp")


class FilledReference(NamedTuple):
    """Which figure wrote a piece of the text."""

    start: int
    end: int
    figure_id: str


class UnknownReference(NamedTuple):
    """A reference to a figure that does not exist, and where in the text it would have stood."""

    position: int
    figure_id: str


class ReferenceWriter:
    """Replaces references by values while a text streams; chunks may cut it anywhere."""

    def __init__(self, figures: FigureBook, locale: str) -> None:
        """Take the figures of the run, which may still grow, and the creator's locale."""
        self._figures = figures
        self._locale = locale
        self._held = ""
        self._written = 0
        self.filled: list[FilledReference] = []
        self.unknown_at: list[UnknownReference] = []

    @property
    def unknown(self) -> list[str]:
        """The ids of references that name no figure, in the order of the text."""
        return [reference.figure_id for reference in self.unknown_at]

    def feed(self, delta: str) -> str:
        """Return the text that is complete by now."""
        self._held += delta
        return self._write(is_end=False)

    def flush(self) -> str:
        """Return what is left at the end of the text."""
        return self._write(is_end=True)

    def _write(self, *, is_end: bool) -> str:
        pieces: list[str] = []
        place, end = 0, len(self._held)
        for match in _REFERENCE.finditer(self._held):
            rest = self._held[match.end() : match.end() + _LONGEST_PERCENT]
            if not is_end and not self._is_decided(match[1], rest):
                end = match.start()
                break
            self._add(pieces, self._held[place : match.start()])
            self._add_value(pieces, match[1].lower(), has_percent=_has_percent(rest))
            place = match.end()
        if not is_end and end == len(self._held):
            beginning = _BEGINNING.search(self._held, max(place, end - _MAX_LENGTH))
            end = beginning.start() if beginning else end
        self._add(pieces, self._held[place:end])
        self._held = self._held[end:]
        return "".join(pieces)

    def _find(self, reference: str) -> Figure | None:
        """Return the figure; a book numbers its figures from f1."""
        place = int(reference[1:]) - 1
        figures = self._figures.figures
        return figures[place] if 0 <= place < len(figures) else None

    def _is_decided(self, reference: str, rest: str) -> bool:
        """Tell whether what follows cannot become a percent sign any more."""
        figure = self._find(reference)
        if figure is None or figure.unit != "percent":
            return True
        named = _PERCENT_FOLLOWS.match(rest)
        if named and (named.end() < len(rest) or rest.endswith("%")):
            return True
        return not _may_be_percent(rest)

    def _add(self, pieces: list[str], text: str) -> None:
        pieces.append(text)
        self._written += len(text)

    def _add_value(self, pieces: list[str], reference: str, *, has_percent: bool) -> None:
        figure = self._find(reference)
        if figure is None:
            self.unknown_at.append(UnknownReference(self._written, reference))
            return
        value = format_figure(figure, self._locale, with_unit=not has_percent)
        start = self._written
        self._add(pieces, value)
        self.filled.append(FilledReference(start, self._written, figure.id))


def _has_percent(rest: str) -> bool:
    return _PERCENT_FOLLOWS.match(rest) is not None


def _may_be_percent(rest: str) -> bool:
    """Tell whether a text that goes on may turn out to name the unit itself."""
    space, word = rest[:1], rest[1:] if rest[:1] in _SPACES else rest
    return not space or any(unit.startswith(word) for unit in _UNITS)
