"""Whether what was written about a finding is what its figures say."""

from collections.abc import Sequence
from dataclasses import dataclass

from domain.figures import FigureBook
from domain.grounding.verdict import Verdict, check_numbers
from domain.insights.candidates import Candidate
from domain.references import ReferenceWriter

# Facts that are names from outside: a number in them is no claim.
_NAMES = ("account", "goal", "topic", "form", "rival_form")


@dataclass(frozen=True, kw_only=True)
class CheckedText:
    """A text with its figures' values written in, the check of its numbers, and what is wrong."""

    text: str
    verdict: Verdict
    faults: Sequence[str]


def check_text(text: str, candidate: Candidate, locale: str) -> CheckedText:
    """Fill in the finding's own figures, and check every number."""
    book = FigureBook()
    book.figures = list(candidate.figures)
    writer = ReferenceWriter(book, locale)
    filled = (writer.feed(text) + writer.flush()).strip()
    names = [fact for name in _NAMES if (fact := candidate.facts.get(name))]
    verdict = check_numbers(filled, book.figures, "", references=writer.filled, names=names)
    unknown = [f"this finding has no figure {name}" for name in writer.unknown]
    unbacked = [
        f"“{number.text}” has no source in its figures"
        for number in verdict.numbers
        if not number.is_backed
    ]
    return CheckedText(text=filled, verdict=verdict, faults=[*unknown, *unbacked])
