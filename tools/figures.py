"""From what analytics measured to figures with ids, labels and sources."""

from collections.abc import Iterator

from domain.analytics import Growth, Measurement, Period, Report
from domain.anomalies import UnusualDay
from domain.figures import Figure, FigureBook, FigureStatus, Unit
from domain.metrics import MEANINGS
from storage.models import Metric, Platform

PLATFORM_NAMES = {
    Platform.INSTAGRAM: "Instagram",
    Platform.FACEBOOK: "Facebook",
    Platform.YOUTUBE: "YouTube",
    Platform.SPOTIFY: "Spotify",
}


def measurement_figures(
    book: FigureBook, metric: Metric, report: Report[Measurement]
) -> list[Figure]:
    """Write down a figure for each account, platform and the total of a report."""
    return [
        book.add(
            f"{MEANINGS[metric].label}, {_place(part)}",
            part.value,
            metric=metric,
            platform=part.platform,
            account=part.account,
            start=part.start,
            end=part.end,
            status=_status(part),
            observations=part.observations,
            unit=MEANINGS[metric].unit,
        )
        for part in report.parts()
    ]


def growth_figures(book: FigureBook, report: Report[Growth], period: Period) -> list[Figure]:
    """Write down change, percent, and both ends for each platform, account and the total."""
    return [
        figure for growth in report.parts() for figure in _figures_of_growth(book, growth, period)
    ]


def unusual_day_figures(book: FigureBook, day: UnusualDay) -> list[Figure]:
    """Write down the day's value and what is typical around it."""
    is_stock = MEANINGS[day.metric].is_stock
    label = "followers gained" if is_stock else MEANINGS[day.metric].label
    metric = "follower_change" if is_stock else day.metric.value
    where = f"{PLATFORM_NAMES[Platform(day.platform)]} ({day.account})"
    rows = (
        (f"{label}, {where}", day.value, metric, 1),
        (
            f"typical {label} around that day, {where}",
            day.typical,
            f"typical_{metric}",
            day.neighbours,
        ),
    )
    return [
        book.add(
            name,
            value,
            metric=key,
            platform=day.platform,
            account=day.account,
            start=day.date,
            end=day.date,
            observations=observations,
            unit=MEANINGS[day.metric].unit,
        )
        for name, value, key, observations in rows
    ]


def _figures_of_growth(book: FigureBook, growth: Growth, period: Period) -> Iterator[Figure]:
    place = _place(growth)
    start, end = growth.start_date or period.start, growth.end_date or period.end
    status: FigureStatus = "preliminary" if growth.is_preliminary else "final"
    values: tuple[tuple[str, float | None, str, Unit], ...] = (
        (f"followers gained, {place}", growth.change, "follower_change", "count"),
        (f"follower growth, {place}", growth.percent, "follower_change_percent", "percent"),
    )
    for label, value, metric, unit in values:
        yield book.add(
            label,
            value if value is None or unit == "count" else round(value, 2),
            metric=metric,
            unit=unit,
            platform=growth.platform,
            account=growth.account,
            start=start,
            end=end,
            status=status,
            observations=growth.observations,
        )
    for label, level, day in (
        ("at the start", growth.start, start),
        ("at the end", growth.end, end),
    ):
        yield book.add(
            f"followers {label}, {place}",
            level,
            metric=Metric.FOLLOWERS,
            platform=growth.platform,
            account=growth.account,
            start=day,
            end=day,
            status=status,
            observations=min(growth.observations, 1),
        )


def _place(part: Measurement | Growth) -> str:
    if part.platform is None:
        return "all platforms"
    name = PLATFORM_NAMES[Platform(part.platform)]
    return f"{name} ({part.account})" if part.account else name


def _status(part: Measurement) -> FigureStatus:
    if part.missing_days:
        return "partial"
    return "preliminary" if part.is_preliminary else "final"
