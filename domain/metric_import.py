"""Storing a creator's own numbers from a CSV file."""

from domain.imports import BadRowsError, ImportResult
from domain.imports import import_file as import_metrics

__all__ = ["BadRowsError", "ImportResult", "import_metrics"]
