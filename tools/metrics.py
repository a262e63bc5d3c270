"""Tools that read the creator's numbers."""

import datetime as dt
from dataclasses import replace

from langchain_core.tools import tool

from domain.analytics import anomalies
from domain.analytics import growth as analytics
from domain.analytics.metrics import MEANINGS
from domain.figures import Figure
from storage.metrics import list_coverage
from storage.models import Metric, Platform
from tools.arguments import past_period
from tools.context import Runtime
from tools.figures import (
    growth_figures,
    measurement_figures,
    unusual_day_figures,
    unusual_week_figures,
)
from tools.results import Result, ToolResult

MAX_UNUSUAL_DAYS = 10
MAX_UNUSUAL_WEEKS = 5


@tool(response_format="content_and_artifact")
async def list_connections(runtime: Runtime) -> Result:
    """List the creator's connected accounts and the days for which data is stored.

    Use it to see which platforms exist and how far back the numbers go.
    """
    context = runtime.context
    async with context.database.user_session(context.user_id) as session:
        accounts = await list_coverage(session)
    figures = [
        context.figures.add(
            f"days with data of {account.account} on {account.platform}",
            account.days,
            metric="days_with_data",
            platform=account.platform,
            account=account.account,
            start=account.first_date or context.today,
            end=account.last_date or context.today,
            observations=account.days,
            unit="days",
        )
        for account in accounts
    ]
    rows = [
        {
            "platform": account.platform,
            "account": account.account,
            "source": account.source,
            "status": account.status,
            "first_date": account.first_date,
            "last_date": account.last_date,
        }
        for account in accounts
    ]
    return ToolResult(figures=figures, rows=rows).answer(
        if_empty="no account is connected and nothing has been imported"
    )


@tool(response_format="content_and_artifact")
async def get_metrics(
    metric: Metric,
    start: dt.date,
    end: dt.date,
    runtime: Runtime,
    platform: Platform | None = None,
    account: str | None = None,
) -> Result:
    """Read one metric of the creator over the days from start to end, both included.

    Followers are a level: you get the last known count in the period, so ask start = end = a day
    for the count of that day. All other metrics are totals over the period. Leave platform out
    for all platforms. A value of null means unknown: say so, never call it zero.
    """
    context = runtime.context
    period = past_period(context, start, end)
    async with context.database.user_session(context.user_id) as session:
        report = await analytics.report_metric(
            session, metric, period, platform=platform, account=account
        )
    notes = list(report.notes)
    if MEANINGS[metric].is_unique and period.days > 1:
        notes.append("a person counts once per day, so people on two days count twice")
    figures = measurement_figures(context.figures, metric, report)
    return ToolResult(figures=figures, notes=notes).answer(
        if_empty=f"no {MEANINGS[metric].label} are stored for what was asked"
    )


@tool(response_format="content_and_artifact")
async def growth_summary(
    start: dt.date,
    end: dt.date,
    runtime: Runtime,
    platform: Platform | None = None,
    account: str | None = None,
) -> Result:
    """Measure how the creator's followers changed over the days from start to end, included.

    Gives, per platform and in all, the change, the change in percent, and the follower counts
    at both ends. It starts from the close of the day before `start` where that day is known.
    A value of null means unknown: say so, never call it zero.
    """
    context = runtime.context
    period = past_period(context, start, end)
    async with context.database.user_session(context.user_id) as session:
        report = await analytics.report_growth(session, period, platform=platform, account=account)
    figures = growth_figures(context.figures, report, period)
    return ToolResult(figures=figures, notes=report.notes).answer(
        if_empty="no followers are stored for what was asked"
    )


@tool(response_format="content_and_artifact")
async def compare_platforms(start: dt.date, end: dt.date, runtime: Runtime) -> Result:
    """Rank the creator's platforms by follower growth in percent from start to end, included.

    The fastest growing comes first; platforms whose growth is unknown come last with null.
    """
    context = runtime.context
    period = past_period(context, start, end)
    async with context.database.user_session(context.user_id) as session:
        report = await analytics.report_growth(session, period)
    ranked = sorted(
        report.platforms, key=lambda growth: (growth.percent is None, -(growth.percent or 0))
    )
    report = replace(report, platforms=ranked, total=None)
    figures = growth_figures(context.figures, report, period)
    return ToolResult(figures=figures, notes=report.notes).answer(
        if_empty="no followers are stored for any platform"
    )


@tool(response_format="content_and_artifact")
async def find_unusual_days(
    start: dt.date,
    end: dt.date,
    runtime: Runtime,
    metric: Metric = Metric.FOLLOWERS,
    platform: Platform | None = None,
    account: str | None = None,
) -> Result:
    """Find the days, and the seven days in a row, on which a metric was far from those around.

    For followers the change is examined. At most ten days and five weeks, the most unusual
    first; each comes with what is typical around it, and a row that says whether it is a day or
    a week. No figure means nothing was unusual.
    """
    context = runtime.context
    period = past_period(context, start, end)
    async with context.database.user_session(context.user_id) as session:
        times = await anomalies.report_unusual_times(
            session, metric, period, platform=platform, account=account
        )
    book, result = context.figures, ToolResult()
    for day in times.days[:MAX_UNUSUAL_DAYS]:
        _add_unusual(result, "day", day, unusual_day_figures(book, day))
    for week in times.weeks[:MAX_UNUSUAL_WEEKS]:
        _add_unusual(result, "week", week, unusual_week_figures(book, week))
    for name, found, most in (
        ("days", times.days, MAX_UNUSUAL_DAYS),
        ("weeks", times.weeks, MAX_UNUSUAL_WEEKS),
    ):
        if len(found) > most:
            result.notes.append(
                f"{len(found)} {name} were unusual; these are the {most} most unusual"
            )
    if not times.days:
        result.notes.append("no day was unusual")
    return result.answer()


def _add_unusual(
    result: ToolResult, kind: str, time: anomalies.UnusualDay, figures: list[Figure]
) -> None:
    result.figures.extend(figures)
    result.rows.append(
        {
            "kind": kind,
            "platform": time.platform,
            "account": time.account,
            "start": figures[0].start,
            "end": figures[0].end,
            "direction": "high" if time.score > 0 else "low",
            "figures": [figure.id for figure in figures],
        }
    )
