"""Spotify for Artists: Audience, the timeline's download (`…-audience-timeline.csv`).

Its columns are `date,listeners,streams,followers`; newer ones may follow. Followers are the total
on that day, and days are in UTC (Spotify for Artists, "Listener and follower data").
"""

from domain.imports.cells import parse_date
from domain.imports.rows import Cells, Reading, count_of, day_values
from domain.imports.table import BadFileError, Table
from storage.imported_rows import ImportedValue
from storage.models import Metric, Platform

METRICS = {
    "listeners": Metric.LISTENERS,
    "streams": Metric.STREAMS,
    "followers": Metric.FOLLOWERS,
}


class SpotifyTimelineReader:
    """Reads one day of an artist per row."""

    are_multiline = False

    def __init__(self, table: Table, reading: Reading, account: str) -> None:
        """Raise BadFileError for the timeline of one song, which is not the artist's."""
        table.refuse_repeated_columns()
        self._metrics = {name: metric for name, metric in METRICS.items() if name in table.columns}
        if len(self._metrics) < len(METRICS):
            raise BadFileError(
                "This looks like the timeline of one song. Open Audience in Spotify for Artists "
                "and download the timeline there: it has date,listeners,streams,followers.",
                line=table.header_line,
            )
        self._reading = reading
        self._account = account

    def read(self, line: int, cells: Cells) -> list[ImportedValue]:
        """Return the metrics of a day; an empty one is left as it is stored."""
        date = parse_date(cells["date"], self._reading.today)
        counts = {metric: count_of(cells, name) for name, metric in self._metrics.items()}
        known = {metric: count for metric, count in counts.items() if count is not None}
        account = self._reading.accounts.number(Platform.SPOTIFY, self._account)
        return day_values(line, account, date, known, self._reading.today)

    def finish(self) -> list[str]:
        """Return no notes."""
        return []
