"""What the content tools say of the demo creator, and of posts that need a word of caution."""

import datetime as dt
import re
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest

from domain.analytics.best_times import MIN_POSTS
from domain.analytics.posts import MAX_POSTS
from domain.demo import DEMO_EMAIL, seed_demo
from storage.database import Database
from storage.models import ContentPost, PlatformConnection, new_id
from storage.users import find_user
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
from tools.results import ToolResult

NOON = dt.datetime(2026, 11, 20, 12, tzinfo=dt.UTC)
YEAR = {"start": "2025-11-21", "end": "2026-11-20"}
TODAY = dt.date(2026, 4, 10)
ALL_TOOLS = (top_content, engagement_rates, format_performance, best_times, topic_performance)


@pytest.fixture
async def demo(database: Database) -> RunContext:
    await seed_demo(database, lambda: NOON)
    async with database.service_session() as session:
        user = await find_user(session, DEMO_EMAIL)
    assert user is not None
    return new_context(database, user.id, NOON.date(), timezone=user.timezone)


@pytest.fixture
async def context(database: Database) -> RunContext:
    user = await create_user(database)
    return new_context(database, user.id, TODAY)


async def publish(context: RunContext, account: str, *posts: dict[str, Any]) -> None:
    """Store Instagram posts of an account, a day apart from 1 March on unless they say when."""
    connection_id: UUID = new_id()
    async with context.database.user_session(context.user_id) as session:
        session.add(
            PlatformConnection(
                id=connection_id,
                user_id=context.user_id,
                platform="instagram",
                platform_account=account,
                username=account,
                source="import",
            )
        )
        await session.flush()
        first = dt.datetime(2026, 3, 1, 12, tzinfo=dt.UTC)
        session.add_all(
            ContentPost(
                user_id=context.user_id,
                connection_id=connection_id,
                platform="instagram",
                platform_post_id=str(number),
                **({"posted_at": first + dt.timedelta(days=number)} | post),
            )
            for number, post in enumerate(posts)
        )


def clear(result: ToolResult, name: str) -> list[str]:
    return [row[name] for row in result.rows if row["stands_out"]]


# --- the demo creator ---


async def test_the_viral_reel_is_her_best_post_and_brought_a_share(demo: RunContext) -> None:
    result = await call(top_content, demo, **YEAR, limit=3)
    assert "stairwell" in result.rows[0]["caption"]
    assert result.rows[0]["posted_at"][10:16] == "T18:05"
    earned = by_row(result, "post_engagement")
    assert earned == sorted(earned, key=lambda value: -(value or 0))
    (share,) = [one for one in result.figures if one.metric == "share_of_engagement"]
    assert share.value is not None
    assert 10 < share.value < 90
    # Of 400 posts two are older, and ten are tracks, of which Spotify tells no engagement.
    assert share.observations == 388
    assert result.notes == ["10 posts are not ranked, since engagement is unknown"]


@pytest.mark.parametrize("filters", [{}, {"platform": "instagram"}])
async def test_her_best_hour_is_found(demo: RunContext, filters: dict[str, str]) -> None:
    result = await call(best_times, demo, **YEAR, **filters)
    assert clear(result, "slot") == ["Thursday 18:00"]
    assert len(result.rows) <= 10
    assert by_row(result, "relative_engagement")[0] == pytest.approx(2, abs=0.3)


async def test_her_better_format_is_found(demo: RunContext) -> None:
    result = await call(format_performance, demo, **YEAR)
    winners = {row["platform"]: row["post_type"] for row in result.rows if row["stands_out"]}
    assert winners["instagram"] == "reel"
    assert "spotify" not in winners


async def test_her_topics_claim_nothing(demo: RunContext) -> None:
    result = await call(topic_performance, demo, **YEAR)
    assert clear(result, "topic") == []
    assert "no topic clearly does better than the others" in result.notes
    assert len(result.rows) == 12


