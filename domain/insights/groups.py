"""Groups of posts: which one clearly earns more, and the figures that tell so."""

from collections.abc import Hashable, Mapping, Sequence
from typing import TypeVar

from domain.analytics.posts import Post
from domain.figures import Figure, FigureBook
from domain.insights.chances import group_p, normal_scores

Group = TypeVar("Group", bound=Hashable)

# A fifth more than usual is worth a sentence.
LEAST_RELATIVE = 1.2


def clear_groups(
    values: Sequence[float], groups: Mapping[Group, Sequence[int]], limit: float, *, least: int
) -> dict[Group, float]:
    """Return the chance of each group that stands out, allowing for all that were examined."""
    examined = {group: places for group, places in groups.items() if len(places) >= least}
    if len(examined) < 2:  # noqa: PLR2004 - one group has no rival
        return {}
    scores = normal_scores(values)
    power = sum(score * score for score in scores)
    adjusted = {
        group: len(examined) * group_p(scores, power, places) for group, places in examined.items()
    }
    return {group: p for group, p in adjusted.items() if p <= limit}


def relative_figures(
    what: str, count: int, relative: float, posts: Sequence[Post]
) -> dict[str, Figure]:
    """Write down how many posts there are, and how many times the usual they earned."""
    book = FigureBook()
    start, end = posts[0].date, posts[-1].date
    return {
        "posts": book.add(
            f"posts, {what}",
            count,
            metric="posts_in_group",
            start=start,
            end=end,
            observations=count,
        ),
        "times": book.add(
            f"times the usual engagement, {what}",
            round(relative, 1),
            metric="relative_engagement",
            start=start,
            end=end,
            observations=count,
        ),
    }


def ids_of(figures: Mapping[str, Figure]) -> dict[str, str]:
    """Return the ids of figures by their name among the facts."""
    return {name: figure.id for name, figure in figures.items()}


def effect_of(relative: float) -> float:
    """Return 1 for twice the usual."""
    return min(max(relative - 1, 0), 1)
