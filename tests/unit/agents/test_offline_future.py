"""Days to come, as goals and forecasts name them."""

import datetime as dt

import pytest

from agents.offline.questions.words import normalise
from agents.offline.requests.future import find_future

TODAY = dt.date(2026, 11, 20)  # a Friday


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("by the end of the year", "2026-12-31"),
        ("by year's end", "2026-12-31"),
        ("by easter", "2027-03-28"),
        ("on valentine's day", "2027-02-14"),
        ("by christmas", "2026-12-25"),
        ("by spring", "2027-03-01"),
        ("by the end of summer", "2027-08-31"),
        ("next summer, say 30 June", "2027-06-30"),
        ("from 1 January to 15 February", "2027-02-15"),
        ("at the end of Q1", "2027-03-31"),
        ("by sunday", "2026-11-22"),
        ("for the coming fortnight", "2026-12-04"),
        ("until 31/12/2027", "2027-12-31"),
        ("in three months", "2027-02-20"),
    ],
)
def test_a_day_to_come_is_read(text: str, expected: str) -> None:
    day, rest = find_future(normalise(f"followers {text}"), TODAY)
    assert str(day) == expected
    assert rest.startswith("followers")


@pytest.mark.parametrize("text", ["my followers", "last week", "30,000 followers"])
def test_other_words_are_no_day_to_come(text: str) -> None:
    assert find_future(normalise(text), TODAY) == (None, normalise(text))
