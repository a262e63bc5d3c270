"""Concentration: how a metric is spread over the creator's platforms."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy.ext.asyncio import AsyncSession

from core.errors import InvalidError
from domain.analytics.growth import Period
from domain.analytics.metrics import MEANINGS
from domain.analytics.series import SeriesOf, list_series
from storage.models import Metric

# A platform dominates when it brings more than all others together.
DOMINANT_PERCENT = 50.0
# Shares are told to a tenth of a percent.
STEPS_PER_PERCENT = 10


class NotSummableError(InvalidError):
    """People are counted once on each platform, so platforms have no shares of them."""

    code = "not_summable"


@dataclass(frozen=True, kw_only=True)
class Share:
    """A platform's value and its percent of all; percent is null when all of it is zero."""

    platform: str
    value: int
    percent: float | None


@dataclass(frozen=True, kw_only=True)
class Concentration:
    """The platforms' shares, largest first, of the days from `start` to `end` all are known on.

    `index` is the Herfindahl-Hirschman index from 0 to 10,000; `days` is how many days count,
    all of the period when it `is_complete`.
    """

    start: dt.date
    end: dt.date
    shares: list[Share] = field(default_factory=list)
    index: int | None = None
    days: int = 0
    is_complete: bool = True
    is_preliminary: bool = False
    notes: list[str] = field(default_factory=list)

    @property
    def dominant(self) -> str | None:
        """Return the platform with more than half, if there are others at all."""
        largest = self.shares[0] if len(self.shares) > 1 else None
        is_dominant = largest and largest.percent and largest.percent > DOMINANT_PERCENT
        return largest.platform if largest and is_dominant else None


async def report_concentration(
    session: AsyncSession, metric: Metric, period: Period
) -> Concentration:
    """Return each platform's share of a metric; raises NotSummableError for unique counts.

    Platforms are compared on the days on which all of them are known: the total of those days,
    or the level on the last of them. A platform that never reported the metric has no share.
    """
    if MEANINGS[metric].is_unique:
        raise NotSummableError
    found = await list_series(session, metric, period)
    platforms = [part for part in found.parts if part.place.platform and part.place.account is None]
    result = concentration(platforms, period, is_level=MEANINGS[metric].is_stock)
    return Concentration(**(vars(result) | {"notes": [*found.notes, *result.notes]}))


def concentration(
    platforms: Sequence[SeriesOf], period: Period, *, is_level: bool
) -> Concentration:
    """Return the shares of platforms; no shares when no day is known on all of them."""
    known = [set(part.values) for part in platforms]
    days = sorted(set.intersection(*known)) if known else []
    if not days:
        notes = ["no day of the period is known on all platforms"] if platforms else []
        return Concentration(start=period.start, end=period.end, notes=notes)
    counted = days[-1:] if is_level else days
    values = {
        str(part.place.platform): sum(part.values[day] for day in counted) for part in platforms
    }
    percents = percents_of(values)
    shares = [
        Share(platform=platform, value=value, percent=percents.get(platform))
        for platform, value in values.items()
    ]
    return Concentration(
        start=counted[0],
        end=counted[-1],
        shares=sorted(shares, key=lambda share: (-share.value, share.platform)),
        index=herfindahl_index(list(values.values())),
        days=len(counted),
        is_complete=is_level or len(days) == period.days,
        is_preliminary=any(part.is_preliminary for part in platforms),
        notes=_notes(len(days), len(platforms), period, is_level=is_level),
    )


def herfindahl_index(values: Sequence[int]) -> int | None:
    """Return the sum of squared percent shares: 10,000 for one, 10,000 / n for n equal ones.

    Hirschman, "The Paternity of an Index" (1964); on this scale as in the Horizontal Merger
    Guidelines of the US Department of Justice (2010), section 5.3. Null when all is zero.
    """
    total = sum(values)
    return round(10_000 * sum((value / total) ** 2 for value in values)) if total else None


def percents_of(values: Mapping[str, int]) -> dict[str, float]:
    """Return the shares of a total in percent, to a tenth and adding up to exactly 100.

    What rounding down leaves over goes to the largest remainders (Hamilton's method). Empty when
    the total is zero.
    """
    total = sum(values.values())
    if not total:
        return {}
    steps = 100 * STEPS_PER_PERCENT
    floors = {name: value * steps // total for name, value in values.items()}
    by_remainder = sorted(values, key=lambda name: (-(values[name] * steps % total), name))
    for name in by_remainder[: steps - sum(floors.values())]:
        floors[name] += 1
    return {name: floor / STEPS_PER_PERCENT for name, floor in floors.items()}


def _notes(days: int, platforms: int, period: Period, *, is_level: bool) -> list[str]:
    notes = []
    if platforms == 1:
        notes.append("only one platform reports this metric, so there is nothing to compare")
    if days < period.days and not is_level:
        notes.append("only the days that all platforms know are counted")
    return notes
