"""From a question and what the tools returned to the answer in Markdown."""

import re

from agents.offline.answers.comparison import PAIR, write_platform_growth, write_platform_metrics
from agents.offline.answers.connections import write_connections
from agents.offline.answers.coverage import list_coverage
from agents.offline.answers.growth import top_growth, write_growth
from agents.offline.answers.metrics import is_without_sum, write_metrics
from agents.offline.answers.notes import Note, explain
from agents.offline.answers.overview import write_overview
from agents.offline.answers.results import Results, top_places
from agents.offline.answers.unusual import write_unusual_days
from agents.offline.answers.wording import escape, listing, span_text
from agents.offline.creator import Creator
from agents.offline.questions.question import Question
from agents.offline.questions.topics import Topic
from domain.analytics.metrics import MEANINGS
from storage.models import Metric, Platform

MAX_UNKNOWN_WORDS = 3
# What tools say about what they cannot do, without numbers that no figure stands for.
_REASONS = tuple(
    (re.compile(pattern), reason)
    for pattern, reason in (
        (r"At most \d+ days", "That period is too long for one answer; ask for a shorter one."),
        (r"in the future", "Those days are still to come."),
        (
            r"^No (?P<what>[a-z ]+) of the last \d+ days are known there",
            "I know no {what} there of late, so I could not tell how far such a goal has come.",
        ),
        (r"^There are \d+ active goals", "You have as many goals as fit: archive one first."),
        (r"^There are \d+ drafts", "You have as many drafts as fit: delete some first."),
    )
)
# February and a month of 31 days are still the same kind of period.
MONTHS_DIFFER_DAYS = 3


def write_answer(question: Question, results: Results, creator: Creator) -> str:
    """Return the answer: the figures first, then what is missing, then what to ask next."""
    if not results.answered:
        return write_failure(results.errors)
    paragraphs = [*_body(question, results, creator), *_footnotes(question, results, creator)]
    return "\n\n".join(paragraph for paragraph in paragraphs if paragraph)


def _body(question: Question, results: Results, creator: Creator) -> list[str]:
    growth, metrics = results.of("growth_summary"), results.of("get_metrics")
    is_of_one_place = len({answer.place for answer in growth}) == 1
    if question.topic is Topic.OVERVIEW and is_of_one_place:
        return write_overview(question, growth, metrics, creator)
    parts: list[str] = []
    for answer in results.of("list_connections"):
        parts += write_connections(question, answer)
    for answer in results.of("compare_platforms"):
        parts += write_platform_growth(question, answer, creator)
    if unusual := results.of("find_unusual_days"):
        parts += write_unusual_days(question, unusual, creator)
    if growth:
        parts += write_growth(question, growth, creator)
    if question.topic is Topic.COMPARISON:
        for answer in metrics:
            parts += write_platform_metrics(question, answer, creator)
    elif metrics:
        parts += write_metrics(question, metrics, creator)
    return parts


def _footnotes(question: Question, results: Results, creator: Creator) -> list[str]:
    notes = [note for note in results.notes() if _is_asked(note, question)]
    lines = [*question.remarks, *_coverage(question, results, creator), *explain(notes, creator)]
    if any(
        figure.status == "preliminary"
        for answer in results.answered
        for figure in answer.result.figures
    ):
        lines.append(
            "These numbers are preliminary: the last day is still being counted and can change."
        )
    if _is_uneven(question):
        lines.append("Mind that the two periods are not equally long.")
    lines += [f"One lookup failed: {_reason(error)}" for error in dict.fromkeys(results.errors)]
    if 0 < len(question.unknown_words) <= MAX_UNKNOWN_WORDS:
        words = listing([f"“{escape(word)}”" for word in question.unknown_words])
        lines.append(f"I don't know what to make of {words}, so I left that out.")
    return [" ".join(lines), _hint(question, results)]


def _coverage(question: Question, results: Results, creator: Creator) -> list[str]:
    """Return which days the totals cover, where the sentences about them have not said it."""
    metrics = results.of("get_metrics")
    if question.topic in {Topic.OVERVIEW, Topic.COMPARISON}:
        return list_coverage(metrics, creator, {})
    said = {
        position: top_places(answer.figures())
        for position, answer in enumerate(metrics)
        if not is_without_sum(answer)
    }
    return list_coverage(metrics, creator, said)


def _is_asked(note: Note, question: Question) -> bool:
    """Tell whether a note is about a platform that the answer shows."""
    if question.topic is not Topic.COMPARISON or len(question.platforms) < PAIR:
        return True
    platform = note.text.partition(" ")[0]
    return platform not in set(Platform) or platform in question.platforms


def _is_uneven(question: Question) -> bool:
    """Tell whether two periods differ by more than a month's end."""
    days = [span.days for span in question.spans]
    return len(days) > 1 and max(days) - min(days) > MONTHS_DIFFER_DAYS


def _hint(question: Question, results: Results) -> str:
    """Return what to ask next, where that helps."""
    if question.topic is Topic.CONNECTIONS:
        return ""
    if not any(answer.result.figures for answer in results.answered):
        if question.topic is Topic.UNUSUAL:
            other = "engagement" if Metric.VIEWS in question.metrics else "views"
            return f"Try another number, for example “Any unusual days in {other}?”"
        knows_days = any(" no data " in note.text for note in results.notes())
        return "" if knows_days else "Ask “Which accounts are connected?” to see what I know."
    if question.is_recent and not _is_about_now(results):
        return (
            f"You named no period, so I took {span_text(question.spans[0])}; ask for any other, "
            "such as “last month” or “since June”."
        )
    growth = [answer for answer in results.of("growth_summary") if answer.result.figures]
    if len(growth) == 1 and any((of.gained or 0) < 0 for of in top_growth(growth[0])):
        return "Ask “Why?” to see the days that stand out."
    return ""


def _is_about_now(results: Results) -> bool:
    """Tell whether only levels were asked for, for which the last known day is the answer."""
    return all(
        answer.tool == "get_metrics" and MEANINGS[answer.metric].is_stock
        for answer in results.answered
    )


def write_failure(errors: list[str]) -> str:
    """Return the answer when no tool could be read."""
    reasons = " ".join(dict.fromkeys(_reason(error) for error in errors))
    return f"I could not look that up. {reasons}".strip()


def _reason(error: str) -> str:
    for pattern, reason in _REASONS:
        if match := pattern.search(error):
            return reason.format(**match.groupdict())
    return escape(error)
