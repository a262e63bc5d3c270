"""Answers about unusual days, as a creator reads them."""

from storage.models import Metric
from tests.offline_conversation import answer
from tests.offline_results import unusual


def test_unusual_days_are_a_table_with_what_is_typical() -> None:
    result = unusual(
        Metric.FOLLOWERS,
        ("instagram", "2026-10-16", 263, 30),
        ("facebook", "2026-10-03", -90, -7.5),
    )
    assert answer("any unusual days in October?", [result]) == (
        "Several days stand out in October 2026. The most unusual is 16 October 2026: "
        "you gained **263 followers** on Instagram, where +30 a day is typical.\n\n"
        "| Day | Where | Followers gained | Typical around then |\n"
        "| --- | --- | ---: | ---: |\n"
        "| 16 October 2026 | Instagram | +263 | +30 |\n"
        "| 3 October 2026 | Facebook | −90 | −7.5 |"
    )


def test_a_single_unusual_day_is_a_sentence() -> None:
    result = unusual(Metric.VIEWS, ("instagram", "2026-10-15", 40_619, 6_239))
    assert answer("unusual days in views in October", [result]) == (
        "**15 October 2026** stands out: you had **40,619 views** on Instagram, "
        "where 6,239 a day is typical."
    )


def test_no_unusual_day_is_said_plainly() -> None:
    text = answer("any unusual days in October?", [unusual(Metric.FOLLOWERS)])
    assert text.startswith("No day stands out in your followers in October 2026")


def test_why_is_answered_with_when() -> None:
    result = unusual(Metric.FOLLOWERS, ("instagram", "2026-10-16", 263, 30))
    text = answer("why did my followers drop in October?", [result])
    assert text.startswith("The numbers don't say why, only when.\n\nNo drop stands out")
