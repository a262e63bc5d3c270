"""Answers about levels and totals: followers on a day, views in a month."""

import datetime as dt
from collections.abc import Sequence

from agents.offline.answers.coverage import accounts_of, coverage, has_gaps, is_whole, parts_of
from agents.offline.answers.nouns import amount, head, is_or_are, label, noun, verb
from agents.offline.answers.places import Place, on_place, place_name
from agents.offline.answers.results import Answered, is_pair, top_places
from agents.offline.answers.tables import Column, breakdown, day_columns, places_of
from agents.offline.answers.thresholds import yes_or_no
from agents.offline.answers.wording import by_order, date_text, listing, number, span_text
from agents.offline.creator import Creator
from agents.offline.questions.question import Question
from agents.offline.questions.topics import Topic
from domain.analytics.metrics import MEANINGS
from domain.figures import Figure
from storage.models import Metric

# A sum over accounts that is older than this is no answer to "how many do I have?".
FRESH = dt.timedelta(days=7)


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
    is_level = all(MEANINGS[answer.metric].is_stock for answer in answers)
    return [
        column
        for name, figures in columns.items()
        for column in (
            Column(head=name, figures=figures),
            *(day_columns(figures, is_level=is_level) if len(columns) == 1 else ()),
        )
    ]


def nothing_stored(answer: Answered, creator: Creator) -> str:
    """Say that there is nothing to answer with."""
    name = f" for {place_name(answer.place, creator)}" if answer.place[0] else ""
    what = "follower counts" if MEANINGS[answer.metric].is_stock else label(answer.metric)
    return f"There {is_or_are(answer.metric)} no {what} stored{name} {answer.when}."


def _statements(question: Question, answer: Answered, creator: Creator) -> list[str]:
    figures = answer.figures()
    places = top_places(figures)
    if is_without_sum(answer):
        return [_without_sum(answer, creator)]
    return [_statement(question, answer, place, figures[place], creator) for place in places]


def is_without_sum(answer: Answered) -> bool:
    """Tell whether several places must not be added up, since the same people use several."""
    return MEANINGS[answer.metric].is_unique and len(top_places(answer.figures())) > 1


def _statement(
    question: Question, answer: Answered, place: Place, figure: Figure, creator: Creator
) -> str:
    metric = answer.metric
    where = on_place(place, creator, answer.figures())
    if MEANINGS[metric].is_stock:
        text = _level(question, answer, place, creator)
    elif figure.value is None:
        text = _partly_known(answer, place, creator)
    else:
        text = _total(answer, place, figure.value, where)
    if figure.value is None:
        return text
    decided = yes_or_no(question.text, figure.value)
    return f"{decided}, {text[0].lower()}{text[1:]}" if decided else text


def _total(answer: Answered, place: Place, value: float, where: str) -> str:
    metric = answer.metric
    least = "at least " if value and has_gaps(answer, place) else ""
    shown = f"**{least}{amount(metric, value, place[0])}**"
    covered = coverage(answer, place)
    days = f", {covered}" if covered else ""
    is_sum_of_days = bool(answer.span and answer.span.days > 1)
    if metric is Metric.LISTENERS and is_sum_of_days:
        shown = f"**{least}{number(value)}**"
        return f"Your daily listeners {where} {answer.when} add up to {shown}{days}."
    if metric is Metric.REACH and is_sum_of_days:
        return f"Your daily reach {where} {answer.when} adds up to {shown}{days}."
    return f"{verb(metric)} {shown} {where} {answer.when}{days}."


def _level(question: Question, answer: Answered, place: Place, creator: Creator) -> str:
    figures = answer.figures()
    figure, parts = figures[place], parts_of(place, figures)
    latest = max((figures[part].end for part in parts), default=figure.end)
    is_old = question.is_recent and latest - figure.end > FRESH
    if parts and (figure.value is None or is_old):
        return _latest_levels(answer, place, creator)
    if figure.value is None:
        return _unknown(answer, place, creator)
    shown = f"**{amount(answer.metric, figure.value, place[0])}**"
    who, day = ("You have", "as of") if question.is_recent else ("You had", "on")
    text = f"{who} {shown} {on_place(place, creator, figures)} {day} {date_text(figure.end)}."
    if latest > figure.end:
        text += " That is the last day known for all; below is the latest of each."
    return text


def _latest_levels(answer: Answered, place: Place, creator: Creator) -> str:
    """Return the last known count of each part of a sum that is not known, or not of late."""
    figures = answer.figures()
    parts = parts_of(place, figures)
    known = {part: figures[part] for part in parts if figures[part].value is not None}
    if not known:
        return _unknown(answer, place, creator)
    unknown = [place_name(part, creator) for part in parts if part not in known]
    is_one_day = len({figure.end for figure in known.values()}) == 1
    shown = [
        f"**{amount(answer.metric, figure.value or 0, part[0])}** {on_place(part, creator)}"
        + ("" if is_one_day else f" ({date_text(figure.end)})")
        for part, figure in known.items()
    ]
    day = f" on {date_text(next(iter(known.values())).end)}" if is_one_day else ""
    text = f"Your last known counts are {listing(shown)}{day}."
    if unknown:
        return f"{text} There is no sum, because the count on {listing(unknown)} is not known."
    total = figures[place]
    if total.value is None:
        return f"{text} There is no sum, because no day is known for all of them."
    return (
        f"{text} They make no sum for now: the last day known for all of them is "
        f"{date_text(total.end)}, with {number(total.value)} in all."
    )


def _partly_known(answer: Answered, place: Place, creator: Creator) -> str:
    """Return the parts of an unknown sum that are known, and which one is not."""
    figures = answer.figures()
    parts = parts_of(place, figures)
    known = [part for part in parts if figures[part].value is not None]
    if not known:
        return _unknown(answer, place, creator)
    unknown = [place_name(part, creator) for part in parts if part not in known]
    shown = [
        f"**{amount(answer.metric, figures[part].value or 0, part[0])}** {on_place(part, creator)}"
        for part in known
    ]
    what = label(answer.metric)
    return (
        f"{verb(answer.metric)} {listing(shown)} {answer.when}; "
        f"for {listing(unknown)} the {what} {is_or_are(answer.metric)} not known."
    )


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
    return f"I don't know your {what} {on_place(place, creator, answer.figures())} {answer.when}."


def _pair(question: Question, one: Answered, other: Answered, *, creator: Creator) -> str:
    """Return how two periods compare."""
    first, second = headline(one), headline(other)
    if not first or not second or first[1].value is None or second[1].value is None:
        texts = (*_statements(question, one, creator), *_statements(question, other, creator))
        return " ".join(texts)
    if not _can_compare(one, other, first[0], creator):
        texts = (
            _statement(question, one, *first, creator),
            _statement(question, other, *second, creator),
        )
        return f"{' '.join(texts)} I don't compare them, because not all of their days are known."
    if " or " in f"{question.text} " and first[1].value < second[1].value:
        one, other, first, second = other, one, second, first
    place, values = first[0], (first[1].value or 0, second[1].value or 0)
    metric, where = one.metric, on_place(place, creator, one.figures())
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


def _can_compare(one: Answered, other: Answered, place: Place, creator: Creator) -> bool:
    """Tell whether two periods are known of the same accounts, on all their days."""
    places = [set(accounts_of(place, answer.figures())) for answer in (one, other)]
    return places[0] == places[1] and all(
        is_whole(answer, place, creator.today) for answer in (one, other)
    )
