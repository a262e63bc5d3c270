"""Change against another period: what was counted now, what before, and the difference.

Totals are compared only when every day of both periods is known and the periods are equally long.
Otherwise it is averages per known day, and said so. A period of which less than half is known is
not compared. An account that had no data yet in the earlier period is left out of the sums of
both: connecting it is no growth.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby

from sqlalchemy.ext.asyncio import AsyncSession

from domain.analytics.growth import InvalidPeriodError, Period, account_growth
from domain.analytics.metrics import MEANINGS
from domain.analytics.series import Place, place_name
from storage import metrics as metric_queries
from storage.metrics import AccountPeriod
from storage.models import Metric

LEAST_KNOWN = 0.5


@dataclass(frozen=True, kw_only=True)
class Side:
    """One period's number, and the known days it is of."""

    value: float | None
    start: dt.date
    end: dt.date
    observations: int
    is_complete: bool = True
    is_preliminary: bool = False


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """The same number of two periods; `is_per_day` when it is an average per known day."""

    place: Place
    now: Side
    before: Side
    is_per_day: bool = False

    @property
    def change(self) -> float | None:
        """Return now − before; null when one of them is."""
        known = self.now.value is not None and self.before.value is not None
        return (self.now.value or 0) - (self.before.value or 0) if known else None

    @property
    def percent(self) -> float | None:
        """Return 100 · change / before; null unless it was above zero before."""
        if self.change is None or self.before.value is None or self.before.value <= 0:
            return None
        return 100 * self.change / self.before.value


@dataclass(frozen=True, kw_only=True)
class ComparisonReport:
    """All first, then each platform and its accounts if it has several.

    For followers `comparisons` are of what was gained, and `levels` of what there was at the end.
    """

    comparisons: list[Comparison] = field(default_factory=list)
    levels: list[Comparison] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def period_before(period: Period) -> Period:
    """Return the period of the same length that ends on the day before this one starts."""
    length = dt.timedelta(days=period.days)
    return Period(start=period.start - length, end=period.start - dt.timedelta(days=1))


async def report_comparison(
    session: AsyncSession,
    metric: Metric,
    period: Period,
    before: Period,
    *,
    platform: str | None = None,
    account: str | None = None,
) -> ComparisonReport:
    """Return the metric of two periods, the later one being `period`.

    Raises InvalidPeriodError when `before` does not end before `period` starts.
    """
    if before.end >= period.start:
        raise InvalidPeriodError("The earlier period has to end before the later one starts.")
    rows_now, rows_before = [
        await metric_queries.list_account_periods(
            session, metric, span.start, span.end, platform=platform, account=account
        )
        for span in (period, before)
    ]
    return compare(rows_now, rows_before, metric, period, before, has_sums=account is None)


def compare(
    rows_now: Sequence[AccountPeriod],
    rows_before: Sequence[AccountPeriod],
    metric: Metric,
    period: Period,
    before: Period,
    *,
    has_sums: bool = True,
) -> ComparisonReport:
    """Compare two periods' rows of the same accounts."""
    pairs, notes = _comparable(rows_now, rows_before, metric, before)
    meaning = MEANINGS[metric]
    side = _gained_side if meaning.is_stock else _total_side
    accounts = [
        Comparison(
            place=Place(platform=now.platform, account=now.account),
            now=side(now, period),
            before=side(earlier, before),
        )
        for now, earlier in pairs
    ]
    notes += _coverage_notes(accounts, period, before)
    is_per_day = any(not _has_totals(part) for part in accounts)
    if is_per_day:
        accounts = [_per_day(part) for part in accounts]
        is_unequal = period.days != before.days
        reason = "the periods differ in length" if is_unequal else "some days are unknown"
        notes.append(f"the numbers are averages per known day, because {reason}")
    levels = [
        Comparison(
            place=Place(platform=now.platform, account=now.account),
            now=_level_side(now, period),
            before=_level_side(earlier, before),
        )
        for now, earlier in pairs
        if meaning.is_stock
    ]
    if has_sums:
        has_total = not meaning.is_unique
        return ComparisonReport(
            comparisons=_with_sums(accounts, has_total=has_total),
            levels=_with_sums(levels, has_total=has_total),
            notes=notes,
        )
    return ComparisonReport(comparisons=accounts, levels=levels, notes=notes)


