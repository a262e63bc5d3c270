"""What a server process shows of itself: log lines, traces, and that it is about to stop."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from core.settings import Settings
from tests.conftest import PASSWORD, Creator, new_client
from tests.e2e.scripted_model import ScriptedModel, calls, fails, gate, says
from tests.e2e.servers import client_of
from tests.e2e.streams import ask, asking
from tests.e2e.test_server import REPOSITORY, end, read_greeting, started
from tests.e2e.waiting import PATIENCE_SECONDS
from tests.metrics import scrape

CANARY = "heliotrope launch"
PERIOD = {"start": "2026-01-01", "end": "2026-01-31"}
KEY = "sk-canary-key"
METRICS_TOKEN = "canary-metrics-token"
Line = dict[str, Any]


@pytest.fixture
def settings(settings: Settings, model: ScriptedModel) -> Settings:
    return model.answers(settings)


@contextmanager
def server(
    folder: Path, database_url: str, model: ScriptedModel, **environment: str
) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Run a server of the same database and model in a process of its own."""
    environment = {
        "DATABASE_URL": database_url,
        "CHAT_MODEL": "openai:scripted",
        "CHAT_BASE_URL": model.base_url,
        "CHAT_API_KEY": KEY,
        "CHAT_MAX_RETRIES": "0",
        "LOG_FORMAT": "json",
        "METRICS_TOKEN": METRICS_TOKEN,
        "RUN_JOBS": "false",  # other tests leave some, which would ask the model, too
        **environment,
    }
    with started(folder / "data", **environment) as process:
        url = re.search(r"http://\S+:\d+", read_greeting(process))
        assert url
        yield process, url[0]


def read_lines(errors: str) -> list[Line]:
    return [json.loads(line) for line in errors.splitlines()]


# --- logs ---


async def test_log_lines_hold_ids_and_numbers_and_nothing_that_was_said(
    creator: Creator, model: ScriptedModel, database_url: str, tmp_path: Path
) -> None:
    await model.follow(
        says(calls("growth_summary", PERIOD), tokens=20),
        says(f"On the {CANARY}: nothing.", tokens=30),
        to=f"What of the {CANARY}?",
    )
    await model.follow(fails(400), to=f"Refuse the {CANARY}!")
    with server(tmp_path, database_url, model) as (process, url):
        async with client_of(creator, url) as client:
            good = await ask(client, f"What of the {CANARY}?", agent="career")
            bad = await ask(client, f"Refuse the {CANARY}!")
            await client.get("/api/conversations", params={"search": CANARY})
            await client.post(
                "/api/auth/login", json={"email": creator.email, "password": PASSWORD}
            )
            for path in ("/healthz", "/readyz", "/metrics"):
                assert (await client.get(path)).status_code == 200
        code, errors = end(process, signal.SIGTERM)
    assert code == 0
    for secret in (CANARY, "heliotrope", creator.email, creator.token, PASSWORD, KEY,
                   METRICS_TOKEN, "scripted failure"):  # fmt: skip
        assert secret not in errors

    lines = read_lines(errors)
    runs = [line for line in lines if line["logger"] == "graph.observation"]
    assert [line["status"] for line in runs] == ["completed", "failed"]
    for line, answer in zip(runs, (good, bad), strict=True):
        headers = answer.response.headers
        assert line["request_id"] == headers["X-Request-ID"]
        assert line["run_id"] == headers["X-Run-Id"]
        assert line["conversation_id"] == headers["X-Conversation-Id"]
    completed, failed = runs
    assert completed["agent"] == "career"
    assert completed["model"] == "scripted"
    assert completed["tokens"] == 50
    assert completed["tools"] == ["growth_summary"]
    assert 0 < completed["first_token_seconds"] <= completed["seconds"] < 30
    assert failed["level"] == "WARNING"
    assert failed["error"] == bad.of_type("error")[0]["code"]
    assert failed["cause"].endswith(" 400")

    requests = [line for line in lines if line["logger"] == "api.access"]
    assert [(line["method"], line["path"], line["status"]) for line in requests] == [
        ("POST", "/api/chat", 200),
        ("POST", "/api/chat", 200),
        ("GET", "/api/conversations", 200),
        ("POST", "/api/auth/login", 200),
    ]
    assert requests[0]["run_id"] == good.response.headers["X-Run-Id"]
    assert requests[0]["request_id"] == good.response.headers["X-Request-ID"]
    assert "run_id" not in requests[2], "it belongs to no run"


