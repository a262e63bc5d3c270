"""Progress, pace and projection of goals: golden cases by hand, and what holds for all."""

import datetime as dt
from collections.abc import Callable, Sequence
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.demo import build_demo
from domain.progress import (
    Progress,
    Projection,
    level_series,
    measure,
    percent_of,
    total_series,
)
from storage.metrics import DailyValue
from storage.models import Goal, Metric, Platform

START = dt.date(2026, 3, 1)


def day(number: int) -> dt.date:
    """Return a day of the goal; its first one is day 0."""
    return START + dt.timedelta(days=number)


def goal(
    start: int = 1000,
    target: int = 2000,
    due: int | None = 100,
    metric: Metric = Metric.FOLLOWERS,
    status: str = "active",
) -> Goal:
    return Goal(
        title="a goal",
        metric=metric,
        start_value=start,
        target_value=target,
        start_date=START,
        due_date=None if due is None else day(due),
        status=status,
    )


def days(
    value: Callable[[int], int | None],
    numbers: Sequence[int],
    account: str = "ida",
    preliminary: Sequence[int] = (),
) -> list[DailyValue]:
    return [
        DailyValue(
            platform="instagram",
            account=account,
            date=day(number),
            value=value(number),
            status="preliminary" if number in preliminary else "final",
        )
        for number in numbers
    ]


def follow(of: Goal, values: Sequence[DailyValue]) -> Progress:
    return measure(of, level_series(values, START))


def count(of: Goal, values: Sequence[DailyValue]) -> Progress:
    return measure(of, total_series(values, START))


# --- levels ---


def test_a_steady_goal_is_reached_when_what_is_left_is_used_up() -> None:
    progress = follow(goal(), days(lambda n: 1000 + 10 * n, range(41)))
    assert (progress.day, progress.current, progress.remaining) == (day(40), 1400, 600)
    assert (progress.percent, progress.pace, progress.pace_days) == (40, 10, 28)
    assert progress.needed == 10  # 600 in the 60 days that are left
    expected = day(100)  # 600 at 10 a day
    assert progress.projection == Projection(expected=expected, earliest=expected, latest=expected)
    assert progress.is_on_track
    assert progress.reached == {25: (day(25), 1250)}


def test_one_day_less_is_one_day_late() -> None:
    progress = follow(goal(due=99), days(lambda n: 1000 + 10 * n, range(41)))
    assert progress.is_on_track is False
    assert progress.needed == pytest.approx(600 / 59)


def test_the_range_goes_by_the_fastest_and_the_slowest_week() -> None:
    steps = [*[5] * 7, *[10] * 7, *[20] * 7, *[5] * 7]  # 280 in 28 days
    levels = [1000 + sum(steps[:n]) for n in range(29)]
    progress = follow(goal(), days(lambda n: levels[n], range(29)))
    assert (progress.pace, progress.remaining) == (10, 720)
    assert progress.projection == Projection(
        expected=day(28 + 72), earliest=day(28 + 36), latest=day(28 + 144)
    )


def test_a_week_that_led_nowhere_leaves_the_latest_day_open() -> None:
    steps = [*[0] * 7, *[10] * 21]
    levels = [1000 + sum(steps[:n]) for n in range(29)]
    projection = follow(goal(), days(lambda n: levels[n], range(29))).projection
    assert projection
    assert projection.latest is None
    assert projection.earliest == day(28 + 79)  # 790 at 10 a day


def test_a_single_known_week_has_no_range() -> None:
    projection = follow(goal(), days(lambda n: 1000 + 10 * n, range(8))).projection
    assert projection == Projection(expected=day(7 + 93), earliest=None, latest=None)


def test_six_days_are_too_few_for_a_pace() -> None:
    progress = follow(goal(), days(lambda n: 1000 + 10 * n, range(7)))
    assert (progress.pace, progress.projection, progress.is_on_track) == (None, None, None)


@pytest.mark.parametrize("step", [0, -3])
def test_a_pace_that_leads_away_has_no_projection(step: int) -> None:
    progress = follow(goal(), days(lambda n: 1500 + step * n, range(29)))
    assert (progress.pace, progress.projection, progress.is_on_track) == (step, None, False)


def test_a_projection_beyond_five_years_is_none() -> None:
    progress = follow(goal(target=100_000), days(lambda n: 1000 + n, range(29)))
    assert progress.projection is None
    assert progress.is_on_track is False


