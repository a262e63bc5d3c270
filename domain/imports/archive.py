"""The zip that YouTube Studio exports: `Table data.csv`, `Chart data.csv`, `Totals.csv`."""

import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO, cast

from domain.imports.table import BadFileError

SIGNATURE = b"PK\x03\x04"
TABLE = "table data.csv"
TOTALS = "totals.csv"
# A directory of names can be most of a zip; small zips have small directories.
MAX_ZIP_BYTES = 4_000_000
MAX_MEMBERS = 20
MAX_MEMBER_BYTES = 32_000_000
UNPACK = "unpack it and import its Table data.csv"


class Archive:
    """A zip whose members are read as streams of a known length; used within `unzipping`."""

    def __init__(self, file: BinaryIO) -> None:
        """Raise BadFileError for what is no zip of Studio's size and form."""
        if file.seek(0, 2) > MAX_ZIP_BYTES:
            raise BadFileError(f"The zip is larger than {MAX_ZIP_BYTES:,} bytes: {UNPACK}.")
        self._zip = zipfile.ZipFile(file)
        members = self._zip.infolist()
        if len(members) > MAX_MEMBERS:
            raise BadFileError(f"The zip has more than {MAX_MEMBERS} files: {UNPACK}.")
        self._members = {each.filename.rpartition("/")[2].lower(): each for each in members}

    def open(self, name: str) -> BinaryIO | None:
        """Open a file of the zip by its name in lower case; null when there is none."""
        member = self._members.get(name)
        if member is None:
            return None
        if member.file_size > MAX_MEMBER_BYTES:
            raise BadFileError(
                f"{member.filename} is larger than {MAX_MEMBER_BYTES:,} bytes: import it in parts."
            )
        return cast("BinaryIO", self._zip.open(member))


@contextmanager
def unzipping() -> Iterator[None]:
    """Raise BadFileError for what zipfile raises, also while a member is read."""
    try:
        yield
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
        raise BadFileError(f"The zip cannot be read: {UNPACK}.") from error
