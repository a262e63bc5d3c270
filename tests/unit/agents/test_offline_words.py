"""Typed words as the rules read them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.offline.questions.ordinary import unknown_words
from agents.offline.questions.words import MAX_CHARACTERS, normalise


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("How did I GROW???", "how did i grow"),
        ("folowers", "followers"),
        ("folowwers", "followers"),
        ("Instgram", "instagram"),
        ("youtbe", "youtube"),
        ("veiws", "views"),
        ("septmber", "september"),
        ("subscibers", "subscribers"),
        ("what's", "what is"),
        ("what’s", "what is"),
        ("didn't", "did not"),
        ("didn’t", "did not"),
        ("last month's likes", "last month likes"),
        ("1–15 October", "1 - 15 october"),
        ("year-to-date", "year to date"),
        ("Jan-Mar", "jan - mar"),
        ("10,000 followers", "10,000 followers"),
        ("on 15.05.2026.", "on 15.05.2026"),
        ("3rd & 4th", "3rd and 4th"),
        ("@Luna.Sounds!", "@luna.sounds"),
        ("fifty thousand streams", "50000 streams"),
        ("two hundred and fifty thousand", "250000"),
        ("twenty-five posts", "25 posts"),
        ("one and a half million", "1500000"),
        ("half a million views", "500000 views"),
        ("the last three weeks", "the last three weeks"),
        ("the fifteenth of May", "15 may"),
        ("the first half of May", "the first half of may"),
        ("spotify monthly... i mean listeners in May", "spotify listeners in may"),
        ("which of my vids, pls", "which of my videos please"),
        ("ｖｉｅｗｓ", "views"),  # noqa: RUF001 — full-width letters
        ("", ""),
    ],
)
def test_text_is_read_as_plain_words(typed: str, read: str) -> None:
    assert normalise(typed) == read


@pytest.mark.parametrize(
    "word", ["stories", "news", "react", "match", "lines", "content", "viewers", "months", "trip"]
)
def test_an_ordinary_word_is_not_taken_for_a_typo(word: str) -> None:
    assert normalise(word) == word


@given(st.text())
def test_any_text_is_read_as_words_with_single_spaces(text: str) -> None:
    words = normalise(text)
    assert words == " ".join(words.split())


def test_only_the_beginning_of_an_endless_text_is_read() -> None:
    assert len(normalise("x" * 10_000)) == MAX_CHARACTERS


def test_words_that_no_rule_knows_are_named_once() -> None:
    assert unknown_words("mrbeast subscribers in 2025 of mrbeast") == ["mrbeast"]
