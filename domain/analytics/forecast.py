"""Forecasts: what a metric will be in some weeks, with the interval that holds four in five times.

The method is plain on purpose: what comes is what each weekday brought on average over the last
eight weeks. How far that may be off is measured, not assumed: the same method is put to the same
task on every earlier day of the creator's own history.
"""

import datetime as dt
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import accumulate, pairwise

from sqlalchemy.ext.asyncio import AsyncSession

from core.errors import InvalidError
from domain.analytics.growth import Period
from domain.analytics.metrics import MEANINGS
from domain.analytics.series import Place, SeriesOf, list_series, place_name
from storage.models import DayStatus, Metric

MAX_HORIZON_DAYS = 180
# History older than this says little about next month.
HISTORY_DAYS = 400
MIN_HISTORY_DAYS = 56
# Averages are taken over eight weeks, or over four while there is little history.
WEEK = 7
WINDOW_DAYS = 56
SHORT_WINDOW_DAYS = 28
# So much of the history has to be known, and this recent its last day has to be.
LEAST_KNOWN = 0.8
MAX_AGE_DAYS = 14
# Errors are measured at most this share of the history ahead, and extrapolated from there.
MEASURED_SHARE = 1 / 3
COVERAGE = 0.8
NORMAL_QUANTILE = 1.2816  # of 90 %, so that 80 % lie between it and its opposite


class InvalidForecastError(InvalidError):
    """A forecast reaches from tomorrow to some months ahead."""

    code = "invalid_forecast"