async def test_text_lines_are_for_people_and_hold_the_same(
    creator: Creator, model: ScriptedModel, database_url: str, tmp_path: Path
) -> None:
    await model.follow(says(f"On the {CANARY}: nothing."))
    with server(tmp_path, database_url, model, LOG_FORMAT="text") as (process, url):
        async with client_of(creator, url) as client:
            answer = await ask(client, f"What of the {CANARY}?", agent="career")
        _, errors = end(process, signal.SIGTERM)
    assert CANARY not in errors
    (run,) = [line for line in errors.splitlines() if "graph.observation" in line]
    assert " INFO    graph.observation  run completed agent=career model=scripted " in run
    assert f" run_id={answer.response.headers['X-Run-Id']} " in run
    assert "POST '/api/chat' 200 seconds=" in errors


# --- traces ---


class Receiver(ThreadingHTTPServer):
    """An OTLP/HTTP collector: what it is sent, and to which paths."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Collecting)
        self.paths: set[str] = set()
        self.bodies: list[bytes] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def spans(self) -> list[Any]:
        exports = [ExportTraceServiceRequest.FromString(body) for body in self.bodies]
        return [
            span
            for export in exports
            for resource in export.resource_spans
            for scope in resource.scope_spans
            for span in scope.spans
        ]


class Collecting(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        assert isinstance(self.server, Receiver)
        self.server.paths.add(self.path)
        self.server.bodies.append(self.rfile.read(int(self.headers["Content-Length"])))
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as receiver:
        thread = threading.Thread(target=receiver.serve_forever)
        thread.start()
        yield receiver
        receiver.shutdown()
        thread.join()


def attributes(span: Any) -> dict[str, Any]:
    return {
        each.key: getattr(each.value, each.value.WhichOneof("value")) for each in span.attributes
    }


async def test_spans_tell_of_request_run_model_and_tool_without_words(
    creator: Creator,
    model: ScriptedModel,
    database_url: str,
    tmp_path: Path,
    receiver: Receiver,
) -> None:
    await model.follow(
        says(calls("growth_summary", PERIOD), tokens=20),
        says(f"On the {CANARY}: nothing.", tokens=30),
        to=f"What of the {CANARY}?",
    )
    await model.follow(fails(400), to=f"Refuse the {CANARY}!")
    traced = {"OTEL_EXPORTER_OTLP_ENDPOINT": receiver.url}
    with server(tmp_path, database_url, model, **traced) as (process, url):
        async with client_of(creator, url) as client:
            answer = await ask(client, f"What of the {CANARY}?", agent="career")
            assert (await client.get("/healthz")).status_code == 200
            await ask(client, f"Refuse the {CANARY}!", agent="planner")
        code, errors = end(process, signal.SIGTERM)
    assert code == 0, errors
    assert receiver.paths == {"/v1/traces"}
    everything = b"".join(receiver.bodies)
    for secret in (CANARY, creator.email, creator.token, KEY, "scripted failure", "2026-01-01"):
        assert secret.encode() not in everything
    assert b"dreamsuite" in everything, "the service's name"

    spans = receiver.spans()
    run_id = answer.response.headers["X-Run-Id"]
    (run,) = [span for span in spans if attributes(span).get("dreamsuite.run_id") == run_id]
    trace = [span for span in spans if span.trace_id == run.trace_id]
    assert sorted(span.name for span in trace) == [
        "POST /api/chat", "chat scripted", "chat scripted", "execute_tool growth_summary", "run",
    ]  # fmt: skip
    (request,) = [span for span in trace if span.name == "POST /api/chat"]
    assert attributes(request) == {
        "dreamsuite.request_id": answer.response.headers["X-Request-ID"],
        "http.request.method": "POST",
        "http.route": "/api/chat",
        "http.response.status_code": 200,
    }
    assert request.parent_span_id == b""
    assert run.parent_span_id == request.span_id
    assert {span.parent_span_id for span in trace} == {b"", request.span_id, run.span_id}
    found = attributes(run)
    assert found["dreamsuite.status"] == "completed"
    assert found["dreamsuite.agent"] == "career"
    assert (found["dreamsuite.tokens"], found["dreamsuite.tools"]) == (50, 1)
    chats = [attributes(span) for span in trace if span.name == "chat scripted"]
    assert sorted(chat["gen_ai.usage.input_tokens"] for chat in chats) == [15, 25]

    failures = [span for span in spans if span.status.code == span.status.STATUS_CODE_ERROR]
    assert sorted(span.name for span in failures) == ["chat scripted", "run"]
    assert not any(span.status.message or span.events for span in spans)
    assert not any("healthz" in span.name for span in spans)


async def test_a_collector_that_is_away_disturbs_nobody(
    creator: Creator, model: ScriptedModel, database_url: str, tmp_path: Path
) -> None:
    await model.follow(says("Hello."))
    away = {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:1"}
    with server(tmp_path, database_url, model, **away) as (process, url):
        async with client_of(creator, url) as client:
            assert (await ask(client, "Hi", agent="career")).text == "Hello."
        code, errors = end(process, signal.SIGTERM)
    assert code == 0
    assert read_lines(errors), "one JSON object per line, the exporter's complaints too"


def test_a_collector_that_never_answers_does_not_hold_up_the_end() -> None:
    traced = """
