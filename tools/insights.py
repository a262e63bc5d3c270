"""The tool that tells what the suite has found by itself."""

from collections.abc import Mapping

from langchain_core.tools import tool

from core.clock import local_midnight
from domain.figures import Figure
from domain.grounding.verdict import Verdict
from domain.number_format import format_figure
from storage import insights as insight_queries
from storage.models import Insight
from tools.context import RunContext, Runtime
from tools.results import Result, ToolResult

MAX_LISTED = 10


@tool(response_format="content_and_artifact")
async def list_insights(runtime: Runtime) -> Result:
    """List the insights that hold today, the newest first: what was found in the numbers by itself.

    Use it when the creator asks what is new, what stands out, or what to know this morning. Each
    row has a title, a message with references such as {{f1}} to its figures, and actions.
    """
    context = runtime.context
    now = local_midnight(context.today, context.timezone)
    async with context.database.user_session(context.user_id) as session:
        found = await insight_queries.list_insights(session, limit=MAX_LISTED, now=now)
    figures: list[Figure] = []
    rows = []
    for insight in found:
        own = {str(source["id"]): _written_down(context, source) for source in insight.data_sources}
        figures += own.values()
        rows.append(
            {
                "title": insight.title,
                "message": _with_references(insight, own, context.locale),
                "type": insight.type,
                "priority": insight.priority,
                "of": insight.local_date,
                "actions": [item["text"] for item in insight.action_items],
                "figures": [figure.id for figure in own.values()],
            }
        )
    notes = [] if rows else ["nothing that stands out was found lately"]
    return ToolResult(figures=figures, rows=rows, notes=notes).answer()


def _written_down(context: RunContext, source: dict[str, object]) -> Figure:
    """Return a figure of an insight under an id of this run."""
    figure = Figure.model_validate(source)
    return context.figures.add(
        figure.label,
        figure.value,
        metric=figure.metric,
        unit=figure.unit,
        platform=figure.platform,
        account=figure.account,
        start=figure.start,
        end=figure.end,
        status=figure.status,
        observations=figure.observations,
    )


def _with_references(insight: Insight, figures: Mapping[str, Figure], locale: str) -> str:
    """Return the message, which names figures of this run where it was written with values."""
    verdict = Verdict.model_validate(insight.grounding) if insight.grounding else None
    text = insight.message
    for number in reversed(verdict.numbers if verdict else []):
        figure = figures.get(number.figure or "")
        value = format_figure(figure, locale) if figure else ""
        start = number.span[0]
        if figure and text.startswith(value, start):
            text = f"{text[:start]}{{{{{figure.id}}}}}{text[start + len(value) :]}"
    return text
