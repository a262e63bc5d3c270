"""The job that makes a creator's insights of one morning; the suite asks for it, not the user."""

import datetime as dt

from pydantic import BaseModel

from agents.faults import FinalModelError
from domain.jobs import JobKind
from graph.insights import generate_insights
from jobs.execution import Attempt, FinalJobError, Handler, Outcome


class InsightsInput(BaseModel):
    """Which day of the creator's own calendar it is about."""

    date: dt.date


INSIGHTS = JobKind(
    name="insights", title="Insights", input=InsightsInput, queue="insights", is_daily=True
)


async def run_insights_job(attempt: Attempt) -> Outcome:
    """Make the insights of a day; another attempt adds only what this one has not kept."""
    day = InsightsInput.model_validate(attempt.job.input).date
    try:
        morning = await generate_insights(attempt.resources, attempt.job.user_id, day)
    except FinalModelError as error:
        raise FinalJobError(error.detail) from error
    return Outcome(
        result={
            "date": str(day),
            "insights": [str(insight.id) for insight in morning.insights],
            "rewritten": morning.rewritten,
            "dropped": len(morning.dropped),
        },
        model_tokens=morning.tokens,
    )


HANDLER = Handler(kind=INSIGHTS, run=run_insights_job)