import sys, time
from core.tracing import span, tracing
with tracing(sys.argv[1]):
    with span("request", {}):
        pass
    began = time.monotonic()
print(time.monotonic() - began)
"""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        command = [sys.executable, "-c", traced, url]
        done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=True)
    assert float(done.stdout) < 5


def test_traces_without_their_packages_are_one_sentence(tmp_path: Path) -> None:
    missing = tmp_path / "opentelemetry" / "sdk" / "__init__.py"
    missing.parent.mkdir(parents=True)
    missing.write_text("raise ImportError")
    environment = {
        "PYTHONPATH": f"{tmp_path}{os.pathsep}{REPOSITORY}",
        "OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:4318",
    }
    with started(tmp_path / "data", **environment) as process:
        code, errors = end(process)
    assert code == 2
    assert errors.startswith("Dream Suite cannot start. OTEL_EXPORTER_OTLP_ENDPOINT")
    assert "pip install '.[otel]'" in errors


# --- the end ---


async def test_a_server_that_drains_says_so_and_goes_on_serving_until_a_second_signal(
    creator: Creator, model: ScriptedModel, database_url: str, tmp_path: Path
) -> None:
    await model.follow(says("One, ", gate("on"), "two."))
    with server(tmp_path, database_url, model, DRAIN_SECONDS="300") as (process, url):
        async with client_of(creator, url) as client, new_client(url) as other:
            async with asking(client, "Count", id="c") as answer:
                await answer.read_until("One, ")
                process.send_signal(signal.SIGTERM)
                assert (await wait_for_503(other)).json()["part"] == "shutdown"
                assert (await other.get("/healthz")).status_code == 200
                await model.open("on")
                assert (await answer.read_all()).text == "One, two."
            async with new_client(url) as newcomer:
                found = await scrape(newcomer)
            assert found.get("runs_total", status="completed", agent="career") == 1
            assert (await client.get("/api/conversations/c")).status_code == 200
        code, _ = end(process, signal.SIGTERM)
    assert code == 0


async def wait_for_503(client: httpx.AsyncClient) -> httpx.Response:
    """Return the first refusal; the signal needs a moment to arrive."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while (response := await client.get("/readyz")).status_code != 503:
        assert time.monotonic() < deadline
    return response


async def test_draining_ends_by_itself(
    database_url: str, model: ScriptedModel, tmp_path: Path
) -> None:
    with server(tmp_path, database_url, model, DRAIN_SECONDS="1.5") as (process, _):
        began = time.monotonic()
        code, _ = end(process, signal.SIGTERM)
    assert code == 0
    assert time.monotonic() - began > 1.5
