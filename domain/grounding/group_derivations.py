"""What figures give that stand together: the platforms of a period, months in a row, top posts."""

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from itertools import combinations, pairwise, product
from typing import TypeVar

from domain.grounding.derivations import WHOLE, Result, Scope, are_same_days
from domain.grounding.sources import MAX_LAG_DAYS, PER_DAYS, Per, Source

# Of so many figures every choice, or every run of days, is added up; of more only all.
MAX_CHOSEN = 5
MAX_RUN = 16
MAX_POSTS = 20
MAX_GROUPS = 60
# What others are counted by: "14 likes for every comment".
_COUNTED_BY: dict[str, Per] = {
    "posts": "post",
    "comments": "comment",
    "likes": "like",
    "shares": "share",
    "saves": "save",
    "views": "view",
}
_EARNED = ("engagement", "views", "reach", "likes", "comments", "shares", "saves")
# Together they are the engagement.
_ENGAGEMENT = ("likes", "comments", "shares", "saves")

Group = tuple[Source, ...]
Key = TypeVar("Key", bound=Hashable)


def derive_together(sources: Sequence[Source]) -> Iterator[Result]:
    """Yield sums, means and shares of figures of one metric, and of what engagement is made of."""
    once = {(one.metric, one.place, one.days, one.aspects): one for one in sources}
    by_metric = _group(tuple(once.values()), lambda source: source.metric)
    for metric, same in by_metric.items():
        if same[0].is_post:
            yield from _of_posts(same, by_metric.get(metric.removeprefix("post_"), ()))
            continue
        for group in _by_place(same):
            yield from _of_parts(group)
        for group in _group(same, lambda source: (source.place, source.days)).values():
            yield from _of_parts(group)
        about = [source for source in same if source.aspects and source.platform]
        for group in _group(about, lambda source: source.days).values():
            if len({source.place for source in group}) > 1 and same[0].is_summable:
                yield Result(sum(one.value for one in group), "", "sum", group, scope="all")
        for group in _group(same, lambda source: (source.place, source.aspects)).values():
            yield from _of_days(group)
    yield from _per_one(by_metric)
    yield from _days_to_goals(sources)
    engagement = [source for source in sources if source.metric in _ENGAGEMENT]
    for group in _group(engagement, lambda source: (source.place, source.days)).values():
        if len(group) > 1:
            yield Result(sum(one.value for one in group), "", "sum", group, scope="all")


def _group(sources: Sequence[Source], key: Callable[[Source], Key]) -> dict[Key, Group]:
    groups: dict[Key, list[Source]] = defaultdict(list)
    for source in sources:
        groups[key(source)].append(source)
    return {name: tuple(group) for name, group in groups.items()}


def _by_place(same: Sequence[Source]) -> Iterator[Group]:
    """Yield the figures of the same days, though a platform may lag behind, and of all places."""
    for alike in _group(same, lambda one: (one.aspects, one.account is None)).values():
        groups: list[list[Source]] = []
        for source in alike:
            for group in groups[:MAX_GROUPS]:
                is_new = all(source.place != one.place for one in group)
                if is_new and are_same_days(group[0], source):
                    group.append(source)
                    break
            else:
                groups.append([source])
        yield from map(tuple, groups)


def _per_one(by_metric: Mapping[str, Group]) -> Iterator[Result]:
    """Yield what a post earned on average, and how many likes there were for every comment."""
    earned = [source for metric in _EARNED for source in by_metric.get(metric, ())]
    counts = [source for metric in _COUNTED_BY for source in by_metric.get(metric, ())]
    for total, count in product(earned, counts):
        are_same = count.place == total.place and _are_close(count, total)
        if are_same and count.value and count.metric != total.metric:
            ratio, per = total.value / count.value, _COUNTED_BY[count.metric]
            yield Result(ratio, "", "mean", (total, count), per=per)


def _days_to_goals(sources: Sequence[Source]) -> Iterator[Result]:
    """Yield in how many days a goal's numbers are reached, at its paces."""
    paces = [source for source in sources if "goal_pace" in source.metric and source.value > 0]
    for pace in paces:
        for goal in sources:
            is_of_goal = goal.metric == pace.metric.replace("_pace", "")
            if is_of_goal and goal.place == pace.place:
                yield Result(goal.value / pace.value, "days", "ratio", (goal, pace))


def _are_close(one: Source, other: Source) -> bool:
    ends = abs((one.end - other.end).days), abs((one.start - other.start).days)
    return max(ends) <= MAX_LAG_DAYS


