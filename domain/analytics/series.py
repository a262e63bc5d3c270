"""Daily series of accounts, of platforms and of all together, with unknown days left out."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from sqlalchemy.ext.asyncio import AsyncSession

from domain.analytics.growth import Period, known_series
from domain.analytics.metrics import MEANINGS
from storage import metrics as metric_queries
from storage.metrics import DailyValue
from storage.models import DayStatus, Metric, Platform


@dataclass(frozen=True, kw_only=True)
class Place:
    """An account, a platform (`account` null) or all of them (both null)."""

    platform: str | None = None
    account: str | None = None


@dataclass(frozen=True, kw_only=True)
class SeriesOf:
    """A place's value on each of its known days; `has_preliminary` tells of the last of them."""

    place: Place
    values: Mapping[dt.date, int]
    is_preliminary: bool = False


@dataclass(frozen=True, kw_only=True)
class SeriesList:
    """All first, then each platform and its accounts if it has several."""

    parts: list[SeriesOf]
    notes: list[str]


def place_name(place: Place) -> str:
    """Return how notes call a place."""
    if place.platform is None:
        return "all platforms"
    return f"{place.platform} {place.account}" if place.account else place.platform


def platform_name(platform: str | None) -> str:
    """Return how a platform writes itself."""
    names = {Platform.YOUTUBE.value: "YouTube"}
    return names.get(platform, platform.title()) if platform else "all platforms"


async def list_series(
    session: AsyncSession,
    metric: Metric,
    period: Period,
    *,
    platform: str | None = None,
    account: str | None = None,
    without: DayStatus | None = None,
) -> SeriesList:
    """Return the daily values of the period, without the days of one status.

    An account of which nothing is known is named in a note.
    """
    rows = await metric_queries.list_account_periods(
        session, metric, period.start, period.end, platform=platform, account=account
    )
    values = await metric_queries.list_daily_values(
        session, metric, period.start, period.end, platform=platform, account=account
    )
    kept = [value for value in values if value.status != without]
    notes = [
        f"{row.platform} {row.account}: no {MEANINGS[metric].label} are known"
        for row in rows
        if row.first_known is None
    ]
    return SeriesList(
        parts=series_parts(
            kept, is_summable=not MEANINGS[metric].is_unique, has_sums=account is None
        ),
        notes=notes,
    )


def series_parts(
    values: Sequence[DailyValue], *, is_summable: bool, has_sums: bool = True
) -> list[SeriesOf]:
    """Return the series of accounts and their sums, on the days when all of them are known.

    Unique counts (reach, listeners) are not summed over platforms: the people overlap.
    """
    preliminary = {
        (value.platform, value.account)
        for value in values
        if value.value is not None and value.status == DayStatus.PRELIMINARY
    }
    accounts = [
        SeriesOf(
            place=Place(platform=name, account=account),
            values=series,
            is_preliminary=(name, account) in preliminary,
        )
        for (name, account), series in sorted(known_series(values).items())
    ]
    if not has_sums:
        return accounts
    platforms: list[SeriesOf] = []
    below: list[SeriesOf] = []
    for name, group in groupby(accounts, key=lambda part: part.place.platform):
        members = list(group)
        platforms.append(_sum(members, Place(platform=name)))
        below += [platforms[-1], *(members if len(members) > 1 else [])]
    if is_summable and len(platforms) > 1:
        return [_sum(accounts, Place()), *below]
    return below


def _sum(parts: Sequence[SeriesOf], place: Place) -> SeriesOf:
    days = set.intersection(*(set(part.values) for part in parts))
    return SeriesOf(
        place=place,
        values={day: sum(part.values[day] for part in parts) for day in sorted(days)},
        is_preliminary=any(part.is_preliminary for part in parts),
    )
