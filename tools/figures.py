"""From what analytics measured to figures with ids, labels and sources."""

from collections.abc import Iterator

from domain.analytics.anomalies import UnusualDay, UnusualWeek
from domain.analytics.growth import Growth, Measurement, Period, Report
from domain.analytics.metrics import MEANINGS
from domain.analytics.series import Place
from domain.figures import Figure, FigureBook, FigureStatus, Unit
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
            f"{MEANINGS[metric].label}, {place_label(part)}",
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
    label, metric = _examined(day)
    where = f"{PLATFORM_NAMES[Platform(day.platform)]} ({day.account})"
    return [
        _unusual(book, day, f"{label}, {where}", day.value, metric, 1),
        _unusual(
            book,
            day,
            f"typical {label} around that day, {where}",
            day.typical,
            f"typical_{metric}",
            day.neighbours,
        ),
    ]


def unusual_week_figures(book: FigureBook, week: UnusualWeek) -> list[Figure]:
    """Write down the total of the seven days, and what is typical of those around them."""
    label, metric = _examined(week)
    where = f"{PLATFORM_NAMES[Platform(week.platform)]} ({week.account})"
    return [
        _unusual(book, week, f"{label} in that week, {where}", week.value, f"weekly_{metric}", 7),
        _unusual(
            book,
            week,
            f"usual {label} of a week around then, {where}",
            week.typical,
            f"usual_weekly_{metric}",
            week.neighbours,
        ),
    ]


def place_label(place: Place | Measurement | Growth) -> str:
    """Return how labels call an account, a platform or all of them."""
    if place.platform is None:
        return "all platforms"
    name = PLATFORM_NAMES[Platform(place.platform)]
    return f"{name} ({place.account})" if place.account else name


def _examined(day: UnusualDay) -> tuple[str, str]:
    """Return the label and the metric of what was examined: for followers, their change."""
    if MEANINGS[day.metric].is_stock:
        return "followers gained", "follower_change"
    return MEANINGS[day.metric].label, day.metric.value


def _unusual(
    book: FigureBook, day: UnusualDay, label: str, value: float, metric: str, observations: int
) -> Figure:
    return book.add(
        label,
        value,
        metric=metric,
        platform=day.platform,
        account=day.account,
        start=day.date,
        end=day.end if isinstance(day, UnusualWeek) else day.date,
        observations=observations,
        unit=MEANINGS[day.metric].unit,
    )


def _figures_of_growth(book: FigureBook, growth: Growth, period: Period) -> Iterator[Figure]:
    place = place_label(growth)
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


def _status(part: Measurement) -> FigureStatus:
    if part.missing_days:
        return "partial"
    return "preliminary" if part.is_preliminary else "final"
