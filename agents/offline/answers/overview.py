"""Answers that give the whole picture of a period: growth, engagement, views and posts."""

from collections.abc import Sequence

from agents.offline.answers import growth as growth_answers
from agents.offline.answers import metrics as metric_answers
from agents.offline.answers.growth import CHANGE
from agents.offline.answers.nouns import head
from agents.offline.answers.results import Answered
from agents.offline.answers.tables import UNKNOWN, Column, breakdown
from agents.offline.answers.wording import number, signed, span_text, table
from agents.offline.creator import Creator
from agents.offline.questions.question import Question


def write_overview(
    question: Question, growth: Sequence[Answered], metrics: Sequence[Answered], creator: Creator
) -> list[str]:
    """Return the paragraphs that sum up one period, or set two side by side."""
    known = [answer for answer in metrics if answer.result.figures]
    if len(growth) > 1:
        return [*growth_answers.write_growth(question, growth, creator)[:1], _side_by_side(known)]
    lead = growth_answers.write_growth(question, growth, creator)[0]
    bullets = [f"- {head(answer.metric)}: {_value(answer)}" for answer in known]
    columns = [
        Column(head="Followers gained", figures=growth[0].figures(CHANGE), text=signed),
        *metric_answers.metric_columns(known),
    ]
    return [lead, "\n".join(bullets), breakdown(columns, creator)]


def _side_by_side(answers: Sequence[Answered]) -> str:
    periods = list(dict.fromkeys(answer.span for answer in answers if answer.span))
    rows: dict[str, dict[object, str]] = {}
    for answer in answers:
        rows.setdefault(head(answer.metric), {})[answer.span] = _value(answer)
    return table(
        ["", *(span_text(period) for period in periods)],
        [[name, *(cells.get(period, "–") for period in periods)] for name, cells in rows.items()],
    )


def _value(answer: Answered) -> str:
    found = metric_answers.headline(answer)
    if found is None or found[1].value is None:
        return UNKNOWN
    return f"**{number(found[1].value)}**"
