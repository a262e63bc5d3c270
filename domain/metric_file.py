"""Reading a creator's own numbers from CSV: `platform,account,date,metric,value`.

The format, its limits and its rules are in docs/import.md.
"""

import csv
import datetime as dt
import io
import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import ClassVar

from core.errors import InvalidError
from storage.models import Metric, Platform

COLUMNS = ("platform", "account", "date", "metric", "value")
METRIC_ALIASES = {
    "follower_count": Metric.FOLLOWERS,
    "subscribers": Metric.FOLLOWERS,
    "engagement_total": Metric.ENGAGEMENT,
    "content_count": Metric.POSTS,
}
FIRST_DATE = dt.date(2005, 1, 1)  # the oldest of the four platforms opened in this year
MAX_VALUE = 10**12  # sums over many accounts and days stay within 64 bit
MAX_ACCOUNT_CHARACTERS = 100
MAX_LINE_CHARACTERS = 1_000
MAX_ROWS = 500_000
MAX_ACCOUNTS = 1_000
MAX_REPORTED_ERRORS = 100
SHOWN_CHARACTERS = 40

_ISO_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_DIGITS = re.compile(r"[0-9]+")
_SEPARATED_DIGITS = re.compile(r"[0-9]{1,3}(?:[.,'_ \u00a0\u2009\u202f\u2019][0-9]{3})+")
_CONTROL_CHARACTER = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_METRICS = {metric.value: metric for metric in Metric} | METRIC_ALIASES
_PLATFORMS = {platform.value: platform for platform in Platform}


class BadFileError(InvalidError):
    """The file cannot be read as a table of metrics."""

    code: ClassVar[str] = "bad_file"
    status: ClassVar[int] = 422


@dataclass(frozen=True, kw_only=True)
class BadRow:
    """A row that cannot be stored: its line in the file, counted from 1, and why."""

    line: int
    reason: str
    column: str | None


@dataclass(frozen=True, kw_only=True)
class AccountKey:
    """An account, however its name is capitalised."""

    platform: Platform
    name: str


def account_key(platform: Platform, name: str) -> AccountKey:
    """Return what two spellings of one account's name have in common."""
    return AccountKey(platform=platform, name=unicodedata.normalize("NFC", name).casefold())


@dataclass(kw_only=True)
class MetricFile:
    """What a file says.

    `days` holds null where the file says that a value is unknown, and no key for a metric that
    it does not name. `errors` are the first ones of `error_count`.
    """

    today: dt.date
    rows: int = 0
    accounts: dict[AccountKey, str] = field(default_factory=dict)
    days: dict[tuple[AccountKey, dt.date], dict[Metric, int | None]] = field(default_factory=dict)
    errors: list[BadRow] = field(default_factory=list)
    error_count: int = 0


class _BadRowError(Exception):
    """A row is bad because of this column, or of its form when the column is null."""

    def __init__(self, column: str | None, reason: str) -> None:
        self.column = column
        self.reason = reason
        super().__init__(reason)


@dataclass(frozen=True, kw_only=True)
class _Row:
    key: AccountKey
    account: str
    date: dt.date
    metric: Metric
    value: int | None


def parse_metric_file(content: bytes, *, today: dt.date) -> MetricFile:
    """Read a whole file; takes about two seconds for 200,000 rows, so call it in a thread.

    `today` is the creator's own calendar day: later dates are bad rows. Raises BadFileError,
    and nothing else, when there is no table to read.
    """
    lines = _numbered_lines(content)
    columns, delimiter = _read_header(lines)
    file = MetricFile(today=today)
    first_lines: dict[tuple[AccountKey, dt.date, Metric], int] = {}
    for number, line in lines:
        file.rows += 1
        if file.rows > MAX_ROWS:
            raise BadFileError(f"The file has more than {MAX_ROWS:,} rows; import it in parts.")
        try:
            row = _parse_row(dict(zip(columns, _split(line, delimiter), strict=True)), today)
            _add_row(file, row, number, first_lines)
        except _BadRowError as error:
            file.error_count += 1
            if file.error_count <= MAX_REPORTED_ERRORS:
                file.errors.append(BadRow(line=number, reason=error.reason, column=error.column))
        if len(file.accounts) > MAX_ACCOUNTS:
            raise BadFileError(f"The file names more than {MAX_ACCOUNTS:,} accounts.", line=number)
    if not file.rows:
        raise BadFileError("The file has a header but no rows.")
    return file


def _numbered_lines(content: bytes) -> Iterator[tuple[int, str]]:
    """Yield the lines that are not empty, counted from 1."""
    if b"\0" in content:
        raise BadFileError('The file has NUL bytes, so it is not UTF-8; save it as "CSV UTF-8".')
    # No value may hold a line break, so each line stands for itself: a quotation mark that is
    # never closed spoils its own row only.
    lines = io.TextIOWrapper(io.BytesIO(content), encoding="utf-8-sig")
    try:
        for number, line in enumerate(lines, start=1):
            if line.strip():
                yield number, line
    except UnicodeDecodeError:
        number = _broken_line(content)
        raise BadFileError(
            f'The file is not UTF-8 text (line {number}); save it as "CSV UTF-8".', line=number
        ) from None


def _broken_line(content: bytes) -> int:
    """Return the first line that is not UTF-8; the decoder of a stream knows its block only."""
    try:
        content.decode()
    except UnicodeDecodeError as error:
        return content.count(b"\n", 0, error.start) + 1
    raise AssertionError("the content is UTF-8")


