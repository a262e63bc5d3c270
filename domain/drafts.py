"""Drafts: posts that are written and not published."""

from uuid import UUID, uuid5

from sqlalchemy.ext.asyncio import AsyncSession

from core.errors import ConflictError, InvalidError
from storage.drafts import count_drafts, find_draft, lock_drafts
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
    run_id: UUID,
    *,
    platform: Platform,
    caption: str,
    post_type: str | None = None,
    title: str | None = None,
) -> Draft:
    """Store a draft; the same caption for the same platform is kept once per run.

    Raises EmptyDraftError, TooManyDraftsError.
    """
    text = _clean(caption)
    if not text:
        raise EmptyDraftError
    draft_id = uuid5(run_id, f"draft {platform} {text}")
    await lock_drafts(session, user_id)
    if found := await find_draft(session, draft_id):
        return found
    if await count_drafts(session) >= MAX_DRAFTS:
        raise TooManyDraftsError
    draft = Draft(
        id=draft_id,
        user_id=user_id,
        platform=platform,
        post_type=_clean(post_type).casefold() or None,
        title=_clean(title) or None,
        caption=text,
    )
    session.add(draft)
    await session.flush()
    return draft


def _clean(text: str | None) -> str:
    """Return the text without NUL, which the database cannot store, and without outer space."""
    return (text or "").replace("\0", "").strip()
