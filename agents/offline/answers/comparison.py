"""Answers about platforms side by side: the fastest, the slowest, the one with most views."""

import re
from collections.abc import Mapping
from dataclasses import replace

from agents.offline.answers.growth import (
    GrowthOf,
    gained_by,
    growth_columns,
    in_percent,
    read_growth,
)
from agents.offline.answers.metrics import metric_columns, nothing_stored
from agents.offline.answers.nouns import amount, label, noun
from agents.offline.answers.places import Place, on_place, place_name
from agents.offline.answers.results import Answered
from agents.offline.answers.tables import breakdown
from agents.offline.answers.wording import by_order, date_text, listing, number, percent, signed
from agents.offline.creator import Creator
from agents.offline.questions.question import Question
from domain.analytics.metrics import MEANINGS
from domain.figures import Figure
from storage.models import Metric

PAIR = 2
_WORST = re.compile(r"\b(?:worst|slowest|weakest|least|fewest|smallest|smaller|lowest)\b")
_LOSING = re.compile(r"\b(?:los\w+|shr[iau]nk\w*|declin\w+|drop\w*|fall\w*|fell|going down)\b")
_BY_COUNT = re.compile(r"\b(?:gain\w*|won|win|new|got|get|brought|brings?)\b")


def write_platform_growth(question: Question, answer: Answered, creator: Creator) -> list[str]:
    """Return the paragraphs that rank platforms by growth."""
    growth = {
        place: of
        for place, of in read_growth(answer).items()
        if place[1] is None and _is_asked(question, place)
    }
    known = [of for of in growth.values() if of.gained is not None]
    if not known:
        return [f"I don't know how your platforms grew {answer.when}."]
    columns = [
        replace(column, figures=_asked_only(question, column.figures))
        for column in growth_columns([answer])
    ]
    columns[:2] = columns[1::-1]
    unknown = [place_name(place, creator) for place in growth if growth[place].gained is None]
    if len(question.platforms) >= PAIR and unknown:
        lead = (
            f"{listing([gained_by(of, creator) for of in known])} {answer.when}; "
            f"for {listing(unknown)} the change is not known."
        )
    elif len(question.platforms) == PAIR and len(known) == PAIR:
        lead = _two(known[0], known[1], answer, creator)
    elif len(growth) == 1:
        lead = (
            f"Only {place_name(known[0].place, creator)} has follower counts {answer.when}: "
            f"{_shown(known[0])}."
        )
    elif _LOSING.search(question.text):
        lead = _losers(known, answer, creator)
    else:
        lead = _first(question, known, answer, creator)
    return [lead, breakdown(columns, creator)]


def write_platform_metrics(question: Question, answer: Answered, creator: Creator) -> list[str]:
    """Return the paragraphs that rank platforms by one metric."""
    figures = {
        place: figure
        for place, figure in answer.figures().items()
        if place[0] and place[1] is None and figure.value is not None
        if _is_asked(question, place)
    }
    if not figures:
        return [nothing_stored(answer, creator)]
    columns = [
        replace(column, figures=_asked_only(question, column.figures))
        for column in metric_columns([answer])
    ]
    named = [place for place in figures if place[0] in question.platforms]
    if len(named) == PAIR:
        lead = _more(answer, [(place, figures[place]) for place in named], creator)
        return [lead, breakdown(columns, creator)]
    is_worst = _WORST.search(question.text) is not None
    pick = min if is_worst else max
    place = pick(figures, key=lambda place: figures[place].value or 0)
    return [
        _most(answer, place, figures[place], is_worst=is_worst, creator=creator),
        breakdown(columns, creator),
    ]


def _is_asked(question: Question, place: Place) -> bool:
    """Tell whether a comparison of named platforms is about this one."""
    return len(question.platforms) < PAIR or place[0] in question.platforms


def _asked_only(question: Question, figures: Mapping[Place, Figure]) -> dict[Place, Figure]:
    return {place: figure for place, figure in figures.items() if _is_asked(question, place)}


