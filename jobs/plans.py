"""Jobs that make plans, one kind for each template."""

import asyncio
from collections.abc import Mapping
from functools import partial
from typing import Any

from pydantic import ValidationError
from sqlalchemy.ext.asyncio import AsyncSession

from agents.faults import FinalModelError
from agents.plans.catalog import PLAN_TEMPLATES, plan_kinds
from agents.plans.template import PlanTemplate
from core.clock import local_date
from domain.engines import InvalidResultError
from domain.plans.evidence import Evidence
from domain.plans.outside import WrittenPlan, complete_plan
from domain.plans.plan import Plan
from domain.plans.schedule import build_slots
from domain.plans.stored import create_plan
from graph.plan import PlanFailedError, make_plan, plan_thread
from graph.plan_state import PlanContext
from graph.resources import Resources
from jobs.execution import Attempt, FencedError, FinalJobError, Handler, Outcome, OutsideWork
from storage.checkpoints import delete_thread
from storage.jobs import may_write
from storage.models import Job, new_id
from storage.users import get_user
from tools.plan_evidence import Facts, conclude, read_facts

MAX_TOLD = 5


def plan_handlers() -> dict[str, Handler]:
    """Return how each kind of plan is made."""
    return {
        name: Handler(
            kind=kind,
            run=partial(run_plan_job, PLAN_TEMPLATES[name]),
            outside=OutsideWork(
                brief=partial(brief_engine, PLAN_TEMPLATES[name]),
                accept=partial(accept_plan, PLAN_TEMPLATES[name]),
            ),
        )
        for name, kind in plan_kinds().items()
    }


async def run_plan_job(template: PlanTemplate, attempt: Attempt) -> Outcome:
    """Make a plan; its row is stored, and its checkpoints end, with the job."""
    resources, job = attempt.resources, attempt.job

    async def check() -> None:
        """Keep an attempt that has been replaced away from the checkpoints of the newer one."""
        async with resources.database.service_session() as session:
            if not await may_write(session, attempt.fence):
                raise FencedError

    context = PlanContext(
        read=partial(_read, resources, job),
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
    return _outcome(template, job, plan, model_tokens=tokens)


async def brief_engine(template: PlanTemplate, resources: Resources, job: Job) -> dict[str, Any]:
    """Return what an outside engine needs to write a plan: the request, evidence, and slots."""
    asked = template.input.model_validate(job.input)
    evidence = await conclude(await _read(resources, job), asked)
    if asked.period.end < evidence.today:
        raise FinalJobError(f"end: the period is over; today is {evidence.today}.")
    slots = await asyncio.to_thread(build_slots, asked, evidence)
    return {
        "input": job.input,
        "evidence": evidence.model_dump(mode="json", by_alias=True),
        "slots": [slot.model_dump(mode="json") for slot in slots],
        "write": [field for stage in template.stages for field in stage.fields],
    }


def accept_plan(
    template: PlanTemplate, job: Job, told: Mapping[str, Any], result: Mapping[str, Any]
) -> Outcome:
    """Return what an outside engine's plan comes to. Raises `InvalidResultError`."""
    try:
        written = WrittenPlan.model_validate(result.get("plan"))
        plan = complete_plan(
            written,
            template=template.name,
            title=template.title,
            asked=template.input.model_validate(job.input),
            evidence=Evidence.model_validate(told["evidence"]),
        )
    except ValidationError as error:
        faults = [
            f"plan.{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in error.errors()
        ]
        raise InvalidResultError("; ".join(faults[:MAX_TOLD]), field="result.plan") from None
    return _outcome(template, job, plan, model_tokens=None)


async def _read(resources: Resources, job: Job) -> Facts:
    async with resources.database.user_session(job.user_id) as session:
        user = await get_user(session, job.user_id)
        return await read_facts(
            session,
            today=local_date(resources.clock(), user.timezone),
            timezone=user.timezone,
            locale=user.locale,
            brand=user.brand,
        )


def _outcome(template: PlanTemplate, job: Job, plan: Plan, *, model_tokens: int | None) -> Outcome:
    plan_id = new_id()

    async def store(session: AsyncSession) -> None:
        await create_plan(session, job.user_id, job.id, plan, plan_id=plan_id)
        await delete_thread(session, plan_thread(template, job.id))

    return Outcome(
        result={
            "plan_id": str(plan_id),
            "title": plan.title,
            "posts": len(plan.items),
            "notes": plan.notes,
        },
        model_tokens=model_tokens,
        store=store,
    )
