"""Which goal fits: the number on the way that a pace leads to, and where no pace can be told."""

import datetime as dt
from collections.abc import Callable, Sequence

from hypothesis import given
from hypothesis import strategies as st

from domain.goal_suggestions import Fit, fit_goal
from domain.progress import level_series, measure, total_series
from storage.metrics import DailyValue
from storage.models import Goal, Metric

TODAY = dt.date(2026, 4, 10)
DUE = dt.date(2026, 5, 10)


def days(value: Callable[[int], int], back: Sequence[int]) -> list[DailyValue]:
    """Return one value for each of so many days ago."""
    return [
        DailyValue(
            platform="instagram",
            account="ida",
            date=TODAY - dt.timedelta(days=number),
            value=value(number),
            status="final",
        )
        for number in reversed(back)
    ]


def followers(value: Callable[[int], int], back: Sequence[int] = range(31)) -> Fit:
    series = level_series(days(value, back), TODAY)
    return fit_goal(series, Metric.FOLLOWERS, TODAY, DUE)


def views(value: int, back: Sequence[int] = range(31)) -> Fit:
    series = total_series(days(lambda _: value, back), TODAY)
    return fit_goal(series, Metric.VIEWS, TODAY, DUE)


def test_a_level_goes_on_from_its_last_known_day() -> None:
    fit = followers(lambda ago: 1000 - 10 * ago, range(2, 31))
    assert (fit.day, fit.current, fit.pace, fit.pace_days) == (TODAY - dt.timedelta(2), 980, 10, 28)
    assert (fit.expected, fit.target) == (1300, 1300)


def test_what_is_counted_per_day_adds_up_from_today_on() -> None:
    fit = views(123)
    assert (fit.current, fit.pace, fit.expected, fit.target) == (0, 123, 3690, 3600)


def test_who_does_not_grow_gets_a_small_first_step_up() -> None:
    assert (followers(lambda _: 1000).target, followers(lambda _: 1000).expected) == (1010, 1000)
    falling = followers(lambda ago: 10_000 + ago)
    assert (falling.pace, falling.expected, falling.target) == (-1, 9970, 10_100)
    assert followers(lambda _: 0).target == 1


def test_where_no_pace_is_known_there_is_no_number() -> None:
    for fit, reason in (
        (followers(lambda _: 1000, ()), "nothing"),
        (followers(lambda _: 1000, range(7)), "more than a week"),
        (followers(lambda _: 1000, range(15, 31)), "the last known day is 2026-03-26"),
        (views(0), "nothing came"),
    ):
        assert (fit.target, fit.expected, fit.pace) == (None, None, None)
        assert reason in str(fit.obstacle)


@given(start=st.integers(0, 10**7), gains=st.lists(st.integers(0, 10**5), min_size=8, max_size=31))
def test_who_sets_what_fits_is_on_track(start: int, gains: list[int]) -> None:
    levels = [start + sum(gains[:number]) for number in range(len(gains) + 1)]
    values = days(lambda ago: levels[len(gains) - ago], range(len(levels)))
    series = level_series(values, TODAY)
    fit = fit_goal(series, Metric.FOLLOWERS, TODAY, DUE)
    assert fit.current is not None
    assert fit.expected is not None
    assert fit.target is not None
    assert fit.target > fit.current
    if fit.expected > fit.current:
        won = fit.expected - fit.current
        assert 0.8 * won <= fit.target - fit.current <= won
        goal = Goal(
            title="a goal",
            metric=Metric.FOLLOWERS,
            start_value=fit.current,
            target_value=fit.target,
            start_date=TODAY,
            due_date=DUE,
            status="active",
        )
        assert measure(goal, series).is_on_track
