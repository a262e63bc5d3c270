"""Reading a creator's own numbers and posts from files; the formats are in docs/import.md."""

from domain.imports.file import AccountNeededError, BadRow, FileFormat, ImportFile
from domain.imports.importing import BadRowsError, ImportResult, import_file, import_upload
from domain.imports.table import BadFileError

__all__ = [
    "AccountNeededError",
    "BadFileError",
    "BadRow",
    "BadRowsError",
    "FileFormat",
    "ImportFile",
    "ImportResult",
    "import_file",
    "import_upload",
]
