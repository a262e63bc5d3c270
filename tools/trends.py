"""Tools that look at how the creator's numbers move: change, trend, forecast, concentration."""

import datetime as dt

from langchain_core.tools import tool

from core.errors import RetryableToolError
from domain.analytics import comparison, forecast, trends
from domain.analytics import concentration as shares
from domain.analytics.comparison import period_before
from domain.analytics.concentration import NotSummableError
from domain.analytics.forecast import COVERAGE, HISTORY_DAYS, MAX_HORIZON_DAYS, InvalidForecastError
from domain.analytics.growth import InvalidPeriodError
from domain.analytics.metrics import MEANINGS
from storage.models import Metric, Platform
from tools.arguments import past_period
from tools.context import Runtime
from tools.results import Result, ToolResult
from tools.trend_figures import (
    comparison_result,
    concentration_result,
    forecast_result,
    trend_result,
)


@tool(response_format="content_and_artifact")
async def compare_periods(
    metric: Metric,
    start: dt.date,
    end: dt.date,
    runtime: Runtime,
    platform: Platform | None = None,
    account: str | None = None,
    previous_start: dt.date | None = None,
    previous_end: dt.date | None = None,
) -> Result:
    """Compare a metric over the days from start to end with an earlier period.

    The earlier period is the equally long one just before, unless you give previous_start and
    previous_end. You get both values, the change and the change in percent; for followers what
    was gained in each period, and the counts at the end of each. Where days are unknown or the
    lengths differ, it is averages per known day, and a note says so.
    """
    context = runtime.context
    period = past_period(context, start, end)
    before = period_before(period)
    if previous_start and previous_end:
        before = past_period(context, previous_start, previous_end)
    elif previous_start or previous_end:
        raise RetryableToolError("Give both previous_start and previous_end, or neither.")
    try:
        async with context.database.user_session(context.user_id) as session:
            report = await comparison.report_comparison(
                session, metric, period, before, platform=platform, account=account
            )
    except InvalidPeriodError as error:
        raise RetryableToolError(f"{error.detail} Got {before.end} and {period.start}.") from error
    result = comparison_result(context.figures, metric, report)
    span = f"{period.start} to {period.end} against {before.start} to {before.end}"
    result.notes.append(span)
    return result.answer(if_empty=_none_stored(metric))


@tool(response_format="content_and_artifact")
async def find_trends(
    start: dt.date,
    end: dt.date,
    runtime: Runtime,
    metric: Metric = Metric.FOLLOWERS,
    platform: Platform | None = None,
    account: str | None = None,
) -> Result:
    """Tell whether a metric clearly moves up or down, week by week, from start to end.

    Needs at least eight whole weeks. A trend is only told where it is statistically clear; the
    notes name the platforms without one. Call those steady or unclear, never growing or falling.
    """
    context = runtime.context
    period = past_period(context, start, end)
    async with context.database.user_session(context.user_id) as session:
        report = await trends.report_trends(
            session, metric, period, platform=platform, account=account
        )
    result = trend_result(context.figures, metric, report.trends)
    result.notes.extend(report.notes)
    return result.answer(if_empty="no trend is clear")


@tool(response_format="content_and_artifact")
async def forecast_metric(
    metric: Metric,
    until: dt.date,
    runtime: Runtime,
    platform: Platform | None = None,
    account: str | None = None,
) -> Result:
    """Forecast a metric up to a coming day, at most 180 days ahead.

    Followers are the expected count on that day; other metrics are the expected total from
    tomorrow to that day. Always give the range with it: the real number lies within it four
    times in five, if things go on as they did. A value of null means that there is no forecast.
    """
    context = runtime.context
    try:
        async with context.database.user_session(context.user_id) as session:
            report = await forecast.report_forecast(
                session,
                metric,
                today=context.today,
                until=until,
                platform=platform,
                account=account,
            )
    except InvalidForecastError as error:
        last = context.today + dt.timedelta(days=MAX_HORIZON_DAYS)
        raise RetryableToolError(
            f"{error.detail} Got {until}; today is {context.today}, and {last} the last day."
        ) from error
    result = forecast_result(context.figures, metric, report.forecasts)
    result.notes.extend(report.notes)
    if any(part.value is not None for part in report.forecasts):
        chance = context.figures.add(
            "how often the real number lies within the range",
            round(100 * COVERAGE),
            metric="forecast_interval_percent",
            unit="percent",
            start=context.today + dt.timedelta(days=1),
            end=until,
            status="forecast",
            observations=min(HISTORY_DAYS, max(part.observations for part in report.forecasts)),
        )
        result.figures.append(chance)
        result.notes.append("this is a forecast: it holds if things go on as they did")
    return result.answer(if_empty=_none_stored(metric))


@tool(response_format="content_and_artifact")
async def concentration(
    start: dt.date, end: dt.date, runtime: Runtime, metric: Metric = Metric.ENGAGEMENT
) -> Result:
    """Measure how a metric is spread over the platforms from start to end: each one's share.

    A platform dominates when it has more than half; its row says so. The index goes up to 10,000
    when everything comes from one platform; above 2,500 counts as highly concentrated.
    """
    context = runtime.context
    period = past_period(context, start, end)
    try:
        async with context.database.user_session(context.user_id) as session:
            found = await shares.report_concentration(session, metric, period)
    except NotSummableError as error:
        return ToolResult(notes=[error.detail]).answer(if_empty="there are no shares")
    result = concentration_result(context.figures, metric, found)
    if len(found.shares) > 1:
        result.notes.append(
            f"{found.dominant} dominates: it has more than half"
            if found.dominant
            else "no platform dominates: none has more than half"
        )
    return result.answer(if_empty=_none_stored(metric))


def _none_stored(metric: Metric) -> str:
    return f"no {MEANINGS[metric].label} are stored for what was asked"
