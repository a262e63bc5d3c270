"""Unusual days and weeks: none in noise, and every one that was planted."""

import datetime as dt
from collections.abc import Mapping
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.analytics.anomalies import changes, unusual_times
from domain.analytics.growth import Period
from domain.analytics.outliers import Outlier, outliers, week_outliers
from domain.demo import build_demo
from storage.models import Metric, Platform
from tests.series import (
    FIRST_DAY,
    KINDS,
    PLATFORMS,
    YEAR,
    Series,
    dated,
    noisy_changes,
    noisy_counts,
)

WHOLE = Period(start=FIRST_DAY, end=FIRST_DAY + dt.timedelta(days=YEAR - 1))
SEEDS = range(100)
SERIES = st.dictionaries(st.integers(0, 80), st.integers(0, 10_000), min_size=1)


def on(number: int) -> dt.date:
    return FIRST_DAY + dt.timedelta(days=number)


def anything_unusual(series: Series, *, is_signed: bool = False) -> bool:
    return any(unusual_times(series, WHOLE, is_signed=is_signed))


def test_nothing_is_unusual_in_a_year_of_noise_on_four_platforms() -> None:
    claims = 0
    for seed in SEEDS:
        random = Random(seed)
        creator = [
            noisy_counts(
                random,
                yearly_growth=random.uniform(-0.3, 0.5),
                memory=random.choice((0, 0, 0.3)),
            )
            for _ in PLATFORMS
        ]
        claims += any(anything_unusual(dated(counts)) for counts in creator)
    assert claims <= 5


def test_nothing_is_unusual_in_followers_that_wander() -> None:
    claims = 0
    for seed in SEEDS:
        random = Random(seed)
        drift, memory = random.uniform(-3, 40), random.choice((0, 0.3))
        won = noisy_counts(random, level=random.uniform(3, 100), yearly_growth=0.3)
        lost = noisy_counts(random, level=random.uniform(1, 30), kind="poisson")
        creator = [
            noisy_changes(random, drift=drift, memory=memory),
            [plus - minus for plus, minus in zip(won, lost, strict=True)],
        ]
        claims += any(anything_unusual(dated(daily), is_signed=True) for daily in creator)
    assert claims <= 5


@pytest.mark.parametrize("kind", KINDS)
def test_a_spike_is_found(kind: str) -> None:
    found = 0
    for seed in SEEDS:
        random = Random(seed)
        counts = noisy_counts(random, level=400, kind=kind, spread=0.3, yearly_growth=0.2)
        place = random.randrange(YEAR)
        counts[place] *= 20
        days, _ = unusual_times(dated(counts), WHOLE)
        found += [day.date for day in days if day.score > 0] == [on(place)]
    assert found >= 95


def test_a_day_of_nearly_nothing_on_a_steady_account_is_found() -> None:
    found = 0
    for seed in SEEDS:
        random = Random(seed)
        counts = noisy_counts(random, level=400, kind="lognormal", spread=0.15, yearly_growth=0.2)
        place = random.randrange(YEAR)
        counts[place] = counts[place] // 50
        days, _ = unusual_times(dated(counts), WHOLE)
        found += on(place) in {day.date for day in days if day.score < 0}
    assert found >= 95


@pytest.mark.parametrize("kind", KINDS)
def test_a_dead_week_is_found_though_no_day_of_it_is_unusual(kind: str) -> None:
    found, alone = 0, 0
    for seed in SEEDS:
        random = Random(seed)
        counts = noisy_counts(random, level=100, kind=kind, spread=0.5, yearly_growth=0.2)
        place = random.randrange(14, YEAR - 21)
        for day in range(place, place + 7):
            counts[day] //= 8
        days, weeks = unusual_times(dated(counts), WHOLE)
        low = [week for week in weeks if week.score < 0]
        found += any(abs((week.date - on(place)).days) <= 1 for week in low)
        alone += any(on(place) <= day.date <= on(place + 6) for day in days)
    assert found >= 95
    assert alone <= 5


def test_a_jump_of_followers_is_found() -> None:
    found = 0
    for seed in SEEDS:
        random = Random(seed)
        daily = noisy_changes(random, drift=20, spread=8, memory=0.2)
        place = random.randrange(YEAR)
        daily[place] += random.choice((-1, 1)) * 150
        days, _ = unusual_times(dated(daily), WHOLE, is_signed=True)
        found += [day.date for day in days] == [on(place)]
    assert found >= 95


