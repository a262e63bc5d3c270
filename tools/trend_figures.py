"""From comparisons, trends, forecasts and shares to figures, and to rows of what is no number."""

import datetime as dt
from collections.abc import Iterator
from typing import Any

from domain.analytics.comparison import Comparison, ComparisonReport, Side
from domain.analytics.concentration import Concentration
from domain.analytics.forecast import Forecast
from domain.analytics.growth import Period
from domain.analytics.metrics import MEANINGS
from domain.analytics.series import Place
from domain.analytics.trends import Trend
from domain.figures import Figure, FigureBook, FigureStatus, Unit
from storage.models import Metric, Platform
from tools.figures import PLATFORM_NAMES, place_label
from tools.results import ToolResult


def comparison_result(book: FigureBook, metric: Metric, report: ComparisonReport) -> ToolResult:
    """Write down now, before, change and percent of every comparison, with a row for each."""
    is_stock = MEANINGS[metric].is_stock
    label = "followers gained" if is_stock else MEANINGS[metric].label
    key = "follower_change" if is_stock else metric.value
    unit = MEANINGS[metric].unit
    result = ToolResult(notes=report.notes)
    for part in report.comparisons:
        per_day = (f"{label} per day", f"{key}_per_day") if part.is_per_day else (label, key)
        kind = "per_day" if part.is_per_day else "total"
        _add(result, kind, part.place, list(_compared(book, part, *per_day, unit)))
    for level in report.levels:
        figures = list(_compared(book, level, f"{label_of(metric)} at the end", metric.value, unit))
        _add(result, "level", level.place, figures)
    return result


def trend_result(book: FigureBook, metric: Metric, trends: list[Trend]) -> ToolResult:
    """Write down the clear trends; a row tells the direction of each trend, clear or not."""
    result = ToolResult()
    for trend in trends:
        direction = "none"
        if trend.per_week:
            direction = "up" if trend.per_week > 0 else "down"
        figures = list(_of_trend(book, metric, trend)) if trend.is_clear else []
        _add(result, direction, trend.place, figures, name="trend")
        result.rows[-1] |= {"start": trend.start, "end": trend.end}
    return result


def forecast_result(book: FigureBook, metric: Metric, forecasts: list[Forecast]) -> ToolResult:
    """Write down what is expected, its range, and for a level where it stands today."""
    result = ToolResult()
    for forecast in forecasts:
        place = Place(platform=forecast.platform, account=forecast.account)
        kind = "level" if MEANINGS[metric].is_stock else "total"
        _add(result, kind, place, list(_of_forecast(book, metric, forecast, place)))
        result.rows[-1] |= {"start": forecast.days.start, "end": forecast.days.end}
    return result


def concentration_result(book: FigureBook, metric: Metric, found: Concentration) -> ToolResult:
    """Write down each platform's value and share, and the index; rows say who dominates."""
    result = ToolResult(notes=found.notes)
    label = MEANINGS[metric].label
    status = _status(is_complete=found.is_complete, is_preliminary=found.is_preliminary)
    for share in found.shares:
        values: tuple[tuple[str, float | None, str, Unit], ...] = (
            (label, share.value, metric.value, MEANINGS[metric].unit),
            (f"share of {label}", share.percent, f"share_of_{metric.value}", "percent"),
        )
        figures = [
            book.add(
                f"{name}, {PLATFORM_NAMES[Platform(share.platform)]}",
                value,
                metric=key,
                unit=unit,
                platform=share.platform,
                start=found.start,
                end=found.end,
                status=status,
                observations=found.days,
            )
            for name, value, key, unit in values
        ]
        _add(result, "share", Place(platform=share.platform), figures)
        result.rows[-1]["dominates"] = share.platform == found.dominant
    if found.shares:
        index = book.add(
            f"concentration of {label} (Herfindahl-Hirschman index, to 10,000)",
            found.index,
            metric="concentration_index",
            start=found.start,
            end=found.end,
            status=status,
            observations=found.days * len(found.shares),
        )
        result.figures.append(index)
    return result


def label_of(metric: Metric) -> str:
    """Return what a metric counts."""
    return MEANINGS[metric].label


def _add(
    result: ToolResult, kind: str, place: Place, figures: list[Figure], *, name: str = "kind"
) -> None:
    row: dict[str, Any] = {
        "platform": place.platform,
        "account": place.account,
        name: kind,
        "figures": [figure.id for figure in figures],
    }
    result.figures.extend(figures)
    result.rows.append(row)


