"""Answers about levels, totals and whole pictures, as a creator reads them."""

import datetime as dt

import pytest

from domain.analytics.growth import Period
from storage.models import Metric
from tests.offline_conversation import FIRST_DAY, TODAY, answer
from tests.offline_results import ONE_EACH, SEPTEMBER, growth, metric
from tools.results import ToolResult


def test_a_level_names_its_day() -> None:
    day = Period(start=dt.date(2026, 5, 15), end=dt.date(2026, 5, 15))
    result = metric(Metric.FOLLOWERS, {"instagram": 19_212}, period=day)
    assert answer("followers on Instagram on 15 May", [result]) == (
        "You had **19,212 followers** on Instagram on 15 May 2026."
    )


@pytest.mark.parametrize(
    ("question", "begins"),
    [
        ("Do I have more than 10,000 followers on Instagram?", "Yes, you have **19,212"),
        ("Do I have over 20k followers on Instagram?", "No, you have **19,212"),
        ("Do I have fewer than 19.212 followers on Instagram?", "No, you have **19,212"),
        ("Do I have at least 19,212 followers on Instagram?", "Yes, you have **19,212"),
        ("Do I have more than 1 million followers on Instagram?", "No, you have **19,212"),
        ("Do I have over 10 thousand followers on Instagram?", "Yes, you have **19,212"),
        ("Do I have fewer than 1 billion followers on Instagram?", "Yes, you have **19,212"),
    ],
)
def test_a_question_for_yes_or_no_gets_one(question: str, begins: str) -> None:
    result = metric(Metric.FOLLOWERS, {"instagram": 19_212})
    assert answer(question, [result]).startswith(begins)


@pytest.mark.parametrize(
    ("question", "name", "value", "expected"),
    [
        ("views", Metric.VIEWS, 12_345, "You got **12,345 views** on YouTube"),
        ("likes", Metric.LIKES, 1, "You got **1 like** on YouTube"),
        ("posts", Metric.POSTS, 0, "You published **0 posts** on YouTube"),
        (
            "watch time",
            Metric.WATCH_TIME_MINUTES,
            15_450,
            "People watched **15,450 minutes** on YouTube",
        ),
        ("reach", Metric.REACH, 5, "Your daily reach on YouTube in October 2026 adds up to **5"),
    ],
)
def test_a_total_is_said_in_the_metrics_own_words(
    question: str, name: Metric, value: int, expected: str
) -> None:
    result = metric(name, {"youtube": value})
    assert answer(f"{question} on YouTube in October", [result]).startswith(expected)


def test_a_total_of_all_platforms_comes_with_a_table_of_three() -> None:
    values: dict[str, int | None] = {"facebook": 200, "instagram": 1_000, "youtube": 34}
    assert answer("views in October", [metric(Metric.VIEWS, values, total=1_234)]) == (
        "You got **1,234 views** on Facebook, Instagram and YouTube together in October 2026.\n\n"
        "| Platform | Views |\n| --- | ---: |\n"
        "| Instagram | 1,000 |\n| Facebook | 200 |\n| YouTube | 34 |"
    )


def test_two_platforms_are_a_list_and_not_a_table() -> None:
    values: dict[str, int | None] = {"facebook": 200, "instagram": 1_000}
    text = answer("views in October", [metric(Metric.VIEWS, values, total=1_200)])
    assert text.endswith("\n\n- Instagram: 1,000\n- Facebook: 200")


def test_people_are_not_added_up_over_platforms() -> None:
    result = metric(
        Metric.REACH,
        {"facebook": 200, "instagram": 1_000},
        notes=("a person counts once per day, so people on two days count twice",),
    )
    text = answer("reach in October", [result])
    assert text.startswith("Your reach was largest on Instagram in October 2026: **1,000**.")
    assert "There is no sum across platforms" in text
    assert "counts twice" in text


def test_an_unknown_value_is_unknown() -> None:
    assert answer("views on YouTube in October", [metric(Metric.VIEWS, {"youtube": None})]) == (
        "I don't know your views on YouTube in October 2026."
    )


def test_what_no_platform_reports_is_said() -> None:
    result = ToolResult(notes=["no streams are stored for what was asked"])
    text = answer("streams on Instagram in October", [result])
    assert text.startswith("There are no streams stored for Instagram in October 2026.")


def test_a_trend_says_which_way_first() -> None:
    results = [
        metric(Metric.VIEWS, {"youtube": 38_377}),
        metric(Metric.VIEWS, {"youtube": 32_596}, period=SEPTEMBER),
    ]
    assert answer("did my views on YouTube go up last month?", results) == (
        "Your views on YouTube went up: **38,377** in October 2026, "
        "after **32,596** in September 2026."
    )


def test_periods_of_different_length_are_pointed_out() -> None:
    this_month = Period(start=dt.date(2026, 11, 1), end=TODAY)
    results = [
        metric(Metric.LIKES, {"youtube": 6}, period=this_month),
        metric(Metric.LIKES, {"youtube": 9}),
    ]
    text = answer("likes this month vs last month", results)
    assert text.startswith("You got fewer likes on YouTube from 1 November to 20 November 2026")
    assert "not equally long" in text


def connections() -> ToolResult:
    return ToolResult(
        rows=[
            {
                "platform": platform,
                "account": "Luna *live*",
                "source": "import",
                "status": status,
                "first_date": FIRST_DAY,
                "last_date": TODAY,
            }
            for platform, status in (("instagram", "active"), ("youtube", "needs_reconnect"))
        ]
    )


def test_connections_are_listed_with_their_days() -> None:
    assert answer("which accounts are connected?", [connections()]) == (
        "You have Instagram and YouTube connected. "
        "The data goes back to 20 November 2025 and reaches to 20 November 2026.\n\n"
        "| Platform | Account | First day | Last day | Status |\n"
        "| --- | --- | --- | --- | --- |\n"
        "| Instagram | Luna \\*live\\* | 20 November 2025 | 20 November 2026 | imported |\n"
        "| YouTube | Luna \\*live\\* | 20 November 2025 | 20 November 2026 | needs reconnect |"
    )


def test_one_connection_is_confirmed() -> None:
    text = answer("is my YouTube connected?", [connections()])
    assert text.startswith("Yes, YouTube is connected (Luna \\*live\\*).")


def test_an_overview_begins_with_growth_and_puts_all_in_one_table() -> None:
    results = [
        growth(dict(ONE_EACH)),
        metric(Metric.ENGAGEMENT, {"instagram": 9, "youtube": 2, "facebook": 1}, total=12),
        metric(Metric.VIEWS, {"instagram": 90, "youtube": 20, "facebook": 10}, total=120),
        ToolResult(notes=["no posts published are stored for what was asked"]),
    ]
    text = answer("How did last month go?", results)
    assert text.startswith("You gained **1,504 followers** (+3.9%)")
    assert "- Engagements: **12**\n- Views: **120**\n\n" in text
    assert "| Instagram | +1,337 | 9 | 90 |" in text