def _read_header(lines: Iterator[tuple[int, str]]) -> tuple[list[str], str]:
    """Return the columns in the file's order, and the delimiter."""
    wanted = ",".join(COLUMNS)
    number, line = next(lines, (0, ""))
    if not line:
        raise BadFileError(f"The file is empty; its first line names the columns: {wanted}.")
    delimiter = ";" if ";" in line and "," not in line else ","
    try:
        columns = [name.strip().lower() for name in _cells(line, delimiter)]
    except _BadRowError as error:
        raise BadFileError(f"The header cannot be read: {error.reason}", line=number) from None
    extra = [name for name in columns if name not in COLUMNS]
    missing = [name for name in COLUMNS if name not in columns]
    if missing:
        raise BadFileError(
            f"The header lacks {', '.join(missing)}; the first line names the columns: {wanted}.",
            line=number,
        )
    if extra:
        names = ", ".join(_shown(name) for name in extra)
        raise BadFileError(f"The columns are {wanted} and no others: remove {names}.", line=number)
    if len(columns) > len(COLUMNS):
        raise BadFileError(f"The header names a column twice; it is {wanted}.", line=number)
    return columns, delimiter


def _split(line: str, delimiter: str) -> list[str]:
    cells = _cells(line, delimiter)
    if len(cells) != len(COLUMNS):
        hint = " (numbers have no separators in them)" if len(cells) > len(COLUMNS) else ""
        raise _BadRowError(
            None, f"The row has {len(cells)} values instead of {len(COLUMNS)}{hint}."
        )
    return cells


def _cells(line: str, delimiter: str) -> list[str]:
    if len(line) > MAX_LINE_CHARACTERS:
        raise _BadRowError(None, f"The line is longer than {MAX_LINE_CHARACTERS:,} characters.")
    try:
        return next(csv.reader([line], delimiter=delimiter, strict=True, skipinitialspace=True))
    except csv.Error:
        raise _BadRowError(
            None, "A quotation mark is not closed on this line, or text follows it."
        ) from None


def _parse_row(cells: Mapping[str, str], today: dt.date) -> _Row:
    platform = _parse_platform(cells["platform"].strip())
    account = _parse_account(cells["account"])
    return _Row(
        key=account_key(platform, account),
        account=account,
        date=_parse_date(cells["date"].strip(), today),
        metric=_parse_metric(cells["metric"].strip()),
        value=_parse_value(cells["value"].strip()),
    )


def _parse_platform(text: str) -> Platform:
    platform = _PLATFORMS.get(text.lower())
    if platform is None:
        raise _BadRowError("platform", f"{_shown(text)} is not one of {', '.join(Platform)}.")
    return platform


def _parse_account(text: str) -> str:
    # Two spellings of one letter (é, e + accent) would otherwise be two accounts.
    name = unicodedata.normalize("NFC", text.strip().removeprefix("@").strip())
    if not name:
        raise _BadRowError("account", "The account is empty.")
    if len(name) > MAX_ACCOUNT_CHARACTERS:
        raise _BadRowError(
            "account", f"The account is longer than {MAX_ACCOUNT_CHARACTERS} characters."
        )
    if _CONTROL_CHARACTER.search(name):
        raise _BadRowError("account", "The account has a control character in it.")
    return name


def _parse_date(text: str, today: dt.date) -> dt.date:
    try:
        date = dt.date.fromisoformat(text) if _ISO_DATE.fullmatch(text) else None
    except ValueError:
        date = None
    if date is None:
        raise _BadRowError("date", f"{_shown(text)} is not a date like 2026-03-31.")
    if date < FIRST_DATE:
        raise _BadRowError("date", f"{date} is before {FIRST_DATE}.")
    if date > today:
        raise _BadRowError("date", f"{date} is in the future: today is {today} for you.")
    return date


def _parse_metric(text: str) -> Metric:
    metric = _METRICS.get(text.lower())
    if metric is None:
        raise _BadRowError("metric", f"{_shown(text)} is not one of {', '.join(Metric)}.")
    return metric


def _parse_value(text: str) -> int | None:
    if not text:
        return None
    if _DIGITS.fullmatch(text):
        digits = text.lstrip("0") or "0"
        if len(digits) > len(str(MAX_VALUE)) or int(digits) > MAX_VALUE:
            raise _BadRowError("value", f"{_shown(text)} is more than {MAX_VALUE}.")
        return int(digits)
    if _SEPARATED_DIGITS.fullmatch(text):
        digits = "".join(_DIGITS.findall(text))
        raise _BadRowError(
            "value",
            f"{_shown(text)} has separators in it; if it is a whole number, write {digits}.",
        )
    if text.startswith("-") and _DIGITS.fullmatch(text[1:]):
        raise _BadRowError("value", f"{_shown(text)} is below 0.")
    raise _BadRowError("value", f"{_shown(text)} is not a whole number.")


def _add_row(
    file: MetricFile,
    row: _Row,
    number: int,
    first_lines: dict[tuple[AccountKey, dt.date, Metric], int],
) -> None:
    values = file.days.setdefault((row.key, row.date), {})
    if row.metric in values and values[row.metric] != row.value:
        line = first_lines[row.key, row.date, row.metric]
        raise _BadRowError("value", f"Line {line} has another value for the same day and metric.")
    values.setdefault(row.metric, row.value)
    first_lines.setdefault((row.key, row.date, row.metric), number)
    file.accounts.setdefault(row.key, row.account)


def _shown(text: str) -> str:
    """Return a value as a reason quotes it: short, and safe to print."""
    short = text if len(text) <= SHOWN_CHARACTERS else text[:SHOWN_CHARACTERS] + "…"
    return '"' + "".join(c if c.isprintable() else "?" for c in short) + '"'