def _compared(
    book: FigureBook, part: Comparison, label: str, key: str, unit: Unit
) -> Iterator[Figure]:
    place = place_label(part.place)
    both = Side(
        value=None,
        start=part.before.start,
        end=part.now.end,
        observations=part.now.observations + part.before.observations,
        is_complete=part.now.is_complete and part.before.is_complete,
        is_preliminary=part.now.is_preliminary or part.before.is_preliminary,
    )
    values: tuple[tuple[str, float | None, str, Unit, Side], ...] = (
        (f"{label}, {place}", part.now.value, key, unit, part.now),
        (f"{label} before, {place}", part.before.value, key, unit, part.before),
        (f"change of {label}, {place}", part.change, f"change_of_{key}", unit, both),
        (
            f"change of {label} in percent, {place}",
            part.percent,
            f"change_of_{key}_percent",
            "percent",
            both,
        ),
    )
    for name, value, metric, own_unit, side in values:
        yield book.add(
            name,
            rounded(value),
            metric=metric,
            unit=own_unit,
            platform=part.place.platform,
            account=part.place.account,
            start=side.start,
            end=side.end,
            status=_status(is_complete=side.is_complete, is_preliminary=side.is_preliminary),
            observations=side.observations,
        )


def _of_trend(book: FigureBook, metric: Metric, trend: Trend) -> Iterator[Figure]:
    label, place, unit = label_of(metric), place_label(trend.place), MEANINGS[metric].unit
    whole = Period(start=trend.start, end=trend.end)
    values: list[tuple[str, float | None, str, Unit, Period]] = [
        (f"trend of {label} per week, {place}", trend.per_week, f"trend_of_{metric}", unit, whole),
        (
            f"trend of {label} in percent, {place}",
            trend.percent,
            f"trend_of_{metric}_percent",
            "percent",
            whole,
        ),
        (f"weeks of the trend of {label}, {place}", trend.weeks, "trend_weeks", "count", whole),
    ]
    first, last = _ends(trend, is_level=MEANINGS[metric].is_stock)
    if MEANINGS[metric].is_stock:
        values += [
            (f"{label} at the start, {place}", trend.first, metric.value, unit, first),
            (f"{label} at the end, {place}", trend.last, metric.value, unit, last),
        ]
    else:
        key = f"average_weekly_{metric}"
        values += [
            (f"{label} in an average week at first, {place}", trend.first, key, unit, first),
            (f"{label} in an average week lately, {place}", trend.last, key, unit, last),
        ]
    for name, value, figure_metric, own_unit, days in values:
        yield book.add(
            name,
            rounded(value),
            metric=figure_metric,
            unit=own_unit,
            platform=trend.place.platform,
            account=trend.place.account,
            start=days.start,
            end=days.end,
            observations=min(days.days, 7 * trend.weeks),
        )


def _ends(trend: Trend, *, is_level: bool) -> tuple[Period, Period]:
    """Return the days that a trend's first and last numbers are of."""
    if is_level:
        before = trend.start - dt.timedelta(days=1)
        return Period(start=before, end=before), Period(start=trend.end, end=trend.end)
    rest = dt.timedelta(days=trend.end_days - 1)
    return (
        Period(start=trend.start, end=trend.start + rest),
        Period(start=trend.end - rest, end=trend.end),
    )


def _of_forecast(
    book: FigureBook, metric: Metric, forecast: Forecast, place: Place
) -> Iterator[Figure]:
    label, where, unit = label_of(metric), place_label(place), MEANINGS[metric].unit
    key = f"forecast_{metric}"
    values = [
        (f"forecast of {label}, {where}", forecast.value, key),
        (f"forecast of {label}, low end of the range, {where}", forecast.low, f"{key}_low"),
        (f"forecast of {label}, high end of the range, {where}", forecast.high, f"{key}_high"),
    ]
    if MEANINGS[metric].is_stock:
        values.append(
            (f"forecast of {label} gained, {where}", forecast.change, "forecast_follower_change")
        )
    for name, value, figure_metric in values:
        yield book.add(
            name,
            value,
            metric=figure_metric,
            unit=unit,
            platform=place.platform,
            account=place.account,
            start=forecast.days.start,
            end=forecast.days.end,
            status="forecast",
            observations=forecast.observations,
        )
    if forecast.current is not None and forecast.current_day is not None:
        yield book.add(
            f"last known {label}, {where}",
            forecast.current,
            metric=metric.value,
            unit=unit,
            platform=place.platform,
            account=place.account,
            start=forecast.current_day,
            end=forecast.current_day,
            observations=1,
        )


def rounded(value: float | None) -> float | None:
    """Return a number without the digits that mean nothing; whole numbers stay whole."""
    if value is None or float(value).is_integer():
        return None if value is None else int(value)
    return round(value, 2)


def _status(*, is_complete: bool, is_preliminary: bool) -> FigureStatus:
    if not is_complete:
        return "partial"
    return "preliminary" if is_preliminary else "final"
