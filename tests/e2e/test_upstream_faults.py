"""Faults of the language model's server: each ends in another try, or in a clear sentence."""

import asyncio
import json
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self
from unittest.mock import AsyncMock

import pytest
from langchain_core.messages import AIMessage

from agents.faults import FinalModelError, ModelFailedError
from agents.models import build_model
from core.settings import Settings
from storage.database import Database
from tests.conftest import Creator
from tests.e2e.scripted_model import (
    Chunk,
    Reply,
    ScriptedModel,
    breaks,
    calls,
    fails,
    gate,
    in_turn,
    says,
)
from tests.e2e.servers import second_server
from tests.e2e.streams import AnswerStream, ask, asking
from tests.e2e.trees import load_tree
from tests.e2e.waiting import eventually

CUT: Chunk = {"cut": True}
END: Chunk = {"end": True}
SILENT: Reply = {"silent": True}
BEATS: Chunk = {"beat": 0.02}
NEVER = gate("never")
SAID = "You have "
HELLO = says("Hello.")
TOO_LONG = fails(400, error={"code": "context_length_exceeded", "message": "scripted failure"})


def raw(text: str) -> Chunk:
    """Return a chunk that is sent as it is."""
    return {"raw": text}


def overflow(message: str) -> Reply:
    """Return how other servers refuse what is too long for them."""
    return fails(400, error={"message": message, "type": "invalid_request_error"})


BROKEN = raw('data: {"id": "scripted failure\n\n')


@dataclass(frozen=True, kw_only=True)
class Fault:
    """What the model's server does, and what the creator is told if it does nothing else."""

    reply: Reply
    code: str
    text: str = ""

    @property
    def is_silence(self) -> bool:
        """Whether it is known by waiting."""
        waits = (NEVER, BEATS)
        return self.reply == SILENT or any(each in waits for each in self.reply.get("chunks", ()))

    @property
    def may_pass(self) -> bool:
        """Whether the same call is made again."""
        final = {"answer_", "model_refused", "context_too_long"}
        return not any(self.code.startswith(each) for each in final)


def before(code: str, *chunks: Chunk, **fields: Any) -> Fault:
    return Fault(reply=says(*chunks) | fields, code=code)


def after(*chunks: Chunk, code: str = "answer_cut", **fields: Any) -> Fault:
    return Fault(reply=says(SAID, *chunks) | fields, code=code, text=SAID)


FAULTS = {
    "rate limit": Fault(reply=fails(429), code="model_rate_limited"),
    "500": Fault(reply=fails(500), code="model_failed"),
    "503": Fault(reply=fails(503), code="model_failed"),
    "408": Fault(reply=fails(408), code="model_timeout"),
    "cut before the first word": before("model_unreachable", CUT),
    "ended before the first word": before("model_failed", END),
    "error before the first word": before("model_failed", breaks("scripted failure")),
    "broken JSON before the first word": before("model_failed", BROKEN),
    "no object": before("model_failed", raw("data: [1]\n\n")),
    "no UTF-8": before("model_failed", raw("data: \xff\n\n")),
    "no stream": before("model_failed", raw("<html>Bad gateway</html>")),
    "silence": Fault(reply=SILENT, code="model_timeout"),
    "silence before the first word": before("model_timeout", NEVER),
    "comments before the first word": before("model_timeout", BEATS),
    "no word": before("empty_answer"),
    "cut": after(CUT),
    "ended": after(END),
    "error": after(breaks("scripted failure")),
    "broken JSON": after(BROKEN),
    "silence in the middle": after(NEVER),
    "comments in the middle": after(BEATS),
    "cut in a tool call": Fault(
        reply=says(calls("get_metrics"), CUT), code="answer_cut"
    ),
    "longest length": after(code="answer_too_long", finish="length"),
    "longest length before the first word": before("answer_too_long", finish="length"),
    "content filter": after(code="answer_withheld", finish="content_filter"),
    "refused content": Fault(
        reply=fails(400, error={"code": "content_filter"}), code="answer_withheld"
    ),
    "wrong key": Fault(reply=fails(401), code="model_refused"),
    "no such model": Fault(reply=fails(404), code="model_refused"),
    "wrong request": Fault(reply=fails(400), code="model_refused"),
    "no credit": Fault(
        reply=fails(429, error={"code": "insufficient_quota"}), code="model_refused"
    ),
    "too long": Fault(reply=TOO_LONG, code="context_too_long"),
    "too long, says vLLM": Fault(
        reply=overflow("This model's maximum context length is 8192 tokens."),
        code="context_too_long",
    ),
    "too long, says llama.cpp": Fault(
        reply=overflow("the request exceeds the available context size"),
        code="context_too_long",
    ),
}  # fmt: skip
PASSING = {name: fault for name, fault in FAULTS.items() if fault.may_pass}