async def test_spotify_has_no_engagement_rate(demo: RunContext) -> None:
    result = await call(engagement_rates, demo, **YEAR)
    by_views = values(result, "engagement_rate_by_views")
    assert by_views["spotify"] is None
    assert all(by_views[name] for name in ("instagram", "facebook", "youtube"))
    assert set(values(result, "engagement_rate_by_reach")) == {"instagram", "facebook"}
    forms = {(row["platform"], row["post_type"]) for row in result.rows}
    assert {("instagram", "reel"), ("youtube", "short")} <= forms


@pytest.mark.parametrize("tool", ALL_TOOLS)
async def test_every_figure_has_a_source_and_results_are_bounded(
    tool: Any, demo: RunContext
) -> None:
    message = await call_message(tool, demo, YEAR)
    result = ToolResult.model_validate_json(message.text)
    assert len(message.text) < 24_000
    assert len({figure.id for figure in result.figures}) == len(result.figures)
    named = {name for row in result.rows for name in row["figures"]}
    assert named <= {figure.id for figure in result.figures}
    for figure in result.figures:
        assert figure.start <= figure.end
        assert figure.status == "unavailable" if figure.value is None else figure.observations > 0


# --- a word of caution ---


async def test_figures_are_of_the_days_that_were_asked_for(context: RunContext) -> None:
    await publish(context, "ida", {"likes": 3, "views": 100})
    result = await call(engagement_rates, context, start="2026-02-01", end="2026-03-31")
    assert {(one.start, one.end) for one in result.figures} == {
        (dt.date(2026, 2, 1), dt.date(2026, 3, 31))
    }


async def test_what_still_earns_is_preliminary(context: RunContext) -> None:
    moments = [dt.datetime(2026, 4, day, 12, tzinfo=dt.UTC) for day in (7, 8, 9)]
    await publish(context, "ida", *({"likes": 9, "views": 90, "posted_at": at} for at in moments))
    april = {"start": "2026-04-01", "end": "2026-04-10"}
    best = await call(top_content, context, **april)
    statuses = {one.start.day: one.status for one in best.figures if one.metric == "post_likes"}
    assert statuses == {7: "final", 8: "final", 9: "preliminary"}
    (rate,) = [
        one
        for one in (await call(engagement_rates, context, **april)).figures
        if one.metric == "engagement_rate_by_views"
    ]
    assert (rate.status, rate.observations) == ("preliminary", 3)
    forms = await call(format_performance, context, **april)
    assert values(forms, "form_posts") == {"instagram": 2}
    assert {(one.status, one.end.day) for one in forms.figures} == {("final", 8)}
    assert forms.notes == ["posts of today and yesterday are left out: they still earn"]


async def test_unknown_engagement_is_counted_and_never_zero(context: RunContext) -> None:
    posts = [{"likes": 9, "caption": "rain"}] * 3 + [{"views": 5, "caption": "rain"}]
    await publish(context, "ida", *posts)
    march = {"start": "2026-03-01", "end": "2026-03-31"}
    for tool in (format_performance, best_times, topic_performance):
        result = await call(tool, context, **march)
        assert values(result, "posts_counted") == {None: 1}
        assert "one post is not compared, since engagement is unknown" in result.notes
    forms = await call(format_performance, context, **march)
    (median,) = [one for one in forms.figures if one.metric == "form_median_engagement"]
    assert (median.value, median.observations, median.status) == (9, 3, "partial")


async def test_rates_by_reach_and_by_views_are_kept_apart(context: RunContext) -> None:
    await publish(
        context,
        "ida",
        {"likes": 10, "views": 1000, "reach": 500, "post_type": "reel"},
        {"likes": 20, "views": 500, "reach": 100, "post_type": "Photo"},
        {"likes": 5, "reach": 95, "post_type": "photo"},
    )
    result = await call(engagement_rates, context, start="2026-03-01", end="2026-03-31")
    assert values(result, "engagement_rate_by_views") == {"instagram": 2.0}
    assert values(result, "engagement_rate_by_reach") == {"instagram": 5.04}
    found = zip(result.rows, by_row(result, "form_engagement_rate"), strict=True)
    assert {row["post_type"]: rate for row, rate in found} == {"reel": 1.0, "photo": 4.0}
    labels = [one.label for one in result.figures if one.unit == "percent"]
    assert all(" by views, " in label or " by reach, " in label for label in labels)


