"""Topics: what counts as one, and when it is said to do better."""

from dataclasses import replace
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.analytics.posts import Post
from domain.analytics.topics import MAX_LETTERS, find_topics, list_topics
from tests.creators import a_year_of_posts, post

SEEDS = range(40)
ENOUGH = 38


def test_pairs_are_neighbours_with_only_a_space_between() -> None:
    assert list(find_topics("Kitchen table. Night, train")) == [
        "kitchen", "table", "kitchen table", "night", "train",
    ]  # fmt: skip
    assert list(find_topics("song and rain")) == ["song", "rain"]
    assert list(find_topics("rain rain")) == ["rain", "rain"]
    assert list(find_topics("rain #live music")) == ["rain", "#live", "music"]


def test_letters_are_compared_without_case_and_font() -> None:
    fancy = "".join(chr(0x1D400 + ord(letter) - ord("A")) for letter in "RAIN")
    for caption in ("RAIN", "Rain", fancy):
        assert list(find_topics(caption)) == ["rain"]
    assert list(find_topics("Straße STRASSE")) == ["strasse", "strasse"]
    assert list(find_topics("u\u0308ben")) == ["\u00fcben"]


@pytest.mark.parametrize(
    "caption",
    [
        "",
        "the and für nicht",
        "a b c",
        "https://x.example/a?rain=1",
        "@friend",
        "2026 100",
        "🎶",
    ],
)
def test_what_tells_nothing_is_no_topic(caption: str) -> None:
    assert list(find_topics(caption)) == []


def test_a_word_without_end_is_no_topic() -> None:
    assert list(find_topics("x" * MAX_LETTERS)) == ["x" * MAX_LETTERS]
    assert list(find_topics("x" * (MAX_LETTERS + 1) + " #" + "y" * MAX_LETTERS)) == []


def test_two_posts_are_too_few_for_a_topic() -> None:
    posts = [post(n, likes=10, caption=caption) for n, caption in enumerate(["rain"] * 2 + [None])]
    assert list_topics(posts) == []


def test_of_topics_in_the_same_posts_the_most_telling_is_kept() -> None:
    posts = [post(n, likes=10, caption="Night train #indie") for n in range(3)]
    posts.append(post(3, likes=10, caption="night"))
    assert {topic.name: topic.posts for topic in list_topics(posts)} == {
        "night train": 3,
        "night": 4,
    }


def test_a_topic_is_measured_by_the_median_of_its_posts() -> None:
    likes = [9, 9, 9, 19, 29]  # the median of all is 9
    posts = [
        post(n, likes=count, caption="rain" if n > 1 else "sun") for n, count in enumerate(likes)
    ]
    (rain,) = list_topics(posts)
    assert (rain.name, rain.posts) == ("rain", 3)
    assert rain.relative == pytest.approx(2.0)


def with_factor(posts: list[Post], word: str, factor: float) -> list[Post]:
    return [
        Post(replace(each.row, likes=round((each.row.likes or 0) * factor)), each.zone)
        if word in (each.row.caption or "").split()
        else each
        for each in posts
    ]


def test_a_winning_topic_is_found_and_no_other_single_word_with_it() -> None:
    found = 0
    for seed in SEEDS:
        topics = list_topics(with_factor(a_year_of_posts(seed), "lyrics", 2))
        clear = [topic.name for topic in topics if topic.stands_out and " " not in topic.name]
        found += clear == ["lyrics"]
    assert found >= ENOUGH


CAPTIONS = st.text(max_size=60) | st.sampled_from(["night train", "Night #train", "#rain night"])


@given(st.lists(CAPTIONS, max_size=12), st.randoms(use_true_random=False))
def test_the_order_of_the_posts_changes_nothing(captions: list[str], random: Random) -> None:
    posts = [post(n, likes=n * n, caption=caption) for n, caption in enumerate(captions)]
    mixed = list(posts)
    random.shuffle(mixed)
    assert list_topics(mixed) == list_topics(posts)


@given(CAPTIONS)
def test_every_topic_is_bounded_and_in_one_line(caption: str) -> None:
    for name in find_topics(caption):
        assert len(name.split()) <= 2
        assert 3 <= len(name) <= 2 * MAX_LETTERS + 1
        assert "\n" not in name
