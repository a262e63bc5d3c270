"""The content tools on the real database: what the model is told about posts."""

import datetime as dt
from typing import Any
from uuid import UUID

import pytest

from core.errors import RetryableToolError
from storage.database import Database
from storage.models import ContentPost, PlatformConnection, new_id
from tests.conftest import create_user
from tests.tool_calls import by_row, call, call_message, new_context, values
from tools.content import (
    best_times,
    engagement_rates,
    format_performance,
    top_content,
    topic_performance,
)
from tools.context import RunContext
from tools.drafts import list_drafts, save_draft

TODAY = dt.date(2026, 4, 10)
MARCH = {"start": "2026-03-01", "end": "2026-03-31"}


async def new_user(database: Database) -> UUID:
    user = await create_user(database)
    return user.id


async def publish(database: Database, user_id: UUID, *posts: dict[str, Any]) -> None:
    """Store posts of the account ida on the platforms that they name."""
    async with database.user_session(user_id) as session:
        ids: dict[str, UUID] = {}
        for number, post in enumerate(posts):
            platform = post.setdefault("platform", "instagram")
            if platform not in ids:
                ids[platform] = new_id()
                session.add(
                    PlatformConnection(
                        id=ids[platform],
                        user_id=user_id,
                        platform=platform,
                        platform_account="ida",
                        username="ida",
                        source="import",
                    )
                )
                await session.flush()
            fields = {"posted_at": dt.datetime(2026, 3, 1 + number, 12, tzinfo=dt.UTC)} | post
            session.add(
                ContentPost(
                    user_id=user_id,
                    connection_id=ids[platform],
                    platform_post_id=str(number),
                    **fields,
                )
            )


@pytest.fixture
async def user_id(database: Database) -> UUID:
    return await new_user(database)


@pytest.fixture
def context(database: Database, user_id: UUID) -> RunContext:
    return new_context(database, user_id, TODAY)


async def test_the_best_posts_come_with_their_figures(
    database: Database, user_id: UUID, context: RunContext
) -> None:
    await publish(
        database,
        user_id,
        {"likes": 10, "comments": 2, "views": 100, "caption": "One"},
        {"likes": 40, "views": 4000, "caption": "Two", "post_type": "reel"},
        {"caption": "Unknown"},
    )
    result = await call(top_content, context, **MARCH)
    assert [row["caption"] for row in result.rows] == ["Two", "One"]
    assert by_row(result, "post_engagement") == [40, 12]
    assert by_row(result, "post_engagement_rate") == [1.0, 12.0]
    assert values(result, "posts_counted") == {None: 1}
    assert result.notes == ["one post is not ranked, since engagement is unknown"]
    assert result.rows[0]["posted_at"] == "2026-03-02T12:00+00:00"
    by_rate = await call(top_content, context, **MARCH, rank_by="engagement_rate", limit=1)
    assert [row["caption"] for row in by_rate.rows] == ["One"]


async def test_the_worst_posts_leave_out_those_that_still_earn(
    database: Database, user_id: UUID, context: RunContext
) -> None:
    yesterday = dt.datetime(2026, 4, 9, 12, tzinfo=dt.UTC)
    await publish(
        database, user_id, {"likes": 9}, {"likes": 5}, {"likes": 0, "posted_at": yesterday}
    )
    result = await call(top_content, context, start="2026-03-01", end="2026-04-10", order="worst")
    assert by_row(result, "post_engagement") == [5, 9]
    assert result.notes == ["posts of today and yesterday are left out: they still earn"]


async def test_a_day_is_the_creators(database: Database, user_id: UUID) -> None:
    late = dt.datetime(2026, 3, 31, 23, 30, tzinfo=dt.UTC)  # 1 April in Berlin
    await publish(database, user_id, {"likes": 1, "posted_at": late})
    berlin = new_context(database, user_id, TODAY, timezone="Europe/Berlin")
    assert (await call(top_content, berlin, **MARCH)).rows == []
    (row,) = (await call(top_content, berlin, start="2026-04-01", end="2026-04-01")).rows
    assert row["posted_at"] == "2026-04-01T01:30+02:00"


async def test_rates_are_per_view_and_say_what_is_left_out(
    database: Database, user_id: UUID, context: RunContext
) -> None:
    await publish(
        database,
        user_id,
        {"likes": 30, "views": 1000},
        {"likes": 10},
        {"likes": 20, "views": 400, "platform": "youtube"},
    )
    result = await call(engagement_rates, context, **MARCH)
    assert values(result, "engagement_rate_by_views") == {
        None: 3.57,
        "instagram": 3.0,
        "youtube": 5.0,
    }
    assert result.notes == ["instagram: one post is left out: no views or engagement"]


async def test_forms_and_times_claim_nothing_from_a_few_posts(
    database: Database, user_id: UUID, context: RunContext
) -> None:
    await publish(
        database,
        user_id,
        *({"likes": likes, "post_type": form} for likes, form in [(90, "reel"), (1, "photo")] * 3),
    )
    forms = await call(format_performance, context, **MARCH)
    assert by_row(forms, "form_median_engagement") == [90, 1]
    assert [row["stands_out"] for row in forms.rows] == [False, False]
    assert "no form of post clearly does better" in forms.notes[0]
    times = await call(best_times, context, **MARCH)
    assert times.rows == []
    assert times.notes[0] == "no weekday and hour has enough posts"


@pytest.mark.parametrize(
    "tool", [top_content, engagement_rates, format_performance, best_times, topic_performance]
)
async def test_without_posts_a_tool_says_so(tool: Any, context: RunContext) -> None:
    result = await call(tool, context, **MARCH)
    assert result.figures == []
    assert "no posts are stored for what was asked" in result.notes


@pytest.mark.parametrize(
    "tool", [top_content, engagement_rates, format_performance, best_times, topic_performance]
)
async def test_another_users_posts_are_not_there(
    tool: Any, database: Database, context: RunContext
) -> None:
    stranger = await new_user(database)
    await publish(database, stranger, *({"likes": 9, "caption": "private"} for _ in range(9)))
    message = await call_message(tool, context, MARCH)
    assert "private" not in message.text
    assert "figures" not in message.text


async def test_a_period_that_makes_no_sense_is_told_to_the_model(context: RunContext) -> None:
    with pytest.raises(RetryableToolError, match="ends before it starts"):
        await call(top_content, context, start="2026-03-02", end="2026-03-01")


async def test_a_draft_is_kept_once_and_is_the_creators_own(
    database: Database, context: RunContext
) -> None:
    for _ in range(2):  # the same call, as after a crash
        saved = await call(save_draft, context, platform="instagram", caption=" Soon \u2603 ")
    assert saved.rows[0]["caption"] == "Soon \u2603"
    assert [row["caption"] for row in (await call(list_drafts, context)).rows] == ["Soon \u2603"]
    stranger = new_context(database, await new_user(database), TODAY)
    assert (await call(list_drafts, stranger)).rows == []


async def test_an_empty_draft_is_refused(context: RunContext) -> None:
    with pytest.raises(RetryableToolError):
        await call(save_draft, context, platform="instagram", caption="   ")
    assert (await call(list_drafts, context)).rows == []