async def test_posts_are_found_by_account_and_by_type_in_any_case(context: RunContext) -> None:
    await publish(context, "ida", {"likes": 1, "post_type": "Reel"}, {"likes": 2})
    await publish(context, "band", {"likes": 3, "post_type": "reel"})
    march = {"start": "2026-03-01", "end": "2026-03-31"}

    async def likes(**filters: str) -> list[float | None]:
        return list(by_row(await call(top_content, context, **march, **filters), "post_likes"))

    assert await likes(post_type="REEL") == [3, 1]
    assert await likes(post_type="post") == [2]
    assert await likes(account="ida") == [2, 1]
    assert await likes(account="nobody") == []


async def test_a_long_caption_is_cut_to_one_line(context: RunContext) -> None:
    await publish(context, "ida", {"likes": 1, "caption": "One\n\ntwo " + "x" * 5_000})
    result = await call(top_content, context, start="2026-03-01", end="2026-03-31")
    caption = result.rows[0]["caption"]
    assert caption.startswith("One two xxx")
    assert len(caption) == 141


async def test_of_too_many_posts_the_newest_are_read_and_a_note_says_so(
    context: RunContext,
) -> None:
    first = dt.datetime(2026, 3, 1, tzinfo=dt.UTC)
    await publish(
        context,
        "ida",
        {"likes": 10**6, "posted_at": first},
        *(
            {"likes": 1, "posted_at": first + dt.timedelta(days=1, minutes=n)}
            for n in range(MAX_POSTS)
        ),
    )
    result = await call(top_content, context, start="2026-03-01", end="2026-03-31", limit=1)
    assert by_row(result, "post_likes") == [1]
    assert result.notes == ["there are so many posts that only those from 2026-03-02 on are read"]
    (share,) = [one for one in result.figures if one.metric == "share_of_engagement"]
    assert (share.start, share.observations) == (dt.date(2026, 3, 2), MAX_POSTS)


async def test_a_day_of_a_clock_change_has_all_its_posts(context: RunContext) -> None:
    # 29 March has 23 hours in Berlin: from 23:00 UTC the day before to 22:00.
    moments = [dt.datetime(2026, 3, 28, 23, tzinfo=dt.UTC) + dt.timedelta(hours=n) for n in (0, 22)]
    minute = dt.timedelta(minutes=1)
    await publish(
        context,
        "ida",
        *(
            {"likes": n, "posted_at": at}
            for n, at in enumerate(
                [moments[0] - minute, moments[0], moments[1], moments[1] + dt.timedelta(hours=1)]
            )
        ),
    )
    berlin = replace(context, timezone="Europe/Berlin")
    result = await call(top_content, berlin, start="2026-03-29", end="2026-03-29")
    assert [row["posted_at"] for row in result.rows] == [
        "2026-03-29T23:00+02:00",
        "2026-03-29T00:00+01:00",
    ]


@pytest.mark.parametrize("tool", ALL_TOOLS)
async def test_every_number_in_a_note_is_a_figure(tool: Any, context: RunContext) -> None:
    moments = [dt.datetime(2026, 4, day, 12, tzinfo=dt.UTC) for day in (2, 3, 4, 9)]
    known_post: dict[str, Any] = {"likes": 4, "views": 90, "caption": "rain"}
    posts = [known_post, {"caption": "rain"}]
    await publish(context, "ida", *({"posted_at": at} | posts[at.day % 2] for at in moments))
    result = await call(tool, context, start="2026-04-01", end="2026-04-10")
    known = {one.value for one in result.figures}
    said = [int(number) for note in result.notes for number in re.findall(r"\d+", note)]
    assert set(said) <= known | {MIN_POSTS}
    assert result.notes
