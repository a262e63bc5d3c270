"""A creator's numbers over HTTP: importing them, and reading what analytics makes of them."""

import datetime as dt
from collections.abc import Sequence
from random import Random
from typing import Any

from storage.models import Metric
from tests.conftest import Creator, SignUp

TODAY = dt.date(2026, 4, 10)
NOON = dt.datetime(2026, 4, 10, 12, tzinfo=dt.UTC)
PLACES = {"instagram,ida": 120, "instagram,side": 35, "youtube,ida": 90, "facebook,ida": 60}
METRICS = (
    Metric.FOLLOWERS,
    Metric.ENGAGEMENT,
    Metric.REACH,
    Metric.VIEWS,
    Metric.WATCH_TIME_MINUTES,
)


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


async def a_creator_with_gaps(sign_up: SignUp, seed: int = 7) -> Creator:
    """Return a creator with some unknown days, two accounts on a platform, and unlike starts."""
    random, ida = Random(seed), await sign_up()
    for place, days in PLACES.items():
        end = TODAY if place == "youtube,ida" else TODAY - dt.timedelta(days=1)
        for metric in METRICS:
            if metric == "watch_time_minutes" and not place.startswith("youtube"):
                continue
            level = [1_000 + n * 3 + random.randrange(5) for n in range(days)]
            gaps = 0.1 if place == "facebook,ida" else 0.0
            counts = [None if random.random() < gaps else value for value in level]
            await load_days(ida, place, metric, counts, end=end)
    await load_days(ida, "youtube,ida", "views", [500 + n % 9 for n in range(100)], end=TODAY)
    forms = ("reel", "photo")
    moments = (
        dt.datetime(2026, 2, 1, tzinfo=dt.UTC)
        + dt.timedelta(days=n, hours=random.choice((9, 18)), minutes=5)
        for n in range(69)
    )
    await load_posts(
        ida,
        *(
            f"instagram,{'ida' if n % 3 else 'side'},{n},{moment:%Y-%m-%dT%H:%M},{forms[n % 2]},"
            f"{random.randrange(20, 90)},{'' if n % 11 == 0 else n % 7},{1_000 + n}"
            for n, moment in enumerate(moments)
        ),
    )
    return ida


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
