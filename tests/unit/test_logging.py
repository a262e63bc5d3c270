"""What a log line says, and what it never says."""

import asyncio
import io
import json
import logging
import warnings
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from core.logging import LogFormat, bind_log_ids, configure_logging, log_ids

CANARY = "my secret launch"

Start = Callable[..., io.StringIO]


@pytest.fixture
def start_logging(monkeypatch: pytest.MonkeyPatch) -> Iterator[Start]:
    """Return a function that configures logging and returns what is written from then on."""
    root = logging.getLogger()
    before = (root.level, root.handlers[:], warnings.showwarning)

    def start(level: str = "INFO", log_format: LogFormat = "json") -> io.StringIO:
        written = io.StringIO()
        monkeypatch.setattr("sys.stderr", written)
        root.handlers = []  # pytest's own handlers must not be closed
        configure_logging(level, log_format)
        return written

    yield start
    root.setLevel(before[0])
    root.handlers = before[1]
    warnings.showwarning = before[2]


def lines(written: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in written.getvalue().splitlines()]


def fail_over_words() -> None:
    """Raise what quotes what it was given."""
    try:
        TypeAdapter(int).validate_python(CANARY)
    except ValidationError as error:
        raise ExceptionGroup(CANARY, [KeyError(CANARY)]) from error


def test_a_json_line_has_its_time_level_logger_message_fields_and_ids(
    start_logging: Start,
) -> None:
    written = start_logging()
    with log_ids(request_id="r"):
        logging.getLogger("api.access").info(
            "%(method)s %(status)s", {"method": "GET", "status": 1}
        )
    (line,) = lines(written)
    assert line.pop("time").endswith("+00:00")
    assert line == {
        "level": "INFO", "logger": "api.access", "message": "GET 1", "method": "GET", "status": 1,
        "request_id": "r",
    }  # fmt: skip


def test_a_text_line_ends_with_the_ids(start_logging: Start) -> None:
    written = start_logging(log_format="text")
    with log_ids(request_id="r", run_id="x"):
        logging.getLogger("graph").warning("%s ended", "it")
    assert written.getvalue().endswith(" WARNING graph  it ended request_id=r run_id=x\n")


@pytest.mark.parametrize("forged", ['"}\n{"level": "ERROR"', "\r\n\x1b[31m", "\u2028", "\ud800"])
def test_a_message_cannot_forge_a_json_line(start_logging: Start, forged: str) -> None:
    written = start_logging()
    logging.getLogger("api").info("%s", forged)
    (line,) = lines(written)
    assert line["message"] == forged


def test_ids_end_with_their_block(start_logging: Start) -> None:
    written = start_logging()
    log = logging.getLogger("api").info
    with log_ids(request_id="r"):
        bind_log_ids(run_id="x")
        log("inside")
        with log_ids(run_id="y"):
            log("within")
    log("outside")
    ids = [
        {name: value for name, value in line.items() if "_id" in name} for line in lines(written)
    ]
    assert ids == [{"request_id": "r", "run_id": "x"}, {"request_id": "r", "run_id": "y"}, {}]


async def test_tasks_have_the_ids_of_where_they_were_started(start_logging: Start) -> None:
    written = start_logging()

    async def work(name: str) -> None:
        bind_log_ids(run_id=name)
        await asyncio.sleep(0)
        logging.getLogger("graph").info("working")

    with log_ids(request_id="r"):
        tasks = [asyncio.create_task(work(name)) for name in "ab"]
    await asyncio.gather(*tasks)
    assert [(line["request_id"], line["run_id"]) for line in lines(written)] == [
        ("r", "a"),
        ("r", "b"),
    ]


@pytest.mark.parametrize("log_format", ["json", "text"])
def test_an_exception_is_its_type_and_places_without_its_words(
    start_logging: Start, log_format: LogFormat
) -> None:
    written = start_logging(log_format=log_format)
    try:
        fail_over_words()
    except ExceptionGroup:
        logging.getLogger("graph").exception("run failed")
    text = written.getvalue()
    assert CANARY not in text
    for found in ("in fail_over_words", "ValidationError", "builtins.KeyError", "ExceptionGroup"):
        assert found in text


def test_debug_has_the_words_of_exceptions(start_logging: Start) -> None:
    written = start_logging("DEBUG")
    try:
        fail_over_words()
    except ExceptionGroup:
        logging.getLogger("graph").exception("run failed")
    assert CANARY in written.getvalue()


def test_an_exception_that_no_task_took_is_logged_without_its_words(
    start_logging: Start,
) -> None:
    written = start_logging()

    async def fail() -> None:
        raise KeyError(CANARY)

    async def forget() -> None:
        await asyncio.wait([asyncio.create_task(fail())])

    asyncio.run(forget())
    (line,) = lines(written)
    assert line["message"] == "Task exception was never retrieved"
    assert CANARY not in written.getvalue()


def test_a_warning_is_one_line_without_its_words(start_logging: Start) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        written = start_logging()
        warnings.warn(f"expected a number, not {CANARY}", UserWarning, stacklevel=1)
    (line,) = lines(written)
    assert line["logger"] == "py.warnings"
    assert "UserWarning" in line["message"]
    assert CANARY not in written.getvalue()
