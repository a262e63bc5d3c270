"""The log that readers follow, and the sink that writes it."""

import asyncio
import sys
from typing import Any
from uuid import uuid4

import orjson
import pytest
from langchain_core.messages import AIMessage, AIMessageChunk, ToolMessage
from langchain_core.messages.tool import tool_call_chunk

from core.errors import AppError
from domain.approvals import ApprovalRequest, Decision, decide
from domain.figures import FigureBook
from graph.answer_text import AnswerText
from graph.chunks import stored
from graph.events import RunLog
from graph.sink import RunSink
from storage.models import RunStatus

CALL = {"id": "c1", "name": "get_metrics", "args": {"metric": "views"}}


@pytest.fixture
def log() -> RunLog:
    return RunLog(uuid4())


def new_text() -> AnswerText:
    return AnswerText(FigureBook(), "en")


@pytest.fixture
def sink(log: RunLog) -> RunSink:
    return RunSink(log, new_text)


def end(
    sink: RunSink, status: RunStatus, metadata: dict[str, Any], *, error: AppError | None = None
) -> None:
    sink.seal(status, metadata, error=error)
    sink.finish()


async def chunks(log: RunLog, after: int = 0) -> list[dict[str, Any]]:
    return [orjson.loads(event.data) async for event in log.read(after)]


async def types(log: RunLog) -> list[str]:
    return [chunk["type"] for chunk in await chunks(log)]


async def test_late_and_early_readers_see_the_same(log: RunLog) -> None:
    early = asyncio.create_task(chunks(log))
    for n in range(3):
        log.append({"type": "data-x", "n": n})
        await asyncio.sleep(0)
    log.close()
    assert await early == await chunks(log) == [{"type": "data-x", "n": n} for n in range(3)]


async def test_a_reader_begins_behind_the_event_it_names(log: RunLog) -> None:
    for n in range(5):
        log.append({"type": "data-x", "n": n})
    log.close()
    assert [event.seq async for event in log.read(3)] == [4, 5]
    assert [event.seq async for event in log.read(5)] == []


async def test_text_arrives_in_pieces_and_is_stored_whole(log: RunLog, sink: RunSink) -> None:
    sink.emit(AIMessageChunk(content="You gained "))
    sink.emit(AIMessageChunk(content="320."))
    sink.finish_model_call(
        AIMessage(content="You gained 320.", response_metadata={"model_name": "m"})
    )
    sink.close_parts("It was stopped.")
    end(sink, RunStatus.COMPLETED, {})
    assert await types(log) == [
        "start-step", "text-start", "text-delta", "text-delta", "text-end", "finish-step", "finish",
    ]  # fmt: skip
    assert sink.text == "You gained 320."
    assert sink.model == "m"
    assert sink.parts[-1] == {"type": "text", "text": "You gained 320.", "state": "done"}


async def test_a_model_that_does_not_stream_says_its_text_once(log: RunLog, sink: RunSink) -> None:
    sink.finish_model_call(AIMessage(content="Hello."))
    sink.close_parts("It was stopped.")
    assert sink.text == "Hello."
    assert sum(part["type"] == "text" for part in sink.parts) == 1


async def test_a_tool_call_in_pieces_becomes_one_part(log: RunLog, sink: RunSink) -> None:
    for piece in (
        tool_call_chunk(id="c1", name="get_metrics", args="", index=0),
        tool_call_chunk(args='{"metric":', index=0),
        tool_call_chunk(args='"views"}', index=0),
    ):
        sink.emit(AIMessageChunk(content="", tool_call_chunks=[piece]))
    sink.finish_model_call(AIMessage(content="", tool_calls=[CALL]))
    sink.emit_tool_result(
        ToolMessage(content='{"figures":[]}', tool_call_id="c1", name="get_metrics")
    )
    sink.close_parts("It was stopped.")
    end(sink, RunStatus.COMPLETED, {})
    assert await types(log) == [
        "start-step", "tool-input-start", "tool-input-delta", "tool-input-delta",
        "tool-input-available", "tool-output-available", "finish-step", "finish",
    ]  # fmt: skip
    assert sink.parts[1] == {
        "type": "dynamic-tool",
        "toolName": "get_metrics",
        "toolCallId": "c1",
        "state": "output-available",
        "input": {"metric": "views"},
        "output": {"figures": []},
    }


