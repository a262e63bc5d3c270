"""175 questions with the calls they need; half were set aside before the rules were written."""

from pathlib import Path
from typing import Any

import orjson
import pytest
from langchain_core.messages import AIMessage, AnyMessage, HumanMessage

from agents.offline.questions.question import Question
from agents.offline.questions.understanding import understand
from tests.offline_conversation import Calls, ask, calls, creator, parsed, system

QUESTIONS = [
    orjson.loads(line)
    for line in (Path(__file__).parent / "offline_questions.jsonl").read_bytes().splitlines()
]
TUNING = [row for row in QUESTIONS if row["split"] == "tuning"]
HELD_OUT = [row for row in QUESTIONS if row["split"] == "held_out"]
HELD_OUT_SHARE = 0.95


def in_any_order(found: Calls) -> list[bytes]:
    return sorted(orjson.dumps(call, option=orjson.OPT_SORT_KEYS) for call in found)


def is_right(row: dict[str, Any]) -> bool:
    """Tell whether the model makes the expected calls, or gives the expected kind of reply."""
    context = creator(locale=row.get("locale", "en"))
    messages: list[AnyMessage] = [system(context)]
    previous: Question | None = None
    for text in row.get("before", ()):
        messages += [HumanMessage(text), AIMessage("An answer.")]
        asked = understand(text, parsed(context), previous)
        assert isinstance(asked, Question)
        previous = asked
    message = ask([*messages, HumanMessage(row["question"])])
    understood = understand(row["question"], parsed(context), previous)
    kind = "answer" if isinstance(understood, Question) else understood.kind.value
    expected = [(call["tool"], call["args"]) for call in row["calls"]]
    return kind == row["reply"] and in_any_order(calls(message)) == in_any_order(expected)


@pytest.mark.parametrize("row", TUNING, ids=[row["id"] for row in TUNING])
def test_a_question_that_the_rules_were_written_for_is_understood(row: dict[str, Any]) -> None:
    assert is_right(row), row["question"]


def test_questions_that_were_set_aside_are_understood() -> None:
    wrong = [row["question"] for row in HELD_OUT if not is_right(row)]
    assert len(wrong) <= (1 - HELD_OUT_SHARE) * len(HELD_OUT), wrong


def test_half_of_the_questions_are_set_aside() -> None:
    assert abs(len(HELD_OUT) - len(TUNING)) <= 1
    assert len({row["question"] for row in QUESTIONS}) >= 170
