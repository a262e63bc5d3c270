"""Generated creators: daily numbers that are noise, and the stories planted into them."""

import datetime as dt
import math
from collections.abc import Mapping
from itertools import accumulate
from random import Random

from storage.metrics import DailyValue

FIRST_DAY = dt.date(2025, 11, 21)
YEAR = 365
PLATFORMS = ("instagram", "facebook", "youtube", "spotify")
KINDS = ("poisson", "overdispersed", "lognormal")

Series = dict[dt.date, int]


def dated(values: Mapping[int, int] | list[int], first: dt.date = FIRST_DAY) -> Series:
    """Return values as a series of days."""
    pairs = values.items() if isinstance(values, Mapping) else enumerate(values)
    return {first + dt.timedelta(days=number): value for number, value in pairs}


def daily_values(
    series: Series, platform: str = "instagram", account: str = "luna"
) -> list[DailyValue]:
    """Return a series as storage would."""
    return [
        DailyValue(platform=platform, account=account, date=date, value=value, status="final")
        for date, value in series.items()
    ]


def poisson(random: Random, mean: float) -> int:
    """Draw a Poisson number; a normal one stands in where the mean is large."""
    if mean > 50:
        return max(0, round(random.gauss(mean, math.sqrt(mean))))
    count, product = 0, random.random()
    while product > math.exp(-mean):
        count += 1
        product *= random.random()
    return count


def noisy_counts(
    random: Random,
    *,
    days: int = YEAR,
    level: float | None = None,
    yearly_growth: float = 0.0,
    kind: str | None = None,
    memory: float = 0.0,
    spread: float | None = None,
) -> list[int]:
    """Return daily counts with a week's rhythm, noise of some kind, and slow growth.

    `memory` is how much of one day's luck is left on the next; `spread` that of log-normal luck.
    """
    kind = kind or random.choice(KINDS)
    level = level or math.exp(random.uniform(math.log(8), math.log(5_000)))
    rhythm = [math.exp(random.gauss(0, 0.15)) for _ in range(7)]
    spread = spread or random.uniform(0.1, 0.5)
    shape = random.uniform(4, 20)
    counts, luck = [], 0.0
    for day in range(days):
        luck = memory * luck + math.sqrt(1 - memory**2) * random.gauss(0, 1)
        mean = level * rhythm[day % 7] * math.exp(yearly_growth * day / YEAR)
        if kind == "overdispersed":
            mean *= random.gammavariate(shape, 1 / shape)
        if kind == "lognormal" or memory:
            mean *= math.exp(spread * luck)
        counts.append(poisson(random, mean))
    return counts


def noisy_changes(
    random: Random,
    *,
    days: int = YEAR,
    drift: float = 0.0,
    spread: float | None = None,
    memory: float = 0.0,
) -> list[int]:
    """Return daily changes of followers around a drift."""
    spread = spread or math.exp(random.uniform(math.log(1), math.log(60)))
    changes, luck = [], 0.0
    for _ in range(days):
        luck = memory * luck + math.sqrt(1 - memory**2) * random.gauss(0, 1)
        changes.append(round(drift + spread * luck))
    return changes


def follower_levels(changes: list[int], start: int = 20_000) -> list[int]:
    """Return the followers at the end of each day."""
    return list(accumulate(changes, initial=start))[1:]
