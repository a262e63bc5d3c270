"""Answers about growth and its comparison, as a creator reads them."""

import pytest

from domain.analytics.growth import Growth, Report, sum_growth
from domain.figures import FigureBook
from storage.models import Metric, Platform
from tests.offline_conversation import answer
from tests.offline_results import OCTOBER, ONE_EACH, SEPTEMBER, growth, metric
from tools.figures import growth_figures
from tools.results import ToolResult


def test_growth_of_all_platforms_comes_with_a_table() -> None:
    assert answer("How did I grow last month?", [growth(dict(ONE_EACH))]) == (
        "You gained **1,504 followers** (+3.9%) on Instagram, YouTube and Facebook together "
        "in October 2026, from 38,141 to 39,645.\n\n"
        "| Platform | Change | Growth | Followers at the end |\n"
        "| --- | ---: | ---: | ---: |\n"
        "| Instagram | +1,337 | +6.0% | 23,597 |\n"
        "| YouTube | +380 | +8.9% | 4,667 |\n"
        "| Facebook | −213 | −1.8% | 11,381 |\n\n"
        "Facebook lost followers while the rest of your audience grew."
    )


def test_growth_of_one_platform_is_one_sentence() -> None:
    result = growth({"youtube": (4_287, 4_667)})
    assert answer("How did I grow on YouTube last month?", [result]) == (
        "You gained **380 subscribers** (+8.9%) on YouTube in October 2026, from 4,287 to 4,667."
    )


def test_a_loss_offers_to_look_for_its_days() -> None:
    result = growth({"facebook": (11_594, 11_381)})
    assert answer("Did I lose followers on Facebook last month?", [result]) == (
        "You lost **213 followers** (−1.8%) on Facebook in October 2026, from 11,594 to 11,381."
        "\n\nAsk “Why?” to see the days that stand out."
    )


def test_no_change_is_said_as_such() -> None:
    result = growth({"facebook": (500, 500)})
    assert answer("growth on Facebook last month", [result]) == (
        "Your followers on Facebook did not change in October 2026: 500 at both ends."
    )


def test_growth_from_nothing_has_no_percent() -> None:
    result = growth({"youtube": (0, 1)})
    assert answer("growth on YouTube last month", [result]) == (
        "You gained **1 subscriber** on YouTube in October 2026, from 0 to 1."
    )


def test_an_unknown_platform_makes_the_sum_unknown_and_never_zero() -> None:
    levels: dict[str, tuple[int | None, int | None]] = {**ONE_EACH, "spotify": (None, None)}
    text = answer("How did I grow last month?", [growth(levels)])
    assert text.startswith("Instagram gained **1,337 followers** (+6.0%), YouTube gained")
    assert "| Spotify | unknown | unknown | unknown |" in text
    assert " 0 " not in text


def test_two_periods_are_set_against_each_other() -> None:
    results = [
        growth({"instagram": (100, 150)}, period=SEPTEMBER),
        growth({"instagram": (150, 250)}),
    ]
    assert answer("Did I grow more on Instagram in September or in October?", results) == (
        "You grew more on Instagram in October 2026, **+100** (+66.7%), "
        "than in September 2026, **+50** (+50.0%)."
    )


def test_several_accounts_of_a_platform_are_told_apart_by_name() -> None:
    accounts = [
        Growth(
            platform="instagram",
            account=name,
            start_date=OCTOBER.start,
            start=100,
            end_date=OCTOBER.end,
            end=end,
            observations=31,
        )
        for name, end in (("luna", 110), ("luna_live", 140))
    ]
    report = Report(accounts=accounts, platforms=[sum_growth(accounts, platform="instagram")])
    result = ToolResult(figures=growth_figures(FigureBook(), report, OCTOBER))
    text = answer(
        "growth on Instagram last month",
        [result],
        accounts=[("instagram", "luna"), ("instagram", "luna_live")],
    )
    assert text.startswith("You gained **50 followers** (+25.0%) on Instagram in October 2026")
    assert "| Instagram (luna\\_live) | +40 | +40.0% | 140 |" in text


