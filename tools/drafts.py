"""Tools that keep drafts: posts that are written and not published."""

from typing import Annotated, Any
from zoneinfo import ZoneInfo

from langchain_core.tools import tool
from pydantic import Field

from domain import drafts
from storage.drafts import count_drafts
from storage.drafts import list_drafts as list_stored
from storage.models import Draft, Platform
from tools.arguments import told_to_the_model
from tools.context import RunContext, Runtime
from tools.results import Result, ToolResult

MAX_SHOWN = 20
MAX_CAPTION = 200


@tool(response_format="content_and_artifact")
async def save_draft(
    platform: Platform,
    caption: Annotated[str, Field(min_length=1, max_length=drafts.MAX_CAPTION)],
    runtime: Runtime,
    post_type: Annotated[str | None, Field(max_length=40)] = None,
    title: Annotated[str | None, Field(max_length=drafts.MAX_TITLE)] = None,
) -> Result:
    """Keep a post that you and the creator have written, with its whole caption, as a draft.

    Nothing is published. Use it when the creator wants to keep a text, not for every suggestion.
    The same caption for the same platform is kept once, so saving it again changes nothing.
    """
    context = runtime.context
    with told_to_the_model(final=drafts.TooManyDraftsError):
        async with context.database.user_session(context.user_id) as session:
            draft = await drafts.save_draft(
                session,
                context.user_id,
                context.run_id,
                platform=platform,
                caption=caption,
                post_type=post_type,
                title=title,
            )
    notes = ["the draft is saved, and not published"]
    return ToolResult(rows=[_row(draft, context)], notes=notes).answer()


@tool(response_format="content_and_artifact")
async def list_drafts(runtime: Runtime) -> Result:
    """List the creator's drafts, the last changed first; captions are cut to their beginning."""
    context = runtime.context
    async with context.database.user_session(context.user_id) as session:
        found = await list_stored(session, limit=MAX_SHOWN)
        count = await count_drafts(session)
    if not found:
        return ToolResult(notes=["there is no draft yet"]).answer()
    total = context.figures.add(
        "drafts",
        count,
        metric="drafts",
        start=context.today,
        end=context.today,
        observations=count,
    )
    rows = [_row(draft, context) for draft in found]
    notes = ["only the last changed drafts are listed"] if count > len(found) else []
    return ToolResult(figures=[total], rows=rows, notes=notes).answer()


def _row(draft: Draft, context: RunContext) -> dict[str, Any]:
    caption = draft.caption
    return {
        "id": draft.id,
        "platform": draft.platform,
        "post_type": draft.post_type,
        "title": draft.title,
        "caption": f"{caption[:MAX_CAPTION]}…" if len(caption) > MAX_CAPTION else caption,
        "updated_at": draft.updated_at.astimezone(ZoneInfo(context.timezone)).isoformat(
            timespec="minutes"
        ),
    }
