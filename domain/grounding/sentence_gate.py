"""Holding an answer back sentence by sentence until each is checked (`GROUNDING=strict`)."""

from collections.abc import Callable, Iterator
from typing import NamedTuple

from domain.grounding.sentences import is_heading, is_label, sentence_ends

# A sentence's end is only sure one character after its marks; an abbreviation ends in ten.
_LOOK_BACK = 10
_HEADER_LINES = 2


class Sentence(NamedTuple):
    """A sentence, list item or row, where it stands in what was fed, and what stands above it."""

    text: str
    start: int
    context: str


class SentenceGate:
    """Lets text pass sentence by sentence, and keeps back each that a check refuses."""

    def __init__(self, check: Callable[[Sentence], bool]) -> None:
        """Take a check that tells whether a sentence may be said."""
        self._check = check
        self._held = ""
        self._scanned = 0
        self._is_line_start = True
        self._title = ""
        self._label = ""
        self._block: list[str] = []  # the first lines of the paragraph, list or table
        self._fed = 0
        self._shown = 0
        self._kept: list[tuple[int, int, int]] = []
        self.withheld: list[str] = []

    def feed(self, delta: str) -> str:
        """Return the text that may be shown now."""
        self._held += delta
        return "".join(self._release())

    def flush(self) -> str:
        """Return what is left at the end of the text."""
        shown = "".join(self._release())
        rest, self._held = self._held, ""
        return shown + (self._judge(rest) if rest else "")

    def locate(self, start: int, end: int) -> tuple[int, int] | None:
        """Return where a span of the fed text stands in the shown text, if it is shown."""
        for fed, length, shown in self._kept:
            if fed <= start and end <= fed + length:
                return start - fed + shown, end - fed + shown
        return None

    def _release(self) -> Iterator[str]:
        place = 0
        for end in sentence_ends(self._held, self._scanned):
            # A row is whole at the end of its line.
            is_row = self._is_line_start and self._held[place:].lstrip(" \t").startswith("|")
            if end <= place or (is_row and self._held[end - 1] != "\n"):
                continue
            yield self._judge(self._held[place:end])
            place = end
        self._held = self._held[place:]
        self._scanned = max(0, len(self._held) - _LOOK_BACK)

    def _judge(self, text: str) -> str:
        start, self._fed = self._fed, self._fed + len(text)
        sentence = Sentence(text, start, "".join((self._title, self._label, *self._block)))
        passes = not text.strip() or self._check(sentence)
        self._remember(text)
        if not passes:
            self.withheld.append(text.strip())
            return ""
        self._kept.append((start, len(text), self._shown))
        self._shown += len(text)
        return text

    def _remember(self, text: str) -> None:
        if self._is_line_start and not text.strip():
            self._block.clear()
        elif self._is_line_start and is_heading(text):
            self._title, self._label = text, ""
        elif self._is_line_start and is_label(text):
            self._label = text
        elif len(self._block) < _HEADER_LINES and text.endswith("\n"):
            self._block.append(text)
        self._is_line_start = text.endswith("\n")
