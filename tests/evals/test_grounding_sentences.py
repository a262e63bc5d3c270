"""Labelled sentences over real figures: set after set, and what answers taught in between.

Each set was judged once before any rule was written for it. The first two came with the first
rules, the third ("apart-…") from somebody who had not seen them. At first sight

    apart     93 of 100 false sentences were caught, and 15 of 100 true ones raised an alarm
    tools     52 of 60, and 18 of 60
    answers   58 of 60, and 20 of 60
    reports   54 of 60, and 13 of 60
    tools2    57 of 60, and 14 of 60
    everyday  57 of 60, and 6 of 60
    weekly    59 of 60, and 4 of 60
    monthly   55 of 60, and 4 of 60
    fresh     90 of 100, and 14 of 100

Families of one cause that "fresh" showed were written before there was a rule for it:

    direction 18 of 32, and 2 of 32
    rank       0 of 34, and 0 of 34
    whole     28 of 30, and 4 of 30
    mixed     32 of 34, and 23 of 34

"again" has all four in other words, written once the rules stood: 49 of 53, and 1 of 53. "kept"
shows what rules are for that no other sentence needs.

All have been read since, so this guards what was learned; a new measure needs a new set.

Figures are what the tools returned for the demo creator (a few sets are written by hand in the
same form). `label` tells whether every number of the sentence is true.
"""

import datetime as dt
import random
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import orjson
import pytest

from domain.figures import Figure
from domain.grounding.verdict import check_numbers

FOLDER = Path(__file__).parent
TODAY = dt.date(2026, 11, 20)
SENTENCES = [
    orjson.loads(line) for line in (FOLDER / "grounding_sentences.jsonl").read_bytes().splitlines()
]
FIGURES = {
    name: [Figure.model_validate(figure) for figure in figures]
    for name, figures in orjson.loads((FOLDER / "grounding_figures.json").read_bytes()).items()
}
RANDOM_ACCEPTED = 0.02
MAX_ALARMS = 0.01  # of the true sentences

# {} is the number, {p} a platform.
COUNTS = (
    "You gained {} followers on {p}.",
    "{p} has {} followers.",
    "{p} got {} views in October.",
    "You had {} likes on {p}.",
    "In total you reached {} engagements.",
    "The number is {}.",
    "| {p} | {} |",
    "{p} lost {} followers.",
    "That is {} more than before.",
    "Together they have {} followers.",
    "On average {} a day.",
    "{p}: {}",
)
PERCENTS = (
    "{p} grew by {}%.",
    "Growth on {p} was {}%.",
    "That is {}% more.",
    "Your views rose by {}%.",
    "{}% of your followers are on {p}.",
    "{p} is down {}%.",
    "The rate is {}%.",
)


def is_grounded(sentence: str, figures: Sequence[Figure], question: str = "") -> bool:
    return check_numbers(sentence, figures, question, today=TODAY).status != "ungrounded"


def errors(rows: Sequence[dict[str, Any]], *, label: bool) -> list[str]:
    """Return the sentences of a label that the check takes for the other."""
    return [
        row["sentence"]
        for row in rows
        if row["label"] is label
        and is_grounded(row["sentence"], FIGURES[row["figures"]], row["question"]) is not label
    ]


def test_false_numbers_are_caught() -> None:
    assert not errors(SENTENCES, label=False)


def test_true_numbers_raise_few_alarms() -> None:
    alarms = errors(SENTENCES, label=True)
    assert len(alarms) <= MAX_ALARMS * len(SENTENCES) / 2, alarms


def test_the_set_is_balanced() -> None:
    assert Counter(row["label"] for row in SENTENCES) == {True: 1011, False: 1011}


def growing_sets() -> list[list[Figure]]:
    """Return figures as an answer has them: 5, 20 and 60."""
    sets = [FIGURES["spotify"], FIGURES["october"], [*FIGURES["overview"], *FIGURES["views"],
            *FIGURES["likes_sep"], *FIGURES["spike"], *FIGURES["spotify"]]]  # fmt: skip
    return [
        [figure.model_copy(update={"id": f"f{n}"}) for n, figure in enumerate(figures[:60], 1)]
        for figures in sets
    ]


@pytest.mark.parametrize("figures", growing_sets(), ids=lambda figures: f"{len(figures)} figures")
def test_random_numbers_are_rarely_accepted(figures: list[Figure]) -> None:
    rng = random.Random(20261121)
    times = 1500
    accepted = 0
    for _ in range(times):
        if rng.random() < 0.7:
            template, number = rng.choice(COUNTS), f"{int(10 ** rng.uniform(1.3, 5.7)):,}"
        else:
            template, number = rng.choice(PERCENTS), f"{rng.uniform(0, 100):.1f}"
        platform = rng.choice(("Instagram", "Facebook", "YouTube", "Spotify"))
        sentence = template.replace("{p}", platform).replace("{}", number)
        accepted += is_grounded(sentence, figures)
    assert accepted <= RANDOM_ACCEPTED * times
