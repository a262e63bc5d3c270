"""A message told by its chunks: the same that its run would have stored."""

from typing import Any
from uuid import uuid4

import orjson
import pytest
from langchain_core.messages import AIMessage, AIMessageChunk, ToolMessage

from domain.approvals import ApprovalRequest, Decision, Part, decide
from domain.figures import FigureBook
from graph.answer_text import AnswerText
from graph.events import RunLog
from graph.sink import RunSink
from graph.transcript import TOOL_ENDS, Transcript
from storage.models import RunStatus

MESSAGE = uuid4()
CALLS = [{"id": f"c{n}", "name": "get_metrics", "args": {"metric": "views"}} for n in range(4)]
DECISIONS = [
    Decision(id="c1", type="edit", input={"metric": "reach"}),
    Decision(id="c2", type="reject", reason="No."),
    Decision(id="c3", type="approve"),
]


def new_text() -> AnswerText:
    return AnswerText(FigureBook(), "en")


def result(call_id: str, content: str, *, is_error: bool = False) -> ToolMessage:
    status: Any = "error" if is_error else "success"
    return ToolMessage(content=content, tool_call_id=call_id, name="get_metrics", status=status)


@pytest.fixture
async def told() -> tuple[list[dict[str, Any]], list[Part]]:
    """Return the chunks of a run with all that can happen, and the parts that it stored."""
    log = RunLog(uuid4())
    sink = RunSink(log, new_text)
    sink.start(MESSAGE, {"agent": "auto", "model": "m"})
    sink.name_agent("goal_tracker")
    sink.emit(AIMessageChunk(content="Looking, "))
    sink.emit(AIMessageChunk(content="one moment."))
    sink.finish_model_call(AIMessage(content="Looking, one moment.", tool_calls=CALLS))
    sink.emit_tool_result(result("c0", '{"figures":[]}'))
    for decision in DECISIONS:
        sink.request_approval(ApprovalRequest(id=decision.id, title="Look?", input={"x": 1}))
    sink.close_parts("unused")
    sink.seal(RunStatus.WAITING, {})
    sink.finish()
    log.reopen()
    sink = RunSink(log, new_text, parts=decide(sink.parts, DECISIONS))
    sink.start(MESSAGE, {"agent": "goal_tracker", "model": "m"})
    for decision in DECISIONS:
        sink.respond(decision)
    sink.emit_tool_result(result("c1", "3"))
    sink.emit_tool_result(result("c2", "declined", is_error=True))
    sink.emit_tool_result(result("c3", "in the future", is_error=True))
    sink.emit(AIMessageChunk(content="Done."))
    sink.finish_model_call(AIMessage(content="Done."))
    sink.close_parts("unused")
    for status in ("ungrounded", "grounded"):
        sink.emit_data("grounding", {"status": status})
    log.close()
    return [orjson.loads(event.data) async for event in log.read()], sink.parts


async def test_it_is_the_message_that_was_stored(
    told: tuple[list[dict[str, Any]], list[Part]],
) -> None:
    chunks, parts = told
    transcript = Transcript(chunks)
    assert transcript.parts == parts
    assert transcript.message_id == MESSAGE
    assert (transcript.agent, transcript.model) == ("goal_tracker", "m")
    assert transcript.text == "Looking, one moment.\n\nDone."
    assert list(transcript.close("lost")) == []


async def test_wherever_it_breaks_off_all_is_closed(
    told: tuple[list[dict[str, Any]], list[Part]],
) -> None:
    chunks, _ = told
    for length in range(len(chunks)):
        transcript = Transcript(chunks[:length])
        ending = list(transcript.close("lost"))
        parts = transcript.parts
        assert all(part["state"] == "done" for part in parts if part["type"] == "text")
        assert all(part["state"] in TOOL_ENDS for part in parts if "toolCallId" in part)
        whole = Transcript(chunks[:length] + ending)
        assert whole.parts == parts, "readers see what is stored"
        assert list(whole.close("lost")) == []
