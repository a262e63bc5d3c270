"""Reading a creator's daily numbers from the bytes of a CSV file."""

import datetime as dt
import io

from domain.imports import ImportFile
from domain.imports.cells import FIRST_DATE

__all__ = ["FIRST_DATE", "parse_metric_file"]


def parse_metric_file(content: bytes, *, today: dt.date) -> ImportFile:
    """Open a file that is in memory already; times without a zone are in UTC."""
    return ImportFile(io.BytesIO(content), today=today, timezone="UTC")
