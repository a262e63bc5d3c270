"""From a request and what its tools returned to the answer in Markdown."""

from agents.offline.answers.answer import write_failure
from agents.offline.answers.results import Answered, Results
from agents.offline.answers.wording import escape, number, percent, table
from agents.offline.creator import Creator
from agents.offline.requests.request import Request
from domain.figures import Figure


def write_reply(request: Request, results: Results, creator: Creator) -> str:
    """Return the answer: what stands out first, then the figures, then what is missing."""
    if not results.answered:
        return write_failure(results.errors)
    paragraphs = [text for answer in results.answered for text in _write(answer)]
    return "\n\n".join(dict.fromkeys(filter(None, paragraphs)))


def _write(answer: Answered) -> list[str]:
    figures = answer.result.figures
    rows = [[escape(figure.label), _value(figure)] for figure in figures]
    shown = table(["What", "Value"], rows) if rows else ""
    return [shown, " ".join(f"{escape(note)}." for note in answer.result.notes)]


def _value(figure: Figure) -> str:
    if figure.value is None:
        return "unknown"
    return percent(figure.value) if figure.unit == "percent" else number(figure.value)
