"""The plan templates; a new one is added here, and nowhere else (`docs/plans.md`)."""

from agents.plans.content_calendar import CONTENT_CALENDAR
from agents.plans.onboarding import ONBOARDING
from agents.plans.template import PlanTemplate
from domain.jobs import JobKind
from domain.plans.inputs import check_input

QUEUE = "plans"

PLAN_TEMPLATES: dict[str, PlanTemplate] = {
    template.name: template for template in (CONTENT_CALENDAR, ONBOARDING)
}


def plan_kinds() -> dict[str, JobKind]:
    """Return the kind of job that makes a plan of each template."""
    return {
        name: JobKind(
            name=name,
            title=template.title,
            input=template.input,
            queue=QUEUE,
            check=check_input,
        )
        for name, template in PLAN_TEMPLATES.items()
    }
