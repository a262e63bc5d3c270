"""Daily metrics as the suite writes them: `platform,account,date,metric,value`."""

from domain.imports.cells import parse_count, parse_date, parse_platform
from domain.imports.rows import Cells, Reading, day_values
from domain.imports.table import BadRowError, Table, shown
from storage.imported_rows import ImportedValue
from storage.models import Metric

COLUMNS = ("platform", "account", "date", "metric", "value")
METRIC_ALIASES = {
    "follower_count": Metric.FOLLOWERS,
    "subscribers": Metric.FOLLOWERS,
    "engagement_total": Metric.ENGAGEMENT,
    "content_count": Metric.POSTS,
}

_METRICS = {metric.value: metric for metric in Metric} | METRIC_ALIASES


class MetricReader:
    """Reads one value per row."""

    are_multiline = False

    def __init__(self, table: Table, reading: Reading) -> None:
        """Raise BadFileError when the columns are others."""
        table.require(*COLUMNS)
        self._reading = reading

    def read(self, line: int, cells: Cells) -> list[ImportedValue]:
        """Return the value of a row."""
        platform = parse_platform(cells["platform"])
        self._reading.accounts.check(platform, cells["account"])
        date = parse_date(cells["date"], self._reading.today)
        metric = _parse_metric(cells["metric"].strip())
        value = parse_count(cells["value"], column="value")
        account = self._reading.accounts.number(platform, cells["account"])
        return day_values(line, account, date, {metric: value}, self._reading.today)

    def finish(self) -> list[str]:
        """Return no notes."""
        return []


def _parse_metric(text: str) -> Metric:
    metric = _METRICS.get(text.lower())
    if metric is None:
        raise BadRowError("metric", f"{shown(text)} is not one of {', '.join(Metric)}.")
    return metric