def _of_parts(group: Group) -> Iterator[Result]:
    """Yield sum and mean of all parts of a whole; and of some, also what share they are."""
    total = next((one.value for one in group if one.platform is None), None)
    # A total is the sum already.
    parts = tuple(one for one in group if one.platform) or group
    if len(parts) < 2:  # noqa: PLR2004 - a pair
        return
    added = sum(one.value for one in parts)
    unit = "%" if parts[0].unit == "percent" else ""
    per = parts[0].per
    yield Result(added / len(parts), unit, "mean", parts, scope="all", per=per)
    if not parts[0].is_summable:
        return
    yield Result(added, unit, "sum", parts, scope="all", per=per)
    if len(parts) > MAX_CHOSEN:
        return
    whole = added if total is None else total
    are_shares = min(one.value for one in parts) >= 0 and not unit
    for size in range(1, len(parts)):
        for chosen in combinations(parts, size):
            some = sum(one.value for one in chosen)
            scope: Scope = "rest" if 1 < size == len(parts) - 1 else "some"
            if size > 1:
                yield Result(some, unit, "sum", chosen, scope=scope, per=per)
            if are_shares and 0 < some < whole:
                yield Result(WHOLE * some / whole, "%", "share", chosen, scope=scope)
    for one in parts if len(parts) > 2 else ():  # noqa: PLR2004 - a pair is compared already
        rest = added - one.value
        if rest > 0 and not unit:
            yield Result(abs(one.value) / rest, "x", "ratio", (one,), scope="rest")
            yield Result(WHOLE * abs(one.value) / rest, "%", "share", (one,), scope="rest")


def _of_days(group: Group) -> Iterator[Result]:
    """Yield sum and mean of days in a row, and what share each is of all."""
    days = tuple(sorted(group, key=lambda one: one.days))
    if len(days) < 2 or days[0].is_level:  # noqa: PLR2004 - a pair
        return
    gaps = [(later.start - earlier.end).days for earlier, later in pairwise(days)]
    # A change is counted from the close of the day before.
    width = 0 if days[0].is_signed and days[0].start < days[0].end else 1
    if min(gaps) < width:
        return
    yield from _of_run(days, "all")
    if len(days) > MAX_RUN or not days[0].is_summable:
        return
    for left, right in combinations(range(len(days) + 1), 2):
        run = days[left:right]
        if 1 < len(run) < len(days) and set(gaps[left : right - 1]) == {width}:
            yield from _of_run(run, "some")
    whole = sum(one.value for one in days)
    for one in days if len(days) > 2 else ():  # noqa: PLR2004 - the rest of two is the other
        yield from _of_run(tuple(day for day in days if day is not one), "rest")
    if days[0].value > 0 and not days[0].per and days[0].unit != "percent":
        for one in days:
            if 0 < one.value < whole:
                yield Result(WHOLE * one.value / whole, "%", "share", (one,), scope="all")


def _of_run(run: Group, scope: Scope) -> Iterator[Result]:
    added, first = sum(one.value for one in run), run[0]
    unit = "%" if first.unit == "percent" else ""
    length = (first.end - first.start).days + (not first.is_signed or first.start == first.end)
    per = first.per or next((per for per, days in PER_DAYS.items() if days == length), "month")
    yield Result(added / len(run), unit, "mean", run, scope=scope, per=per)
    if first.is_summable and not (first.per or unit):
        yield Result(added, unit, "sum", run, scope=scope)


def _of_posts(posts: Sequence[Source], totals: Sequence[Source]) -> Iterator[Result]:
    """Yield sum and mean of the first posts of a list, and what share of all one post has."""
    if posts[0].unit == "percent":
        return
    first = tuple(posts[:MAX_POSTS])
    for size in range(2, len(first) + 1):
        scope: Scope = "all" if size == len(posts) else "some"
        some = sum(one.value for one in first[:size])
        yield Result(some, "", "sum", first[:size], scope=scope)
        yield Result(some / size, "", "mean", first[:size], scope=scope)
    added = sum(one.value for one in first)
    for post in first:
        if 0 < post.value < added:
            yield Result(post.value / (added - post.value), "x", "ratio", (post,), scope="rest")
        for total in totals[:MAX_GROUPS]:
            is_of = total.platform in (None, post.platform) and total.account is None
            if is_of and total.start <= post.start <= total.end and 0 < post.value < total.value:
                share = WHOLE * post.value / total.value
                yield Result(share, "%", "share", (post, total))
