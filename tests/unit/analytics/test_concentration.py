"""Shares of platforms: they add up to 100, and only a majority dominates."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.analytics.concentration import (
    Concentration,
    concentration,
    herfindahl_index,
    percents_of,
)
from domain.analytics.growth import Period
from domain.analytics.series import series_parts
from tests.series import FIRST_DAY, daily_values, dated

PERIOD = Period(start=FIRST_DAY, end=FIRST_DAY + dt.timedelta(days=2))
VALUES = st.dictionaries(
    st.sampled_from(["instagram", "facebook", "youtube", "spotify"]),
    st.integers(0, 10**9),
    min_size=1,
)


def shares(*, is_level: bool = False, **platforms: dict[int, int]) -> Concentration:
    rows = [row for name, days in platforms.items() for row in daily_values(dated(days), name)]
    parts = [part for part in series_parts(rows, is_summable=True) if part.place.platform]
    return concentration(parts, PERIOD, is_level=is_level)


def test_shares_and_index_of_three_platforms() -> None:
    found = shares(
        instagram={0: 20, 1: 20, 2: 20}, youtube={0: 30, 1: 0, 2: 0}, facebook={0: 0, 1: 0, 2: 10}
    )
    assert [(share.platform, share.value, share.percent) for share in found.shares] == [
        ("instagram", 60, 60.0),
        ("youtube", 30, 30.0),
        ("facebook", 10, 10.0),
    ]
    assert found.index == 60**2 + 30**2 + 10**2
    assert (found.dominant, found.days, found.notes) == ("instagram", 3, [])


def test_half_is_not_a_majority() -> None:
    assert shares(instagram={0: 5}, youtube={0: 5}).dominant is None


def test_a_single_platform_dominates_nobody() -> None:
    found = shares(instagram={0: 5, 1: 5, 2: 5})
    assert (found.dominant, found.index) == (None, 10_000)
    assert found.notes == ["only one platform reports this metric, so there is nothing to compare"]


def test_only_days_known_on_all_platforms_count() -> None:
    found = shares(instagram={0: 1_000, 1: 10, 2: 10}, youtube={1: 30, 2: 30})
    assert {share.platform: share.value for share in found.shares} == {
        "instagram": 20,
        "youtube": 60,
    }
    assert found.notes == ["only the days that all platforms know are counted"]
    assert (found.start, found.days) == (FIRST_DAY + dt.timedelta(days=1), 2)
    assert not found.is_complete


def test_levels_are_those_of_the_last_common_day() -> None:
    found = shares(instagram={0: 10, 1: 20, 2: 900}, youtube={0: 10, 1: 60}, is_level=True)
    assert [(share.platform, share.value) for share in found.shares] == [
        ("youtube", 60),
        ("instagram", 20),
    ]
    assert found.start == found.end == FIRST_DAY + dt.timedelta(days=1)


def test_without_a_common_day_there_are_no_shares() -> None:
    found = shares(instagram={0: 10}, youtube={1: 60})
    assert (found.shares, found.index) == ([], None)
    assert found.notes == ["no day of the period is known on all platforms"]


def test_shares_of_nothing_are_unknown() -> None:
    found = shares(instagram={0: 0}, youtube={0: 0})
    assert [share.percent for share in found.shares] == [None, None]
    assert (found.index, found.dominant) == (None, None)


def test_thirds_are_rounded_to_a_hundred() -> None:
    assert percents_of({"a": 1, "b": 1, "c": 1}) == {"a": 33.4, "b": 33.3, "c": 33.3}


@given(VALUES)
def test_shares_add_up_to_a_hundred(values: dict[str, int]) -> None:
    percents = percents_of(values)
    if sum(values.values()):
        assert sum(percents.values()) == pytest.approx(100, abs=1e-9)
        for name, value in values.items():
            assert percents[name] == pytest.approx(100 * value / sum(values.values()), abs=0.1)
    else:
        assert percents == {}


@given(VALUES, st.integers(1, 50))
def test_neither_order_nor_scale_change_shares(values: dict[str, int], factor: int) -> None:
    many = {name: factor * values[name] for name in reversed(values)}
    assert percents_of(many) == percents_of(values)
    assert herfindahl_index([*many.values()]) == herfindahl_index([*values.values()])


@given(VALUES)
def test_the_index_lies_between_equal_shares_and_all_in_one(values: dict[str, int]) -> None:
    index = herfindahl_index([*values.values()])
    if index is not None:
        assert round(10_000 / len(values)) <= index <= 10_000
