"""Drafts on the real database: kept once, bounded, and the creator's own."""

import asyncio
import datetime as dt

import pytest
from sqlalchemy import func, insert, select

from core.errors import FinalToolError, RetryableToolError
from domain.drafts import MAX_DRAFTS
from storage.database import Database
from storage.models import Draft, new_id
from tests.conftest import create_user
from tests.tool_calls import call, call_message, new_context, values
from tools.context import RunContext
from tools.drafts import list_drafts, save_draft
from tools.results import ToolResult

TODAY = dt.date(2026, 4, 10)


async def new_run(database: Database, *, timezone: str = "UTC") -> RunContext:
    """Return the context of a run of a new creator."""
    user = await create_user(database, timezone=timezone)
    return new_context(database, user.id, TODAY, timezone=timezone)


@pytest.fixture
async def context(database: Database) -> RunContext:
    return await new_run(database)


async def save(
    context: RunContext, caption: str, call_id: str = "call_1", **args: str
) -> ToolResult:
    message = await call_message(
        save_draft, context, {"platform": "instagram", "caption": caption} | args, call_id=call_id
    )
    return ToolResult.model_validate_json(message.text)


async def fill(context: RunContext, count: int) -> None:
    async with context.database.user_session(context.user_id) as session:
        await session.execute(
            insert(Draft),
            [
                {
                    "id": new_id(),
                    "user_id": context.user_id,
                    "platform": "instagram",
                    "caption": f"Old {n}",
                }
                for n in range(count)
            ],
        )


async def count(context: RunContext) -> int:
    async with context.database.user_session(context.user_id) as session:
        return await session.scalar(select(func.count()).select_from(Draft)) or 0


async def test_a_caption_is_kept_once_per_platform_and_run(context: RunContext) -> None:
    first = await save(context, "Soon", "call_1")
    again = await save(context, "  Soon\n", "call_2", title="Another title")
    assert again.rows[0]["id"] == first.rows[0]["id"]
    await save(context, "Soon", "call_3", platform="youtube")
    await save(context, "Later", "call_4")
    assert await count(context) == 3


async def test_another_run_may_keep_the_same_caption(context: RunContext) -> None:
    await save(context, "Soon")
    await save(new_context(context.database, context.user_id, TODAY), "Soon")
    assert await count(context) == 2


async def test_equal_drafts_at_the_same_moment_are_one(context: RunContext) -> None:
    saved = await asyncio.gather(*(save(context, "Soon", f"call_{n}") for n in range(6)))
    assert len({result.rows[0]["id"] for result in saved}) == 1
    assert await count(context) == 1


async def test_drafts_at_the_same_moment_keep_to_the_limit(context: RunContext) -> None:
    await fill(context, MAX_DRAFTS - 1)
    saving = (save(context, f"New {n}", f"call_{n}") for n in range(6))
    saved = await asyncio.gather(*saving, return_exceptions=True)
    refused = [each for each in saved if isinstance(each, FinalToolError)]
    assert len(refused) == 5
    assert "200 drafts" in str(refused[0])
    assert await count(context) == MAX_DRAFTS


async def test_a_draft_that_is_there_is_found_when_there_are_too_many(context: RunContext) -> None:
    await fill(context, MAX_DRAFTS - 1)
    first = await save(context, "The last one")
    assert (await save(context, "The last one", "call_2")).rows == first.rows


@pytest.mark.parametrize("caption", ["   ", "\x00", "\n\t \x00"])
async def test_a_caption_without_text_is_refused(context: RunContext, caption: str) -> None:
    with pytest.raises(RetryableToolError, match="caption"):
        await save(context, caption)
    assert await count(context) == 0


async def test_what_a_database_cannot_store_is_left_out(context: RunContext) -> None:
    saved = await save(context, "One\x00 two ", title=" \x00 ", post_type=" Reel ")
    (row,) = saved.rows
    assert (row["caption"], row.get("title"), row["post_type"]) == ("One two", None, "reel")


async def test_drafts_are_listed_with_their_number_and_the_creators_clock(
    database: Database,
) -> None:
    context = await new_run(database, timezone="Europe/Berlin")
    assert (await call(list_drafts, context)).notes == ["there is no draft yet"]
    await save(context, "First", "call_1")
    await save(context, "x" * 5_000, "call_2", post_type="reel", title="Long")
    listed = await call(list_drafts, context)
    assert [len(row["caption"]) for row in listed.rows] == [201, 5]
    assert values(listed, "drafts") == {None: 2}
    kept = dt.datetime.fromisoformat(listed.rows[0]["updated_at"])
    assert kept.utcoffset() in {dt.timedelta(hours=1), dt.timedelta(hours=2)}


async def test_a_long_list_is_cut_and_says_how_many_there_are(context: RunContext) -> None:
    await fill(context, 30)
    listed = await call(list_drafts, context)
    assert len(listed.rows) == 20
    assert values(listed, "drafts") == {None: 30}
    assert listed.notes == ["only the last changed drafts are listed"]


async def test_another_users_drafts_are_not_there(database: Database, context: RunContext) -> None:
    await save(context, "Mine")
    stranger = await new_run(database)
    assert (await call(list_drafts, stranger)).rows == []
    await save(stranger, "Mine")
    assert await count(context) == await count(stranger) == 1
