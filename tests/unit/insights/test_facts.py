"""Goals, milestones and accounts: what is told of them, and what is not."""

import datetime as dt
from dataclasses import replace
from typing import Any

import pytest

from domain.analytics.posts import settled
from domain.insights.accounts import find_stale_accounts
from domain.insights.best_times import find_best_time
from domain.insights.candidates import Candidate, Detector
from domain.insights.evidence import AccountSeries, Evidence
from domain.insights.finding import find_candidates
from domain.insights.goals import find_milestones, find_paces
from domain.insights.rules import priority_of
from domain.progress import level_series, measure
from storage.metrics import Coverage
from storage.models import Goal, GoalMilestone, Metric, Priority, new_id
from tests.creators import LAST_DAY, a_year_of_posts
from tests.series import daily_values, dated

TODAY = dt.date(2026, 3, 2)
YESTERDAY = TODAY - dt.timedelta(days=1)


def a_goal(levels: list[int], **fields: Any) -> Evidence:
    """Return a creator with a goal on followers whose last levels are these, up to yesterday."""
    row = {
        "title": "12,000 followers", "metric": "followers", "platform": "instagram",
        "connection_id": None, "start_value": levels[0], "target_value": 12_000,
        "start_date": YESTERDAY - dt.timedelta(days=len(levels) - 1),
        "due_date": TODAY + dt.timedelta(days=30), "status": "active",
    }  # fmt: skip
    goal = Goal(id=new_id(), **(row | fields))
    first = YESTERDAY - dt.timedelta(days=len(levels) - 1)
    series = level_series(daily_values(dated(levels, first)), goal.start_date)
    return Evidence(today=TODAY, goals=[measure(goal, series)])


def growing(per_day: int, days: int = 40) -> list[int]:
    return [10_000 + per_day * day for day in range(days)]


def paces(evidence: Evidence) -> list[Candidate]:
    return list(find_paces(evidence))


def test_a_goal_that_every_week_would_miss_is_behind() -> None:
    [behind] = paces(a_goal(growing(5)))
    assert behind.facts["state"] == "behind"
    values = {name: behind.facts[name] for name in ("current", "target", "left", "pace", "needed")}
    told = {figure.id: figure.value for figure in behind.figures}
    left = 12_000 - 10_195
    assert [told[values[name]] for name in values] == [
        10_195, 12_000, left, 5.0, round(left / 31, 1)
    ]  # fmt: skip
    assert 0.8 < behind.effect < 1


def test_a_goal_that_every_week_would_reach_is_ahead() -> None:
    [ahead] = paces(a_goal(growing(45)))
    assert ahead.facts["state"] == "ahead"


def test_a_goal_whose_weeks_disagree_is_not_spoken_of() -> None:
    slow, fast = growing(10), [10_400 + 90 * day for day in range(1, 11)]
    assert paces(a_goal([*slow, *fast])) == []


@pytest.mark.parametrize(
    "fields",
    [
        {"due_date": None},
        {"due_date": TODAY + dt.timedelta(days=2)},
        {"start_date": TODAY - dt.timedelta(days=5)},
        {"status": "reached"},
    ],
)
def test_a_goal_without_a_pace_to_speak_of_is_left_alone(fields: dict[str, Any]) -> None:
    assert paces(a_goal(growing(5), **fields)) == []


@pytest.mark.parametrize(("days_ago", "told"), [(0, 1), (7, 1), (8, 0)])
def test_a_milestone_is_news_for_a_week(days_ago: int, told: int) -> None:
    evidence = a_goal(growing(20))
    goal = evidence.goals[0].goal
    reached = [
        GoalMilestone(
            goal_id=goal.id, percent=percent, value=10_500,
            reached_on=TODAY - dt.timedelta(days=days_ago),
        )
        for percent in (25, 50)
    ]  # fmt: skip
    found = list(find_milestones(replace(evidence, milestones={goal.id: reached})))
    assert len(found) == told
    assert all(each.finding.endswith(":50") for each in found)


def an_account(**fields: Any) -> Evidence:
    row: dict[str, Any] = {
        "connection_id": new_id(), "platform": "youtube", "account": "luna", "source": "oauth",
        "status": "active", "first_date": dt.date(2025, 1, 1), "last_date": YESTERDAY, "days": 400,
    }  # fmt: skip
    return Evidence(today=TODAY, accounts=[Coverage(**(row | fields))])


@pytest.mark.parametrize(
    ("fields", "state"),
    [
        ({"status": "needs_reconnect"}, "needs_reconnect"),
        ({"status": "needs_reconnect", "last_date": None, "first_date": None}, "needs_reconnect"),
        ({"status": "expiring"}, "expiring"),
        ({"last_date": TODAY - dt.timedelta(days=4)}, "stale"),
        ({"source": "import", "last_date": TODAY - dt.timedelta(days=21)}, "stale"),
        ({}, None),
        ({"last_date": TODAY - dt.timedelta(days=3)}, None),
        ({"source": "import", "last_date": TODAY - dt.timedelta(days=20)}, None),
        ({"last_date": TODAY - dt.timedelta(days=91)}, None),
        ({"last_date": None, "first_date": None}, None),
        ({"status": "revoked", "last_date": TODAY - dt.timedelta(days=9)}, None),
    ],
)
def test_an_account_is_told_of_when_it_needs_a_hand(
    fields: dict[str, Any], state: str | None
) -> None:
    found = list(find_stale_accounts(an_account(**fields)))
    assert [each.facts["state"] for each in found] == ([state] if state else [])