def test_the_demo_creators_dead_week_and_viral_reel_are_found() -> None:
    demo = build_demo(dt.date(2026, 11, 20))
    period = Period(start=demo.days[0].date, end=demo.days[-1].date)
    series: dict[Metric, Series] = {Metric.ENGAGEMENT: {}, Metric.FOLLOWERS: {}}
    for day in demo.days:
        for metric, values in series.items():
            value = day.values.get(metric)
            if day.platform is Platform.INSTAGRAM and value is not None:
                values[day.date] = value
    _, weeks = unusual_times(series[Metric.ENGAGEMENT], period)
    [dead] = [week for week in weeks if week.score < 0]
    assert abs((dead.date - dt.date(2026, 7, 20)).days) <= 3
    assert dead.value < dead.typical / 2
    [viral] = [week for week in weeks if week.score > 0]
    assert dt.date(2026, 10, 9) <= viral.date <= dt.date(2026, 10, 16)
    days, _ = unusual_times(changes(series[Metric.FOLLOWERS]), period, is_signed=True)
    assert [day.date for day in days] == [dt.date(2026, 10, 16)]


# --- golden cases ---

MARCH = Period(start=dt.date(2026, 3, 1), end=dt.date(2026, 3, 31))


def test_the_score_is_the_smallest_of_the_modified_z_scores() -> None:
    # Roots and logarithms of 99 and 101 are 1 % apart and less: the least spreads count, one
    # half of a root and 0.01 of a logarithm.
    values = [99 if number % 2 else 101 for number in range(29)]
    values[14] = 400
    [day] = outliers(dated(values, MARCH.start), MARCH)
    assert (day.typical, day.neighbours) == (100, 28)
    near = sum((x + 0.375) ** 0.5 for x in (99, 101)) / 2
    assert day.score == pytest.approx(((400.375) ** 0.5 - near) / 0.5)


def test_counting_noise_alone_explains_few_posts_a_day() -> None:
    values = [number % 3 == 0 for number in range(29)]
    quiet = dated([*map(int, values)], MARCH.start)
    assert outliers(quiet | {dt.date(2026, 3, 10): 6}, MARCH) == []
    [burst] = outliers(quiet | {dt.date(2026, 3, 10): 40}, MARCH)
    assert burst.value == 40


def test_a_rhythm_of_the_week_is_not_unusual() -> None:
    values = [2_000 if number % 7 == 5 else 1_000 + number for number in range(YEAR)]
    assert not anything_unusual(dated(values))


def test_too_few_known_days_are_not_judged() -> None:
    values = dated([100] * 13 + [100_000], MARCH.start)
    assert unusual_times(values, MARCH) == ([], [])
    assert len(outliers(dated([100] * 14 + [100_000], MARCH.start), MARCH)) == 1


def test_a_week_with_an_unknown_day_is_not_judged() -> None:
    values = dated([100 + number % 5 for number in range(YEAR)])
    for number in range(100, 107):
        values[on(number)] = 5
    [week] = week_outliers(values, WHOLE)
    assert (week.date, week.value) == (on(100), 35)
    del values[on(103)]
    assert all(on(103) not in days_of(week) for week in week_outliers(values, WHOLE))


def test_a_low_week_says_all_about_its_low_days() -> None:
    values = dated([100 + number % 5 for number in range(YEAR)])
    for number in range(100, 107):
        values[on(number)] = 5
    assert len(outliers(values, WHOLE)) == 7
    days, weeks = unusual_times(values, WHOLE)
    assert (days, len(weeks)) == ([], 1)


def days_of(week: Outlier) -> set[dt.date]:
    return {week.date + dt.timedelta(days=step) for step in range(7)}


# --- properties ---


def told(found: tuple[list[Outlier], list[Outlier]], shift: int = 0) -> set[tuple[object, ...]]:
    by = dt.timedelta(days=shift)
    return {(each.date + by, each.value, each.score) for times in found for each in times}


@settings(deadline=None, max_examples=40)
@given(SERIES, st.integers(0, 80), st.randoms())
def test_the_order_of_days_means_nothing(
    values: Mapping[int, int], spike: int, random: Random
) -> None:
    series = dated(dict(values) | {spike: 1_000_000})
    shuffled = list(series.items())
    random.shuffle(shuffled)
    assert told(unusual_times(dict(shuffled), WHOLE)) == told(unusual_times(series, WHOLE))


@settings(deadline=None, max_examples=40)
@given(SERIES, st.integers(0, 80), st.integers(-400, 400))
def test_moving_all_days_moves_what_is_found(
    values: Mapping[int, int], spike: int, shift: int
) -> None:
    series = dated(dict(values) | {spike: 1_000_000})
    moved = {date + dt.timedelta(days=shift): value for date, value in series.items()}
    by = dt.timedelta(days=shift)
    period = Period(start=WHOLE.start + by, end=WHOLE.end + by)
    assert told(unusual_times(moved, period)) == told(unusual_times(series, WHOLE), shift)


@settings(deadline=None, max_examples=40)
@given(SERIES)
def test_a_part_of_the_period_finds_the_days_that_the_whole_finds(
    values: Mapping[int, int],
) -> None:
    series = dated(values)
    half = Period(start=WHOLE.start, end=on(40))
    whole = [day for day in outliers(series, WHOLE) if day.date <= half.end]
    assert outliers(series, half) == whole
