"""Drafts: posts that are written and not published."""

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from core.errors import ConflictError, InvalidError
from storage.drafts import count_drafts, find_draft
from storage.models import Draft, Platform

MAX_DRAFTS = 200
MAX_CAPTION = 5_000
MAX_TITLE = 120


class TooManyDraftsError(ConflictError):
    """There are 200 drafts already: publish or delete some first."""

    code = "too_many_drafts"


class EmptyDraftError(InvalidError):
    """A draft needs a caption."""

    code = "empty_draft"


async def save_draft(
    session: AsyncSession,
    user_id: UUID,
    draft_id: UUID,
    *,
    platform: Platform,
    caption: str,
    post_type: str | None = None,
    title: str | None = None,
) -> Draft:
    """Store a draft; the same id again returns the draft that is there.

    Raises EmptyDraftError, TooManyDraftsError.
    """
    if found := await find_draft(session, draft_id):
        return found
    if not caption.strip():
        raise EmptyDraftError
    if await count_drafts(session) >= MAX_DRAFTS:
        raise TooManyDraftsError
    draft = Draft(
        id=draft_id,
        user_id=user_id,
        platform=platform,
        post_type=post_type,
        title=title,
        caption=caption.strip(),
    )
    session.add(draft)
    await session.flush()
    return draft
