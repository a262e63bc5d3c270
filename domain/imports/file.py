"""A file as a stream of rows; its header says which format it has."""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from enum import StrEnum
from typing import BinaryIO, ClassVar
from zoneinfo import ZoneInfo

from core.errors import InvalidError
from domain.imports.accounts import AccountKey, parse_account
from domain.imports.archive import SIGNATURE, TABLE, TOTALS, Archive, unzipping
from domain.imports.metric_rows import COLUMNS as METRIC_COLUMNS
from domain.imports.metric_rows import MetricReader
from domain.imports.post_rows import COLUMNS as POST_COLUMNS
from domain.imports.post_rows import PostReader
from domain.imports.rows import ImportedRow, Reading, RowReader
from domain.imports.spotify_export import SpotifyTimelineReader
from domain.imports.table import BadFileError, BadRowError, Table
from domain.imports.youtube_export import (
    METRIC_COLUMNS as YOUTUBE_METRICS,
)
from domain.imports.youtube_export import (
    YouTubeDayReader,
    YouTubeVideoReader,
    are_neighbours,
    find_first_days,
)
from storage.models import Platform

MAX_ROWS = 500_000
MAX_REPORTED_ERRORS = 100

# Which names the creator's accounts on each platform have, for files that name none.
AccountNames = Mapping[Platform, Sequence[str]]


class FileFormat(StrEnum):
    """What a file was recognised as."""

    METRICS = "metrics"
    POSTS = "posts"
    YOUTUBE_VIDEOS = "youtube_videos"
    YOUTUBE_DAYS = "youtube_days"
    SPOTIFY_TIMELINE = "spotify_timeline"


class AccountNeededError(InvalidError):
    """The file does not say whose numbers it has: name the account with `account`."""

    code: ClassVar[str] = "account_needed"
    status: ClassVar[int] = 422


@dataclass(frozen=True, kw_only=True)
class BadRow:
    """A row that cannot be stored: its line in the file, counted from 1, and why."""

    line: int
    reason: str
    column: str | None


