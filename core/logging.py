"""One line per event on standard error, with the ids of the request and run that it belongs to.

Lines hold ids, names and numbers, never what somebody said or what a tool returned. An exception's
own words may quote both, so it is written as its type and the places it came by; `DEBUG` writes
the words too. A call with one mapping, `logger.info("%(status)s", {"status": 200})`, has its
values as fields of the JSON line.
"""

import json
import logging
import re
import traceback
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any, Literal

LogFormat = Literal["text", "json"]

NOISY = (
    *("httpx", "httpx2", "httpcore", "httpcore2", "urllib3"),
    *("openai", "alembic", "opentelemetry", "procrastinate"),
)

_ids: ContextVar[Mapping[str, str] | None] = ContextVar("log_ids", default=None)


def bind_log_ids(**ids: object) -> None:
    """Add ids to the lines of this task, and of the tasks that it starts from here on."""
    _ids.set({**(_ids.get() or {}), **{name: str(value) for name, value in ids.items()}})


@contextmanager
def log_ids(**ids: object) -> Iterator[None]:
    """Add ids to the lines of this block and of the tasks that it starts.

    What else is bound within the block ends with it.
    """
    token = _ids.set(_ids.get())
    bind_log_ids(**ids)
    try:
        yield
    finally:
        _ids.reset(token)


def forget_log_ids() -> None:
    """Drop the ids of this task, where it begins something new."""
    _ids.set(None)


def configure_logging(level: str, log_format: LogFormat = "text") -> None:
    """Send this process's log records to standard error, the noisy libraries' only as warnings."""
    handler = logging.StreamHandler()
    formatter = JsonFormatter if log_format == "json" else TextFormatter
    handler.setFormatter(formatter(has_words=level == "DEBUG"))
    logging.basicConfig(level=level, handlers=[handler], force=True)
    for name in NOISY:
        logging.getLogger(name).setLevel(logging.WARNING)
    warnings.showwarning = _log_warning  # type: ignore[assignment]  # file and line are not read


class LineFormatter(logging.Formatter):
    """What text and JSON have in common."""

    def __init__(self, *, has_words: bool) -> None:
        """Write exceptions with their own words, or without."""
        super().__init__()
        self._has_words = has_words

    def formatException(self, ei: Any) -> str:  # noqa: N802  # logging's own name
        """Return the exception, those that led to it, and those in its groups."""
        return super().formatException(ei) if self._has_words else "\n".join(_describe(ei[1]))

    def message(self, record: logging.LogRecord) -> str:
        """Return the message; asyncio's own has the words of exceptions from its second line on."""
        message = record.getMessage()
        return message.partition("\n")[0] if record.name == "asyncio" else message


class TextFormatter(LineFormatter):
    """For people."""

    def format(self, record: logging.LogRecord) -> str:
        """Return one line, and the lines of an exception."""
        ids = "".join(f" {name}={value}" for name, value in (_ids.get() or {}).items())
        time = self.formatTime(record)
        line = f"{time} {record.levelname:7} {record.name}  {self.message(record)}{ids}"
        return f"{line}\n{self.formatException(record.exc_info)}" if record.exc_info else line


class JsonFormatter(LineFormatter):
    """For machines: one JSON object per line."""

    def format(self, record: logging.LogRecord) -> str:
        """Return one line, whatever the message holds."""
        line: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": self.message(record),
            **(record.args if isinstance(record.args, Mapping) else {}),
            **(_ids.get() or {}),
        }
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps(line, default=str)


def name_error(error: BaseException) -> str:
    """Return the type of an error, and the status and code that a model's client has: no words."""
    found = (getattr(error, "status_code", None), getattr(error, "code", None))
    codes = [str(each) for each in found if re.fullmatch(r"[\w.-]{1,40}", str(each)) and each]
    return " ".join([type(error).__name__, *codes])


def _describe(error: BaseException | None, seen: tuple[BaseException, ...] = ()) -> Iterator[str]:
    """Yield where an exception came by, and its type, after what caused it."""
    if error is None or error in seen:
        return
    context = None if error.__suppress_context__ else error.__context__
    yield from _describe(error.__cause__ or context, (*seen, error))
    for each in error.exceptions if isinstance(error, BaseExceptionGroup) else ():
        yield from _describe(each, (*seen, error))
    yield "".join(traceback.format_tb(error.__traceback__)).rstrip()
    yield f"{type(error).__module__}.{type(error).__qualname__}"


def _log_warning(
    message: Warning | str, category: type[Warning], filename: str, lineno: int, *_: object
) -> None:
    """Log a Python warning without its words, which may quote values."""
    logging.getLogger("py.warnings").warning("%s at %s:%d", category.__name__, filename, lineno)
    logging.getLogger("py.warnings").debug("%s", message)
