"""What the offline model makes of a creator: it serves the goal, and says only what is true."""

import datetime as dt
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest

from agents.offline.plans.asks import ASKS
from agents.offline.plans.routine import PUBLISH
from agents.plans.content_calendar import CONTENT_CALENDAR
from agents.plans.onboarding import ONBOARDING
from domain.plans.inputs import ContentCalendarInput, OnboardingInput
from domain.plans.plan import WEEKDAYS, Plan
from storage.models import Platform
from tests.plan_creators import TODAY, facts
from tests.plan_making import make
from tools.plan_evidence import Facts

WITHOUT_POSTS = 8


async def plan_of(known: Facts, **changes: Any) -> Plan:
    whole: dict[str, Any] = {
        "goal": "Be heard",
        "platforms": (Platform.INSTAGRAM,),
        "posts_per_week": 4,
        "start": TODAY,
        "end": TODAY + dt.timedelta(days=27),
    }
    return await make(CONTENT_CALENDAR, known, ContentCalendarInput.model_validate(whole | changes))


async def onboarding(**changes: Any) -> Plan:
    whole: dict[str, Any] = {
        "goal": "Be heard",
        "platforms": (Platform.INSTAGRAM, Platform.YOUTUBE),
        "posts_per_week": 3,
        "niche": "vegan cooking for busy families",
        "hours_per_week": 6,
        "start": TODAY + dt.timedelta(days=2),
    }
    asked = OnboardingInput.model_validate(whole | changes)
    return await make(ONBOARDING, facts(WITHOUT_POSTS), asked)


@pytest.mark.parametrize(
    ("goal", "wish"),
    [
        ("Sell my cookbook", "offer"),
        ("More comments, fewer posts", "talk"),
        ("Reach 25,000 followers", "followers"),
    ],
)
async def test_every_second_post_asks_for_what_the_goal_wants(goal: str, wish: str) -> None:
    plan = await plan_of(facts(0), goal=goal)
    asked = [item.call_to_action in ASKS[wish] for item in plan.items]
    assert asked == [number % 2 == 0 for number in range(len(plan.items))]


async def test_a_post_that_follows_another_has_only_that_ones_hashtags() -> None:
    captions = [" ".join((post.row.caption or "").split()) for post in facts(0).posts]
    follows = [item for item in (await plan_of(facts(0))).items if "follows up" in item.why]
    assert follows
    for item in follows:
        quote = item.hook.partition("“")[2].partition("”")[0].removesuffix(" …")
        earlier = [caption.casefold().split() for caption in captions if quote in caption]
        tags = {word for word in item.caption.split() if word.startswith("#")}
        assert any(tags <= set(words) for words in earlier)


async def test_the_only_post_of_a_creator_is_not_one_of_their_best() -> None:
    plan = await plan_of(replace(facts(0), posts=facts(0).posts[:1]))
    assert not any("one of your best" in item.why for item in plan.items)


async def test_posts_of_two_platforms_are_spread_over_the_week() -> None:
    plan = await onboarding()
    days = sorted({item.date.weekday() for item in plan.items})
    assert all(later - earlier > 1 for earlier, later in pairwise(days))


async def test_the_routine_publishes_on_days_with_posts() -> None:
    plan = await onboarding()
    days = {WEEKDAYS[item.date.weekday()] for item in plan.items}
    publishing = {step.weekday for step in plan.routine if step.task == PUBLISH}
    assert publishing
    assert publishing <= days


async def test_what_the_form_says_is_taken_up() -> None:
    plan = await onboarding(audience="parents without time", challenges="I never know what to post")
    assert "parents without time" in plan.goals[0].why
    assert "“I never know what to post”" in plan.goals[1].why


async def test_a_pillar_that_is_no_subject_borrows_the_niche() -> None:
    plan = await onboarding()
    assert [pillar.name for pillar in plan.pillars][:2] == ["Vegan cooking", "Behind the scenes"]
    assert {topic for pillar in plan.pillars for topic in pillar.topics} == {"vegan cooking"}


@pytest.mark.parametrize("days", [7, 27, 91])
async def test_no_two_weeks_have_the_same_theme(days: int) -> None:
    for known in (facts(0), facts(WITHOUT_POSTS), replace(facts(WITHOUT_POSTS), brand={})):
        plan = await plan_of(known, end=TODAY + dt.timedelta(days=days))
        themes = [week.theme for week in plan.weeks]
        assert len(set(themes)) == len(themes)
