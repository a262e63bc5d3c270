"""Answers that browsers save as files."""

import re
from urllib.parse import quote


def file_name(title: str, ending: str, *, if_empty: str) -> str:
    """Return a Content-Disposition that names a file after a title, as far as names may be so."""
    name = re.sub(r"[^\w-]+", "-", title).strip("-")[:80] or if_empty
    plain = name.encode("ascii", "ignore").decode().strip("-") or if_empty
    return f"attachment; filename=\"{plain}.{ending}\"; filename*=UTF-8''{quote(name)}.{ending}"
