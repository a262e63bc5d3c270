"""The weeks of a plan, from Monday to Sunday, and how many posts each takes."""

import datetime as dt
import math
from dataclasses import dataclass

WEEK = 7


@dataclass(frozen=True, kw_only=True)
class Week:
    """The days of a week that are planned, and its posts; the first week is number 1."""

    number: int
    start: dt.date
    end: dt.date
    posts: int

    @property
    def days(self) -> list[dt.date]:
        """Every day."""
        return [self.start + dt.timedelta(days=n) for n in range((self.end - self.start).days + 1)]


def list_weeks(start: dt.date, end: dt.date, posts_per_week: int) -> list[Week]:
    """Return the weeks; of a part of a week so much of the load is due as it has of its days.

    Whole weeks take exactly `posts_per_week`. The parts are rounded together (largest remainder),
    so that the whole comes to what it should, and to one post at least.
    """
    spans = []
    first = start
    while first <= end:
        last = min(first + dt.timedelta(days=WEEK - 1 - first.weekday()), end)
        spans.append((first, last))
        first = last + dt.timedelta(days=1)
    quotas = [posts_per_week * ((last - first).days + 1) / WEEK for first, last in spans]
    posts = [math.floor(quota) for quota in quotas]
    total = max(round(sum(quotas)), 1)
    by_remainder = sorted(range(len(spans)), key=lambda n: (posts[n] - quotas[n], n))
    for n in by_remainder[: total - sum(posts)]:
        posts[n] += 1
    return [
        Week(number=number, start=first, end=last, posts=count)
        for number, ((first, last), count) in enumerate(zip(spans, posts, strict=True), 1)
    ]
