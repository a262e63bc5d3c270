"""Figure references become the figures' values while the text streams."""

import datetime as dt
import time
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.figures import FigureBook
from domain.grounding.verdict import check_numbers
from domain.references import ReferenceWriter

START, END = dt.date(2026, 3, 1), dt.date(2026, 3, 31)


@pytest.fixture(scope="module")
def book() -> FigureBook:
    """Return f1 1,310 followers, f2 −213, f3 6.01 %, f4 unknown, f5 29.5, f6 15,450 minutes."""
    book = FigureBook()
    rows = (
        (1310, "followers", "count"),
        (-213, "follower_change", "count"),
        (6.01, "follower_change_percent", "percent"),
        (None, "reach", "count"),
        (29.5, "typical_follower_change", "count"),
        (15_450, "watch_time_minutes", "minutes"),
    )
    for value, metric, unit in rows:
        book.add("x", value, metric=metric, unit=unit, start=START, end=END, observations=31)  # type: ignore[arg-type] # a tuple of strings is no Literal
    return book


def written(book: FigureBook, *chunks: str, locale: str = "en") -> str:
    writer = ReferenceWriter(book, locale)
    return "".join(map(writer.feed, chunks)) + writer.flush()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("You have {{f1}} followers.", "You have 1,310 followers."),
        ("{{f1}}{{f1}} {{f1}}", "1,3101,310 1,310"),
        ("| Facebook | {{f2}} | {{f3}} |", "| Facebook | −213 | 6.0% |"),
        ("**{{f1}}** and `{{f1}}`", "**1,310** and `1,310`"),
        ("{{ f1 }} {{\tF1}}", "1,310 1,310"),
        ("{{f3}}, {{f3}}%, {{f3}} % and {{f3}} percent", "6.0%, 6.0%, 6.0 % and 6.0 percent"),
        ("up {{f3}} percentage points", "up 6.0 percentage points"),
        ("reach: {{f4}}", "reach: unknown"),
        ("{{f5}} a day, {{f6}} minutes", "29.5 a day, 15,450 minutes"),
        ("{{{f1}}}", "{1,310}"),
        ("a {{ b", "a {{ b"),
        ("{{name}} {{f}} {{1}} {f1} {{f1}", "{{name}} {{f}} {{1}} {f1} {{f1}"),
        ("{{f1234567}}", "{{f1234567}}"),
        ("{{f1\n}}", "{{f1\n}}"),
        ("the end {{", "the end {{"),
        ("the end {{f3}}", "the end 6.0%"),
    ],
)
def test_references_are_replaced_and_all_else_is_kept(
    text: str, expected: str, book: FigureBook
) -> None:
    assert written(book, text) == expected
    assert written(book, *text) == expected


@given(
    pieces=st.lists(
        st.sampled_from(
            ["{{f1}}", "{{ f3 }}", "{", "}", "{{", " %", "%", "f", "1", "x", " ", "{{f9}}"]
        )
    ),
    cuts=st.lists(st.integers(min_value=0, max_value=60), max_size=8),
)
def test_where_the_stream_is_cut_makes_no_difference(
    book: FigureBook, pieces: list[str], cuts: list[int]
) -> None:
    text = "".join(pieces)
    places = [0, *sorted(cut for cut in cuts if cut < len(text)), len(text)]
    chunks = [text[left:right] for left, right in pairwise(places)]
    assert written(book, *chunks) == written(book, text)


def test_an_unknown_reference_is_not_written_and_is_remembered(book: FigureBook) -> None:
    writer = ReferenceWriter(book, "en")
    text = writer.feed("a {{f99}} b {{f0}}") + writer.flush()
    assert text == "a  b "
    assert writer.unknown == ["f99", "f0"]
    assert [unknown.position for unknown in writer.unknown_at] == [2, 5]


def test_figures_may_be_added_while_the_text_streams() -> None:
    book = FigureBook()
    writer = ReferenceWriter(book, "en")
    text = writer.feed("I look it up. ")
    book.add("x", 7, metric="views", start=START, end=END, observations=31)
    assert text + writer.feed("{{f1}}") + writer.flush() == "I look it up. 7"


