"""YouTube Studio: Analytics, Advanced mode, the export of the table shown (`Table data.csv`).

By content a row is a video (`Content,Video title,Video publish time,…`), by date a day
(`Date,Views,…`). Which further columns there are depends on the metrics ticked. The first row is
a total. Publish times are days like "Sep 27, 2024"; counts are those of the chosen period.
"""

import datetime as dt
import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from itertools import islice, pairwise

from domain.imports.cells import check_date, parse_date, parse_decimal, parse_moment
from domain.imports.post_rows import parse_caption
from domain.imports.rows import Cells, Reading, count_of, day_values
from domain.imports.table import BadFileError, BadRowError, Table, shown
from storage.imported_rows import ImportedPost, ImportedValue
from storage.models import Metric, Platform, new_id

TOTAL = "total"
HOURS = "watch time (hours)"
SUBSCRIBERS = "subscribers"
# Names as of today and of older exports, to the count that they hold.
COUNTS = {
    "views": Metric.VIEWS,
    "likes": Metric.LIKES,
    "comments added": Metric.COMMENTS,
    "comments": Metric.COMMENTS,
    "shares": Metric.SHARES,
}
METRIC_COLUMNS = frozenset((*COUNTS, HOURS, SUBSCRIBERS))
SUBSCRIBERS_NOTE = (
    "Subscribers were not stored: YouTube exports how many came and went on a day, and the suite "
    "stores how many there are."
)

_VIDEO_ID = re.compile(r"[A-Za-z0-9_-]{11}")
_DAY = re.compile(r"([A-Z][a-z]{2})[a-z]*\.? ([0-9]{1,2}), ([0-9]{4})")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


class YouTubeDayReader:
    """Reads one day of a channel per row."""

    are_multiline = False

    def __init__(self, table: Table, reading: Reading, account: str) -> None:
        """Raise BadFileError when no column is one that the suite stores."""
        table.refuse_repeated_columns()
        self._reading = reading
        self._account = account
        self._has_subscribers = SUBSCRIBERS in table.columns
        if METRIC_COLUMNS.isdisjoint(table.columns):
            raise BadFileError(
                "No column of this YouTube export can be stored: tick Views, Watch time, Likes, "
                "Comments or Shares in Studio and export again.",
                line=table.header_line,
            )
        self._last_date: dt.date | None = None
        self._days = 0
        self._has_neighbours = False

    def read(self, line: int, cells: Cells) -> Sequence[ImportedValue] | None:
        """Return the metrics of a day; one that is empty or below 0 is left as it is stored."""
        if cells["date"].strip().lower() == TOTAL:
            return None
        date = parse_date(cells["date"], self._reading.today)
        counts = _counts(cells)
        if (hours := parse_decimal(cells.get(HOURS, ""), column=HOURS)) is not None:
            counts[Metric.WATCH_TIME_MINUTES] = round(hours * 60)
        self._days += 1
        self._has_neighbours |= are_neighbours([self._last_date or date, date])
        self._last_date = date
        account = self._reading.accounts.number(Platform.YOUTUBE, self._account)
        return day_values(line, account, date, counts, self._reading.today)

    def finish(self) -> list[str]:
        """Return a note on subscribers. Raises BadFileError for weeks or months."""
        if self._days > 1 and not self._has_neighbours:
            raise BadFileError(
                "The rows of this YouTube export are not days that follow each other but weeks or "
                'months: choose "Daily" in Studio and export again.'
            )
        return [SUBSCRIBERS_NOTE] if self._has_subscribers else []


