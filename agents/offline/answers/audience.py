"""Answers about who the audience is: by age, gender, country and city."""

from collections.abc import Iterable, Sequence
from itertools import groupby

from agents.offline.answers.places import place_name
from agents.offline.answers.results import Answered
from agents.offline.answers.rows import UNKNOWN, Row, rows_of, shown
from agents.offline.answers.wording import date_text, escape, listing, table
from agents.offline.creator import Creator
from agents.offline.questions.audience import asks_for_meaning, find_dimensions
from agents.offline.requests.request import Request
from domain.audience import part_name
from storage.models import AudienceDimension, Platform

MAX_NAMED = 3
# Names of countries that are said with an article.
_ARTICLE = ("United ", "Netherlands", "Philippines", "Bahamas", "Maldives", "Dominican ", "DR ")
_NOUNS = {Platform.YOUTUBE: "viewers", Platform.SPOTIFY: "listeners"}
_HEADS = {"age": "Age", "gender": "Gender", "country": "Country", "city": "City"}


def write_audience(request: Request, answer: Answered, creator: Creator) -> list[str]:
    """Return whom each platform tells of, with the day; or that none does."""
    asked = find_dimensions(request.text) or tuple(AudienceDimension)
    rows = [row for name in asked for row in rows_of(answer) if row.text("dimension") == name]
    if not rows:
        return [f"Your platforms did not tell who your audience is {answer.when}."]
    by_account: dict[tuple[str, str], list[Row]] = {}
    for row in rows:
        by_account.setdefault((row.text("platform"), row.text("account")), []).append(row)
    accounts = [by_account[name] for name in sorted(by_account)]
    told = [_told(account, creator) for account in accounts]
    paragraphs = ["\n".join(f"- {one}" for one in told) if len(told) > 1 else told[0]]
    if len(accounts) == 1 and len({row.text("dimension") for row in rows}) == 1:
        paragraphs.append(_table(rows))
    paragraphs.append("The rest is unknown, or in smaller shares.")
    if asks_for_meaning(request.text):
        paragraphs.append(_meaning(accounts[0], creator))
    return paragraphs


def _told(rows: Sequence[Row], creator: Creator) -> str:
    """Return what a platform tells: the largest part of each dimension, or several of one."""
    by_dimension = [
        list(group) for _, group in groupby(rows, key=lambda row: row.text("dimension"))
    ]
    most = MAX_NAMED if len(by_dimension) == 1 else 1
    parts = [text for group in by_dimension for text in _parts(group[:most])]
    first = rows[0]
    place = place_name((first.text("platform"), first.text("account")), creator)
    noun = _NOUNS.get(Platform(first.text("platform")), "followers")
    day = date_text(first.labelled_figures[0].end)
    return f"On {place}, as of {day}, {_of(parts, noun)}."


def _of(parts: Sequence[str], noun: str) -> str:
    first, *others = parts
    share, _, rest = first.partition(" ")
    return listing([f"{share} of your {noun} {rest}", *others])


def _parts(rows: Iterable[Row]) -> Iterable[str]:
    for row in rows:
        share, name = shown(row.labelled_figures[0]), _name(row)
        match row.text("dimension"):
            case AudienceDimension.COUNTRY:
                yield f"{share} live in {_with_article(name)}"
            case AudienceDimension.CITY:
                yield f"{share} live in {name}"
            case AudienceDimension.AGE:
                yield f"{share} are {name} years old"
            case _:
                yield f"{share} are {name}"


def _table(rows: Sequence[Row]) -> str:
    """Return the shares of one dimension, beside those before where they are known."""
    first = rows[0].labelled_figures
    heads = [_HEADS[rows[0].text("dimension")], *(date_text(figure.end) for figure in first)]
    cells = [
        [_name(row), *(shown(f) if f.value is not None else UNKNOWN for f in row.labelled_figures)]
        for row in rows
    ]
    return table(heads, cells)


def _meaning(rows: Sequence[Row], creator: Creator) -> str:
    """Return what the largest shares of the first account are a reason for."""
    largest = {row.text("dimension"): _name(row) for row in reversed(rows)}
    first = rows[0]
    place = place_name((first.text("platform"), first.text("account")), creator)
    reasons = []
    if age := largest.get("age"):
        reasons.append(f"Write with people of {age} in mind, your largest age group on {place}.")
    if country := largest.get("country"):
        reasons.append(
            f"Post by the clock of {_with_article(country)}, where your largest share lives."
        )
    if not reasons:
        return ""
    return (
        f"What that means for your posts: {' '.join(reasons)} That is a start and no proof: which "
        "forms and times do best, your posts tell."
    )


def _with_article(country: str) -> str:
    return f"the {country}" if country.startswith(_ARTICLE) else country


def _name(row: Row) -> str:
    return escape(part_name(row.text("dimension"), row.text("name")))
