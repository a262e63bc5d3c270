"""What model calls count as, with servers that report nothing, or nonsense."""

import asyncio
from typing import Any
from uuid import UUID, uuid4

import pytest
from langchain_core.messages import AIMessage, AIMessageChunk, HumanMessage
from langchain_core.outputs import ChatGeneration, ChatGenerationChunk, LLMResult

from domain.usage import TokenLimitReachedError
from graph.tokens import MAX_CALL_TOKENS, MESSAGE_TOKENS, TokenMeter

QUESTION = "x" * 250  # a hundred tokens


class Day:
    """A day with so many tokens left, and the run that takes them."""

    def __init__(self, left: int) -> None:
        self.left = left
        self.asked: list[int] = []
        self.ended_by: TokenLimitReachedError | None = None

    async def extend(self, tokens: int) -> int:
        self.asked.append(tokens)
        if tokens > self.left:
            raise TokenLimitReachedError(retry_after=1)
        self.left -= tokens
        return tokens

    def end(self, error: TokenLimitReachedError) -> None:
        self.ended_by = error

    def meter(self, reserved: int = 0) -> TokenMeter:
        return TokenMeter(reserved, self.extend, self.end)


async def begin(meter: TokenMeter, text: str = QUESTION, **fields: Any) -> UUID:
    call = uuid4()
    await meter.on_chat_model_start({}, [[HumanMessage(text)]], run_id=call, **fields)
    return call


async def receive(meter: TokenMeter, call: UUID, chunk: AIMessageChunk) -> None:
    await meter.on_llm_new_token("", chunk=ChatGenerationChunk(message=chunk), run_id=call)


async def end(meter: TokenMeter, call: UUID, message: AIMessage) -> None:
    result = LLMResult(generations=[[ChatGeneration(message=message)]])
    await meter.on_llm_end(result, run_id=call)


def reporting(total: int) -> AIMessage:
    usage = {"input_tokens": total, "output_tokens": 0, "total_tokens": total}
    return AIMessage("y" * 25, usage_metadata=usage)


async def test_a_call_counts_from_its_beginning_until_it_is_reported() -> None:
    meter = Day(1_000).meter()
    call = await begin(meter)
    assert meter.usage.tokens == meter.usage.estimated == 100 + MESSAGE_TOKENS
    await receive(meter, call, AIMessageChunk(content="y" * 25))
    assert meter.usage.estimated == 110 + MESSAGE_TOKENS
    await end(meter, call, reporting(42))
    assert (meter.usage.tokens, meter.usage.estimated) == (42, 0)


@pytest.mark.parametrize("total", [0, -5])
async def test_a_report_of_nothing_is_none(total: int) -> None:
    meter = Day(1_000).meter()
    await end(meter, await begin(meter), reporting(total))
    assert meter.usage.estimated == 110 + MESSAGE_TOKENS, "sent, and received as a whole"


async def test_a_report_of_nonsense_is_cut_to_size() -> None:
    meter = Day(1_000).meter()
    await end(meter, await begin(meter), reporting(10**30))
    assert meter.usage.tokens == MAX_CALL_TOKENS


async def test_what_is_not_latin_counts_by_its_bytes() -> None:
    meter = Day(1_000).meter()
    await begin(meter, "成長" * 10)
    assert meter.usage.tokens == 24 + MESSAGE_TOKENS
    await begin(meter, "\ud800")
    assert meter.usage.tokens > 24 + 2 * MESSAGE_TOKENS


async def test_tools_and_their_calls_count() -> None:
    meter = Day(10_000).meter()
    tools = [{"type": "function", "function": {"name": "x" * 1_000}}]
    call = await begin(meter, invocation_params={"tools": tools})
    sent = meter.usage.tokens
    assert sent > 500
    piece = {"index": 0, "id": "c", "name": "count", "args": '{"to": 12345678901234567890}'}
    chunk = AIMessageChunk(content="", tool_call_chunks=[{**piece, "type": "tool_call_chunk"}])
    await receive(meter, call, chunk)
    assert meter.usage.tokens == sent + 14
    calls = [{"id": "c", "name": "count", "args": {"to": 10**30}}]
    await end(meter, call, AIMessage("", tool_calls=calls))
    assert meter.usage.tokens > sent + 14


async def test_a_call_that_there_are_no_tokens_for_is_cancelled_and_not_counted() -> None:
    day = Day(50)
    meter = day.meter(reserved=20)
    with pytest.raises(asyncio.CancelledError):
        await begin(meter)
    assert day.asked == [80 + MESSAGE_TOKENS]
    assert day.ended_by
    assert meter.usage.tokens == 0


async def test_what_is_set_aside_is_used_before_more_is_asked_for() -> None:
    day = Day(1_000)
    meter = day.meter(reserved=120)
    call = await begin(meter)
    await receive(meter, call, AIMessageChunk(content="y" * 25))
    assert day.asked == []
    await receive(meter, call, AIMessageChunk(content="y" * 25))
    assert day.asked == [MESSAGE_TOKENS]
    await end(meter, call, reporting(42))
    await begin(meter)
    assert day.asked == [MESSAGE_TOKENS, 42 - 20]