@dataclass(frozen=True, kw_only=True)
class Outlook:
    """A number that is expected, and the range that it stays in four in five times."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, kw_only=True)
class Forecast:
    """An outlook for an account, a platform or all; all of it null where there is none.

    A level (followers) is that of the last day of `days`, others are totals over `days`.
    `current` is the last known level, on `current_day`. `observations` are the known days used.
    """

    platform: str | None
    account: str | None
    days: Period
    value: int | None = None
    low: int | None = None
    high: int | None = None
    current: int | None = None
    current_day: dt.date | None = None
    observations: int = 0

    @property
    def change(self) -> int | None:
        """Return what a level is expected to gain, or to lose if negative."""
        known = self.value is not None and self.current is not None
        return (self.value or 0) - (self.current or 0) if known else None


@dataclass(frozen=True, kw_only=True)
class ForecastReport:
    """The total first, then each platform and its accounts if it has several."""

    forecasts: list[Forecast] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


async def report_forecast(
    session: AsyncSession,
    metric: Metric,
    *,
    today: dt.date,
    until: dt.date,
    platform: str | None = None,
    account: str | None = None,
) -> ForecastReport:
    """Return what is expected from tomorrow to `until`; raises InvalidForecastError."""
    horizon = (until - today).days
    if not 1 <= horizon <= MAX_HORIZON_DAYS:
        raise InvalidForecastError
    since = today - dt.timedelta(days=HISTORY_DAYS)
    found = await list_series(
        session,
        metric,
        Period(start=since, end=today),
        platform=platform,
        account=account,
        without=DayStatus.PRELIMINARY,
    )
    report = ForecastReport(notes=list(found.notes))
    for part in found.parts:
        forecast, reason = forecast_series(part, metric, today=today, until=until)
        report.forecasts.append(forecast)
        if reason:
            report.notes.append(f"{place_name(part.place)}: no forecast, because {reason}")
    return report


def forecast_series(
    part: SeriesOf, metric: Metric, *, today: dt.date, until: dt.date
) -> tuple[Forecast, str | None]:
    """Return the forecast of one series, or an empty one and the reason."""
    is_level = MEANINGS[metric].is_stock
    tomorrow = today + dt.timedelta(days=1)
    place: Place = part.place
    unknown = Forecast(
        platform=place.platform,
        account=place.account,
        days=Period(start=until if is_level else tomorrow, end=until),
        observations=len(part.values),
    )
    if reason := _obstacle(part.values, today, until):
        return unknown, reason
    last = max(part.values)
    daily = _changes(part.values) if is_level else _without_gaps(part.values)
    outlook = expect_total(
        daily,
        horizon=(until - (last if is_level else today)).days,
        gap=0 if is_level else (today - last).days,
        is_count=not is_level,
    )
    current = part.values[last] if is_level else 0
    value, low, high = (
        max(0, round(current + number)) for number in (outlook.value, outlook.low, outlook.high)
    )
    return Forecast(
        platform=place.platform,
        account=place.account,
        days=unknown.days,
        value=value,
        low=low,
        high=high,
        current=current if is_level else None,
        current_day=last if is_level else None,
        observations=len(part.values),
    ), None


def expect_total(
    daily: Sequence[float], *, horizon: int, gap: int = 0, is_count: bool = True
) -> Outlook:
    """Return the expected total of `horizon` days, which begin `gap` days after the history.

    Seasonal averages with intervals from the forecast's own past errors: Hyndman and
    Athanasopoulos, "Forecasting: Principles and Practice" (3rd ed.), sections 5.2, 5.5 and 5.10.
    The errors at all earlier days overlap, so they count as few observations as fit side by side,
    and their quantile is widened like that of Student's t. Beyond the longest measured horizon
    they grow like the error of a sum of n days minus n times a mean of w days, the root of
    n + n²/w. Errors of counts are in proportion to the forecast. Needs `MIN_HISTORY_DAYS` days.
    """
    window = WINDOW_DAYS if len(daily) >= 2 * WINDOW_DAYS else SHORT_WINDOW_DAYS
    averages = _weekday_averages(daily, window)
    value = _total(averages[-1], gap, horizon)
    measured = max(1, min(horizon, int((len(daily) - window) * MEASURED_SHARE)))
    sums = list(accumulate(daily, initial=0.0))
    errors = []
    for origin in range(window, len(daily) - gap - measured + 1):
        guess = _total(averages[origin - window], gap, measured)
        error = sums[origin + gap + measured] - sums[origin + gap] - guess
        in_proportion = is_count and guess > 0
        errors.append(
            abs(error) * (value / horizon) / (guess / measured) if in_proportion else abs(error)
        )
    errors.sort()
    side_by_side = max(1.0, len(errors) / measured)
    half = errors[min(len(errors) - 1, int(COVERAGE * len(errors)))]
    half *= _student_quantile(side_by_side) / NORMAL_QUANTILE
    half *= _growth(horizon, window) / _growth(measured, window)
    low = value - half
    return Outlook(value=value, low=max(0.0, low) if is_count else low, high=value + half)


def _obstacle(values: Mapping[dt.date, int], today: dt.date, until: dt.date) -> str | None:
    """Return why these days are no ground for a forecast, or None."""
    if not values:
        return "nothing is known"
    first, last = min(values), max(values)
    length = (last - first).days + 1
    if (today - last).days > MAX_AGE_DAYS:
        return f"the last known day is {last}"
    if length < MIN_HISTORY_DAYS:
        return f"there is too little history: it begins on {first}"
    if len(values) < LEAST_KNOWN * length:
        return f"too many days since {first} are unknown"
    if 2 * (until - last).days > length:
        return f"history since {first} is too short to reach that far"
    return None


def _changes(levels: Mapping[dt.date, int]) -> list[float]:
    """Return the change of each day; over unknown days it is spread evenly."""
    return [
        (levels[after] - levels[before]) / (after - before).days
        for before, after in pairwise(sorted(levels))
        for _ in range((after - before).days)
    ]


def _without_gaps(values: Mapping[dt.date, int]) -> list[float]:
    """Return every day from the first to the last; an unknown one is like that of a week before.

    Where that is no day of the history, it is like the average of all known days.
    """
    filled: list[float] = []
    average = sum(values.values()) / len(values)
    for number in range((max(values) - min(values)).days + 1):
        known = values.get(min(values) + dt.timedelta(days=number))
        if known is None:
            filled.append(filled[number - WEEK] if number >= WEEK else average)
        else:
            filled.append(known)
    return filled


def _weekday_averages(daily: Sequence[float], window: int) -> list[list[float]]:
    """Return for each origin from `window` on the averages of its next seven weekdays."""
    by_weekday = [list(accumulate(daily[weekday::WEEK], initial=0.0)) for weekday in range(WEEK)]
    weeks = window // WEEK
    averages = []
    for origin in range(window, len(daily) + 1):
        row = []
        for day in range(origin, origin + WEEK):
            sums, place = by_weekday[day % WEEK], day // WEEK
            row.append((sums[place] - sums[place - weeks]) / weeks)
        averages.append(row)
    return averages


def _total(averages: Sequence[float], gap: int, horizon: int) -> float:
    """Return the sum of so many days after the gap."""
    weeks, rest = divmod(horizon, WEEK)
    return weeks * sum(averages) + sum(averages[(gap + day) % WEEK] for day in range(rest))


def _growth(horizon: int, window: int) -> float:
    return math.sqrt(horizon + horizon**2 / window)


def _student_quantile(freedom: float) -> float:
    """Return the 90 % quantile of Student's t, which is above the normal one for few observations.

    Abramowitz and Stegun, "Handbook of Mathematical Functions" (1964), 26.7.5.
    """
    z = NORMAL_QUANTILE
    return (
        z
        + (z**3 + z) / (4 * freedom)
        + (5 * z**5 + 16 * z**3 + 3 * z) / (96 * freedom**2)
        + (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / (384 * freedom**3)
    )
