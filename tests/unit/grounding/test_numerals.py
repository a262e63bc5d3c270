"""Numbers as people write them, in digits and in words."""

import pytest

from domain.grounding.numerals import Numeral, find_numerals


def only(text: str) -> Numeral:
    [numeral] = find_numerals(text)
    return numeral


@pytest.mark.parametrize(
    ("text", "value", "unit"),
    [
        ("ten posts", 10, ""),
        ("twenty-five new followers", 25, ""),
        ("half a million streams", 500_000, ""),
        ("three thousand views", 3000, ""),
        ("ten percent", 10, "%"),
        ("views doubled", 2, "x"),
        ("twice as many", 2, "x"),
        ("three times as many", 3, "x"),
        ("2.5 times as many", 2.5, "x"),
        ("five to one", 5, "x"),
        ("it halved", 0.5, "x"),
        ("half of your views", 50, "part"),
        ("a third of your views", 100 / 3, "part"),
        ("three quarters of them", 75, "part"),
        ("2 hours", 120, "h"),
        ("1.3 percentage points", 1.3, "pp"),
        ("2 points", 2, "pp"),
    ],
)
def test_a_claim_is_a_number_with_its_unit(text: str, value: float, unit: str) -> None:
    numeral = only(text)
    assert numeral.value == pytest.approx(value)
    assert numeral.unit == unit


@pytest.mark.parametrize(
    "text",
    [
        "one of them",
        "here are two ideas",
        "post three times a week",
        "half an hour",
        "half of the year",
        "last quarter",
        "the third place",
        "double-check it",
        "you doubled down on reels",
        "on 3 March 2026 people came",
    ],
)
def test_idle_words_are_no_claims(text: str) -> None:
    assert list(find_numerals(text)) == []


@pytest.mark.parametrize(
    ("text", "fits", "does_not"),
    [
        ("1,300", 1300, 1310),
        ("about 1,300", 1310, 1400),
        ("1.2k", 1249, 1251),
        ("almost 24,000", 23_597, 24_140),
        ("over 1,600", 1639, 1599),
        ("over 1,600", 1639, 1900),
        ("nearly half of all", 48, 52),
        ("more than doubled", 2.4, 1.9),
    ],
)
def test_rounding_words_widen_what_a_number_may_be(text: str, fits: float, does_not: float) -> None:
    windows = list(only(text).windows())
    assert any(low <= fits <= high for low, high in windows)
    assert not any(low <= does_not <= high for low, high in windows)


def test_the_first_number_of_a_range_has_the_unit_of_the_second() -> None:
    assert [numeral.unit for numeral in find_numerals("from 3.1 to 4.3 % and 5 to 6")] == [
        "%",
        "%",
        "",
        "",
    ]