async def test_parallel_tool_calls_keep_their_own_input(log: RunLog, sink: RunSink) -> None:
    for index, call_id in enumerate(("c1", "c2")):
        piece = tool_call_chunk(id=call_id, name="get_metrics", args=str(index), index=index)
        sink.emit(AIMessageChunk(content="", tool_call_chunks=[piece]))
    sink.emit(AIMessageChunk(content="", tool_call_chunks=[tool_call_chunk(args="!", index=0)]))
    sink.close_parts("stopped")
    end(sink, RunStatus.STOPPED, {})
    deltas = [chunk for chunk in await chunks(log) if chunk["type"] == "tool-input-delta"]
    assert [(d["toolCallId"], d["inputTextDelta"]) for d in deltas] == [
        ("c1", "0"), ("c2", "1"), ("c1", "!"),
    ]  # fmt: skip


async def test_a_stop_closes_open_text_and_tools(log: RunLog, sink: RunSink) -> None:
    sink.emit(AIMessageChunk(content="Let me "))
    sink.emit(
        AIMessageChunk(content="", tool_call_chunks=[tool_call_chunk(id="c1", name="x", index=0)])
    )
    sink.close_parts("The answer was stopped.")
    end(sink, RunStatus.STOPPED, {})
    said = await chunks(log)
    assert [chunk["type"] for chunk in said][-4:] == [
        "tool-output-error", "finish-step", "abort", "finish",
    ]  # fmt: skip
    assert said[-1]["finishReason"] == "other"
    assert [part["state"] for part in sink.parts[1:]] == ["done", "output-error"]


async def test_a_failed_tool_says_why(log: RunLog, sink: RunSink) -> None:
    sink.finish_model_call(AIMessage(content="", tool_calls=[CALL]))
    message = ToolMessage(
        content="in the future", tool_call_id="c1", name="get_metrics", status="error"
    )
    sink.emit_tool_result(message)
    assert sink.parts[-1]["errorText"] == "in the future"


async def test_an_error_has_a_sentence_and_a_code(log: RunLog, sink: RunSink) -> None:
    end(sink, RunStatus.FAILED, {}, error=AppError("Try again."))
    error, finish = await chunks(log)
    assert error == {"type": "error", "errorText": "Try again.", "code": "error"}
    assert finish["finishReason"] == "error"


async def test_tokens_of_all_model_calls_are_summed(sink: RunSink) -> None:
    assert sink.tokens is None
    for total in (3, 4):
        usage = {"input_tokens": 1, "output_tokens": total - 1, "total_tokens": total}
        sink.finish_model_call(AIMessage(content="x", usage_metadata=usage))
    assert sink.tokens == 7


async def test_a_model_that_reports_less_than_nothing_costs_nothing(sink: RunSink) -> None:
    usage = {"input_tokens": -5, "output_tokens": -2, "total_tokens": -7}
    sink.finish_model_call(AIMessage(content="x", usage_metadata=usage))
    assert sink.tokens == 0


async def test_stored_parts_are_told_as_they_came(log: RunLog, sink: RunSink) -> None:
    sink.emit(AIMessageChunk(content="Looking."))
    sink.finish_model_call(AIMessage(content="Looking.", tool_calls=[CALL]))
    sink.emit_tool_result(
        ToolMessage(content='{"figures":[]}', tool_call_id="c1", name="get_metrics")
    )
    sink.emit(AIMessageChunk(content="Done."))
    sink.finish_model_call(AIMessage(content="Done."))
    sink.close_parts("It was stopped.")
    sink.emit_data("grounding", {"status": "no_numbers", "numbers": []})
    log.close()
    assert list(stored(sink.parts)) == await chunks(log)


async def test_an_approval_is_told_as_it_came(log: RunLog, sink: RunSink) -> None:
    sink.finish_model_call(AIMessage(content="", tool_calls=[CALL]))
    sink.request_approval(ApprovalRequest(id="c1", title="Look?", input={"metric": "views"}))
    sink.close_parts("It was stopped.")
    assert sink.parts[-1]["state"] == "approval-requested", "it waits, and has not failed"
    decision = Decision(id="c1", type="reject", reason="No.")
    again = RunSink(log, new_text, parts=decide(sink.parts, [decision]))
    again.respond(decision)
    again.emit_tool_result(
        ToolMessage(content="declined", tool_call_id="c1", name="get_metrics", status="error")
    )
    log.close()
    assert again.parts[-1]["state"] == "output-denied"
    told = [chunk for chunk in stored(again.parts) if chunk["type"] != "finish-step"]
    assert told == [chunk for chunk in await chunks(log) if chunk["type"] != "finish-step"]


