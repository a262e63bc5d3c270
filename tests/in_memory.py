"""Databases in memory, where the machine has room.

Each copy of the template is 500 files, and ext4 takes the longer to make one the more were deleted
in the last minutes: it looks at each before it uses another's place again.
"""

import hashlib
import os
import shutil
from pathlib import Path

from storage.embedded_cluster import cluster_folder

MEMORY = Path("/dev/shm")  # noqa: S108  # a folder with a name of the run's own is made in it
ROOM_BYTES = 4 * 1024**3


def memory_folder(data_dir: Path) -> Path:
    """Return where the databases of a run's server are, if they are in memory."""
    key = hashlib.sha256(os.fsencode(data_dir.absolute())).hexdigest()[:12]
    return MEMORY / f"dreamsuite-tests-{key}"


def keep_in_memory(template: str, data_dir: Path) -> list[str]:
    """Return the statements that move a template there: its copies are made beside it."""
    if not MEMORY.is_dir() or shutil.disk_usage(MEMORY).free < ROOM_BYTES:
        return []
    folder = memory_folder(data_dir)
    shutil.rmtree(folder, ignore_errors=True)  # of a run that was killed
    folder.mkdir(mode=0o700)
    server = cluster_folder(data_dir).stat()
    os.chown(folder, server.st_uid, server.st_gid)
    return [
        f"CREATE TABLESPACE memory LOCATION '{folder}'",
        f'ALTER DATABASE "{template}" SET TABLESPACE memory',
    ]
