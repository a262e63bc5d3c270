"""Plans of the offline model, made by the whole graph, and looked at from outside."""

import datetime as dt
import re
from collections import Counter
from uuid import UUID

from langgraph.checkpoint.memory import InMemorySaver

from agents.models import build_model
from agents.plans.template import PlanTemplate
from domain.plans.inputs import PlanInput
from domain.plans.plan import Plan
from domain.plans.weeks import list_weeks
from graph.plan import make_plan
from graph.plan_state import PlanContext
from tests.conftest import SealedModelSettings
from tools.plan_evidence import Facts


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