@pytest.fixture
def settings(settings: Settings, model: ScriptedModel, request: pytest.FixtureRequest) -> Settings:
    """Return settings that give a model up which is silent, and bear with a busy machine."""
    fault = getattr(getattr(request.node, "callspec", None), "params", {}).get("fault")
    seconds = 0.5 if fault and fault.is_silence else 20
    return with_chat(model.answers(settings), timeout_seconds=seconds, max_retries=1)


def with_chat(settings: Settings, **changes: object) -> Settings:
    """Return the settings with other ones of the model."""
    return settings.model_copy(update={"chat": settings.chat.model_copy(update=changes)})


def error_of(answer: AnswerStream) -> str:
    """Return the code of the answer's error, whose sentence is ours and says what to do."""
    (error,) = answer.of_type("error")
    assert "scripted failure" not in json.dumps(answer.chunks)
    assert error["errorText"].endswith(".")
    assert answer.types[-2:] == ["error", "finish"]
    return str(error["code"])


async def assert_kept(
    answer: AnswerStream, database: Database, creator: Creator, *, code: str | None
) -> None:
    """Check that what was told is what is stored."""
    tree = await load_tree(database, creator.user_id, "c")
    assert tree.path[0] == "How many?"
    assert "".join(tree.path[1:]) == answer.text
    assert tree.statuses == [("failed" if code else "completed", code)]


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)
async def test_a_fault_that_stays_is_told_and_the_conversation_goes_on(
    creator: Creator, model: ScriptedModel, database: Database, fault: Fault
) -> None:
    await model.follow(fault.reply, to="How many?")
    await model.follow(HELLO)
    answer = await ask(creator, "How many?", id="c")
    assert (error_of(answer), answer.text) == (fault.code, fault.text)
    assert len(await model.requests()) == 1 + fault.may_pass
    await assert_kept(answer, database, creator, code=fault.code)
    await eventually(model.is_idle)
    assert (await ask(creator, "And now?", id="c")).text == "Hello."


@pytest.mark.parametrize("fault", PASSING.values(), ids=PASSING)
async def test_a_fault_that_passes_is_not_told(
    creator: Creator, model: ScriptedModel, database: Database, fault: Fault
) -> None:
    await model.follow(in_turn(fault.reply, HELLO))
    answer = await ask(creator, "How many?", id="c")
    assert answer.types[1:-1] == [
        "start-step", "text-start", "text-delta", "text-end", "finish-step", "data-grounding",
    ]  # fmt: skip
    assert answer.text == "Hello."
    assert len(await model.requests()) == 2
    await assert_kept(answer, database, creator, code=None)
    await eventually(model.is_idle)


def test_every_fault_is_documented_and_tested() -> None:
    kinds = [*ModelFailedError.__subclasses__(), *FinalModelError.__subclasses__()]
    codes = {kind.code for kind in kinds if kind.__module__ == "agents.faults"}  # not of jobs
    documented = (Path(__file__).parents[2] / "docs/streaming.md").read_text()
    assert all(f"| `{code}` |" in documented for code in codes)
    assert codes == {fault.code for fault in FAULTS.values()} | {"call_limit"}


# --- how long is waited ---


async def test_tries_are_as_many_as_set_and_further_and_further_apart(
    creator: Creator, model: ScriptedModel, settings: Settings, database_url: str
) -> None:
    await model.follow(fails(500))
    patient = with_chat(settings, max_retries=2)
    async with second_server(patient, database_url, creator) as client:
        assert error_of(await ask(client, "How many?")) == "model_failed"
    first, second = await model.waits()
    assert first >= 0.5
    assert second >= 1


@pytest.mark.parametrize("as_date", [False, True], ids=["seconds", "date"])
async def test_a_server_is_given_the_time_it_asks_for(
    creator: Creator, model: ScriptedModel, as_date: bool
) -> None:
    seconds = 1 + as_date  # a date has no fractions: it may be almost a second early
    busy = fails(429, retry_after=seconds, as_date=as_date)
    await model.follow(in_turn(busy, HELLO))
    assert (await ask(creator, "How many?")).text == "Hello."
    assert (await model.waits())[0] >= 1


