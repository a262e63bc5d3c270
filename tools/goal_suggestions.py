"""The tool that suggests goals: what the creator's pace leads to."""

import datetime as dt

from langchain_core.tools import tool

from domain.analytics.metrics import MEANINGS
from domain.figures import Figure, FigureBook
from domain.goal_suggestions import GoalSuggestion, suggest_goals
from storage.models import Metric, Platform
from tools.arguments import told_to_the_model
from tools.context import Runtime
from tools.figures import PLATFORM_NAMES
from tools.results import Result, ToolResult


@tool(response_format="content_and_artifact")
async def suggest_goal(
    runtime: Runtime,
    metric: Metric = Metric.FOLLOWERS,
    platform: Platform | None = None,
    account: str | None = None,
    due_date: dt.date | None = None,
) -> Result:
    """Suggest a goal for each account: a number that its pace of the last four weeks reaches.

    Use it when no number is named: "which goal would fit?". Without due_date it is for 30 days
    from today; 180 at most. Followers count as a level, other metrics as the total from today on.
    It sets nothing: offer the suggestion, and set it by `create_goal` once the creator wants it.
    Rows say where there is a goal already, and which sentence of the creator's would set this one;
    notes say why there is no suggestion.
    """
    context = runtime.context
    async with context.database.user_session(context.user_id) as session:
        with told_to_the_model():
            found = await suggest_goals(
                session,
                today=context.today,
                metric=metric,
                platform=platform,
                account=account,
                due_date=due_date,
            )
    result = ToolResult()
    for each in found:
        figures = _figures(context.figures, metric, each, context.today)
        result.figures += figures
        result.rows.append(_row(each, figures))
        if reason := each.fit.obstacle:
            result.notes.append(f"{_place(each)}: no suggestion, because {reason}")
    return result.answer()


def _row(each: GoalSuggestion, figures: list[Figure]) -> dict[str, object]:
    return {
        "metric": each.metric,
        "platform": each.platform,
        "account": each.account,
        "has_namesakes": each.has_namesakes,
        "has_goal": each.has_goal,
        "due_date": each.due_date,
        "obstacle": each.fit.obstacle,
        "sentence": each.sentence,
        "figures": [figure.id for figure in figures],
    }


def _figures(
    book: FigureBook, metric: Metric, each: GoalSuggestion, today: dt.date
) -> list[Figure]:
    """Write down the level, the pace, where it leads, and the number that fits."""
    fit, meaning, label = each.fit, MEANINGS[metric], MEANINGS[metric].label
    if fit.day is None:
        return []
    since = fit.day - dt.timedelta(days=max(fit.pace_days, 1) - 1)
    level = (f"last known {label}", fit.current, metric.value, fit.day, fit.day)
    values: tuple[tuple[str, float | None, str, dt.date, dt.date], ...] = (
        *([level] if meaning.is_stock else []),
        (f"recent pace of {label} per day", fit.pace, f"goal_pace_{metric}", since, fit.day),
        (
            f"expected {label} at this pace",
            fit.expected,
            f"forecast_{metric}",
            today,
            each.due_date,
        ),
        (f"fitting goal of {label}", fit.target, f"goal_{metric}", today, each.due_date),
    )
    return [
        book.add(
            f"{name}, {_place(each)}",
            value if value is None else round(value, 1),
            metric=key,
            unit=meaning.unit,
            platform=each.platform,
            account=each.account if each.has_namesakes else None,
            start=start,
            end=end,
            status="forecast" if end > today else "final",
            observations=1 if start == end else fit.pace_days,
        )
        for name, value, key, start, end in values
    ]


def _place(each: GoalSuggestion) -> str:
    name = PLATFORM_NAMES[each.platform]
    return f"{name} ({each.account})" if each.has_namesakes else name
