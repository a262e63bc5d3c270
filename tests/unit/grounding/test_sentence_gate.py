"""Answers are held back sentence by sentence, and cut where a claim is complete."""

import datetime as dt
import time
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.figures import FigureBook
from domain.grounding.sentence_gate import Sentence, SentenceGate
from domain.grounding.sentences import sentence_ends, split_passages
from domain.grounding.verdict import SentenceCheck, check_numbers
from domain.references import FilledReference, ReferenceWriter

TEXT = """You gained 1,337 followers. That is 6.0 % more, e.g. on Instagram! Really?

| Platform | Change |
| --- | ---: |
| Instagram | +1,337. So. |
| Facebook | −213 |

- Post more.
- Post approx. 3.5 times
1. First
2. Second
"""


def sentences(text: str) -> list[str]:
    ends = list(sentence_ends(text))
    return [text[left:right].strip() for left, right in zip([0, *ends], [*ends, None], strict=True)]


def passing(sentence: Sentence) -> bool:
    return "213" not in sentence.text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("One. Two! Three? Four…", ["One.", "Two!", "Three?", "Four…"]),
        ("It grew 3.5 %. Fine.", ["It grew 3.5 %.", "Fine."]),
        (
            "Use e.g. reels, approx. 3 vs. 4.",
            ["Use e.g. reels, approx. 3 vs. 4."],
        ),
        ("It is **good.** Yes.", ["It is **good.**", "Yes."]),
        ('He said "no." Yes.', ['He said "no."', "Yes."]),
        ("1. First\n2. Second", ["1. First", "2. Second"]),
        ("You have 12. Not 13.", ["You have 12.", "Not 13."]),
        ("ida.live grew. So did B. Smith.", ["ida.live grew.", "So did B. Smith."]),
    ],
)
def test_sentences_end_at_their_marks_and_nowhere_else(text: str, expected: list[str]) -> None:
    assert [sentence for sentence in sentences(text) if sentence] == expected


def test_a_cell_knows_its_column_and_its_row() -> None:
    (cell,) = (p for p in split_passages(TEXT) if TEXT[p.start : p.end].strip() == "−213")
    assert cell.is_cell
    assert "Change" in cell.context
    assert "Facebook" in cell.context


def test_a_list_item_knows_the_line_above_the_list() -> None:
    text = "On Instagram:\n- 12 likes\n\n## YouTube\nAll 3 views\n- 5 likes"
    contexts = {text[p.start : p.end].strip(): p.context for p in split_passages(text)}
    assert contexts["- 12 likes"].strip() == "On Instagram:"
    assert contexts["All 3 views"] == contexts["- 5 likes"] == "## YouTube"


def test_a_refused_sentence_is_withheld_and_the_others_pass() -> None:
    gate = SentenceGate(passing)
    text = gate.feed(TEXT) + gate.flush()
    assert text == TEXT.replace("| Facebook | −213 |\n", "")
    assert gate.withheld == ["| Facebook | −213 |"]


def test_a_row_is_checked_under_its_header_and_a_list_under_its_heading() -> None:
    seen: dict[str, str] = {}

    def check(sentence: Sentence) -> bool:
        seen[sentence.text.strip()] = sentence.context
        return True

    gate = SentenceGate(check)
    gate.feed("## YouTube\n\nAll:\n- 5 likes\n\n" + TEXT)
    gate.flush()
    assert seen["- 5 likes"] == "## YouTube\nAll:\n"
    assert "| Platform | Change |" in seen["| Facebook | −213 |"]
    assert seen["| Instagram | +1,337. So. |"]


def test_a_sentence_passes_as_soon_as_it_is_complete() -> None:
    gate = SentenceGate(passing)
    assert gate.feed("You gained 12") == ""
    assert gate.feed(" followers.") == ""  # "followers.com" is still possible
    assert gate.feed(" And") == "You gained 12 followers."
    assert gate.flush() == " And"


@given(cuts=st.lists(st.integers(min_value=0, max_value=len(TEXT)), max_size=12))
def test_where_the_stream_is_cut_makes_no_difference(cuts: list[int]) -> None:
    places = [0, *sorted(cuts), len(TEXT)]
    gate = SentenceGate(passing)
    chunks = [TEXT[left:right] for left, right in pairwise(places)]
    shown = "".join(map(gate.feed, chunks)) + gate.flush()
    assert shown == TEXT.replace("| Facebook | −213 |\n", "")


def test_spans_are_found_again_in_what_is_shown() -> None:
    gate = SentenceGate(passing)
    fed = "It lost 213. It won 12."
    shown = gate.feed(fed) + gate.flush()
    start = fed.index("12.")
    located = gate.locate(start, start + 2)
    assert located is not None
    assert shown[slice(*located)] == "12"
    assert gate.locate(fed.index("213"), fed.index("213") + 3) is None


@pytest.mark.parametrize("piece", ["a", "a. ", "| a ", "| a |\n", "\n", "1.", ".", "e.g. ", "*"])
def test_long_answers_take_time_in_proportion_to_their_length(piece: str) -> None:
    def seconds(times: int) -> float:
        gate = SentenceGate(passing)
        start = time.perf_counter()
        for _ in range(times):
            gate.feed(piece)
        gate.flush()
        return time.perf_counter() - start

    seconds(100)
    assert any(seconds(8000) / max(seconds(2000), 1e-4) < 8 for _ in range(5))


def test_a_strict_answer_has_no_number_without_a_source() -> None:
    book = FigureBook()
    start, end = dt.date(2026, 10, 1), dt.date(2026, 10, 31)
    for value, platform in ((12, "instagram"), (7, "youtube")):
        book.add("likes", value, metric="likes", platform=platform, start=start, end=end,
                 observations=31)  # fmt: skip
    writer = ReferenceWriter(book, "en")
    gate = SentenceGate(SentenceCheck(book.figures, "", references=writer.filled))
    answer = (
        "Instagram got 12 likes. YouTube got 12 likes. Facebook got {{f2}}.\n\n"
        "| | Likes |\n| --- | --- |\n| YouTube | 7 |\n| YouTube | 8 |\n"
    )
    shown = "".join(gate.feed(writer.feed(character)) for character in answer)
    shown += gate.feed(writer.flush()) + gate.flush()
    assert gate.withheld == ["YouTube got 12 likes.", "| YouTube | 8 |"]
    references = [
        FilledReference(*located, reference.figure_id)
        for reference in writer.filled
        if (located := gate.locate(reference.start, reference.end))
    ]
    assert check_numbers(shown, book.figures, "", references=references).status == "grounded"