@pytest.mark.parametrize("as_date", [False, True], ids=["seconds", "date"])
async def test_a_server_that_asks_for_minutes_is_not_waited_for(
    creator: Creator, model: ScriptedModel, as_date: bool
) -> None:
    await model.follow(in_turn(fails(429, retry_after=170, as_date=as_date), HELLO))
    answer = await ask(creator, "How many?", id="c")
    assert error_of(answer) == "model_rate_limited"
    assert answer.of_type("error")[0]["errorText"].endswith("try again in 3 minutes.")
    assert len(await model.requests()) == 1


@pytest.mark.parametrize(
    "seconds", ["inf", "nan", "-1", "soon", "1 Jan 2027 00:00 +99999999999999999999"]
)
async def test_a_server_that_asks_for_nonsense_is_called_again(
    creator: Creator, model: ScriptedModel, seconds: str
) -> None:
    await model.follow(in_turn(fails(429, retry_after=seconds), HELLO))
    assert (await ask(creator, "How many?")).text == "Hello."


async def test_a_stop_ends_the_waiting(
    creator: Creator, model: ScriptedModel, database: Database
) -> None:
    await model.follow(in_turn(fails(429, retry_after=15), HELLO))
    async with asking(creator, "How many?", id="c") as answer:
        await eventually(model.was_asked)
        await creator.post("/api/chat/c/stop")
        await answer.read_all()
    assert answer.finish["status"] == "stopped"
    assert len(await model.requests()) == 1


# --- nobody there ---


