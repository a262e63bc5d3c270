"""A hundred plans of the offline model, through the whole graph: no rule is broken."""

import datetime as dt
import re
from collections import Counter
from uuid import UUID

import pytest
from langgraph.checkpoint.memory import InMemorySaver

from agents.models import build_model
from agents.plans.content_calendar import CONTENT_CALENDAR
from agents.plans.onboarding import ONBOARDING
from agents.plans.template import PlanTemplate
from domain.plans.inputs import OnboardingInput, PlanInput
from domain.plans.plan import Plan
from domain.plans.weeks import list_weeks
from graph.plan import make_plan
from graph.plan_state import PlanContext
from storage.models import Platform
from tests.conftest import SealedModelSettings
from tests.plan_creators import CREATORS, TODAY, facts, inputs
from tools.plan_evidence import Facts

PLANS_EACH = 5


async def report(stage: str, progress: int, message: str) -> None:
    assert 0 <= progress <= 100, stage
    assert message.endswith("."), stage


async def make(template: PlanTemplate, known: Facts, asked: PlanInput) -> Plan:
    async def read() -> Facts:
        return known

    context = PlanContext(
        read=read,
        model=build_model(SealedModelSettings(model="offline")),
        trends=None,
        report=report,
    )
    plan, tokens = await make_plan(template, context, UUID(int=1), asked, InMemorySaver())
    assert tokens == 0
    return plan


@pytest.mark.parametrize("number", range(CREATORS))
async def test_plans_of_all_sizes_keep_every_rule(number: int) -> None:
    known = facts(number)
    for asked in inputs(number, PLANS_EACH):
        plan = await make(CONTENT_CALENDAR, known, asked)  # which checks it, and fails otherwise
        check_again(plan, asked)


def check_again(plan: Plan, asked: PlanInput) -> None:
    """Check what can be seen of a finished plan, without the code that checked it."""
    period = asked.period
    weeks = Counter(item.date - dt.timedelta(days=item.date.weekday()) for item in plan.items)
    for week in list_weeks(period.start, period.end, asked.posts_per_week):
        assert weeks[week.start - dt.timedelta(days=week.start.weekday())] == week.posts
    assert all(period.start <= item.date <= period.end for item in plan.items)
    assert {item.platform for item in plan.items} <= set(asked.platforms)
    known = {figure.id for figure in plan.figures}
    assert all(item.figure in known or item.no_figure_reason for item in plan.items)
    captions = [" ".join(re.sub(r"#\w+", "", item.caption).split()) for item in plan.items]
    seen: set[str] = set()
    for caption in captions:
        words = re.sub(r"[^\w\s'’]", " ", caption.casefold()).split()
        own = {" ".join(words[n : n + 6]) for n in range(len(words) - 5)}
        assert not own & seen, caption
        seen |= own
    assert not any("{{" in text or "}}" in text for text in texts(plan))
    assert {item.pillar for item in plan.items} <= {pillar.name for pillar in plan.pillars}


def texts(plan: Plan) -> list[str]:
    return [
        *(goal.why for goal in plan.goals),
        *(pillar.description for pillar in plan.pillars),
        *(text for item in plan.items for text in (item.hook, item.caption, item.why)),
    ]


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
