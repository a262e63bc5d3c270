"""What the readers of the formats have in common."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol
from zoneinfo import ZoneInfo

from domain.imports.accounts import Accounts
from domain.imports.cells import parse_count
from storage.imported_rows import ImportedPost, ImportedValue
from storage.models import DayStatus, Metric

Cells = Mapping[str, str]
ImportedRow = ImportedValue | ImportedPost


@dataclass(frozen=True, kw_only=True)
class Reading:
    """What a file is read with: the creator's day and clocks, and the accounts found so far.

    `account` is the name for a file that has none; null when the creator gave none.
    """

    today: dt.date
    zone: ZoneInfo
    account: str | None = None
    accounts: Accounts = field(default_factory=Accounts)


class RowReader(Protocol):
    """Reads the rows of one format."""

    are_multiline: bool

    def read(self, line: int, cells: Cells) -> Sequence[ImportedRow] | None:
        """Return what a row says; null for a row that is none, such as a total.

        Raises BadRowError when any of its values is bad.
        """

    def finish(self) -> list[str]:
        """Return what the creator should know about the file, when all of it was read.

        Raises BadFileError when it only now shows that the file cannot be used.
        """


def day_values(
    line: int, account: int, date: dt.date, values: Mapping[Metric, int | None], today: dt.date
) -> list[ImportedValue]:
    """Return the metrics of one day; a day that is not over yet is preliminary."""
    status = DayStatus.PRELIMINARY if date == today else DayStatus.FINAL
    return [
        ImportedValue(line, account, date, metric, value, status)
        for metric, value in values.items()
    ]


def count_of(cells: Cells, column: str) -> int | None:
    """Return the count in a column, null when it is empty or the file has no such column."""
    return parse_count(cells.get(column, ""), column=column)
