"""A CSV file as numbered records, of which only one is held at a time."""

import codecs
import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO, ClassVar

from core.errors import InvalidError

MAX_LINES = 2_000_000
MAX_LINE_CHARACTERS = 1_000
MAX_RECORD_CHARACTERS = 20_000
SHOWN_CHARACTERS = 40


class BadFileError(InvalidError):
    """The file cannot be read as a table of metrics or posts."""

    code: ClassVar[str] = "bad_file"
    status: ClassVar[int] = 422


class BadRowError(Exception):
    """A row is bad because of this column, or of its form when the column is null."""

    def __init__(self, column: str | None, reason: str) -> None:
        self.column = column
        self.reason = reason
        super().__init__(reason)


@dataclass(frozen=True, kw_only=True)
class Record:
    """A row of the table: the line that it begins on, counted from 1, and its text."""

    line: int
    text: str


class Table:
    """A CSV file of which the header has been read.

    Lines may end as on any system. Values are separated by semicolons when the header is, and
    else by commas.
    """

    def __init__(self, file: BinaryIO, *, name: str = "The file") -> None:
        """Take a file that can be rewound. Raises BadFileError when it has no header."""
        self._file = file
        self.name = name
        self._text = io.TextIOWrapper(file, encoding="utf-8-sig")
        self._lines = self._numbered_lines()
        self.header_line, header = next(
            ((number, line) for number, line in self._lines if not line.isspace()), (0, "")
        )
        if not header:
            raise BadFileError(f"{name} is empty; its first line names the columns.")
        self.delimiter = ";" if ";" in header and "," not in header else ","
        try:
            names = self._split(header)
        except BadRowError as error:
            raise BadFileError(
                f"The header cannot be read: {error.reason}", line=self.header_line
            ) from None
        self.columns = [name.strip().lower() for name in names]

    def records(self, *, are_multiline: bool) -> Iterator[Record]:
        """Yield the rows that are not empty; only multiline ones have line breaks in values.

        Where no value has one, a quotation mark that is never closed spoils its own row only.
        Where some have, it raises BadFileError, because nobody knows where the row ends.
        """
        for number, line in self._lines:
            if line.isspace():
                continue
            pieces, length, quotes = [line], len(line), line.count('"')
            is_whole = not are_multiline or length > MAX_RECORD_CHARACTERS
            while quotes % 2 and not is_whole:
                _, more = next(self._lines, (0, ""))
                pieces.append(more)
                length, quotes = length + len(more), quotes + more.count('"')
                if not more or length > MAX_RECORD_CHARACTERS:
                    raise BadFileError(
                        f"The quotation mark opened on line {number} is not closed within "
                        f"{MAX_RECORD_CHARACTERS:,} characters.",
                        line=number,
                    )
            limit = MAX_RECORD_CHARACTERS if are_multiline else MAX_LINE_CHARACTERS
            # One character more tells a reader that the row is too long.
            yield Record(line=number, text="".join(pieces)[: limit + 1])

    def cells(self, record: Record, *, are_multiline: bool) -> dict[str, str]:
        """Return the values of a row by column. Raises BadRowError."""
        limit = MAX_RECORD_CHARACTERS if are_multiline else MAX_LINE_CHARACTERS
        if len(record.text) > limit:
            raise BadRowError(None, f"The line is longer than {limit:,} characters.")
        cells = self._split(record.text)
        if len(cells) != len(self.columns):
            hint = " (numbers have no separators in them)" if len(cells) > len(self.columns) else ""
            raise BadRowError(
                None, f"The row has {len(cells)} values instead of {len(self.columns)}{hint}."
            )
        return dict(zip(self.columns, cells, strict=True))

    def require(self, *columns: str) -> None:
        """Check that these are the columns, in any order. Raises BadFileError."""
        wanted = ",".join(columns)
        if missing := [name for name in columns if name not in self.columns]:
            raise self._bad_header(
                f"The header lacks {', '.join(missing)}; "
                f"the first line names the columns: {wanted}."
            )
        if extra := [name for name in self.columns if name not in columns]:
            names = ", ".join(shown(name) for name in extra)
            raise self._bad_header(f"The columns are {wanted} and no others: remove {names}.")
        self.refuse_repeated_columns()

    def refuse_repeated_columns(self) -> None:
        """Check that no column has the name of another. Raises BadFileError."""
        if len(self.columns) > len(set(self.columns)):
            raise self._bad_header("The header names a column twice.")

    def _bad_header(self, detail: str) -> BadFileError:
        return BadFileError(detail, line=self.header_line)

    def _split(self, text: str) -> list[str]:
        try:
            return next(
                csv.reader([text], delimiter=self.delimiter, strict=True, skipinitialspace=True)
            )
        except csv.Error:
            raise BadRowError(
                None, "A quotation mark is not closed on this line, or text follows it."
            ) from None

    def _numbered_lines(self) -> Iterator[tuple[int, str]]:
        """Yield every line; of one that is too long, its beginning."""
        limit, number = MAX_RECORD_CHARACTERS + 1, 0
        try:
            while line := self._text.readline(limit):
                number += 1
                if number > MAX_LINES:
                    raise BadFileError(f"{self.name} has more than {MAX_LINES:,} lines.")
                if "\0" in line:
                    raise self._not_utf8(number, has_nul=True)
                yield number, line
                while len(line) == limit and not line.endswith("\n"):
                    line = self._text.readline(limit)
        except UnicodeDecodeError:
            raise self._not_utf8(*self._find_broken_line()) from None

    def _find_broken_line(self) -> tuple[int, bool]:
        """Return the first line that is not UTF-8; the decoder of a stream knows its block only."""
        self._file.seek(0)
        number, decoder = 1, codecs.getincrementaldecoder("utf-8")()
        for piece in iter(lambda: self._file.readline(MAX_RECORD_CHARACTERS), b""):
            try:
                decoder.decode(piece)
            except UnicodeDecodeError:
                return number, b"\0" in piece
            number += piece.endswith(b"\n")
        return number, False

    def _not_utf8(self, line: int, has_nul: bool) -> BadFileError:
        what = "has NUL bytes, so it is not UTF-8" if has_nul else "is not UTF-8 text"
        return BadFileError(f'{self.name} {what} (line {line}); save it as "CSV UTF-8".', line=line)


def shown(text: str) -> str:
    """Return a value as a reason quotes it: short, and safe to print."""
    short = text if len(text) <= SHOWN_CHARACTERS else text[:SHOWN_CHARACTERS] + "…"
    return '"' + "".join(c if c.isprintable() else "?" for c in short) + '"'
