"""A hundred plans of the offline model, through the whole graph: no rule is broken."""

import datetime as dt
from collections import Counter
from dataclasses import replace
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from agents.plans.content_calendar import CONTENT_CALENDAR
from agents.plans.onboarding import ONBOARDING
from domain.analytics.posts import Post
from domain.plans.inputs import ContentCalendarInput, OnboardingInput
from storage.models import Platform
from tests.plan_creators import CREATORS, TODAY, facts, inputs
from tests.plan_making import check_again, make
from tools.plan_evidence import Facts

PLANS_EACH = 5


@pytest.mark.parametrize("number", range(CREATORS))
async def test_plans_of_all_sizes_keep_every_rule(number: int) -> None:
    known = facts(number)
    for asked in inputs(number, PLANS_EACH):
        plan = await make(CONTENT_CALENDAR, known, asked)  # which checks it, and fails otherwise
        check_again(plan, asked)


CREATOR_WITHOUT_POSTS = 8
FEW = replace(facts(0), posts=facts(0).posts[:1])
EVERYWHERE = tuple(Platform)


@pytest.mark.parametrize(
    ("known", "changes"),
    [
        (FEW, {}),
        (facts(CREATOR_WITHOUT_POSTS), {}),
        (FEW, {"posts_per_week": 21, "platforms": (Platform.SPOTIFY,)}),
        (facts(CREATOR_WITHOUT_POSTS), {"posts_per_week": 21, "platforms": (Platform.SPOTIFY,)}),
        (facts(0), {"posts_per_week": 21}),
        (facts(0), {"posts_per_week": 1, "end": TODAY + dt.timedelta(days=1)}),
        (facts(0), {"posts_per_week": 21, "end": TODAY + dt.timedelta(days=1)}),
    ],
    ids=["one post", "none", "one post 21", "none 21", "all 21", "2 days", "2 days 21"],
)
async def test_the_smallest_and_largest_plans_keep_every_rule(
    known: Facts, changes: dict[str, Any]
) -> None:
    whole: dict[str, Any] = {
        "goal": "Be heard",
        "platforms": EVERYWHERE,
        "posts_per_week": 3,
        "start": TODAY,
        "end": TODAY + dt.timedelta(days=91),
    }
    asked = ContentCalendarInput.model_validate(whole | changes)
    check_again(await make(CONTENT_CALENDAR, known, asked), asked)


@pytest.mark.parametrize(
    ("zone", "spring"),
    [
        ("Europe/Berlin", dt.date(2027, 3, 28)),
        ("America/New_York", dt.date(2027, 3, 14)),
        ("Africa/Cairo", dt.date(2027, 4, 30)),  # at midnight
        ("Australia/Lord_Howe", dt.date(2027, 10, 3)),  # by half an hour
    ],
)
async def test_plans_go_by_the_creators_clock_when_it_is_put_forward(
    zone: str, spring: dt.date
) -> None:
    """The creator posts at night: at one, two and three o'clock."""
    posts = [
        Post(replace(post.row, posted_at=at_night(post, number, zone)), ZoneInfo(zone))
        for number, post in enumerate(facts(0).posts)
    ]
    asked = ContentCalendarInput(
        goal="Be heard",
        platforms=(Platform.INSTAGRAM, Platform.YOUTUBE),
        posts_per_week=21,
        start=spring - dt.timedelta(days=1),
        end=spring + dt.timedelta(days=1),
    )
    plan = await make(CONTENT_CALENDAR, replace(facts(0), posts=posts, timezone=zone), asked)
    check_again(plan, asked)
    assert {item.time.hour for item in plan.items} <= {0, 1, 2, 3}
    for item in plan.items:
        moment = dt.datetime.combine(item.date, item.time, ZoneInfo(zone))
        assert moment.astimezone(dt.UTC).astimezone(ZoneInfo(zone)) == moment


def at_night(post: Post, number: int, zone: str) -> dt.datetime:
    hour = (0, 1, 2, 3)[number % 4]
    return post.posted_at.replace(hour=hour, minute=7, tzinfo=ZoneInfo(zone)).astimezone(dt.UTC)


@pytest.mark.parametrize("number", range(CREATORS))
async def test_onboarding_plans_of_all_kinds_keep_every_rule(number: int) -> None:
    asked = OnboardingInput(
        goal="Find my first 1,000 listeners",
        platforms=EVERYWHERE[: number % 4 + 1],
        posts_per_week=(1, 3, 7, 21)[number % 4],
        niche="quiet songs about trains, 7 of them",
        audience="people on night trains" if number % 2 else None,
        challenges="No time, no plan, 3 jobs" if number % 3 else None,
        hours_per_week=(1, 2, 5, 20, 60)[number % 5],
        start=TODAY + dt.timedelta(days=number),
        weeks=number % 12 + 1,
    )
    plan = await make(ONBOARDING, facts(number), asked)
    check_again(plan, asked)
    assert plan.metrics
    assert len(plan.routine) >= 2
    assert sum(step.minutes for step in plan.routine) <= 60 * asked.hours_per_week


async def test_a_plan_is_the_same_for_the_same_figures() -> None:
    asked = next(inputs(0, 1))
    assert await make(CONTENT_CALENDAR, facts(0), asked) == await make(
        CONTENT_CALENDAR, facts(0), asked
    )


@pytest.mark.parametrize("hours", [1, 3, 10, 60])
async def test_an_onboarding_plan_has_all_its_parts_and_fits_into_the_week(hours: int) -> None:
    asked = OnboardingInput(
        goal="Be heard by people who like quiet songs",
        platforms=(Platform.INSTAGRAM, Platform.YOUTUBE),
        posts_per_week=4,
        niche="quiet songs about trains",
        hours_per_week=hours,
        start=TODAY,
        weeks=6,
    )
    plan = await make(ONBOARDING, facts(0), asked)
    assert plan.goals
    assert plan.pillars
    assert len(plan.items) == 24
    assert plan.metrics
    assert len(plan.routine) >= 2
    assert sum(step.minutes for step in plan.routine) <= 60 * hours


async def test_a_plan_uses_the_clearest_time_and_the_clearest_form() -> None:
    """The demo creator's Thursdays at 18:00 and reels clearly do better."""
    asked = next(inputs(0, 1)).model_copy(
        update={
            "platforms": (Platform.INSTAGRAM,),
            "posts_per_week": 4,
            "start": TODAY,
            "end": TODAY.replace(month=12, day=20),
        }
    )
    plan = await make(CONTENT_CALENDAR, facts(0), asked)
    best = [item for item in plan.items if item.date.weekday() == 3 and item.time.hour == 18]
    assert len(best) == 4  # every Thursday of the period
    assert all(item.format == "reel" for item in best)
    forms = Counter(item.format for item in plan.items)
    assert forms.most_common(1)[0][0] == "reel"
    assert len(forms) > 1


async def test_no_hook_is_used_twice_and_calls_to_action_vary() -> None:
    asked = next(inputs(0, 1)).model_copy(
        update={"posts_per_week": 7, "platforms": (Platform.INSTAGRAM,)}
    )
    plan = await make(CONTENT_CALENDAR, facts(0), asked)
    hooks = [item.hook for item in plan.items]
    assert len(set(hooks)) == len(hooks)
    assert len({item.call_to_action for item in plan.items[:8]}) >= min(len(plan.items), 5)