def _first(question: Question, known: list[GrowthOf], answer: Answered, creator: Creator) -> str:
    by_percent = [of for of in known if of.percent and of.percent.value is not None]
    is_by_count = bool(_BY_COUNT.search(question.text)) or not by_percent
    is_worst = _WORST.search(question.text) is not None
    pick = min if is_worst else max
    rows = known if is_by_count else by_percent
    of = pick(rows, key=_gained if is_by_count else _percent)
    name = f"**{place_name(of.place, creator)}**"
    if is_by_count:
        if not is_worst and _gained(of) <= 0:
            none = f"None of your platforms gained followers {answer.when}"
            return f"{none}; {name} held up best: {_counted(of)}."
        if is_worst and _gained(of) < 0:
            return f"{name} lost the most followers {answer.when}: {_lost(of)}."
        what = "the fewest followers" if is_worst else "the most followers"
        return f"{name} gained {what} {answer.when}: **{signed(_gained(of))}**{in_percent(of)}."
    if not is_worst and _percent(of) <= 0:
        return f"None of your platforms grew {answer.when}; {name} held up best: {_shown(of)}."
    lead = f"{name} grew {'slowest' if is_worst else 'fastest'} {answer.when}: {_shown(of)}."
    most = max(known, key=_gained)
    if is_worst or most.place == of.place or _gained(most) <= 0:
        return lead
    return (
        f"{lead} In numbers, {place_name(most.place, creator)} gained the most: {_with_noun(most)}."
    )


def _losers(known: list[GrowthOf], answer: Answered, creator: Creator) -> str:
    losers = sorted((of for of in known if _gained(of) < 0), key=_gained)
    if not losers:
        return f"You did not lose followers on any platform {answer.when}."
    shown = [f"{_lost(of)} {on_place(of.place, creator)}" for of in losers]
    return f"You lost {listing(shown)} {answer.when}."


def _two(one: GrowthOf, other: GrowthOf, answer: Answered, creator: Creator) -> str:
    values = (_percent(one), _percent(other))
    way = by_order(values, "grew faster than", "grew slower than", "grew as fast as")
    names = [place_name(of.place, creator) for of in (one, other)]
    return f"{names[0]} {way} {names[1]} {answer.when}: {_shown(one)} against {_shown(other)}."


def _shown(growth: GrowthOf) -> str:
    """Return the percent first, since that is what was compared."""
    if growth.percent is None or growth.percent.value is None:
        return _counted(growth)
    return f"**{percent(growth.percent.value)}** ({_with_noun(growth)})"


def _counted(growth: GrowthOf) -> str:
    return f"**{_with_noun(growth)}**{in_percent(growth)}"


def _lost(growth: GrowthOf) -> str:
    lost = amount(Metric.FOLLOWERS, -_gained(growth), growth.place[0])
    return f"**{lost}**{in_percent(growth)}"


def _with_noun(growth: GrowthOf) -> str:
    gained = _gained(growth)
    return f"{signed(gained)} {noun(Metric.FOLLOWERS, gained, growth.place[0])}"


def _gained(growth: GrowthOf) -> float:
    return growth.gained or 0


def _percent(growth: GrowthOf) -> float:
    return (growth.percent.value if growth.percent else None) or 0


def _most(
    answer: Answered, place: Place, figure: Figure, *, is_worst: bool, creator: Creator
) -> str:
    metric, value = answer.metric, figure.value or 0
    name = f"**{place_name(place, creator)}**"
    if MEANINGS[metric].is_stock:
        most = "fewest" if is_worst else "most"
        return (
            f"You have the {most} followers {on_place(place, creator)}: "
            f"**{number(value)}** as of {date_text(figure.end)}."
        )
    if metric is Metric.REACH:
        most = "smallest" if is_worst else "largest"
    else:
        most = "least" if is_worst else "most"
    shown = amount(metric, value) if metric is Metric.WATCH_TIME_MINUTES else number(value)
    return f"{name} had the {most} {label(metric)} {answer.when}: **{shown}**."


def _more(answer: Answered, pair: list[tuple[Place, Figure]], creator: Creator) -> str:
    """Return which of two platforms has more."""
    (place, figure), (other, less) = sorted(pair, key=lambda part: -(part[1].value or 0))
    metric, values = answer.metric, (figure.value or 0, less.value or 0)
    shown = f"**{number(values[0])}** against **{number(values[1])}**"
    more, than = ("as many", "as") if values[0] == values[1] else ("more", "than")
    if metric is Metric.REACH:
        more = "as large a" if more == "as many" else "a larger"
    if MEANINGS[metric].is_stock:
        where, elsewhere = on_place(place, creator), on_place(other, creator)
        day = f"as of {date_text(figure.end)}"
        return f"You have {more} followers {where} {than} {elsewhere}: {shown} {day}."
    names = (place_name(place, creator), place_name(other, creator))
    return f"{names[0]} had {more} {label(metric)} {than} {names[1]} {answer.when}: {shown}."
