"""Best times: the weekdays and hours at which posts do better than their kind usually does."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from domain.analytics.posts import Post, relative_logs
from domain.analytics.significance import standouts

# Fewer posts in a cell are shown, never ranked.
MIN_POSTS = 3
WEEKDAYS = range(7)
HOURS = range(24)

SlotKey = tuple[int | None, int | None]


@dataclass(frozen=True, kw_only=True)
class Slot:
    """A weekday (0 is Monday) and an hour of the creator's clock; null is every one.

    `relative` is the median of how many times the usual engagement of their platform and type
    its posts earned. It is null for a slot with fewer than `MIN_POSTS` posts.
    """

    weekday: int | None
    hour: int | None
    posts: int
    relative: float | None
    stands_out: bool = False


def list_slots(posts: Sequence[Post]) -> list[Slot]:
    """Return every weekday and hour with a post, the best first, the unranked last.

    Engagement is compared within account and type and with the posts around it, so that a form
    that does well, or an audience that grew, does not pass for a good hour. Whole hours and whole
    weekdays are examined too: they are part of the list when they stand out and no single cell of
    theirs does.
    """
    known, values = relative_logs(posts)
    cells = places_by_slot(known)
    ranked = {key: places for key, places in cells.items() if len(places) >= MIN_POSTS}
    clear = standouts(values, ranked) if len(ranked) > 1 else {}
    slots = [
        _slot(key, [values[place] for place in places], stands_out=key in clear)
        for key, places in cells.items()
        if None not in key or (key in clear and not _has_clear_cell(key, set(clear)))
    ]
    return sorted(slots, key=_order)


def places_by_slot(posts: Sequence[Post]) -> dict[SlotKey, list[int]]:
    """Return where among the posts those of each cell, weekday and hour are.

    Posts of which only the day is known are of their weekday alone.
    """
    slots: dict[SlotKey, list[int]] = {}
    for place, post in enumerate(posts):
        weekday, hour = post.posted_at.weekday(), post.hour
        keys: list[SlotKey] = [(weekday, None)]
        if hour is not None:
            keys += [(weekday, hour), (None, hour)]
        for key in keys:
            slots.setdefault(key, []).append(place)
    return slots


def find_best(slots: Sequence[Slot]) -> Slot | None:
    """Return the slot that clearly does best; null when none stands out."""
    return next((slot for slot in slots if slot.stands_out), None)


def build_grid(slots: Sequence[Slot]) -> list[Slot]:
    """Return all 168 weekdays and hours of a week, from Monday 00:00, also those without posts."""
    cells = {(slot.weekday, slot.hour): slot for slot in slots}
    return [
        cells.get((weekday, hour), Slot(weekday=weekday, hour=hour, posts=0, relative=None))
        for weekday in WEEKDAYS
        for hour in HOURS
    ]


def posts_by_cell(posts: Sequence[Post]) -> dict[tuple[int, int], list[Post]]:
    """Return the posts behind each weekday and hour, the newest first; those `list_slots` counts.

    Posts of which only the day is known are behind none.
    """
    cells: dict[tuple[int, int], list[Post]] = {}
    for post in sorted(posts, key=lambda post: post.row.posted_at, reverse=True):
        if post.engagement is not None and post.hour is not None:
            cells.setdefault((post.posted_at.weekday(), post.hour), []).append(post)
    return cells


def _slot(key: SlotKey, values: Sequence[float], *, stands_out: bool) -> Slot:
    relative = math.exp(median(values)) if len(values) >= MIN_POSTS else None
    return Slot(
        weekday=key[0],
        hour=key[1],
        posts=len(values),
        relative=relative,
        stands_out=stands_out,
    )


def _has_clear_cell(key: SlotKey, clear: set[SlotKey]) -> bool:
    weekday, hour = key
    return any(
        None not in cell and (weekday in (None, cell[0])) and (hour in (None, cell[1]))
        for cell in clear
    )


def _order(slot: Slot) -> tuple[bool, bool, float, int, int]:
    return (
        not slot.stands_out,
        slot.relative is None,
        -(slot.relative or 0),
        -1 if slot.weekday is None else slot.weekday,
        -1 if slot.hour is None else slot.hour,
    )
