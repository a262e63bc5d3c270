"""From what a model writes to what a creator reads: figure references become numbers.

A reference to a figure that does not exist cuts the model's message there: what it says behind
it would lean on nothing.
"""

import datetime as dt
from collections.abc import Iterable

from domain.figures import FigureBook
from domain.grounding.sentence_gate import SentenceGate
from domain.grounding.verdict import SentenceCheck
from domain.references import FilledReference, ReferenceWriter


class AnswerText:
    """One text part of an answer, while it streams.

    What is written is shown at once; where `is_strict`, each sentence when its numbers have a
    source, and never when they have none.
    """

    def __init__(
        self,
        figures: FigureBook,
        locale: str,
        *,
        question: str = "",
        today: dt.date | None = None,
        names: Iterable[str] = (),
        is_strict: bool = False,
    ) -> None:
        """Take the run's figures and names, which may still grow, and the creator's locale."""
        self._figures = figures
        self._locale = locale
        self._filled: list[FilledReference] = []
        self._length = 0
        check = SentenceCheck(
            figures.figures, question, references=self._filled, today=today, names=names
        )
        self._gate = SentenceGate(check) if is_strict else None
        self.begin_message()

    def begin_message(self) -> None:
        """Let another message of the model go on with the text."""
        self._writer = ReferenceWriter(self._figures, self._locale)
        self._start = self._length
        self._before = len(self._filled)
        self.is_cut = False

    def feed(self, delta: str) -> str:
        """Return what can be shown by now."""
        return self._show("" if self.is_cut else self._writer.feed(delta))

    def flush(self) -> str:
        """Return what is left to be shown at the end of the part."""
        shown = self._show("" if self.is_cut else self._writer.flush())
        return shown + (self._gate.flush() if self._gate else "")

    @property
    def withheld(self) -> list[str]:
        """The sentences that were not shown."""
        return self._gate.withheld if self._gate else []

    @property
    def references(self) -> list[FilledReference]:
        """The references that were filled in, and where they stand in what was shown."""
        if self._gate is None:
            return self._filled
        spans = [(self._gate.locate(each.start, each.end), each) for each in self._filled]
        return [FilledReference(*span, each.figure_id) for span, each in spans if span]

    def _show(self, text: str) -> str:
        if self._writer.unknown_at and not self.is_cut:
            self.is_cut = True
            end = self._start + self._writer.unknown_at[0].position
            text = text[: max(0, end - self._length)]
        self._length += len(text)
        self._filled[self._before :] = [
            each._replace(start=each.start + self._start, end=each.end + self._start)
            for each in self._writer.filled
            if each.end + self._start <= self._length
        ]
        return self._gate.feed(text) if self._gate else text
