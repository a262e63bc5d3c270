"""Tools that read the creator's numbers."""

import datetime as dt
from dataclasses import replace

from langchain.tools import ToolRuntime
from langchain_core.tools import tool

from domain import analytics, anomalies
from domain.metrics import MEANINGS
from storage.metrics import list_coverage
from storage.models import Metric, Platform
from tools.context import RunContext
from tools.figures import growth_figures, measurement_figures, unusual_day_figures
from tools.results import ToolResult, answer, past_period

Runtime = ToolRuntime[RunContext]
Result = tuple[str, ToolResult]

MAX_UNUSUAL_DAYS = 10


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
    result = ToolResult(
        figures=figures,
        notes=[] if accounts else ["no account is connected and nothing has been imported"],
        rows=[
            {
                "platform": account.platform,
                "account": account.account,
                "source": account.source,
                "status": account.status,
                "first_date": account.first_date,
                "last_date": account.last_date,
            }
            for account in accounts
        ],
    )
    return result.content(), result


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
    return answer(
        measurement_figures(context.figures, metric, report),
        notes,
        if_empty=f"no {MEANINGS[metric].label} are stored for what was asked",
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
    return answer(
        growth_figures(context.figures, report, period),
        report.notes,
        if_empty="no followers are stored for what was asked",
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
    return answer(
        growth_figures(context.figures, replace(report, platforms=ranked, total=None), period),
        report.notes,
        if_empty="no followers are stored for any platform",
    )


@tool(response_format="content_and_artifact")
async def find_unusual_days(
    start: dt.date,
    end: dt.date,
    runtime: Runtime,
    metric: Metric = Metric.FOLLOWERS,
    platform: Platform | None = None,
) -> Result:
    """Find the days from start to end on which a metric was far from the weeks around them.

    For followers the daily change is examined. At most ten days, the most unusual first; each
    comes with the typical value of its neighbouring days. No figure means nothing was unusual.
    """
    context = runtime.context
    period = past_period(context, start, end)
    async with context.database.user_session(context.user_id) as session:
        days = await anomalies.find_unusual_days(session, metric, period, platform=platform)
    shown = days[:MAX_UNUSUAL_DAYS]
    more = f"{len(days)} days were unusual; these are the {len(shown)} most unusual"
    return answer(
        [figure for day in shown for figure in unusual_day_figures(context.figures, day)],
        [more] if len(days) > len(shown) else [],
        if_empty="no day was unusual",
    )
