"""The tool that tells what the suite has found by itself."""

from langchain_core.tools import tool

from core.clock import local_midnight
from domain.figures import Figure
from storage import insights as insight_queries
from tools.context import RunContext, Runtime
from tools.results import Result, ToolResult

MAX_LISTED = 10


@tool(response_format="content_and_artifact")
async def list_insights(runtime: Runtime) -> Result:
    """List the insights that hold today, the newest first: what was found in the numbers by itself.

    Use it when the creator asks what is new, what stands out, or what to know this morning. Each
    row has a title, a message and actions, and the ids of the figures that its message rests on.
    """
    context = runtime.context
    now = local_midnight(context.today, context.timezone)
    async with context.database.user_session(context.user_id) as session:
        found = await insight_queries.list_insights(session, limit=MAX_LISTED, now=now)
    figures: list[Figure] = []
    rows = []
    for insight in found:
        own = [_written_down(context, source) for source in insight.data_sources]
        figures += own
        rows.append(
            {
                "title": insight.title,
                "message": insight.message,
                "type": insight.type,
                "priority": insight.priority,
                "of": insight.local_date,
                "actions": [item["text"] for item in insight.action_items],
                "figures": [figure.id for figure in own],
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
