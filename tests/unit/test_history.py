"""From stored messages to what a model reads."""

from typing import Any

from langchain_core.messages import AIMessage, HumanMessage, ToolMessage

from graph.history import (
    KEPT_CHARACTERS,
    MAX_HISTORY_CHARACTERS,
    model_messages,
    split_path,
)
from storage.models import ChatMessage


def question(text: str) -> ChatMessage:
    return ChatMessage(role="user", text=text, parts=[{"type": "text", "text": text}])


def answer(*parts: dict[str, Any]) -> ChatMessage:
    return ChatMessage(role="assistant", text="", parts=list(parts))


TOOL: dict[str, Any] = {
    "type": "dynamic-tool",
    "toolName": "get_metrics",
    "toolCallId": "c1",
    "input": {"a": 1},
}


def test_steps_become_messages_with_tool_calls_and_results() -> None:
    messages = model_messages(
        [
            question("How?"),
            answer(
                {"type": "step-start"},
                {"type": "text", "text": "Looking."},
                TOOL | {"state": "output-available", "output": {"figures": []}},
                {"type": "step-start"},
                {"type": "text", "text": "Well."},
                {"type": "data-grounding", "data": {}},
            ),
        ]
    )
    asked, looking, result, well = messages
    assert isinstance(asked, HumanMessage)
    assert isinstance(looking, AIMessage)
    assert looking.text == "Looking."
    assert [(call["id"], call["args"]) for call in looking.tool_calls] == [("c1", {"a": 1})]
    assert isinstance(result, ToolMessage)
    assert (result.tool_call_id, result.text) == ("c1", '{"figures":[]}')
    assert well.text == "Well."


def test_a_stopped_tool_call_has_an_error_as_its_result() -> None:
    stopped = TOOL | {"state": "output-error", "errorText": "stopped", "input": None}
    _, _, result = model_messages([question("How?"), answer({"type": "step-start"}, stopped)])
    assert isinstance(result, ToolMessage)
    assert result.status == "error"


def test_a_long_path_is_cut_to_the_newest_turns_and_begins_with_a_question() -> None:
    long = "x" * (MAX_HISTORY_CHARACTERS // 2)
    path = [question(long), answer({"type": "text", "text": long}), question("And now?")]
    old, read = split_path(path)
    assert (list(old), list(read)) == (path[:2], path[2:])


def test_a_path_that_fits_is_read_whole() -> None:
    path = [question("x" * MAX_HISTORY_CHARACTERS)]
    assert split_path(path) == ((), path)


def test_a_path_that_is_cut_leaves_room_for_more_turns() -> None:
    path = [question("x" * 1_000) for _ in range(MAX_HISTORY_CHARACTERS // 1_000 + 1)]
    _, read = split_path(path)
    assert len(read) == KEPT_CHARACTERS // 1_000


def test_the_question_is_read_however_long_it_is() -> None:
    path = [question("Hi"), question("x" * 2 * MAX_HISTORY_CHARACTERS)]
    assert split_path(path) == (path[:1], path[1:])


def test_what_was_not_approved_is_told_as_that() -> None:
    approval = {"id": "c1", "approved": False, "reason": "Too far."}
    denied = TOOL | {"state": "output-denied", "approval": approval}
    _, _, result = model_messages([question("How?"), answer({"type": "step-start"}, denied)])
    assert isinstance(result, ToolMessage)
    assert (result.status, result.text) == ("error", "Not approved: Too far.")
