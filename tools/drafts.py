"""Tools that keep drafts: posts that are written and not published."""

from typing import Annotated, Any
from uuid import uuid5

from langchain.tools import ToolRuntime
from langchain_core.tools import tool
from pydantic import Field

from core.errors import AppError, RetryableToolError
from domain import drafts
from storage.drafts import list_drafts as list_stored
from storage.models import Draft, Platform
from tools.context import RunContext
from tools.results import ToolResult

Runtime = ToolRuntime[RunContext]
Result = tuple[str, ToolResult]

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
    """
    context = runtime.context
    draft_id = uuid5(context.run_id, runtime.tool_call_id or "")
    try:
        async with context.database.user_session(context.user_id) as session:
            draft = await drafts.save_draft(
                session,
                context.user_id,
                draft_id,
                platform=platform,
                caption=caption,
                post_type=post_type,
                title=title,
            )
    except AppError as error:
        raise RetryableToolError(error.detail) from error
    result = ToolResult(rows=[_row(draft)], notes=["the draft is saved, and not published"])
    return result.content(), result


@tool(response_format="content_and_artifact")
async def list_drafts(runtime: Runtime) -> Result:
    """List the creator's drafts, the last changed first; captions are cut to their beginning."""
    context = runtime.context
    async with context.database.user_session(context.user_id) as session:
        found = await list_stored(session, limit=MAX_SHOWN + 1)
    notes = [] if found else ["there is no draft yet"]
    if len(found) > MAX_SHOWN:
        notes.append(f"these are the {MAX_SHOWN} last changed drafts; there are more")
    result = ToolResult(rows=[_row(draft) for draft in found[:MAX_SHOWN]], notes=notes)
    return result.content(), result


def _row(draft: Draft) -> dict[str, Any]:
    caption = draft.caption
    return {
        "id": draft.id,
        "platform": draft.platform,
        "post_type": draft.post_type,
        "title": draft.title,
        "caption": f"{caption[:MAX_CAPTION]}…" if len(caption) > MAX_CAPTION else caption,
        "updated_at": draft.updated_at,
    }