@pytest.fixture
def closed_port() -> Iterator[int]:
    """Lend a port that refuses connections: it is taken, and nobody listens."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield taken.getsockname()[1]


async def test_a_refused_connection_is_told_and_the_conversation_goes_on(
    creator: Creator,
    model: ScriptedModel,
    settings: Settings,
    database: Database,
    database_url: str,
    closed_port: int,
) -> None:
    away = with_chat(settings, base_url=f"http://127.0.0.1:{closed_port}/v1")
    async with second_server(away, database_url, creator) as client:
        answer = await ask(client, "How many?", id="c")
    assert error_of(answer) == "model_unreachable"
    await assert_kept(answer, database, creator, code="model_unreachable")
    await model.follow(HELLO)
    assert (await ask(creator, "And now?", id="c")).text == "Hello."


# --- in the course of a run ---


async def test_the_choice_of_an_agent_is_made_again(creator: Creator, model: ScriptedModel) -> None:
    chosen = says(calls("choose_agent", {"agent": "planner"}))
    await model.follow(in_turn(fails(500), chosen), to="tool choose_agent")
    await model.follow(HELLO)
    answer = await ask(creator, "What next week?", agent="auto")
    assert answer.text == "Hello."
    assert answer.of_type("message-metadata")[0]["messageMetadata"] == {"agent": "planner"}


async def test_a_step_is_made_again_and_what_was_said_before_it_stays(
    creator: Creator, model: ScriptedModel, database: Database
) -> None:
    look = says("A look. ", calls("list_connections"))
    await model.follow(look, in_turn(fails(500), says("None.")))
    answer = await ask(creator, "How many?", id="c")
    assert answer.text == "A look. None."
    assert len(answer.of_type("tool-output-available")) == 1
    assert len(await model.requests()) == 3


async def test_a_step_that_fails_leaves_what_was_said_and_looked_up(
    creator: Creator, model: ScriptedModel, database: Database
) -> None:
    await model.follow(says("A look.", calls("list_connections")), fails(500))
    answer = await ask(creator, "How many?", id="c")
    assert (error_of(answer), answer.text) == ("model_failed", "A look.")
    tree = await load_tree(database, creator.user_id, "c")
    kept = [(part["type"], part.get("state")) for part in tree.answers[0].parts]
    assert kept[:3] == [
        ("step-start", None), ("text", "done"), ("dynamic-tool", "output-available"),
    ]  # fmt: skip


async def test_an_empty_answer_that_was_paid_for_is_counted(
    creator: Creator, model: ScriptedModel
) -> None:
    await model.follow(in_turn(says(tokens=20), says("Hello.", tokens=31)))
    assert (await ask(creator, "How many?")).finish["tokens"] == 51


async def test_a_model_that_says_nothing_behind_its_tools_has_not_answered(
    creator: Creator, model: ScriptedModel
) -> None:
    await model.follow(says("A look.", calls("list_connections")), says(" \n"))
    answer = await ask(creator, "How many?")
    assert error_of(answer) == "empty_answer"


# --- tool calls ---


async def test_a_call_with_broken_json_is_told_to_the_model_which_mends_it(
    creator: Creator, model: ScriptedModel
) -> None:
    broken = calls("list_connections", "all of them", "a")
    await model.follow(
        says(broken), says(calls("list_connections", {}, "b")), says("You have none.")
    )
    answer = await ask(creator, "Which accounts?", id="c")
    assert answer.text == "You have none."
    (error,) = answer.of_type("tool-output-error")
    assert error["toolCallId"] == "a"
    assert error["errorText"].startswith("The arguments of this call are no JSON object.")
    asked, told, *_ = (await model.heard())[1:]
    assert json.loads(asked["tool_calls"][0]["function"]["arguments"]) == {
        "unreadable_arguments": "all of them"
    }
    assert told["content"] == error["errorText"]
    await ask(creator, "And now?", id="c")
    assert (await model.heard())[1]["tool_calls"] == asked["tool_calls"], "as the history has it"


async def test_an_unknown_tool_is_told_to_the_model(creator: Creator, model: ScriptedModel) -> None:
    await model.follow(says(calls("read_minds", {"of": "fans"})), says("I cannot."))
    answer = await ask(creator, "What do they think?")
    assert answer.text == "I cannot."
    (error,) = answer.of_type("tool-output-error")
    assert "read_minds is not a valid tool, try one of [" in error["errorText"]
    assert (await model.heard())[-1]["content"] == error["errorText"]


async def test_an_endless_loop_of_tools_is_ended_with_a_sentence(
    creator: Creator, model: ScriptedModel, settings: Settings, database: Database
) -> None:
    await model.follow(says("A look. ", calls("list_connections")), to="How many?")
    answer = await ask(creator, "How many?", id="c")
    assert error_of(answer) == "call_limit"
    assert len(await model.requests()) == settings.run_model_calls
    assert answer.finish["tokens"] == 15 * settings.run_model_calls
    tree = await load_tree(database, creator.user_id, "c")
    assert tree.path[1].split("\n\n") == ["A look. "] * settings.run_model_calls
    await model.follow(HELLO)
    assert (await ask(creator, "And now?", id="c")).text == "Hello."


async def test_calls_of_a_message_that_was_too_long_are_not_made(
    creator: Creator, model: ScriptedModel
) -> None:
    cut_off = says(calls("create_goal", '{"metric": "followers", "target_value": 3'))
    await model.follow(cut_off | {"finish": "length"})
    answer = await ask(creator, "30,000 followers, please", agent="goal_tracker")
    assert error_of(answer) == "answer_too_long"
    assert answer.of_type("tool-approval-request") == []


# --- more than the model can read ---


async def test_a_conversation_that_is_too_long_is_left_out_and_the_question_answered(
    creator: Creator, model: ScriptedModel
) -> None:
    await model.follow(HELLO, to="Hi")
    await ask(creator, "Hi", id="c")
    look = says(calls("list_connections"))
    await model.follow(in_turn(TOO_LONG, look), in_turn(TOO_LONG, says("None.")), to="How many?")
    assert (await ask(creator, "How many?", id="c")).text == "None."
    whole, short = (await model.requests())[-2:]
    said = ["user", "assistant", "user", "assistant", "tool"]
    assert [message["role"] for message in whole["messages"]] == ["system", *said]
    assert [message["role"] for message in short["messages"]] == ["system", *said[2:]]
    assert "can no longer read them" in short["messages"][0]["content"]
    assert "can no longer read them" not in whole["messages"][0]["content"]


class Words:
    """A stream of the client library's; the call is given up at the moment its third word comes."""

    def __init__(self, call: asyncio.Task[AIMessage]) -> None:
        self.call = call
        self.said = 0
        self.is_closed = False

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        self.is_closed = True

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> dict[str, Any]:
        await asyncio.sleep(0)  # as one that reads from a socket
        if self.said == 10:
            raise StopAsyncIteration
        self.said += 1
        if self.said == 3:
            asyncio.get_running_loop().call_soon(self.call.cancel)
        choice = {"index": 0, "delta": {"role": "assistant", "content": "One "}}
        return {"id": "1", "object": "chat.completion.chunk", "choices": [choice]}


async def test_a_call_given_up_at_the_moment_a_word_comes_is_ended(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    built = build_model(settings.chat)
    call = asyncio.create_task(built.chat.ainvoke("Count", stream=True))
    words = Words(call)
    create = AsyncMock(return_value=words)
    monkeypatch.setattr(built.chat.async_client, "create", create)  # type: ignore[attr-defined]  # ChatOpenAI's
    with pytest.raises(asyncio.CancelledError):
        await call
    assert words.said < 5
    assert words.is_closed
    await built.close()
