"""Two periods against each other: only what is comparable is compared."""

import datetime as dt
from dataclasses import replace
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.analytics.comparison import Comparison, ComparisonReport, compare, period_before
from domain.analytics.growth import Period
from storage.metrics import AccountPeriod
from storage.models import Metric
from tests.series import Series, dated

DAY = dt.timedelta(days=1)
NOW = Period(start=dt.date(2026, 3, 8), end=dt.date(2026, 3, 14))
BEFORE = Period(start=dt.date(2026, 3, 1), end=dt.date(2026, 3, 7))
Accounts = dict[tuple[str, str], Series]


def row(place: tuple[str, str], series: Series, period: Period) -> AccountPeriod:
    """Return what storage would of these known days."""
    inside = [day for day in sorted(series) if period.start <= day <= period.end]
    return AccountPeriod(
        platform=place[0],
        account=place[1],
        first_known=min(series, default=None),
        last_known=max(series, default=None),
        before=series.get(period.start - DAY),
        start_date=inside[0] if inside else None,
        start=series[inside[0]] if inside else None,
        end_date=inside[-1] if inside else None,
        end=series[inside[-1]] if inside else None,
        total=sum(series[day] for day in inside) if inside else None,
        observations=len(inside),
        is_preliminary=False,
    )


def compared(
    accounts: Accounts, metric: Metric = Metric.VIEWS, now: Period = NOW, before: Period = BEFORE
) -> ComparisonReport:
    rows_now, rows_before = [
        [row(place, series, period) for place, series in sorted(accounts.items())]
        for period in (now, before)
    ]
    return compare(rows_now, rows_before, metric, now, before)


def told(part: Comparison) -> tuple[float | None, ...]:
    return (part.now.value, part.before.value, part.change, part.percent)


def two_weeks(*values: int) -> Series:
    return dated(list(values), BEFORE.start)


def test_totals_of_known_weeks() -> None:
    report = compared({("instagram", "ida"): two_weeks(*[10] * 7, *[15] * 7)})
    [instagram] = report.comparisons
    assert told(instagram) == (105, 70, 35, 50)
    assert (instagram.is_per_day, report.notes) == (False, [])


def test_different_coverage_compares_averages_of_known_days() -> None:
    series = two_weeks(*[10] * 7, *[15] * 5)
    report = compared({("youtube", "ida"): series})
    [youtube] = report.comparisons
    assert told(youtube) == (15, 10, 5, 50)
    assert (youtube.is_per_day, youtube.now.observations) == (True, 5)
    assert report.notes == [
        "youtube ida: 2026-03-08 to 2026-03-14, some days are unknown",
        "the numbers are averages per known day, because some days are unknown",
    ]


def test_one_account_with_gaps_makes_averages_of_all() -> None:
    report = compared(
        {
            ("facebook", "ida"): two_weeks(*[10] * 14),
            ("youtube", "ida"): two_weeks(*[10] * 7, *[16] * 5),
        }
    )
    total, facebook, youtube = report.comparisons
    assert told(facebook) == (10, 10, 0, 0)
    assert told(youtube)[:2] == (16, 10)
    assert told(total) == (26, 20, 6, 30)


def test_less_than_half_known_is_not_compared() -> None:
    report = compared({("youtube", "ida"): two_weeks(*[10] * 10)})
    [youtube] = report.comparisons
    assert told(youtube) == (None, 70, None, None)
    assert report.notes == [
        "youtube ida: 2026-03-08 to 2026-03-14, too many days are unknown to compare"
    ]


def test_an_unknown_account_makes_the_sum_unknown() -> None:
    report = compared(
        {
            ("facebook", "ida"): two_weeks(*[10] * 14),
            ("youtube", "ida"): two_weeks(*[10] * 8),
        }
    )
    assert told(report.comparisons[0]) == (None, 140, None, None)


def test_an_account_connected_since_is_no_growth() -> None:
    report = compared(
        {
            ("instagram", "ida"): two_weeks(*[10] * 14),
            ("instagram", "new"): dated([500] * 7, NOW.start),
        }
    )
    [instagram] = report.comparisons
    assert told(instagram) == (70, 70, 0, 0)
    assert report.notes == ["instagram new: left out, because there is no data before 2026-03-08"]


def test_periods_of_different_lengths_compare_averages() -> None:
    fortnight = Period(start=BEFORE.start - 7 * DAY, end=BEFORE.end)
    series = dated([10] * 14 + [12] * 7, fortnight.start)
    report = compared({("instagram", "ida"): series}, before=fortnight)
    assert [told(part) for part in report.comparisons] == [(12, 10, 2, 20)]
    assert report.notes == [
        "the numbers are averages per known day, because the periods differ in length"
    ]


