"""Jobs that make plans, one kind for each template."""

from functools import partial

from sqlalchemy.ext.asyncio import AsyncSession

from agents.faults import FinalModelError
from agents.plans.catalog import PLAN_TEMPLATES, plan_kinds
from agents.plans.template import PlanTemplate
from core.clock import local_date
from domain.plans.stored import create_plan
from graph.plan import PlanFailedError, make_plan, plan_thread
from graph.plan_state import PlanContext
from jobs.execution import Attempt, FencedError, FinalJobError, Handler, Outcome
from storage.checkpoints import delete_thread
from storage.jobs import may_write
from storage.models import new_id
from storage.users import get_user
from tools.plan_evidence import Facts, read_facts


def plan_handlers() -> dict[str, Handler]:
    """Return how each kind of plan is made."""
    return {
        name: Handler(
            kind=kind,
            run=partial(run_plan_job, PLAN_TEMPLATES[name]),
        )
        for name, kind in plan_kinds().items()
    }


async def run_plan_job(template: PlanTemplate, attempt: Attempt) -> Outcome:
    """Make a plan; its row is stored, and its checkpoints end, with the job."""
    resources, job = attempt.resources, attempt.job

    async def read() -> Facts:
        async with resources.database.user_session(job.user_id) as session:
            user = await get_user(session, job.user_id)
            return await read_facts(
                session,
                today=local_date(resources.clock(), user.timezone),
                timezone=user.timezone,
                locale=user.locale,
                brand=user.brand,
            )

    async def check() -> None:
        """Keep an attempt that has been replaced away from the checkpoints of the newer one."""
        async with resources.database.service_session() as session:
            if not await may_write(session, attempt.fence):
                raise FencedError

    context = PlanContext(
        read=read,
        model=resources.plan_model,
        trends=resources.trends_model,
        report=attempt.report,
    )
    thread = plan_thread(template, job.id)
    try:
        plan, tokens = await make_plan(
            template,
            context,
            job.id,
            template.input.model_validate(job.input),
            resources.checkpoints.guarded_saver(check),
        )
    except (PlanFailedError, FinalModelError) as error:
        await check()
        # Asked to try again, it is to begin anew.
        await resources.checkpoints.delete(thread)
        raise FinalJobError(error.detail) from error
    plan_id = new_id()

    async def store(session: AsyncSession) -> None:
        await create_plan(session, job.user_id, job.id, plan, plan_id=plan_id)
        await delete_thread(session, thread)

    return Outcome(
        result={
            "plan_id": str(plan_id),
            "title": plan.title,
            "posts": len(plan.items),
            "notes": plan.notes,
        },
        model_tokens=tokens,
        store=store,
    )