def test_what_is_held_back_is_short(book: FigureBook) -> None:
    writer = ReferenceWriter(book, "en")
    shown = "".join(writer.feed(character) for character in "{{" + "x" * 500)
    assert len(shown) > 480
    writer = ReferenceWriter(book, "en")
    assert len(writer.feed("{{f" + "1" * 500)) > 480
    writer = ReferenceWriter(book, "en")
    assert writer.feed("{{" + " " * 500)


def test_every_filled_reference_is_located(book: FigureBook) -> None:
    writer = ReferenceWriter(book, "de")
    text = "".join(writer.feed(character) for character in "**{{f1}}** und {{f2}}") + writer.flush()
    assert [(text[start:end], figure) for start, end, figure in writer.filled] == [
        ("1.310", "f1"),
        ("−213", "f2"),
    ]


@pytest.mark.parametrize(
    ("locale", "expected"),
    [
        ("en", "1,234,567 −1,234.5 3.6%"),
        ("en-IN", "12,34,567 −1,234.5 3.6%"),
        ("hi", "12,34,567 −1,234.5 3.6%"),
        ("de", "1.234.567 −1.234,5 3,6\u00a0%"),
        ("de_CH.UTF-8", "1’234’567 −1’234.5 3.6%"),
        ("fr", "1\u202f234\u202f567 −1\u202f234,5 3,6\u202f%"),
        ("es", "1.234.567 −1234,5 3,6\u00a0%"),
        ("it", "1.234.567 −1.234,5 3,6%"),
        ("pt-BR", "1.234.567 −1.234,5 3,6%"),
        ("pl", "1\u00a0234\u00a0567 −1234,5 3,6%"),
        ("sv", "1\u00a0234\u00a0567 −1\u00a0234,5 3,6\u00a0%"),
        ("tr", "1.234.567 −1.234,5 %3,6"),
        ("ja", "1,234,567 −1,234.5 3.6%"),
        ("xx-YY", "1,234,567 −1,234.5 3.6%"),
        ("", "1,234,567 −1,234.5 3.6%"),
    ],
)
def test_numbers_are_written_as_the_locale_does_and_are_read_back(
    locale: str, expected: str
) -> None:
    book = FigureBook()
    for value, unit in ((1_234_567, "count"), (-1234.5, "count"), (3.58, "percent")):
        book.add("x", value, metric=f"m{value}", unit=unit, start=START, end=END, observations=1)  # type: ignore[arg-type] # a tuple of strings is no Literal
    text = "{{f1}} {{f2}} {{f3}}"
    writer = ReferenceWriter(book, locale)
    shown = writer.feed(text) + writer.flush()
    assert shown == expected
    verdict = check_numbers(shown.replace(" ", " | "), book.figures, "")
    if locale not in ("de_CH.UTF-8", "tr"):  # an apostrophe, a percent sign in front
        assert verdict.status == "grounded"


def test_a_number_from_a_reference_is_that_figure(book: FigureBook) -> None:
    writer = ReferenceWriter(book, "en")
    text = writer.feed("Spotify won {{f1}}, +{{f3}} and {{f3}}%; 1,311 is not.") + writer.flush()
    verdict = check_numbers(text, book.figures, "", references=writer.filled)
    assert [number.figure for number in verdict.numbers] == ["f1", "f3", "f3", None]


@pytest.mark.parametrize("text", ["1{{f1}}", "{{f1}}0", "{{f2}} k", "-{{f1}}", "{{f1}}%"])
def test_what_stands_around_a_reference_cannot_change_its_value(
    text: str, book: FigureBook
) -> None:
    writer = ReferenceWriter(book, "en")
    shown = writer.feed(text) + writer.flush()
    verdict = check_numbers(shown, book.figures, "", references=writer.filled)
    assert verdict.status == "ungrounded"


def test_hostile_text_takes_time_in_proportion_to_its_length(book: FigureBook) -> None:
    def seconds(piece: str, times: int) -> float:
        writer = ReferenceWriter(book, "en")
        start = time.perf_counter()
        for _ in range(times):
            writer.feed(piece)
        writer.flush()
        return time.perf_counter() - start

    for piece in ("{", "{{f1", "{{ ", "{{f1}}", "{{f3}} "):
        assert any(seconds(piece, 16_000) / seconds(piece, 4000) < 8 for _ in range(5))
