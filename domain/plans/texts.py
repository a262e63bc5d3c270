"""The texts of a plan: figure references in them, their numbers, and what they share."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TypeVar

from pydantic import BaseModel

from domain.figures import Figure, FigureBook
from domain.grounding.numerals import find_numerals
from domain.grounding.verdict import check_numbers
from domain.plans.plan import Plan
from domain.references import ReferenceWriter

GRAM = 6
# Hashtags, mentions and links are repeated on purpose.
_MARKS = re.compile(r"[#@]\w+|https?://\S+")
_BRACES = re.compile(r"[{}]+")
_CUT_NUMBER = re.compile(r"\d[\d.,]*$")
_WORDS = re.compile(r"\w+(?:['’]\w+)*")

# The texts of each part that people read, beside names and dates.
TEXTS: Mapping[str, Sequence[str]] = {
    "goals": ("title", "why"),
    "pillars": ("name", "description"),
    "weeks": ("theme",),
    "items": ("hook", "caption", "call_to_action", "why", "no_figure_reason"),
    "metrics": ("why",),
    "routine": ("task",),
}

Part = TypeVar("Part", bound=BaseModel)


def six_grams(text: str) -> set[tuple[str, ...]]:
    """Return every six words in a row, in lower case."""
    words = _WORDS.findall(_MARKS.sub(" ", text).casefold())
    return {tuple(words[n : n + GRAM]) for n in range(len(words) - GRAM + 1)}


def without_references(text: str) -> str:
    """Return a text from outside without braces, which would be references to figures."""
    return _BRACES.sub("", text)


def one_line(text: str, limit: int) -> str:
    """Return a text in one line; too long, it ends behind a word, and never within a number."""
    line = " ".join(text.split())
    if len(line) <= limit:
        return line
    cut = line[: limit - 1]
    kept = cut.rpartition(" ")[0]
    if len(kept) < limit // 2:  # its last word is very long
        kept = _CUT_NUMBER.sub("", cut)
    return f"{kept.rstrip(' ,;:–-')}…"


class Grounding:
    """What may back the numbers of a plan's texts."""

    def __init__(
        self, figures: Sequence[Figure], locale: str, *, said: str, names: Sequence[str]
    ) -> None:
        """Take the figures, what the creator said, and texts whose numbers are no claims."""
        self._book = FigureBook()
        self._book.figures = list(figures)
        self._locale = locale
        self._said = said
        self._names = names

    def fill(self, text: str) -> str:
        """Write the values of figures in the place of their references."""
        writer = ReferenceWriter(self._book, self._locale)
        return writer.feed(text) + writer.flush()

    def find_faults(self, text: str) -> Iterator[str]:
        """Yield what is wrong with the numbers and references of a text."""
        writer = ReferenceWriter(self._book, self._locale)
        filled = writer.feed(text) + writer.flush()
        for name in writer.unknown:
            yield f"there is no figure {name}"
        ends = {reference.start: reference.end for reference in writer.filled}
        if all(
            filled[ends.get(start, start) : end].strip() in {"", "times"}
            for start, end in (numeral.span for numeral in find_numerals(filled))
        ):
            return  # all of its numbers are figures: nothing has to be looked for
        verdict = check_numbers(
            filled,
            self._book.figures,
            self._said,
            references=writer.filled,
            names=self._names,
        )
        for number in verdict.numbers:
            if not number.is_backed:
                yield f"“{number.text}” has no source in the figures"


def map_texts(plan: Plan, change: Callable[[str], str]) -> Plan:
    """Return the plan with every text of `TEXTS` changed."""
    changed = {
        name: [_map_part(part, fields, change) for part in getattr(plan, name)]
        for name, fields in TEXTS.items()
    }
    return plan.model_copy(update=changed)


def _map_part(part: Part, fields: Sequence[str], change: Callable[[str], str]) -> Part:
    texts = {name: getattr(part, name) for name in fields}
    return part.model_copy(update={name: change(text) for name, text in texts.items() if text})