async def test_text_that_cannot_be_stored_is_replaced_while_it_streams(
    log: RunLog, sink: RunSink
) -> None:
    arguments = {"a\0": ["\ud83d", 2**70, float("inf"), 3]}
    sink.emit(AIMessageChunk(content="half \ud83d and \0"))
    sink.finish_model_call(
        AIMessage(content="x", tool_calls=[{"id": "c1", "name": "x", "args": arguments}])
    )
    sink.close_parts("It was stopped.")
    end(sink, RunStatus.COMPLETED, {})
    assert sink.text == "half \ufffd and \ufffd"
    assert sink.parts[-1]["input"] == {"a\ufffd": ["\ufffd", None, None, 3]}
    assert len(await chunks(log)) == len(log)


async def test_the_name_of_a_tool_that_cannot_be_stored_is_replaced(
    log: RunLog, sink: RunSink
) -> None:
    piece = tool_call_chunk(name="a\0b", args="{}", id="c\0", index=0)
    sink.emit(AIMessageChunk(content="", tool_call_chunks=[piece]))
    call = {"id": "c\0", "name": "a\0b", "args": {}}
    metadata = {"model_name": "gpt\0"}
    sink.finish_model_call(AIMessage(content="", tool_calls=[call], response_metadata=metadata))
    sink.emit_tool_result(ToolMessage("No.", tool_call_id="c\0", name="a\0b", status="error"))
    end(sink, RunStatus.COMPLETED, {})
    assert sink.model == "gpt\ufffd"
    [part] = [part for part in sink.parts if part["type"] == "dynamic-tool"]
    assert (part["toolCallId"], part["toolName"]) == ("c\ufffd", "a\ufffdb")
    assert part["state"] == "output-error"
    assert all(b"\\u0000" not in event.data for event in [each async for each in log.read()])


async def test_an_event_keeps_no_more_memory_than_its_bytes(log: RunLog) -> None:
    log.append({"type": "data-x"})
    log.close()
    [event] = [event async for event in log.read()]
    assert sys.getsizeof(event.data) == sys.getsizeof(b"") + len(event.data)


# --- a log that another process wrote, and did not finish ---


@pytest.fixture
def lost(log: RunLog) -> RunLog:
    """Return the log of a run of which two events were stored, and an ending of two added."""
    log.lost_after = 2
    log.fill(0, [b'{"type":"data-%d"}' % n for n in range(4)])
    log.close()
    return log


async def test_stored_events_are_taken_once(log: RunLog) -> None:
    log.fill(0, [b'{"type":"data-0"}', b'{"type":"data-1"}'])
    log.fill(1, [b'{"type":"data-1"}', b'{"type":"data-2"}'])
    log.close()
    assert await types(log) == ["data-0", "data-1", "data-2"]
    assert log.stored == 3


async def test_the_ending_of_a_lost_run_has_ids_of_its_own(lost: RunLog) -> None:
    ids = [lost.id_of(event) async for event in lost.read()]
    numbers = [event_id.removeprefix(f"{lost.key}:") for event_id in ids]
    assert numbers == ["1", "2", "3.lost", "4.lost"]


@pytest.mark.parametrize(
    ("last", "rest"),
    [("1", [2, 3, 4]), ("2", [3, 4]), ("9", [3, 4]), ("3", [3, 4]), ("3.lost", [4]), ("x", [1])],
)
async def test_who_saw_more_than_was_stored_still_sees_the_ending(
    lost: RunLog, last: str, rest: list[int]
) -> None:
    position = lost.position_of(f"{lost.key}:{last}")
    seen = [event.seq async for event in lost.read(position)]
    assert seen[: len(rest)] == rest


async def test_who_waits_for_more_than_was_stored_is_told_the_ending(log: RunLog) -> None:
    log.fill(0, [b'{"type":"data-0"}'])
    waiting = asyncio.create_task(chunks(log, 7))
    await asyncio.sleep(0)
    log.lost_after = 1
    log.fill(1, [b'{"type":"finish"}'])
    log.close()
    assert await waiting == [{"type": "finish"}]