def test_the_longer_an_account_is_silent_the_more_it_matters() -> None:
    effects = [
        next(find_stale_accounts(an_account(last_date=TODAY - dt.timedelta(days=days)))).effect
        for days in (4, 10, 30)
    ]
    assert effects == sorted(set(effects))


def test_metrics_that_move_together_are_one_insight() -> None:
    first = TODAY - dt.timedelta(days=280)
    counts = [100 + day % 7 + (day * 31) % 11 for day in range(252)]
    series = [
        AccountSeries(
            platform="instagram", account="luna", metric=metric,
            values=dated([*counts, *(factor * count for count in counts[:28])], first),
        )
        for metric, factor in ((Metric.VIEWS, 3), (Metric.REACH, 2))
    ]  # fmt: skip
    found = find_candidates(Evidence(today=TODAY, series=series))
    [growth] = [each for each in found if each.detector is Detector.GROWTH]
    assert growth.facts["metric"] == "views"
    assert growth.facts["also"] == "reach"


def test_numbers_that_stopped_two_weeks_ago_say_nothing_about_now() -> None:
    first = TODAY - dt.timedelta(days=280)
    counts = [100 + day % 7 for day in range(252)]
    series = AccountSeries(
        platform="instagram", account="luna", metric=Metric.VIEWS,
        values=dated([*counts, *(5 * count for count in counts[:28])], first),
    )  # fmt: skip
    assert find_candidates(Evidence(today=TODAY, series=[series]))
    later = Evidence(today=TODAY + dt.timedelta(days=14), series=[series])
    assert find_candidates(later) == []


def test_an_agent_finds_what_is_its_own_subject() -> None:
    evidence = replace(a_goal(growing(5)), accounts=an_account(status="expiring").accounts)
    assert [each.detector for each in find_candidates(evidence, agent="goal_tracker")] == [
        Detector.GOAL_PACE
    ]
    assert [each.detector for each in find_candidates(evidence, agent="career")] == [
        Detector.CONNECTION
    ]


def test_a_best_hour_that_still_holds_is_not_told_again_under_another_name() -> None:
    posts = settled(a_year_of_posts(0, best_hour=True), LAST_DAY)
    evidence = Evidence(today=LAST_DAY, posts=posts)
    [best] = find_best_time(evidence)
    assert best.finding == "best_time:3:18"
    told = {"best_time:3:None": LAST_DAY - dt.timedelta(days=5)}
    assert list(find_best_time(replace(evidence, told=told))) == []
    long_ago = {best.finding: LAST_DAY - dt.timedelta(days=28)}
    assert [each.finding for each in find_best_time(replace(evidence, told=long_ago))] == [
        best.finding
    ]


# --- goals


def test_a_goal_that_one_week_of_late_would_reach_is_not_behind() -> None:
    lost = [10_400 - 40 * day for day in range(22)]
    won = [lost[-1] + 100 * day for day in range(1, 8)]
    assert won[-1] < lost[0]
    assert paces(a_goal([*growing(10, 40), *lost, *won])) == []


def test_a_single_known_week_is_no_pace_of_every_week() -> None:
    levels = growing(5, 10)
    assert paces(a_goal(levels, start_date=TODAY - dt.timedelta(days=20))) == []


def test_a_goal_that_goes_down_is_ahead_when_every_week_goes_down_enough() -> None:
    falling = [12_000 - 60 * day for day in range(40)]
    [ahead] = paces(a_goal(falling, target_value=9_000))
    assert ahead.facts["state"] == "ahead"
    [behind] = paces(a_goal(falling, target_value=5_000))
    assert behind.facts["state"] == "behind"


@pytest.mark.parametrize(("days_ago", "told"), [(7, 0), (8, 1)])
def test_that_a_goal_is_ahead_is_not_told_beside_its_milestone(days_ago: int, told: int) -> None:
    evidence = a_goal(growing(45))
    goal = evidence.goals[0].goal
    reached = GoalMilestone(
        goal_id=goal.id, percent=25, value=10_500, reached_on=TODAY - dt.timedelta(days=days_ago)
    )
    assert len(paces(replace(evidence, milestones={goal.id: [reached]}))) == told


def test_a_large_pace_is_told_in_whole_numbers() -> None:
    [behind] = paces(a_goal(growing(130, 40), target_value=100_000))
    values = {figure.id: figure.value for figure in behind.figures}
    assert values[behind.facts["pace"]] == 130
    assert isinstance(values[behind.facts["needed"]], int)


# --- accounts


@pytest.mark.parametrize(("days", "has_days"), [(0, False), (1, False), (2, True)])
def test_numbers_of_yesterday_are_not_so_many_days_old(days: int, *, has_days: bool) -> None:
    account = an_account(status="expiring", last_date=TODAY - dt.timedelta(days=days))
    [told] = find_stale_accounts(account)
    assert ("days" in told.facts) is has_days


def test_an_import_gets_more_urgent_only_after_it_is_due() -> None:
    [due] = find_stale_accounts(
        an_account(source="import", last_date=TODAY - dt.timedelta(days=21))
    )
    [late] = find_stale_accounts(
        an_account(source="import", last_date=TODAY - dt.timedelta(days=60))
    )
    assert (priority_of(due), priority_of(late)) == (Priority.MEDIUM, Priority.URGENT)