def test_an_account_that_has_one_name_everywhere_is_answered_for_each_platform() -> None:
    parts = [
        Growth(
            platform=platform,
            account="Luna",
            start_date=OCTOBER.start,
            start=100,
            end_date=OCTOBER.end,
            end=end,
            observations=31,
        )
        for platform, end in (("facebook", 90), ("youtube", 130))
    ]
    figures = growth_figures(FigureBook(), Report(accounts=parts), OCTOBER)
    accounts = [("facebook", "Luna"), ("youtube", "Luna"), ("instagram", "other")]
    text = answer("growth of Luna last month", [ToolResult(figures=figures)], accounts=accounts)
    assert text.startswith(
        "- You lost **10 followers** (−10.0%) on Facebook in October 2026, from 100 to 90.\n"
        "- You gained **30 subscribers** (+30.0%) on YouTube in October 2026, from 100 to 130."
    )
    assert "|" not in text


def test_without_any_figure_it_says_why_and_writes_no_number() -> None:
    notes = tuple(f"{p.value} luna.on.{p.value}: no data before 2025-11-20" for p in Platform)
    result = ToolResult(notes=[*notes, "no followers are stored for what was asked"])
    assert answer("How did I grow in 2024?", [result]) == (
        "I have no follower counts in 2024, so I can't say how you grew.\n\n"
        "There is no data for Instagram, Facebook, YouTube and Spotify before 20 November 2025."
    )


def test_a_default_period_is_stated() -> None:
    text = answer("am I growing?", [growth(dict(ONE_EACH))])
    assert "You named no period, so I took 24 October – 20 November 2026" in text


@pytest.mark.parametrize(
    ("question", "begins"),
    [
        (
            "which platform grew fastest last month",
            (
                "**YouTube** grew fastest in October 2026: **+8.9%** (+380 subscribers). "
                "In numbers, Instagram gained the most: +1,337 followers."
            ),
        ),
        (
            "which platform gained the most followers last month",
            "**Instagram** gained the most followers in October 2026: **+1,337** (+6.0%).",
        ),
        (
            "which platform grew slowest last month",
            "**Facebook** grew slowest in October 2026: **−1.8%** (−213 followers).",
        ),
        (
            "where did I lose followers last month",
            "You lost **213 followers** (−1.8%) on Facebook in October 2026.",
        ),
        (
            "did Instagram grow faster than YouTube last month",
            (
                "Instagram grew slower than YouTube in October 2026: **+6.0%** (+1,337 followers) "
                "against **+8.9%** (+380 subscribers)."
            ),
        ),
    ],
)
def test_a_comparison_begins_with_what_was_asked(question: str, begins: str) -> None:
    text = answer(question, [growth(dict(ONE_EACH), has_total=False)])
    assert text.startswith(begins)
    assert "| YouTube | +8.9% | +380 | 4,667 |\n| Instagram |" in text


def test_nobody_losing_is_good_news() -> None:
    levels: dict[str, tuple[int | None, int | None]] = {
        "instagram": (1, 2),
        "youtube": (5, 5),
    }
    text = answer("where did I lose followers last month", [growth(levels, has_total=False)])
    assert text.startswith("You did not lose followers on any platform in October 2026.")


def test_platforms_are_ranked_by_a_metric() -> None:
    values: dict[str, int | None] = {"facebook": 200, "instagram": 1_000, "youtube": None}
    result = metric(Metric.VIEWS, values)
    text = answer("which platform had the most views in October", [result])
    assert text.startswith("**Instagram** had the most views in October 2026: **1,000**.")
    assert "| YouTube | unknown |" in text


def test_two_named_platforms_are_set_against_each_other() -> None:
    values: dict[str, int | None] = {"facebook": 200, "instagram": 1_000, "youtube": 5}
    text = answer(
        "does Facebook or Instagram have more views in October", [metric(Metric.VIEWS, values)]
    )
    assert text.startswith(
        "Instagram had more views than Facebook in October 2026: **1,000** against **200**."
    )