def test_followers_compare_what_was_gained_and_what_there_was() -> None:
    levels = dated([1_000 + 2 * n for n in range(8)] + [1_014 + 5 * n for n in range(1, 8)])
    first = min(levels)
    series = {BEFORE.start - DAY + (day - first): value for day, value in levels.items()}
    report = compared({("instagram", "ida"): series}, Metric.FOLLOWERS)
    assert [told(part) for part in report.comparisons] == [(35, 14, 21, 150)]
    [level] = report.levels
    assert told(level)[:3] == (1_049, 1_014, 35)
    assert level.percent == pytest.approx(100 * 35 / 1_014)


def test_followers_without_the_day_before_compare_gains_per_day() -> None:
    levels = dated([1_000 + 2 * n for n in range(7)] + [1_012 + 5 * n for n in range(1, 8)])
    first = min(levels)
    series = {BEFORE.start + (day - first): value for day, value in levels.items()}
    [part] = compared({("instagram", "ida"): series}, Metric.FOLLOWERS).comparisons
    assert (told(part), part.is_per_day) == ((5, 2, 3, 150), True)
    assert (part.now.observations, part.before.observations) == (7, 6)


def test_after_losses_there_is_no_percent() -> None:
    levels = [100, *[100 - n for n in range(1, 8)], *[93 + n for n in range(1, 8)]]
    series = dated(levels, BEFORE.start - DAY)
    [part] = compared({("facebook", "ida"): series}, Metric.FOLLOWERS).comparisons
    assert told(part) == (7, -7, 14, None)


def test_reach_has_no_total() -> None:
    accounts = {(name, "ida"): two_weeks(*[10] * 14) for name in ("facebook", "instagram")}
    places = [part.place.platform for part in compared(accounts, Metric.REACH).comparisons]
    assert places == ["facebook", "instagram"]


def test_the_period_before_is_as_long_and_touches() -> None:
    assert period_before(NOW) == BEFORE


# --- properties ---

DAYS = st.dictionaries(st.integers(-1, 13), st.integers(0, 1_000), min_size=1)
ACCOUNTS = st.dictionaries(
    st.tuples(st.sampled_from(["facebook", "instagram", "youtube"]), st.sampled_from("abc")),
    DAYS.map(lambda days: dated(days, BEFORE.start)),
    min_size=1,
)


@given(ACCOUNTS, st.sampled_from([Metric.VIEWS, Metric.FOLLOWERS]))
def test_the_parts_add_up(accounts: Accounts, metric: Metric) -> None:
    report = compared(accounts, metric)
    for parts in (report.comparisons, report.levels):
        platforms = [part for part in parts if part.place.platform and not part.place.account]
        for whole in parts:
            if whole.place.account:
                continue
            below = [
                part
                for part in parts
                if part.place.account and part.place.platform == whole.place.platform
            ] or platforms
            if whole.place.platform and below is platforms:
                continue  # its only account is the platform itself
            values = [part.now.value for part in below]
            known = [value for value in values if value is not None]
            if whole.now.value is None:
                assert len(known) < len(values)
            else:
                assert whole.now.value == pytest.approx(sum(known))


@given(ACCOUNTS, st.integers(-900, 900), st.randoms())
def test_neither_the_date_nor_the_order_matter(
    accounts: Accounts, shift: int, random: Random
) -> None:
    by = dt.timedelta(days=shift)
    moved: Accounts = {}
    for place, series in accounts.items():
        days = list(series.items())
        random.shuffle(days)
        moved[place] = {day + by: value for day, value in days}
    later = compared(
        moved,
        now=Period(start=NOW.start + by, end=NOW.end + by),
        before=Period(start=BEFORE.start + by, end=BEFORE.end + by),
    )
    expected = compared(accounts)
    assert [told(part) for part in later.comparisons] == [
        told(part) for part in expected.comparisons
    ]


@given(ACCOUNTS, st.integers(2, 50))
def test_scaling_leaves_the_percent(accounts: Accounts, factor: int) -> None:
    scaled = {
        place: {day: factor * value for day, value in series.items()}
        for place, series in accounts.items()
    }
    for one, many in zip(compared(accounts).comparisons, compared(scaled).comparisons, strict=True):
        assert replace(many, now=one.now, before=one.before) == one
        if one.percent is None:
            assert many.percent is None
        else:
            assert many.percent == pytest.approx(one.percent)
