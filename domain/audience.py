"""What the parts of an audience are called, in figures' labels and in sentences."""

import re
from typing import NamedTuple

from domain.countries import COUNTRIES
from domain.figures import Figure
from storage.models import AudienceDimension

METRIC = "audience_share_by_"
_GENDERS = {"female": "women", "male": "men", "other": "people of another gender"}
GENDERS = tuple(_GENDERS.values())
_YEARS = re.compile(r"(?P<first>\d{1,2})-(?P<last>\d{1,2})")


class Part(NamedTuple):
    """A part of an audience: its dimension, and what people call it."""

    dimension: str
    name: str


def part_name(dimension: str, name: str) -> str:
    """Return what people call a part: "25–34", "women", "Germany"; a city as it is."""
    match dimension:
        case AudienceDimension.AGE:
            return _YEARS.sub(r"\g<first>–\g<last>", name)
        case AudienceDimension.GENDER:
            return _GENDERS.get(name, name)
        case AudienceDimension.COUNTRY:
            return COUNTRIES.get(name, name)
        case _:
            return name


def age_words(name: str) -> str:
    """Return the pattern of an age group's words, "25–34" or "65+"; empty for another name."""
    match = re.fullmatch(r"(\d{1,2})(?:–(\d{1,2})|\+)", name)
    if match is None:
        return ""
    first, last = match.groups()
    if last is None:
        return rf"(?<![\w.,]){first}(?=\+| (?:and|or) (?:older|over|above|up)\b)"
    # "25–34 %" is a range of percents.
    is_no_number = (
        r"(?!\w|[.,]\d|\s?(?:%|percent|points?\b|followers|listeners|subscribers|people))"
    )
    return rf"(?<![\w.,]){first}\s?(?:[-–]|to|and|through)\s?{last}{is_no_number}"


def share_label(dimension: str, name: str, place: str) -> str:
    """Return the label of a share's figure; `find_part` reads it."""
    return f"share of {dimension} {part_name(dimension, name)}, {place}"


def find_part(figure: Figure) -> Part | None:
    """Return the part of an audience that a figure is of; None for any other figure."""
    if not figure.metric.startswith(METRIC):
        return None
    dimension = figure.metric.removeprefix(METRIC)
    # A place ends with its account, whose name may have commas, too.
    place = re.compile(rf", [^,]*{re.escape(f'({figure.account})')}$")
    name = place.sub("", figure.label.removeprefix(f"share of {dimension} "))
    return Part(dimension, name)
