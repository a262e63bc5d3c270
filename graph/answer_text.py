"""From what a model writes to what a creator reads: figure references become numbers.

A reference to a figure that does not exist cuts the model's message there: what it says behind
it would lean on nothing.
"""

from collections.abc import Callable, Sequence

from domain.figures import FigureBook
from domain.references import FilledReference, ReferenceWriter
from domain.sentence_gate import Sentence, SentenceGate

# Whether a sentence may be said, given the references in it, relative to its start.
Check = Callable[[Sentence, Sequence[FilledReference]], bool]


class AnswerText:
    """One text part of an answer, while it streams.

    Without a check everything is shown at once; with one, each sentence when it has passed.
    """

    def __init__(self, figures: FigureBook, locale: str, *, check: Check | None = None) -> None:
        """Take the run's figures, which may still grow, and the creator's locale."""
        self._figures = figures
        self._locale = locale
        self._filled: list[FilledReference] = []
        self._length = 0
        self._gate = SentenceGate(self._passes) if check else None
        self._check = check
        self.begin_message()

    def begin_message(self) -> None:
        """Let another message of the model go on with the text."""
        self._writer = ReferenceWriter(self._figures, self._locale)
        self._start = self._length
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
        """The sentences that did not pass the check."""
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
            text = text[: end - self._length]
        self._length += len(text)
        self._filled = [each for each in self._filled if each.end <= self._start] + [
            FilledReference(each.start + self._start, each.end + self._start, each.figure_id)
            for each in self._writer.filled
            if each.end + self._start <= self._length
        ]
        return self._gate.feed(text) if self._gate else text

    def _passes(self, sentence: Sentence) -> bool:
        end = sentence.start + len(sentence.text)
        inside = [
            FilledReference(each.start - sentence.start, each.end - sentence.start, each.figure_id)
            for each in self._filled
            if sentence.start <= each.start and each.end <= end
        ]
        return self._check is None or self._check(sentence, inside)
