"""The plan of a new creator: where to, with what, watched how, and in which weekly rhythm."""

from agents.plans.parts import Metrics, Routine, Strategy, WeekItems
from agents.plans.prompts import CALENDAR, METRICS, ROUTINE, STRATEGY
from agents.plans.template import PlanStage, PlanTemplate
from domain.plans.inputs import OnboardingInput

ONBOARDING = PlanTemplate(
    name="onboarding",
    title="Your first plan",
    input=OnboardingInput,
    stages=(
        PlanStage(
            name="main_plan",
            title="Main plan",
            message="Working out where you want to go, and how.",
            prompt=STRATEGY,
            output=Strategy,
        ),
        PlanStage(
            name="content_plan",
            title="Content plan",
            message="Writing your first posts, week by week.",
            prompt=CALENDAR,
            output=WeekItems,
            is_weekly=True,
        ),
        PlanStage(
            name="metric_focus",
            title="Metric focus",
            message="Choosing the numbers to watch.",
            prompt=METRICS,
            output=Metrics,
        ),
        PlanStage(
            name="weekly_routine",
            title="Weekly routine",
            message="Fitting it into your week.",
            prompt=ROUTINE,
            output=Routine,
        ),
    ),
)
