"""Shares of an audience: of which part, where and when a sentence may say them."""

import datetime as dt

import pytest

from domain.figures import Figure, FigureBook
from domain.grounding.verdict import check_numbers
from storage.audience import Snapshot
from tools.audience_figures import share_figure

NOW, BEFORE = dt.date(2026, 11, 18), dt.date(2026, 10, 21)
SHARES: dict[tuple[str, str, dt.date], dict[str, float]] = {
    ("instagram", "age", NOW): {"25-34": 41.2, "18-24": 26.8, "65+": 1.4},
    ("instagram", "age", BEFORE): {"25-34": 43.6},
    ("instagram", "gender", NOW): {"female": 63.4, "male": 31.2},
    ("instagram", "country", NOW): {"DE": 56.4, "AT": 9.3, "US": 4.8},
    ("instagram", "country", BEFORE): {"DE": 58.1},
    ("instagram", "city", NOW): {"Berlin": 15.9, "City 17": 3.3},
    ("spotify", "age", NOW): {"23-27": 29.9, "28-34": 28.6},
    ("spotify", "country", NOW): {"DE": 51.3, "AT": 8.0},
}


@pytest.fixture(scope="module")
def figures() -> list[Figure]:
    book = FigureBook()
    for (platform, dimension, date), shares in SHARES.items():
        snapshot = Snapshot(
            platform=platform, account="ida, live", dimension=dimension, date=date, shares=shares
        )
        for name in shares:
            share_figure(book, snapshot, name)
    book.add("followers, Instagram", 23_540, metric="followers", platform="instagram",
             start=NOW, end=NOW, observations=1)  # fmt: skip
    return book.figures


@pytest.mark.parametrize(
    "sentence",
    [
        "41 % of your Instagram followers are 25–34.",
        "On Instagram, 41.2% of your followers are 25 to 34 years old, and 26.8% are 18–24.",
        "Most of your Instagram followers are aged 25-34 (41.2%).",
        "1.4% of your followers on Instagram are 65 or older.",
        "On Instagram 1.4 % are 65+.",
        "On Instagram, 63.4% are women and 31.2% are men.",
        "Your Instagram audience is 63 % female.",
        "56.4% of your Instagram fans live in Germany, 9.3% in Austria, 4.8% in the United States.",
        "On Spotify, 51.3% of your listeners are in Germany, on Instagram 56.4%.",
        "Germany leads with 51.3 % on Spotify.",
        "15.9% of your Instagram followers are in Berlin, and 3.3% in City 17.",
        "On 18 November 2026, 56.4 % of your Instagram followers were in Germany.",
        "On Instagram, Germany's share fell from 58.1% to 56.4%.",
        "On Instagram, Germany's share is down 1.7 points, from 58.1%.",
        "On 21 October 2026, 43.6% of your Instagram followers were 25–34.",
        "| Instagram | Share |\n| --- | --- |\n| 25–34 | 41.2% |\n| 18–24 | 26.8% |",
        "You have 23,540 followers on Instagram, 56.4 % of them in Germany.",
    ],
)
def test_a_share_is_backed_where_its_part_and_its_platform_are_named(
    sentence: str, figures: list[Figure]
) -> None:
    verdict = check_numbers(sentence, figures, "", today=dt.date(2026, 11, 20))
    assert verdict.status == "grounded", [n.text for n in verdict.numbers if not n.is_backed]
    numbers = [number.text for number in verdict.numbers]
    assert not {"25", "34", "65", "18", "17", "24"}.intersection(numbers)


@pytest.mark.parametrize(
    "sentence",
    [
        "42 % of your Instagram followers are 25–34.",  # a wrong percent
        "41.2 % of your Instagram followers are 18–24.",  # of another age group
        "41.2 % of your Instagram followers are women.",  # of another dimension
        "31.2 % of your Instagram followers are women.",
        "41.2 % of your Instagram followers are 35–44.",  # that nobody told
        "41.2 % of your Instagram followers are 25–44.",
        "41.2 % of your Spotify listeners are 25–34.",  # on another platform
        "41.2 % of your Facebook followers are 25–34.",
        "41.2 % of your audience are 25–34.",  # two platforms tell
        "56.4 % of your Spotify listeners live in Germany.",
        "51.3 % of your Instagram followers live in Germany.",
        "56.4 % of your Instagram followers live in Austria.",
        "56.4 % of your Instagram followers live in France.",
        "56.4 % of your Instagram followers live in Berlin.",
        "41.2 % of your Instagram followers like reels.",  # of no part at all
        "56.4 % of your Instagram views come from Germany.",  # of something else
        "58.1 % of your Instagram followers live in Germany.",  # no more
        "On Instagram, Germany's share rose from 56.4% to 58.1%.",
        "63.4 % of your Instagram followers are women in Berlin.",  # of a part of a part
        "Your Instagram followers are women, 41.2 % of them 25–34.",
        "25–34 % of your Instagram followers are women.",  # a range, and no age group
        "You won 18–24 followers on Instagram.",
        "34 of your Instagram followers are 25–34.",
        "On Instagram, 68 % of your followers are 18–24.",
        "On Instagram, Austria's share is down 1.7 points.",
    ],
)
def test_a_share_is_not_backed_where_another_part_place_or_time_is_named(
    sentence: str, figures: list[Figure]
) -> None:
    verdict = check_numbers(sentence, figures, "", today=dt.date(2026, 11, 20))
    assert verdict.status == "ungrounded"


def test_where_one_platform_tells_it_need_not_be_named(figures: list[Figure]) -> None:
    own = [figure for figure in figures if figure.platform == "spotify"]
    assert check_numbers("51.3 % of your audience is in Germany.", own, "").status == "grounded"
    assert check_numbers("51.3 % of your audience is in Austria.", own, "").status == "ungrounded"


def test_the_platform_of_the_question_is_understood(figures: list[Figure]) -> None:
    question = "How old are my followers on Instagram?"
    assert check_numbers("41.2 % are 25–34.", figures, question).status == "grounded"
    assert check_numbers("29.9 % are 23–27.", figures, question).status == "ungrounded"
