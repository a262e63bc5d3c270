"""Every number of an answer needs a source."""

import datetime as dt
import re
import time
from itertools import pairwise

import pytest

from domain.figures import Figure, FigureBook
from domain.grounding.verdict import GroundedNumber, check_numbers

START, END = dt.date(2026, 3, 1), dt.date(2026, 3, 31)


@pytest.fixture
def figures() -> list[Figure]:
    """Return Instagram's March: 990 → 1,310, +320, +32.32 %, 12,345 views; Facebook lost 50."""
    book = FigureBook()
    for value, metric in ((990, "followers"), (1310, "followers"), (320, "follower_change")):
        book.add("x", value, metric=metric, platform="instagram", start=START, end=END,
                 observations=31)  # fmt: skip
    book.add("x", 32.32, metric="follower_change_percent", unit="percent", start=START, end=END,
             observations=31)  # fmt: skip
    book.add("x", 12_345, metric="views", start=START, end=END, observations=31)
    book.add("x", -50, metric="follower_change", platform="facebook", start=START, end=END,
             observations=31)  # fmt: skip
    book.add("x", None, metric="reach", start=START, end=END, observations=0)
    return book.figures


def only(answer: str, figures: list[Figure], question: str = "") -> GroundedNumber:
    [number] = check_numbers(answer, figures, question).numbers
    return number


@pytest.mark.parametrize(
    ("answer", "figure"),
    [
        ("You gained 320 followers.", "f3"),
        ("You gained **+320** followers.", "f3"),
        ("| Instagram | +320 |", "f3"),
        ("from 990", "f1"),
        ("to 1,310", "f2"),
        ("to 1.310 Followern", "f2"),
        ("to 1\u202f310", "f2"),
        ("about 1.3k", "f2"),
        ("growth of 32.3 %", "f4"),
        ("growth of 32%", "f4"),
        ("32,3 percent", "f4"),
        ("12.3k views", "f5"),
        ("12,345 views", "f5"),
        ("You lost 50 followers", "f6"),
        ("a change of −50", "f6"),
        ("a change of -50", "f6"),
    ],
)
def test_a_figure_backs_its_value_as_people_write_it(
    answer: str, figure: str, figures: list[Figure]
) -> None:
    assert only(answer, figures).figure == figure


@pytest.mark.parametrize(
    "answer",
    [
        "You gained 321 followers.",
        "You gained 319 followers.",
        "a change of +50",
        "growth of 32.4 %",
        "growth of 320 %",
        "You gained 32.32 followers.",
        "12.4k views",
        "1,311 followers",
        "0 reach",
    ],
)
def test_a_false_number_has_no_source(answer: str, figures: list[Figure]) -> None:
    verdict = check_numbers(answer, figures, "")
    assert verdict.status == "ungrounded"
    assert not any(number.is_backed for number in verdict.numbers)


@pytest.mark.parametrize(
    "answer",
    [
        "between 2026-03-01 and 2026-03-31",
        "1–31 March 2026",
        "from 1 March to 31 March",
        "from 1 to 3 March",
        "March 1 to 3, 2026",
        "on March 15, 2026",
        "on the 3rd day",
        "in Q2 2026",
        "Post at 18:00.",
        "1. Post more\n2. Post better",
        "in 2026",
    ],
)
def test_dates_times_and_list_marks_are_no_numbers(answer: str, figures: list[Figure]) -> None:
    assert check_numbers(answer, figures, "").status == "no_numbers"


def test_a_number_of_the_question_may_be_repeated(figures: list[Figure]) -> None:
    assert only("500 followers is a good aim", figures, "Can I reach 500?").is_from_question


def test_the_days_of_a_figures_span_may_be_named(figures: list[Figure]) -> None:
    assert only("in these 31 days", figures).figure
    verdict = check_numbers("known on 31 of 31 days", figures, "")
    assert verdict.status == "grounded"
    assert not only("31 views", figures).is_backed


@pytest.mark.parametrize(
    ("answer", "kind"),
    [("270 in all", "sum"), ("370 more than", "difference"), ("an average of 135", "mean")],
)
def test_one_step_of_arithmetic_over_one_metric_is_allowed(
    answer: str, kind: str, figures: list[Figure]
) -> None:
    derivation = only(answer, figures).derivation
    assert derivation
    assert derivation.kind == kind


def test_arithmetic_over_different_metrics_is_not(figures: list[Figure]) -> None:
    assert not only("12,665 of something", figures).is_backed  # views + follower change


def test_spans_point_at_the_number(figures: list[Figure]) -> None:
    answer = "You gained 320 followers."
    start, end = only(answer, figures).span
    assert answer[start:end] == "320"


def test_an_answer_without_numbers_says_so(figures: list[Figure]) -> None:
    assert check_numbers("I cannot answer that.", figures, "").status == "no_numbers"


@pytest.mark.parametrize(
    "answer",
    [
        "a total of 2024 followers",
        "in march 9999 views",
        "12:34 views",
        "10x more",
        "5pp more",
        ".5 of it",
        "9" * 400,
    ],
)
def test_what_looks_like_something_else_is_still_a_number(
    answer: str, figures: list[Figure]
) -> None:
    verdict = check_numbers(answer, figures, "")
    assert verdict.status == "ungrounded"
    assert not any(number.is_backed for number in verdict.numbers)
    assert "Infinity" not in verdict.model_dump_json()


@pytest.mark.parametrize("answer", ["12 345 views", "12,345 views", "12\u00a0345 views"])
def test_thousands_may_be_grouped_as_people_do(answer: str, figures: list[Figure]) -> None:
    assert only(answer, figures).figure == "f5"


def test_indian_grouping_is_one_number() -> None:
    book = FigureBook()
    book.add("x", 123_456, metric="views", start=START, end=END, observations=31)
    assert only("1,23,456 views", book.figures).figure == "f1"


