"""Which of the asked days a total really covers, in words."""

import datetime as dt
import re
from collections.abc import Collection, Iterator, Mapping, Sequence

from agents.offline.answers.nouns import label
from agents.offline.answers.places import EVERYWHERE, Place, place_name
from agents.offline.answers.results import Answered
from agents.offline.answers.wording import date_text, listing
from agents.offline.creator import Creator
from agents.offline.dates.spans import ONE_DAY, Span
from domain.analytics.metrics import MEANINGS
from domain.figures import Figure

_FIRST_DAY = re.compile(r".+: counted from (\d{4}-\d{2}-\d{2}), the first day with data", re.DOTALL)


def parts_of(place: Place, places: Collection[Place]) -> list[Place]:
    """Return the places that a sum is made of: platforms, or a platform's accounts."""
    platform, account = place
    if account is not None:
        return []
    if place == EVERYWHERE:
        return [part for part in places if part[0] is not None and part[1] is None]
    return [part for part in places if part[0] == platform and part[1] is not None]


def accounts_of(place: Place, places: Collection[Place]) -> list[Place]:
    """Return the places under one that are no sums themselves; the place if it is none."""
    parts = parts_of(place, places)
    return [leaf for part in parts for leaf in accounts_of(part, places)] or [place]


def coverage(answer: Answered, place: Place) -> str:
    """Return "counted to 13 November 2026, known on 4 of 13 days"; nothing if all days count.

    Also nothing where the accounts of a sum differ: `list_coverage` has a line for each then.
    """
    figures = answer.figures()
    accounts = [figures[part] for part in accounts_of(place, figures)]
    if answer.span is None or not _is_alike(accounts) or figures[place].value is None:
        return ""
    return _phrase(accounts[0], answer.span, _first_days(answer.result.notes))


def has_gaps(answer: Answered, place: Place) -> bool:
    """Tell whether a day between the first and the last counted one is unknown."""
    figures = answer.figures()
    return any(_has_gap(figures[part]) for part in accounts_of(place, figures))


def is_whole(answer: Answered, place: Place, today: dt.date) -> bool:
    """Tell whether all asked days are known, but for today, which is not over yet."""
    figures, span = answer.figures(), answer.span
    if span is None:
        return True
    end = min(span.end, today - ONE_DAY) if span.days > 1 else span.end
    if MEANINGS[answer.metric].is_stock:
        return figures[place].end >= span.end - ONE_DAY
    return all(
        figure.start <= span.start and figure.end >= end and not _has_gap(figure)
        for figure in (figures[part] for part in accounts_of(place, figures))
    )


def list_coverage(
    answers: Sequence[Answered], creator: Creator, said: Mapping[int, Collection[Place]]
) -> list[str]:
    """Return a line for the accounts that cover less than was asked.

    `said` are, by the answer's position, the places whose coverage the answer has told already.
    """
    has_metrics = len({answer.metric for answer in answers}) > 1
    has_periods = len({answer.span for answer in answers}) > 1
    lines: dict[str, list[str]] = {}
    for position, answer in enumerate(answers):
        about = f" ({label(answer.metric)})" if has_metrics else ""
        period = f" {answer.when}" if has_periods else ""
        for place, phrase in _uncovered(answer, said.get(position, ())):
            names = lines.setdefault(f"{period}: {phrase}.", [])
            names.append(f"{place_name(place, creator)}{about}")
    return [f"{listing(list(dict.fromkeys(names)))}{line}" for line, names in lines.items()]


def _uncovered(answer: Answered, said: Collection[Place]) -> Iterator[tuple[Place, str]]:
    figures = answer.figures()
    if answer.span is None or MEANINGS[answer.metric].is_stock:
        return
    told = {
        account
        for place in said
        if coverage(answer, place)
        for account in accounts_of(place, figures)
    }
    first_days = _first_days(answer.result.notes)
    for place, figure in figures.items():
        if place in told or accounts_of(place, figures) != [place] or figure.value is None:
            continue
        if phrase := _phrase(figure, answer.span, first_days):
            yield place, phrase


def _phrase(figure: Figure, span: Span, first_days: Collection[dt.date]) -> str:
    if figure.observations == 1 and span.days > 1:
        return f"on the one known day, {date_text(figure.start)}"
    parts = []
    start = f" from {date_text(figure.start)}" if figure.start > span.start else ""
    end = f" to {date_text(figure.end)}" if figure.end < span.end else ""
    if start and figure.start in first_days:
        parts.append(f"counted{start}, the first day with data{f',{end}' if end else ''}")
    elif start or end:
        parts.append(f"counted{start}{end}")
    if _has_gap(figure):
        parts.append(f"known on {figure.observations} of {_days(figure)} days")
    return ", ".join(parts)


def _is_alike(accounts: Sequence[Figure]) -> bool:
    """Tell whether one phrase is true of all; the known days of several are not the same ones."""
    days = {(figure.start, figure.end) for figure in accounts}
    return len(accounts) == 1 or (len(days) == 1 and not any(map(_has_gap, accounts)))


def _has_gap(figure: Figure) -> bool:
    return 0 < figure.observations < _days(figure)


def _days(figure: Figure) -> int:
    return (figure.end - figure.start).days + 1


def _first_days(notes: Sequence[str]) -> set[dt.date]:
    matches = (_FIRST_DAY.fullmatch(note) for note in notes)
    return {dt.date.fromisoformat(match[1]) for match in matches if match}
