"""What the tools would return, made of figures like theirs."""

import datetime as dt

from domain.analytics.anomalies import Outlier, UnusualDay
from domain.analytics.growth import Growth, Measurement, Period, Report, sum_growth
from domain.figures import FigureBook
from storage.models import Metric
from tools.figures import growth_figures, measurement_figures, unusual_day_figures
from tools.results import ToolResult

OCTOBER = Period(start=dt.date(2026, 10, 1), end=dt.date(2026, 10, 31))
SEPTEMBER = Period(start=dt.date(2026, 9, 1), end=dt.date(2026, 9, 30))
ONE_EACH = {"instagram": (22_260, 23_597), "youtube": (4_287, 4_667), "facebook": (11_594, 11_381)}


def growth(
    levels: dict[str, tuple[int | None, int | None]],
    *,
    period: Period = OCTOBER,
    notes: tuple[str, ...] = (),
    book: FigureBook | None = None,
    has_total: bool = True,
) -> ToolResult:
    """Return what growth_summary returns for the levels at both ends; None is unknown."""
    parts = [
        Growth(
            platform=platform,
            account=f"luna.on.{platform}",
            start_date=period.start - dt.timedelta(days=1),
            start=start,
            end_date=period.end,
            end=end,
            observations=period.days,
        )
        for platform, (start, end) in levels.items()
    ]
    platforms = [sum_growth([part], platform=part.platform) for part in parts]
    total = sum_growth(platforms, platform=None) if has_total and len(parts) > 1 else None
    report = Report(accounts=parts, platforms=platforms, total=total)
    return ToolResult(
        figures=growth_figures(book or FigureBook(), report, period), notes=list(notes)
    )


def metric(
    name: Metric,
    values: dict[str, int | None],
    *,
    total: int | None = None,
    period: Period = OCTOBER,
    notes: tuple[str, ...] = (),
    book: FigureBook | None = None,
) -> ToolResult:
    """Return what get_metrics returns for these platforms, and for all if a total is given."""

    def part(platform: str | None, value: int | None) -> Measurement:
        return Measurement(
            platform=platform,
            account=None,
            value=value,
            start=period.start,
            end=period.end,
            observations=period.days,
        )

    report = Report(
        platforms=[part(platform, value) for platform, value in values.items()],
        total=part(None, total) if total is not None else None,
    )
    return ToolResult(
        figures=measurement_figures(book or FigureBook(), name, report), notes=list(notes)
    )


def unusual(name: Metric, *days: tuple[str, str, int, float]) -> ToolResult:
    book = FigureBook()
    return ToolResult(
        figures=[
            figure
            for platform, date, value, typical in days
            for figure in unusual_day_figures(
                book,
                UnusualDay(
                    platform=platform,
                    account=f"luna.on.{platform}",
                    metric=name,
                    **vars(
                        Outlier(
                            date=dt.date.fromisoformat(date),
                            value=value,
                            typical=typical,
                            score=9.0,
                            neighbours=56,
                        )
                    ),
                ),
            )
        ],
        notes=[] if days else ["no day was unusual"],
    )