def test_a_goal_that_goes_down_is_measured_downwards() -> None:
    progress = follow(goal(start=1000, target=800), days(lambda n: 1000 - 2 * n, range(51)))
    assert (progress.current, progress.percent, progress.remaining) == (900, 50, -100)
    assert (progress.pace, progress.needed) == (-2, -2)
    assert progress.projection
    assert progress.projection.expected == day(100)
    assert progress.reached == {25: (day(25), 950), 50: (day(50), 900)}


def test_going_the_other_way_is_less_than_nothing() -> None:
    progress = follow(goal(), days(lambda n: 1000 - n, range(29)))
    assert progress.percent == pytest.approx(-2.8)
    assert progress.reached == {}


def test_the_first_day_that_reached_a_milestone_counts_also_after_a_fall() -> None:
    levels = {0: 1000, 1: 1300, 2: 1100, 3: 2050, 4: 1900}
    progress = follow(goal(), days(lambda n: levels[n], range(5)))
    assert progress.reached == {
        25: (day(1), 1300),
        50: (day(3), 2050),
        75: (day(3), 2050),
        100: (day(3), 2050),
    }
    assert (progress.current, progress.remaining) == (1900, 100)


def test_days_before_the_start_and_after_the_due_day_reach_nothing() -> None:
    levels = {-2: 5000, -1: 1000, 0: 1000, 10: 1200, 11: 2500}
    progress = follow(goal(due=10), days(lambda n: levels[n], sorted(levels)))
    assert progress.reached == {}
    assert progress.is_due_known
    assert progress.current == 2500


def test_a_due_day_that_is_not_over_is_not_known() -> None:
    values = days(lambda n: 1000 + n, range(11), preliminary=[10])
    progress = follow(goal(due=10), values)
    assert progress.is_preliminary
    assert not progress.is_due_known


def test_pace_looks_back_to_before_the_goal_was_set() -> None:
    progress = follow(goal(start=1280), days(lambda n: 1280 + 10 * n, range(-28, 1)))
    assert (progress.percent, progress.pace, progress.pace_days) == (0, 10, 28)


def test_a_gap_is_bridged_by_its_own_length() -> None:
    known = [*range(12), *range(20, 29)]
    progress = follow(goal(), days(lambda n: 1000 + 10 * n, known))
    assert (progress.pace, progress.pace_days) == (10, 28)


def test_a_level_of_several_accounts_is_known_where_each_one_is() -> None:
    values = days(lambda n: 600, [0, 1, 2]) + days(
        lambda n: 400 if n != 1 else None, [0, 1, 2], "b"
    )
    assert level_series(values, START).values == {day(0): 1000, day(2): 1000}


def test_an_account_that_appears_later_is_no_growth() -> None:
    values = days(lambda n: 1000, [0, 1]) + days(lambda n: 5000, [1], "second")
    assert follow(goal(), values).current == 1000


def test_nothing_known_is_null_and_never_zero() -> None:
    progress = follow(goal(), days(lambda n: None, range(5)))
    assert (progress.day, progress.current, progress.percent) == (None, None, None)
    assert (progress.remaining, progress.needed, progress.is_on_track) == (None, None, None)
    assert progress.reached == {}


@pytest.mark.parametrize(("status", "is_on_track"), [("reached", True), ("missed", False)])
def test_what_has_ended_stays_decided(status: str, is_on_track: bool) -> None:
    progress = follow(goal(status=status), days(lambda n: 1000 + 10 * n, range(29)))
    assert progress.is_on_track is is_on_track


# --- totals ---


def views(target: int = 1000, due: int | None = 19) -> Goal:
    return goal(start=0, target=target, due=due, metric=Metric.VIEWS)


def test_a_goal_on_views_is_about_the_total_since_it_was_set() -> None:
    progress = count(views(), days(lambda n: 50, range(-28, 10)))
    assert (progress.current, progress.percent, progress.remaining) == (500, 50, 500)
    assert (progress.observations, progress.missing_days, progress.pace) == (10, 0, 50)
    assert progress.needed == 50  # 500 in the 10 days that are left
    assert progress.projection
    assert progress.projection.expected == day(19)
    assert progress.reached == {25: (day(4), 250), 50: (day(9), 500)}


def test_unknown_days_add_nothing_and_are_counted() -> None:
    progress = count(views(), days(lambda n: None if n in {3, 4} else 50, range(10)))
    assert (progress.current, progress.observations, progress.missing_days) == (400, 8, 2)
    assert progress.pace == 50


