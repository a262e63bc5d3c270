"""Generated creators: posts and days with known stories, or with none at all."""

import datetime as dt
from collections.abc import Iterator
from random import Random
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from domain.analytics.posts import Post
from storage.posts import PostRow

BERLIN = ZoneInfo("Europe/Berlin")
LAST_DAY = dt.date(2026, 11, 20)
FORMS = {"instagram": ("reel", "photo", "carousel"), "youtube": ("video", "short")}
BEST_WEEKDAY, BEST_HOUR, BEST_FACTOR = 3, 18, 2.0
HOURS = (8, 12, 15, 18, 21)


def post(number: int = 0, **fields: Any) -> Post:
    """Return a post with these fields; the rest is unknown."""
    row: dict[str, Any] = {
        "id": UUID(int=number),
        "platform": "instagram",
        "account": "luna",
        "platform_post_id": str(number),
        "post_type": "photo",
        "caption": None,
        "permalink": None,
        "posted_at": dt.datetime(2026, 3, 2, 9, tzinfo=dt.UTC) + dt.timedelta(days=number),
        "likes": None,
        "comments": None,
        "shares": None,
        "saves": None,
        "views": None,
        "reach": None,
    }
    return Post(PostRow(**(row | fields)), BERLIN)


def a_year_of_posts(
    seed: int, *, best_hour: bool = False, best_form: str | None = None
) -> list[Post]:
    """Return some 290 posts whose engagement is noise, but for the stories that are asked for.

    One of them goes out every Thursday at 18:00. Engagement is log-normal around a level of the
    form, which says nothing about single posts.
    """
    random = Random(seed)
    levels = {(platform, form): 200.0 for platform, forms in FORMS.items() for form in forms}
    return [
        _noisy_post(number, moment, levels, random, best_hour=best_hour, best_form=best_form)
        for number, moment in enumerate(_moments(random))
    ]


def _moments(random: Random) -> Iterator[dt.datetime]:
    for week in range(48):
        monday = LAST_DAY - dt.timedelta(days=LAST_DAY.weekday() + 7 * (week + 1))
        regular = monday + dt.timedelta(days=BEST_WEEKDAY)
        yield dt.datetime.combine(regular, dt.time(BEST_HOUR, 5), BERLIN)
        for weekday in random.sample(range(7), 5):
            day = LAST_DAY - dt.timedelta(days=7 * week + 3 + weekday)
            yield dt.datetime.combine(day, dt.time(random.choice(HOURS), 5), BERLIN)


def _noisy_post(
    number: int,
    moment: dt.datetime,
    levels: dict[tuple[str, str], float],
    random: Random,
    *,
    best_hour: bool,
    best_form: str | None,
) -> Post:
    platform, form = random.choice(sorted(levels))
    level = levels[platform, form] * random.lognormvariate(0, 0.6)
    if best_hour and moment.hour == BEST_HOUR and moment.weekday() == BEST_WEEKDAY:
        level *= BEST_FACTOR
    if form == best_form:
        level *= BEST_FACTOR
    words = random.sample(("rain", "tour", "studio", "coffee", "lyrics", "train", "cat"), 3)
    return post(
        number,
        platform=platform,
        post_type=form,
        posted_at=moment.astimezone(dt.UTC),
        likes=round(level),
        views=round(level * 20),
        caption=" ".join(words),
    )
