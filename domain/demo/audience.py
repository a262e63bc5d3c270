"""How many people follow the demo creator, and how that moves from day to day."""

import datetime as dt
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
from random import Random

from domain.demo.year import DAYS, Year
from storage.models import Platform

# What the viral reel adds to Instagram's followers on its day and the days after.
VIRAL_FOLLOWERS = (64, 231, 148, 86, 47, 24)
# More posts than a fifth above the usual number bring nothing more.
MOST_ACTIVE = 1.2


@dataclass(frozen=True, kw_only=True)
class Audience:
    """An account, and its followers at some ages in days; growth in between is exponential.

    Attention (views, streams) follows the audience to the power of `elasticity`; `resting` is the
    share of it that is left after a week without posts. `luck` is how far the followers of one day
    may be from what the rest of it explains, as a factor.
    """

    account: str
    followers: tuple[tuple[int, int], ...]
    elasticity: float
    luck: float
    resting: float = 0.4

    def trend(self, age: int) -> float:
        """Return the followers that many days ago, without any noise."""
        for (older, before), (newer, after) in pairwise(self.followers):
            if age >= newer:
                return before * math.pow(after / before, (older - age) / (older - newer))
        raise ValueError(f"no followers are known for an age of {age} days")

    def attention(self, age: int) -> float:
        """Return the attention that many days ago as a multiple of today's."""
        return math.pow(self.trend(age) / self.trend(0), self.elasticity)

    def momentum(self, activity: float) -> float:
        """Return the factor on attention after a week of so many times the usual posts."""
        return self.resting + (1 - self.resting) * activity


YEAR_AGO = DAYS - 1
AUDIENCES = {
    Platform.INSTAGRAM: Audience(
        account="idawrenfeld",
        followers=((YEAR_AGO, 15_950), (0, 23_540)),
        elasticity=0.8,
        luck=0.9,
    ),
    Platform.FACEBOOK: Audience(
        account="idawrenfeldmusic",
        followers=((YEAR_AGO, 12_384), (185, 12_611), (0, 11_243)),
        elasticity=3.5,
        luck=0.8,
    ),
    Platform.YOUTUBE: Audience(
        account="idawrenfeldmusic",
        followers=((YEAR_AGO, 1_807), (0, 4_916)),
        elasticity=0.8,
        luck=0.7,
    ),
    Platform.SPOTIFY: Audience(
        account="Ida Wrenfeld",
        followers=((YEAR_AGO, 6_318), (0, 7_902)),
        elasticity=1.2,
        luck=0.8,
        resting=0.8,
    ),
}


def build_activity(year: Year, post_days: Sequence[dt.date]) -> dict[dt.date, float]:
    """Return, by day, the posts of the last seven days as a multiple of the usual number."""
    counts = [post_days.count(day) for day in year.days]
    usual = 7 * sum(counts) / len(counts)
    activity = {}
    for place, day in enumerate(year.days):
        # The days before the year are taken to be usual ones.
        recent = sum(counts[max(0, place - 6) : place + 1]) + usual / 7 * max(0, 6 - place)
        activity[day] = min(recent / usual, MOST_ACTIVE)
    return activity


def build_followers(
    platform: Platform, year: Year, activity: Mapping[dt.date, float], rng: Random
) -> list[int]:
    """Return the followers at the end of each day of the year; the ends are the trend's."""
    audience = AUDIENCES[platform]
    followers = [audience.followers[0][1]]
    for (older, before), (newer, after) in pairwise(audience.followers):
        steps = []
        for age in range(older - 1, newer - 1, -1):
            step = audience.trend(age) - audience.trend(age + 1)
            day = year.today - dt.timedelta(days=age)
            # People leave whether she posts or not.
            eagerness = audience.momentum(activity[day]) if step > 0 else 1
            luck = rng.triangular(1 - audience.luck, 1 + audience.luck)
            steps.append(step * eagerness * year.elapsed(day, day) * luck)
        scale = (after - before) / sum(steps)
        followers += [round(before + level * scale) for level in accumulate(steps)]
    if platform is Platform.INSTAGRAM:
        followers = [
            count + sum(VIRAL_FOLLOWERS[: max(0, (day - year.viral_day).days + 1)])
            for day, count in zip(year.days, followers, strict=True)
        ]
    return followers