def _comparable(
    rows_now: Sequence[AccountPeriod],
    rows_before: Sequence[AccountPeriod],
    metric: Metric,
    before: Period,
) -> tuple[list[tuple[AccountPeriod, AccountPeriod]], list[str]]:
    """Leave out the accounts that had no data yet, and say so."""
    earlier = {(row.platform, row.account): row for row in rows_before}
    pairs, notes = [], []
    for row in rows_now:
        name = f"{row.platform} {row.account}"
        if row.first_known is None:
            notes.append(f"{name}: no {MEANINGS[metric].label} are known")
        elif row.first_known > before.end:
            notes.append(f"{name}: left out, because there is no data before {row.first_known}")
        else:
            pairs.append((row, earlier[row.platform, row.account]))
    return pairs, notes


def _total_side(row: AccountPeriod, period: Period) -> Side:
    is_known = row.observations >= LEAST_KNOWN * period.days
    return Side(
        value=row.total if is_known else None,
        start=row.start_date or period.start,
        end=row.end_date or period.end,
        observations=row.observations,
        is_complete=row.observations == period.days,
        is_preliminary=row.is_preliminary,
    )


def _gained_side(row: AccountPeriod, period: Period) -> Side:
    """Return the followers gained; its observations are the days over which they were."""
    growth = account_growth(row, period)
    days = (
        (growth.end_date - growth.start_date).days if growth.end_date and growth.start_date else 0
    )
    is_known = days >= LEAST_KNOWN * period.days
    first = growth.start_date + dt.timedelta(days=1) if growth.start_date else period.start
    return Side(
        value=growth.change if is_known else None,
        start=first,
        end=growth.end_date or period.end,
        observations=days,
        is_complete=days == period.days,
        is_preliminary=growth.is_preliminary,
    )


def _level_side(row: AccountPeriod, period: Period) -> Side:
    day = row.end_date or period.end
    return Side(
        value=row.end,
        start=day,
        end=day,
        observations=min(row.observations, 1),
        is_preliminary=row.is_preliminary,
    )


def _has_totals(part: Comparison) -> bool:
    """Tell whether both sides are known on as many days, with none missing."""
    same_length = part.now.observations == part.before.observations
    is_unknown = part.now.value is None or part.before.value is None
    return is_unknown or (same_length and part.now.is_complete and part.before.is_complete)


def _per_day(part: Comparison) -> Comparison:
    return replace(part, now=_average(part.now), before=_average(part.before), is_per_day=True)


def _average(side: Side) -> Side:
    if side.value is None:
        return side
    return replace(side, value=side.value / side.observations)


def _with_sums(accounts: Sequence[Comparison], *, has_total: bool) -> list[Comparison]:
    platforms, below = [], []
    for name, group in groupby(accounts, key=lambda part: part.place.platform):
        members = list(group)
        platforms.append(_sum(members, Place(platform=name)))
        below += [platforms[-1], *(members if len(members) > 1 else [])]
    if has_total and len(platforms) > 1:
        return [_sum(platforms, Place()), *below]
    return below


def _sum(parts: Sequence[Comparison], place: Place) -> Comparison:
    return Comparison(
        place=place,
        now=_sum_sides([part.now for part in parts]),
        before=_sum_sides([part.before for part in parts]),
        is_per_day=parts[0].is_per_day,
    )


def _sum_sides(sides: Sequence[Side]) -> Side:
    """Return several numbers together; null when one of them is."""
    values = [side.value for side in sides if side.value is not None]
    return Side(
        value=sum(values) if len(values) == len(sides) else None,
        start=min(side.start for side in sides),
        end=max(side.end for side in sides),
        observations=sum(side.observations for side in sides),
        is_complete=all(side.is_complete for side in sides),
        is_preliminary=any(side.is_preliminary for side in sides),
    )


def _coverage_notes(accounts: Sequence[Comparison], period: Period, before: Period) -> list[str]:
    notes = []
    for part in accounts:
        for side, span in ((part.now, period), (part.before, before)):
            if not side.is_complete:
                unknown = (
                    "too many days are unknown to compare"
                    if side.value is None
                    else "some days are unknown"
                )
                notes.append(f"{place_name(part.place)}: {span.start} to {span.end}, {unknown}")
        if part.now.is_preliminary:
            notes.append(
                f"{place_name(part.place)}: the last days are still being counted and may rise"
            )
    return notes