def test_a_ratio_of_two_figures_is_arithmetic(figures: list[Figure]) -> None:
    derivation = only("1.3x as many", figures).derivation
    assert derivation
    assert derivation.kind == "ratio"


@pytest.mark.parametrize("name", ["studio 54", "mira-2024", "24/7 beats", "$1,000"])
@pytest.mark.parametrize("is_escaped", [False, True])
def test_numbers_in_account_names_are_names(name: str, is_escaped: bool) -> None:
    book = FigureBook()
    book.add("x", 7, metric="views", account=name, start=START, end=END, observations=31)
    shown = re.sub(r"([^\w\s])", r"\\\1", name) if is_escaped else name
    assert [
        n.text for n in check_numbers(f"**{shown}** got 7 views", book.figures, "").numbers
    ] == ["7"]


@pytest.mark.parametrize(
    "text", ["\n", "1 March ", "1\n", "123,456,", "a.", "x 1 to ", "- ", "3 known "]
)
def test_checking_takes_time_in_proportion_to_the_text(text: str) -> None:
    def seconds(times: int) -> float:
        start = time.perf_counter()
        check_numbers(text * times, [], "")
        return time.perf_counter() - start

    seconds(100)
    # Four times the text: quadratic work would take sixteen times as long, which a slow machine
    # can only hide if it is more than twice as slow in every one of five tries.
    assert any(seconds(8000) / max(seconds(2000), 1e-4) < 8 for _ in range(5))


def test_many_figures_are_checked_once_and_not_per_number() -> None:
    def seconds(count: int) -> float:
        book = FigureBook()
        for n in range(count):
            book.add("x", n * 7919, metric="views", start=START, end=END, observations=31)
        answer = " ".join(f"a {n * 31 + 5} b" for n in range(count))
        start = time.perf_counter()
        check_numbers(answer, book.figures, "")
        return time.perf_counter() - start

    seconds(10)
    # Cubic work, as it once was, would take sixty-four times as long.
    assert any(seconds(800) / seconds(200) < 16 for _ in range(3))


def planted() -> list[Figure]:
    """Return September and October of Instagram and Facebook, and what both are together."""
    book = FigureBook()
    months = (dt.date(2026, 8, 31), dt.date(2026, 9, 30), dt.date(2026, 10, 31))
    for n, (platform, changes) in enumerate(
        (("instagram", (770, 1337)), ("facebook", (-198, -213)), (None, (572, 1124)))
    ):
        for (start, end), change in zip(pairwise(months), changes, strict=True):
            about = {"platform": platform, "start": start, "end": end, "observations": 31}
            book.add("followers gained", change, metric="follower_change", **about)  # type: ignore[arg-type] # one mapping for all
            book.add("rate", n + change / 400, metric="engagement_rate", unit="percent", **about)  # type: ignore[arg-type] # see above
    return book.figures


@pytest.mark.parametrize(
    ("true", "false"),
    [
        ("Instagram gained 1,337 in October.", "Facebook gained 1,337 in October."),
        ("Instagram gained 770 in September.", "Instagram gained 770 in October."),
        ("Facebook lost 213 followers.", "Facebook gained 213 followers."),
        ("Facebook lost 213 followers.", "Facebook lost 214 followers."),
        ("Instagram won 567 more in October than in September.", "Instagram won 567 in October."),
        (
            "Instagram won 1,337 followers and Facebook lost 213 in October.",
            "Facebook won 1,337 followers and Instagram lost 213 in October.",
        ),
        ("| | Change |\n|-|-|\n| Facebook | −213 |", "| | Change |\n|-|-|\n| Facebook | 213 |"),
        (
            "Instagram gained almost twice as much as before.",
            "Instagram gained three times as much.",
        ),
        ("Instagram gained over 1,300 in October.", "Instagram gained over 1,400 in October."),
        (
            "Instagram's engagement rate rose by 1.4 percentage points in October.",
            "Instagram's engagement rate rose by 1.4% in October.",
        ),
        ("Last month Instagram gained 1,337.", "Last month Instagram gained 770."),
        (
            "Instagram won the most followers in October, 1,337.",
            "Instagram won the fewest followers in October, 1,337.",
        ),
        (
            "Facebook came last in October with −213 followers.",
            "Facebook came first in October with −213 followers.",
        ),
    ],
)
def test_a_number_must_be_of_what_its_sentence_names(true: str, false: str) -> None:
    today = dt.date(2026, 11, 20)
    assert check_numbers(true, planted(), "", today=today).status == "grounded"
    assert check_numbers(false, planted(), "", today=today).status == "ungrounded"


@pytest.mark.parametrize(
    "text",
    [
        "Instagram gained 1,337 followers in March 2026, 12% more than YouTube and ",
        "| Instagram | 120 | +3% |\n",
        "half of doubled twice ",
        "Instagram, ",
        "March to ",
        "the best came third with 7 posts: 5 of 7 ",
        "the best ",
        "{{f1 ",
        "(((",
    ],
)
def test_checking_against_many_figures_takes_time_in_proportion_to_the_text(text: str) -> None:
    book = FigureBook()
    for n in range(200):
        start = dt.date(2026, 1 + n % 10, 1)
        book.add("x", n * 7919 + 13, metric="views", platform=("instagram", "youtube")[n % 2],
                 start=start, end=start + dt.timedelta(days=27), observations=28)  # fmt: skip

    def seconds(characters: int) -> float:
        answer = text * (characters // len(text))
        start = time.perf_counter()
        check_numbers(answer, book.figures, "")
        return time.perf_counter() - start

    assert any(seconds(24_000) / seconds(6000) < 8 for _ in range(5))
