"""Whether what was written about a finding is what its figures say."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from domain.figures import FigureBook
from domain.grounding.verdict import Verdict, check_numbers
from domain.insights.candidates import Candidate
from domain.references import ReferenceWriter

NAME_LENGTH = 40
# Facts that are names from outside: a number in them is no claim.
NAMES = ("account", "goal", "topic", "form", "rival_form")
# Figures of the findings that are written together have different names, f101 and f201: what is
# written of one finding cannot end up beside the numbers of another.
_FIGURES_OF_ONE = 100
_REFERENCE = re.compile(r"\{\{\s{0,4}([fF])(\d{1,6})\s{0,4}\}\}")
# What PostgreSQL, files or screens cannot show: halves of surrogate pairs, control characters.
_UNSHOWABLE = re.compile(r"[\x00-\x08\x0e-\x1f\x7f-\x9f\ud800-\udfff]")


@dataclass(frozen=True, kw_only=True)
class CheckedText:
    """A text with its figures' values written in, the check of its numbers, and what is wrong."""

    text: str
    verdict: Verdict
    faults: Sequence[str]


def shown_figure(finding: int, figure_id: str) -> str:
    """Return what a writer calls a figure of the finding with this number: f203 for f3 of 2."""
    return f"f{finding * _FIGURES_OF_ONE + int(figure_id[1:])}"


def plain_name(name: str) -> str:
    """Return a text from outside as it stands in a sentence: one line, and not endless."""
    plain = " ".join(_UNSHOWABLE.sub("", name).replace("{", "(").replace("}", ")").split())
    return f"{plain[:NAME_LENGTH]}…" if len(plain) > NAME_LENGTH else plain


def check_text(text: str, candidate: Candidate, locale: str, *, finding: int) -> CheckedText:
    """Fill in the finding's own figures, and check every number; `finding` is its number."""
    foreign: list[str] = []

    def own(reference: re.Match[str]) -> str:
        number, place = divmod(int(reference[2]), _FIGURES_OF_ONE)
        if number == finding and 0 < place <= len(candidate.figures):
            return f"{{{{f{place}}}}}"
        foreign.append(f"this finding has no figure f{reference[2]}")
        return ""

    book = FigureBook()
    book.figures = list(candidate.figures)
    writer = ReferenceWriter(book, locale)
    plain = " ".join(_UNSHOWABLE.sub("", _REFERENCE.sub(own, text)).split())
    filled = writer.feed(plain) + writer.flush()
    names = [fact for name in NAMES if (fact := candidate.facts.get(name))]
    names += [plain_name(name).rstrip("…") for name in names]
    verdict = check_numbers(filled, book.figures, "", references=writer.filled, names=names)
    unbacked = [
        f"“{number.text}” has no source in its figures"
        for number in verdict.numbers
        if not number.is_backed
    ]
    return CheckedText(text=filled, verdict=verdict, faults=[*foreign, *unbacked])
