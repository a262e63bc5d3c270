"""Which weekdays and hours a plan may use on a platform.

Of each weekday those hours come first that at least three posts went out at (`best_times`). Where
a weekday has fewer of them than it may need, hours follow that three posts went out at on any
weekday; where these are not enough either, the hours that are customary. `docs/plans.md` tells
creators the same.
"""

import datetime as dt
import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from zoneinfo import ZoneInfo

from domain.analytics.best_times import HOURS, MIN_POSTS, WEEKDAYS, Slot, list_slots
from domain.analytics.posts import Post, relative_logs
from domain.plans.evidence import TimeBasis
from storage.models import Platform

# Custom, and no figure of anybody: when most people are off work or on their way.
CUSTOMARY_HOURS = {
    Platform.INSTAGRAM: (18, 12, 20, 9, 15),
    Platform.FACEBOOK: (12, 18, 9, 20, 15),
    Platform.YOUTUBE: (17, 12, 20, 10, 14),
    Platform.SPOTIFY: (12, 17, 9, 20, 15),
}
MOST_PER_WEEKDAY = 4


@dataclass(frozen=True, kw_only=True)
class TimeChoice:
    """A weekday and hour, and the slot that speaks for it; null where only custom does."""

    weekday: int
    hour: int
    slot: Slot | None

    @property
    def basis(self) -> TimeBasis:
        """What the choice rests on."""
        if self.slot is None:
            return "default"
        return "hour" if self.slot.weekday is None else "cell"


def choose_times(
    posts: Sequence[Post], platform: Platform, posts_per_week: int
) -> list[TimeChoice]:
    """Return the times that may be planned on a platform, from what its settled posts earned."""
    needed = min(math.ceil(posts_per_week / len(WEEKDAYS)) + 1, MOST_PER_WEEKDAY)
    cells = [slot for slot in list_slots(posts) if slot.relative is not None]
    hours = _list_hours(posts)
    chosen: list[TimeChoice] = []
    for weekday in WEEKDAYS:
        own = [slot for slot in cells if slot.weekday == weekday and slot.hour is not None]
        best: dict[int, Slot | None] = {
            slot.hour: slot for slot in own[:MOST_PER_WEEKDAY] if slot.hour is not None
        }
        spare: list[tuple[int, Slot | None]] = [(slot.hour or 0, slot) for slot in hours]
        spare += [(hour, None) for hour in CUSTOMARY_HOURS[platform]]
        for hour, slot in spare:
            if len(best) < needed:
                best.setdefault(hour, slot)
        chosen += [TimeChoice(weekday=weekday, hour=h, slot=slot) for h, slot in best.items()]
    return chosen


def is_on_clock(moment: dt.datetime, zone: ZoneInfo) -> bool:
    """Tell whether clocks show a local time at all: in spring they leave some out."""
    there = moment.replace(tzinfo=zone)
    return there.astimezone(dt.UTC).astimezone(zone).replace(tzinfo=None) == moment


def _list_hours(posts: Sequence[Post]) -> list[Slot]:
    """Return the hours that enough posts of all weekdays went out at, the best first."""
    known, values = relative_logs(posts)
    by_hour: dict[int, list[float]] = defaultdict(list)
    for post, value in zip(known, values, strict=True):
        if post.hour is not None:
            by_hour[post.hour].append(value)
    slots = [
        Slot(
            weekday=None,
            hour=hour,
            posts=len(by_hour[hour]),
            relative=math.exp(median(by_hour[hour])),
        )
        for hour in HOURS
        if len(by_hour[hour]) >= MIN_POSTS
    ]
    return sorted(slots, key=lambda slot: (-(slot.relative or 0), slot.hour or 0))
