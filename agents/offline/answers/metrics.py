"""Answers about levels and totals: followers on a day, views in a month."""

from collections.abc import Mapping, Sequence

from agents.offline.answers.nouns import amount, head, label, noun, verb
from agents.offline.answers.places import EVERYWHERE, Place, on_place, place_name
from agents.offline.answers.results import Answered, is_pair, top_places
from agents.offline.answers.tables import Column, breakdown, places_of
from agents.offline.answers.thresholds import yes_or_no
from agents.offline.answers.wording import by_order, date_text, listing, number, span_text
from agents.offline.creator import Creator
from agents.offline.questions.question import Question
from agents.offline.questions.topics import Topic
from domain.figures import Figure
from domain.metrics import MEANINGS
from storage.models import Metric


def write_metrics(question: Question, answers: Sequence[Answered], creator: Creator) -> list[str]:
    """Return the paragraphs that answer with these metrics."""
    known = [answer for answer in answers if answer.result.figures]
    if not known:
        return [nothing_stored(answer, creator) for answer in answers[:1]]
    if is_pair(known):
        sentences = [_pair(question, *known, creator=creator)]
    else:
        sentences = [text for answer in known for text in _statements(question, answer, creator)]
    lead = sentences[0] if len(sentences) == 1 else "\n".join(f"- {text}" for text in sentences)
    columns = metric_columns(known)
    said = {place for answer in known for place in top_places(answer.figures())}
    is_more = len(places_of(columns)) > len(said) or len(sentences) < len(said)
    return [lead, breakdown(columns, creator) if is_more else ""]


def headline(answer: Answered) -> tuple[Place, Figure] | None:
    """Return the figure that says it all: the sum, or the only one; None if there is no such."""
    figures = answer.figures()
    places = top_places(figures)
    return (places[0], figures[places[0]]) if len(places) == 1 else None


def metric_columns(answers: Sequence[Answered]) -> list[Column]:
    """Return a column for each metric and period."""
    has_periods = len({answer.span for answer in answers}) > 1
    columns: dict[str, dict[Place, Figure]] = {}
    for answer in answers:
        period = f", {span_text(answer.span)}" if has_periods and answer.span else ""
        columns.setdefault(f"{head(answer.metric)}{period}", {}).update(answer.figures())
    return [Column(head=name, figures=figures) for name, figures in columns.items()]


def nothing_stored(answer: Answered, creator: Creator) -> str:
    """Say that there is nothing to answer with."""
    name = f" for {place_name(answer.place, creator)}" if answer.place[0] else ""
    verb_of_label = "is" if label(answer.metric) != noun(answer.metric) else "are"
    what = "follower counts" if MEANINGS[answer.metric].is_stock else label(answer.metric)
    return f"There {verb_of_label} no {what} stored{name} {answer.when}."


def _statements(question: Question, answer: Answered, creator: Creator) -> list[str]:
    figures = answer.figures()
    places = top_places(figures)
    if len(places) > 1 and MEANINGS[answer.metric].is_unique:
        return [_without_sum(answer, creator)]
    return [_statement(question, answer, place, figures[place], creator) for place in places]


def _statement(
    question: Question, answer: Answered, place: Place, figure: Figure, creator: Creator
) -> str:
    metric, where = answer.metric, on_place(place, creator)
    if figure.value is None:
        return _unknown(answer, place, creator)
    shown = f"**{amount(metric, figure.value, place[0])}**"
    if MEANINGS[metric].is_stock:
        verb_of_level = "You have" if question.is_recent else "You had"
        day = "as of" if question.is_recent else "on"
        text = f"{verb_of_level} {shown} {where} {day} {date_text(figure.end)}."
        if place == EVERYWHERE and _has_later(answer, figure):
            text += " That is the last day known for all; below is the latest of each."
    elif metric is Metric.LISTENERS and answer.span and answer.span.days > 1:
        sum_of_days = f"**{number(figure.value)}**"
        text = f"Your daily listeners {where} {answer.when} add up to {sum_of_days}."
    elif metric is Metric.REACH and answer.span and answer.span.days > 1:
        text = f"Your daily reach {where} {answer.when} adds up to {shown}."
    else:
        text = f"{verb(metric)} {shown} {where} {answer.when}."
    decided = yes_or_no(question.text, figure.value)
    return f"{decided}, {text[0].lower()}{text[1:]}" if decided else text


def _without_sum(answer: Answered, creator: Creator) -> str:
    """Return the largest of several places that must not be added up."""
    known = {place: f.value for place, f in answer.figures().items() if f.value is not None}
    if not known:
        return _unknown(answer, answer.place, creator)
    place = max(known, key=lambda place: known[place])
    return (
        f"Your {label(answer.metric)} was largest {on_place(place, creator)} {answer.when}: "
        f"**{number(known[place])}**. There is no sum across platforms, because the same people "
        "use several."
    )


def _unknown(answer: Answered, place: Place, creator: Creator) -> str:
    what = label(answer.metric, place[0])
    where = on_place(place, creator)
    reason = because_unknown(answer.figures(), creator) if place == EVERYWHERE else ""
    return f"I don't know your {what} {where} {answer.when}{reason}."


def because_unknown(figures: Mapping[Place, Figure], creator: Creator) -> str:
    """Return which platforms keep a sum from being known."""
    unknown = [
        place_name(place, creator)
        for place, figure in figures.items()
        if place[0] and place[1] is None and figure.value is None
    ]
    verb_of_names = "are" if len(unknown) > 1 else "is"
    return f", because {listing(unknown)} {verb_of_names} unknown" if unknown else ""


def _has_later(answer: Answered, total: Figure) -> bool:
    return any(figure.end > total.end for figure in answer.figures().values())


def _pair(question: Question, one: Answered, other: Answered, *, creator: Creator) -> str:
    """Return how two periods compare."""
    first, second = headline(one), headline(other)
    if not first or not second or first[1].value is None or second[1].value is None:
        texts = (*_statements(question, one, creator), *_statements(question, other, creator))
        return " ".join(texts)
    if " or " in f"{question.text} " and first[1].value < second[1].value:
        one, other, first, second = other, one, second, first
    place, values = first[0], (first[1].value or 0, second[1].value or 0)
    metric, where = one.metric, on_place(place, creator)
    shown = [f"**{number(value)}**" for value in values]
    if question.topic is Topic.TREND:
        way = by_order(values, "went up", "went down", "stayed the same")
        change = f"{shown[0]} {one.when}, after {shown[1]} {other.when}"
        return f"Your {label(metric)} {where} {way}: {change}."
    who = "You had" if MEANINGS[metric].is_stock else verb(metric)
    what = noun(metric, platform=place[0])
    more = by_order(values, "more", "fewer", "as many")
    than = "as" if more == "as many" else "than"
    return f"{who} {more} {what} {where} {one.when} ({shown[0]}) {than} {other.when} ({shown[1]})."
