"""The plan templates; a new one is added here, and nowhere else (`docs/plans.md`)."""

from agents.plans.content_calendar import CONTENT_CALENDAR
from agents.plans.onboarding import ONBOARDING
from agents.plans.template import PlanTemplate

PLAN_TEMPLATES: dict[str, PlanTemplate] = {
    template.name: template for template in (CONTENT_CALENDAR, ONBOARDING)
}