class YouTubeVideoReader:
    """Reads one video per row."""

    are_multiline = True

    def __init__(
        self, table: Table, reading: Reading, account: str, first_day: dt.date | None = None
    ) -> None:
        """Take the first day of the export's period, when it is known."""
        table.refuse_repeated_columns()
        self._reading = reading
        self._account = account
        self._first_day = first_day
        self._unpublished = 0
        self._older = 0

    def read(self, line: int, cells: Cells) -> Sequence[ImportedPost] | None:
        """Return the video; its counts are left as they are stored if they cover a part only."""
        video_id = cells["content"].strip()
        if video_id.lower() == TOTAL:
            return None
        if not _VIDEO_ID.fullmatch(video_id):
            raise BadRowError("content", f"{shown(video_id)} is not the id of a video.")
        caption = parse_caption(cells["video title"], column="video title")
        counts = _counts(cells)
        if not cells["video publish time"].strip():
            self._unpublished += 1
            return []
        posted_at, is_day_only = self._parse_time(cells["video publish time"])
        if self._first_day and posted_at.astimezone(self._reading.zone).date() < self._first_day:
            self._older += 1
            counts = {}
        post = ImportedPost(
            line=line,
            account=self._reading.accounts.number(Platform.YOUTUBE, self._account),
            id=new_id(),
            post_id=video_id,
            posted_at=posted_at,
            is_day_only=is_day_only,
            post_type=None,
            caption=caption,
            permalink=f"https://www.youtube.com/watch?v={video_id}",
            likes=counts.get(Metric.LIKES),
            comments=counts.get(Metric.COMMENTS),
            shares=counts.get(Metric.SHARES),
            saves=None,
            views=counts.get(Metric.VIEWS),
        )
        return [post]

    def _parse_time(self, text: str) -> tuple[dt.datetime, bool]:
        """Return when a video went out, and whether only the day is known."""
        column, zone, today = "video publish time", self._reading.zone, self._reading.today
        if ":" in text:
            return parse_moment(text, zone, today, column=column), False
        if found := _DAY.fullmatch(text.strip()):
            date = _parse_day(*found.groups(), text=text)
            check_date(date, today, column=column)
        else:
            date = parse_date(text, today, column=column)
        return dt.datetime.combine(date, dt.time(), zone).astimezone(dt.UTC), True

    def finish(self) -> list[str]:
        """Return notes on what the export could not say."""
        notes = []
        if self._unpublished:
            notes.append(
                f"{_videos(self._unpublished)} without a publish time (private, unlisted or "
                "scheduled): left out."
            )
        if self._older:
            notes.append(
                f"{_videos(self._older)} from before {self._first_day}, when the export begins: "
                "the counts were left out, because they are those of the period only. Choose "
                '"Lifetime" in Studio and export again.'
            )
        elif not self._first_day:
            notes.append(
                "The counts are those of the period chosen in Studio; they are right if it was "
                '"Lifetime".'
            )
        return notes


def find_first_days(table: Table, reading: Reading) -> list[dt.date]:
    """Return the first two days of `Totals.csv`, which covers the period of the whole export."""
    return list(islice(_days(table, reading), 2))


def _days(table: Table, reading: Reading) -> Iterator[dt.date]:
    for record in table.records(are_multiline=False) if "date" in table.columns else ():
        with suppress(BadRowError):
            cells = table.cells(record, are_multiline=False)
            yield parse_date(cells["date"], reading.today)


def are_neighbours(days: Sequence[dt.date]) -> bool:
    """Say whether the first two days follow each other, in either direction."""
    return any(abs((second - first).days) == 1 for first, second in pairwise(days[:2]))


def _counts(cells: Cells) -> dict[Metric, int]:
    """Return the known counts; below 0 are more likes taken back in a period than given."""
    found = {}
    for column, metric in COUNTS.items():
        if column in cells and not cells[column].strip().startswith("-"):
            count = count_of(cells, column)
            if count is not None:
                found[metric] = count
    return found


def _parse_day(month: str, day: str, year: str, *, text: str) -> dt.date:
    try:
        return dt.date(int(year), _MONTHS.index(month) + 1, int(day))
    except ValueError:
        raise BadRowError(
            "video publish time", f"{shown(text)} is not a date like Sep 27, 2024."
        ) from None


def _videos(count: int) -> str:
    return f"{count:,} video{'' if count == 1 else 's'}"