def test_a_day_that_is_not_over_is_in_the_total_and_not_in_the_pace() -> None:
    values = days(lambda n: 50 if n < 9 else 1, range(10), preliminary=[9])
    progress = count(views(), values)
    assert (progress.current, progress.pace, progress.is_preliminary) == (451, 50, True)


def test_an_account_counts_from_its_first_known_day() -> None:
    values = days(lambda n: 10, range(4)) + days(lambda n: 5, [2, 3], "second")
    assert total_series(values, START).values == {day(0): 10, day(1): 20, day(2): 35, day(3): 50}


def test_before_its_first_known_day_a_total_is_unknown() -> None:
    assert count(views(), days(lambda n: 50, range(-5, 0))).current is None


# --- what holds for all ---

counts = st.lists(st.integers(0, 10**6), min_size=2, max_size=60)
ends = st.tuples(st.integers(0, 10**6), st.integers(0, 10**6)).filter(lambda e: e[0] != e[1])


@given(ends, st.integers(0, 10**6), st.integers(1, 10**6))
def test_a_step_towards_the_target_is_progress(
    ends: tuple[int, int], value: int, step: int
) -> None:
    of = goal(*ends)
    towards = step if ends[1] > ends[0] else -step
    assert percent_of(of, value + towards) > percent_of(of, value)


@given(counts, ends, st.integers(2, 9))
def test_scaling_all_numbers_changes_no_percent_and_no_day(
    values: list[int], ends: tuple[int, int], factor: int
) -> None:
    one = follow(goal(*ends), days(lambda n: values[n], range(len(values))))
    other = follow(
        goal(ends[0] * factor, ends[1] * factor),
        days(lambda n: values[n] * factor, range(len(values))),
    )
    assert other.percent == pytest.approx(one.percent)
    assert {p: first for p, (first, _) in other.reached.items()} == {
        p: first for p, (first, _) in one.reached.items()
    }
    assert (other.projection is None) == (one.projection is None)
    if one.projection and other.projection:
        # Rounding may put a day that is hit exactly on either side.
        assert abs((other.projection.expected - one.projection.expected).days) <= 1


@given(counts, ends, st.randoms(use_true_random=False))
def test_the_order_of_rows_does_not_matter(
    values: list[int], ends: tuple[int, int], random: Random
) -> None:
    rows = days(lambda n: values[n], range(len(values)))
    rows += days(lambda n: values[-n - 1] if n % 5 else None, range(len(values)), "second")
    mixed = list(rows)
    random.shuffle(mixed)
    for series in (level_series, total_series):
        of = goal(*ends)
        assert measure(of, series(mixed, START)) == measure(of, series(rows, START))


@given(counts, ends)
def test_later_milestones_are_never_reached_earlier(
    values: list[int], ends: tuple[int, int]
) -> None:
    reached = follow(goal(*ends), days(lambda n: values[n], range(len(values)))).reached
    assert list(reached) == sorted(reached)
    assert [first for first, _ in reached.values()] == sorted(
        first for first, _ in reached.values()
    )


@given(counts, ends)
def test_the_projection_lies_inside_of_its_range(values: list[int], ends: tuple[int, int]) -> None:
    projection = follow(goal(*ends), days(lambda n: values[n], range(len(values)))).projection
    if projection and projection.earliest:
        assert projection.earliest <= projection.expected
        assert projection.latest is None or projection.expected <= projection.latest


# --- the demo creator ---


@pytest.mark.parametrize("today", [dt.date(2026, 11, 20), dt.date(2026, 3, 1), dt.date(2027, 7, 4)])
def test_the_goals_of_the_demo_creator_tell_their_stories(today: dt.date) -> None:
    creator = build_demo(today)
    near, far = (
        measure(
            Goal(**vars(planned), status="active"),
            level_series(
                [
                    DailyValue(
                        platform=each.platform,
                        account="demo",
                        date=each.date,
                        value=each.values[Metric.FOLLOWERS],
                        status=each.status,
                    )
                    for each in creator.days
                    if each.platform == planned.platform
                ],
                planned.start_date,
            ),
        )
        for planned in creator.goals
    )
    assert (near.goal.platform, far.goal.platform) == (Platform.INSTAGRAM, Platform.YOUTUBE)
    assert near.percent
    assert 85 < near.percent < 100
    assert near.is_on_track
    assert set(near.reached) == {25, 50, 75}
    assert far.percent
    assert 25 < far.percent < 40
    assert far.is_on_track is False
    assert set(far.reached) == {25}