class ImportFile:
    """A file that is read once, row by row; the counts are complete after the last row."""

    def __init__(
        self,
        source: BinaryIO,
        *,
        today: dt.date,
        timezone: str,
        account: str | None = None,
        known_accounts: AccountNames | None = None,
    ) -> None:
        """Read the header, or the directory of a zip.

        `today` is the creator's own calendar day: later dates are bad rows. `account` is the name
        for a file that has none. Raises BadFileError and AccountNeededError.
        """
        self.reading = Reading(
            today=today,
            zone=ZoneInfo(timezone),
            account=_parse_account(account) if account else None,
        )
        self._known_accounts = known_accounts or {}
        self.row_count = 0
        self.error_count = 0
        self.notes: list[str] = []
        self._errors: list[BadRow] = []
        self._is_zip = source.read(len(SIGNATURE)) == SIGNATURE
        source.seek(0)
        if self._is_zip:
            with unzipping():
                self.format, self._parts = self._open_zip(Archive(source))
        else:
            table = Table(source)
            self.format, reader = self._recognise(table)
            self._parts = [(table, reader)]

    @property
    def errors(self) -> list[BadRow]:
        """Return the first bad rows, by line."""
        return sorted(self._errors, key=lambda row: row.line)[:MAX_REPORTED_ERRORS]

    @property
    def accounts(self) -> dict[AccountKey, str]:
        """Return the accounts of the rows so far, in the order of their numbers."""
        return self.reading.accounts.names

    def rows(self) -> Iterator[ImportedRow]:
        """Yield the valid rows, and count the others.

        Raises BadFileError, and nothing else. Takes about three seconds for 200,000 rows, so call
        it in a thread.
        """
        with unzipping() if self._is_zip else nullcontext():
            for table, reader in self._parts:
                yield from self._rows_of(table, reader)
                self.notes += reader.finish()
        if not self.row_count:
            raise BadFileError("The file has a header but no rows.")

    def report(self, line: int, reason: str, column: str | None) -> None:
        """Count a bad row, and keep it if it is one of the first."""
        self.error_count += 1
        if len(self._errors) < MAX_REPORTED_ERRORS:
            self._errors.append(BadRow(line=line, reason=reason, column=column))

    def report_conflicts(self, rows: Sequence[BadRow], count: int) -> None:
        """Count rows that contradict earlier ones, which shows only when all are stored."""
        self.error_count += count
        self._errors += rows[:MAX_REPORTED_ERRORS]

    def _rows_of(self, table: Table, reader: RowReader) -> Iterator[ImportedRow]:
        are_multiline = reader.are_multiline
        for record in table.records(are_multiline=are_multiline):
            try:
                found = reader.read(record.line, table.cells(record, are_multiline=are_multiline))
            except BadRowError as error:
                place = f"{table.name}: " if self._is_zip else ""
                self.report(record.line, place + error.reason, error.column)
                found = ()
            if found is None:
                continue
            self.row_count += 1
            if self.row_count > MAX_ROWS:
                raise BadFileError(f"The file has more than {MAX_ROWS:,} rows; import it in parts.")
            yield from found

    def _recognise(
        self, table: Table, first_day: dt.date | None = None
    ) -> tuple[FileFormat, RowReader]:
        columns, reading = set(table.columns), self.reading
        if "post_id" in columns:
            return FileFormat.POSTS, PostReader(table, reading)
        if columns & {"platform", "metric"}:
            return FileFormat.METRICS, MetricReader(table, reading)
        if {"content", "video title", "video publish time"} <= columns:
            if "date" in columns:
                raise BadFileError(
                    "This is YouTube Studio's Chart data.csv: import its Table data.csv instead."
                )
            account = self._account_on(Platform.YOUTUBE)
            reader = YouTubeVideoReader(table, reading, account, first_day)
            return FileFormat.YOUTUBE_VIDEOS, reader
        if "date" in columns and columns & {"streams", "listeners"}:
            account = self._account_on(Platform.SPOTIFY)
            return FileFormat.SPOTIFY_TIMELINE, SpotifyTimelineReader(table, reading, account)
        if "date" in columns and columns & YOUTUBE_METRICS:
            account = self._account_on(Platform.YOUTUBE)
            return FileFormat.YOUTUBE_DAYS, YouTubeDayReader(table, reading, account)
        raise BadFileError(
            "The header is of no format that can be read. Daily numbers have the columns "
            f"{','.join(METRIC_COLUMNS)}; posts have {','.join(POST_COLUMNS)}. Exports of YouTube "
            "Studio (a table by content or by date) and Spotify for Artists (the audience "
            "timeline) must be in English: set its language to English and export again.",
            line=table.header_line,
        )

    def _open_zip(self, archive: Archive) -> tuple[FileFormat, list[tuple[Table, RowReader]]]:
        content = archive.open(TABLE)
        if content is None:
            raise BadFileError(
                "The zip has no Table data.csv. If it is an export of YouTube Studio, set Studio's "
                "language to English and export again."
            )
        totals = archive.open(TOTALS)
        first_days = find_first_days(Table(totals), self.reading) if totals else []
        table = Table(content, name="Table data.csv")
        format_, reader = self._recognise(table, min(first_days, default=None))
        parts = [(table, reader)]
        by_day = archive.open(TOTALS) if are_neighbours(first_days) else None
        if by_day and format_ is FileFormat.YOUTUBE_VIDEOS:
            days = Table(by_day, name="Totals.csv")
            if set(days.columns) & YOUTUBE_METRICS:
                parts.append((days, self._recognise(days)[1]))
        return format_, parts

    def _account_on(self, platform: Platform) -> str:
        if self.reading.account:
            return self.reading.account
        names = list(self._known_accounts.get(platform, ()))
        if len(names) == 1:
            return names[0]
        have = f"you have {len(names)}" if names else "you have none yet"
        raise AccountNeededError(
            f"The file does not say whose numbers it has. Name the {platform} account with "
            f"`account`, because {have}.",
            platform=platform,
            accounts=names,
        )


def _parse_account(text: str) -> str:
    try:
        return parse_account(text)
    except BadRowError as error:
        raise AccountNeededError(error.reason) from None
