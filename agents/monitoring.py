"""Every call of a model and of a tool is timed and traced: by name, size and outcome, no words."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Any

from langchain.agents.middleware.types import (
    AgentMiddleware,
    AgentState,
    ModelRequest,
    ModelResponse,
    ToolCallRequest,
)
from langchain_core.messages import AIMessage, BaseMessage, ToolMessage
from langgraph.errors import GraphBubbleUp
from langgraph.types import Command
from prometheus_client import Histogram

from core import metrics
from core.errors import ToolError
from core.tracing import Span, begin_span
from tools.context import RunContext


class CallMonitor(AgentMiddleware[AgentState[Any], RunContext]):
    """Watches the calls themselves: it belongs behind all middleware that mends or repeats them."""

    def __init__(self, model: str) -> None:
        """Take the model's name."""
        super().__init__()
        self._model = model

    async def awrap_model_call(
        self,
        request: ModelRequest[RunContext],
        handler: Callable[[ModelRequest[RunContext]], Awaitable[ModelResponse[Any]]],
    ) -> ModelResponse[Any]:
        """Watch a call of the model."""
        with watch_model_call(self._model) as call:
            response = await handler(request)
            call.count_tokens(response.result[-1])
            return response

    async def awrap_tool_call(
        self,
        request: ToolCallRequest,
        handler: Callable[[ToolCallRequest], Awaitable[ToolMessage | Command[Any]]],
    ) -> ToolMessage | Command[Any]:
        """Watch a call of a tool; a name that is none of ours was made up by the model."""
        name = request.tool.name if request.tool else metrics.UNKNOWN
        with _watch("execute_tool", "gen_ai.tool.name", name, metrics.TOOL_SECONDS) as call:
            answer = await handler(request)
            if isinstance(answer, ToolMessage) and answer.status == "error":
                call.outcome = "refused"
            return answer


class Call:
    """A call on its way: ok, unless it turns out otherwise."""

    def __init__(self, span: Span) -> None:
        """Take the call's span."""
        self.outcome = "ok"
        self._span = span

    def count_tokens(self, message: BaseMessage) -> None:
        """Note what the model reports about its answer."""
        if isinstance(message, AIMessage) and (usage := message.usage_metadata):
            self._span.set(
                {
                    "gen_ai.usage.input_tokens": usage["input_tokens"],
                    "gen_ai.usage.output_tokens": usage["output_tokens"],
                }
            )


@contextmanager
def watch_model_call(model: str) -> Iterator[Call]:
    """Watch a call of the model of this name in the block."""
    with _watch("chat", "gen_ai.request.model", model, metrics.MODEL_CALL_SECONDS) as call:
        yield call


@contextmanager
def _watch(operation: str, attribute: str, name: str, seconds: Histogram) -> Iterator[Call]:
    # Names of OpenTelemetry's conventions: https://opentelemetry.io/docs/specs/semconv/gen-ai/
    span = begin_span(f"{operation} {name}", {"gen_ai.operation.name": operation, attribute: name})
    call = Call(span)
    began = time.monotonic()
    try:
        with span.as_parent():
            yield call
    except ToolError:
        call.outcome = "refused"
        raise
    except GraphBubbleUp:
        call.outcome = "paused"
        raise
    except asyncio.CancelledError:
        call.outcome = "cancelled"
        raise
    except Exception as error:
        call.outcome = "failed"
        span.fail(type(error).__name__)
        raise
    finally:
        seconds.labels(name, call.outcome).observe(time.monotonic() - began)
        span.set({"dreamsuite.outcome": call.outcome})
        span.end()
