"""Answers about the days on which something unusual happened."""

import re
from collections.abc import Sequence

from agents.offline.answers.nouns import amount, label
from agents.offline.answers.places import on_place, place_name
from agents.offline.answers.results import Answered
from agents.offline.answers.wording import date_text, number, signed, span_text, table
from agents.offline.creator import Creator
from agents.offline.dates.spans import Span
from agents.offline.questions.question import Question
from domain.analytics.metrics import MEANINGS
from domain.figures import Figure

_DOWN = re.compile(r"\b(?:drop\w*|dips?|los\w+|fall\w*|fell|declin\w+|crash\w*|decreas\w+|low)\b")
_NOT_A_DAY = ("typical_", "weekly_", "usual_weekly_")
WHOLE_FROM = 100
DayAndTypical = tuple[Figure, Figure]


def write_unusual_days(
    question: Question, answers: Sequence[Answered], creator: Creator
) -> list[str]:
    """Return the paragraphs that name the unusual days, or say that there are none."""
    parts = [part for answer in answers for part in _write(question, answer, creator)]
    if " why " in f" {question.text} ":
        parts.insert(0, "The numbers don't say why, only when.")
    return parts


def _write(question: Question, answer: Answered, creator: Creator) -> list[str]:
    days = [pair for pair in _days(answer) if question.account in {None, pair[0].account}]
    weeks = [
        _week(pair, answer, creator)
        for pair in _weeks(answer)
        if question.account in {None, pair[0].account}
    ]
    if not days:
        return weeks or [_none(answer, creator)]
    lead = _lead(question, days, answer, creator)
    if len(days) == 1:
        return [lead, *weeks]
    heads = ["Day", "Where", _head(answer), "Typical around then"]
    rows = [
        [
            date_text(day.start),
            place_name((day.platform, day.account), creator),
            _shown(day.value or 0, answer),
            _shown(_typical(typical.value or 0), answer),
        ]
        for day, typical in days
    ]
    return [lead, table(heads, rows, names=2), *weeks]


def _lead(
    question: Question, days: Sequence[DayAndTypical], answer: Answered, creator: Creator
) -> str:
    day = date_text(days[0][0].start)
    what = _what(days[0], answer, creator)
    if _DOWN.search(question.text) and not any(_is_low(pair) for pair in days):
        return f"No drop stands out {answer.when}. What does is {day}: {what}"
    if len(days) == 1:
        return f"**{day}** stands out: {what}"
    return f"Several days stand out {answer.when}. The most unusual is {day}: {what}"


def _days(answer: Answered) -> list[DayAndTypical]:
    """Return pairs of a day and what is typical around it, the most unusual first."""
    figures = [figure for figure in answer.result.figures if figure.value is not None]
    typical = {
        (figure.platform, figure.account, figure.start): figure
        for figure in figures
        if figure.metric.startswith("typical_")
    }
    found = (
        (figure, typical.get((figure.platform, figure.account, figure.start)))
        for figure in figures
        if not figure.metric.startswith(_NOT_A_DAY)
    )
    return [(day, usual) for day, usual in found if usual is not None]


def _weeks(answer: Answered) -> list[DayAndTypical]:
    """Return pairs of seven days in a row and what is usual around them."""
    figures = [figure for figure in answer.result.figures if figure.value is not None]
    usual = {
        (figure.platform, figure.account, figure.start): figure
        for figure in figures
        if figure.metric.startswith("usual_weekly_")
    }
    found = (
        (figure, usual.get((figure.platform, figure.account, figure.start)))
        for figure in figures
        if figure.metric.startswith("weekly_")
    )
    return [(week, other) for week, other in found if other is not None]


def _week(pair: DayAndTypical, answer: Answered, creator: Creator) -> str:
    week, usual = pair
    where = on_place((week.platform, week.account), creator)
    shown = amount(answer.metric, abs(week.value or 0), week.platform)
    verb = "had"
    if MEANINGS[answer.metric].is_stock:
        verb = "lost" if (week.value or 0) < 0 else "gained"
    days = span_text(Span(start=week.start, end=week.end))
    return (
        f"The seven days {days} stand out as a whole: you {verb} **{shown}** {where}, where "
        f"{_shown(_typical(usual.value or 0), answer)} is usual in a week."
    )


def _none(answer: Answered, creator: Creator) -> str:
    where = f" {on_place(answer.place, creator)}" if answer.place[0] else ""
    return (
        f"No day stands out in your {label(answer.metric, answer.place[0])}{where} {answer.when}: "
        "I look at single days, each against the four weeks before and after it, and can judge a "
        "day only where at least two weeks of days around it are known. What moved bit by bit "
        "does not show."
    )


def _what(pair: DayAndTypical, answer: Answered, creator: Creator) -> str:
    day, typical = pair
    where = on_place((day.platform, day.account), creator)
    value, usual = day.value or 0, typical.value or 0
    verb, usually = "had", number(_typical(usual))
    if MEANINGS[answer.metric].is_stock:
        verb, usually = "lost" if value < 0 else "gained", signed(_typical(usual))
    shown = amount(answer.metric, abs(value), day.platform)
    return f"you {verb} **{shown}** {where}, where {usually} a day is typical."


def _is_low(pair: DayAndTypical) -> bool:
    day, typical = pair
    return (day.value or 0) < (typical.value or 0)


def _head(answer: Answered) -> str:
    if MEANINGS[answer.metric].is_stock:
        return "Followers gained"
    return label(answer.metric).capitalize()


def _shown(value: float, answer: Answered) -> str:
    return signed(value) if MEANINGS[answer.metric].is_stock else number(value)


def _typical(value: float) -> float:
    """Return a median without the half that means nothing next to hundreds."""
    return round(value) if abs(value) > WHOLE_FROM else value
