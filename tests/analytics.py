"""A creator's numbers over HTTP: importing them, and reading what analytics makes of them."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

from tests.conftest import Creator


async def load_days(
    creator: Creator,
    place: str,
    metric: str,
    counts: Sequence[int | None],
    *,
    end: dt.date = dt.date(2026, 3, 31),
) -> None:
    """Import one value a day, up to a day; null is unknown."""
    first = end - dt.timedelta(days=len(counts) - 1)
    rows = [
        f"{place},{first + dt.timedelta(days=n)},{metric},{'' if value is None else value}"
        for n, value in enumerate(counts)
    ]
    await _send(creator, ["platform,account,date,metric,value", *rows])


async def load_posts(creator: Creator, *rows: str) -> None:
    """Import posts: platform, account, id, time, type, likes, comments, views."""
    header = (
        "platform,account,post_id,posted_at,type,caption,permalink,likes,comments,shares,saves,"
        "views"
    )
    full = []
    for row in rows:
        *place, post_type, likes, comments, views = row.split(",")
        full.append(",".join((*place, post_type, "", "", likes, comments, "", "", views)))
    await _send(creator, [header, *full])


async def read(creator: Creator, route: str, **parameters: Any) -> dict[str, Any]:
    """Return what an analytics route answers."""
    response = await creator.get(f"/api/analytics/{route}", params=parameters)
    assert response.status_code == 200, response.text
    found: dict[str, Any] = response.json()
    return found


async def _send(creator: Creator, lines: Sequence[str]) -> None:
    response = await creator.post(
        "/api/metrics/import",
        content="\n".join(lines).encode(),
        headers={"Content-Type": "text/csv"},
    )
    assert response.status_code == 200, response.text
