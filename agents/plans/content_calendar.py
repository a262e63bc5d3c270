"""The content calendar: what goes out when, for up to three months."""

from agents.plans.parts import Strategy, Trends, WeekItems
from agents.plans.prompts import CALENDAR, STRATEGY, TRENDS
from agents.plans.template import PlanStage, PlanTemplate
from domain.plans.inputs import ContentCalendarInput

CONTENT_CALENDAR = PlanTemplate(
    name="content_calendar",
    title="Content calendar",
    input=ContentCalendarInput,
    stages=(
        PlanStage(
            name="trends",
            title="Trends",
            message="Looking for what is talked about in your field.",
            prompt=TRENDS,
            output=Trends,
            role="trends",
            is_optional=True,
        ),
        PlanStage(
            name="strategy",
            title="Strategy and pillars",
            message="Choosing what your posts are about.",
            prompt=STRATEGY,
            output=Strategy,
        ),
        PlanStage(
            name="calendar",
            title="Calendar",
            message="Writing your posts, week by week.",
            prompt=CALENDAR,
            output=WeekItems,
            is_weekly=True,
        ),
    ),
)
