"""Planted stories are in the top five; `python -m tests.evals.insights` tries 100 of each."""

import pytest

from tests.insight_stories import STORIES, is_told

SEEDS = range(20)


@pytest.mark.parametrize("story", STORIES)
def test_a_story_is_in_the_top_five(story: str) -> None:
    detector, build = STORIES[story]
    assert sum(is_told(detector, build(seed)) for seed in SEEDS) >= 19
