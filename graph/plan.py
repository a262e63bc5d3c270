"""The graph that makes a plan: understand, write stage by stage, check, repair once.

Every finished node is kept in a checkpoint: a job that is tried again goes on behind the last
one, and its model is not asked twice for the same part.
"""

import datetime as dt
import hashlib
from collections.abc import Sequence
from itertools import pairwise
from typing import Any
from uuid import UUID

import orjson
from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.graph import END, START, StateGraph
from langgraph.graph.state import CompiledStateGraph
from langgraph.runtime import Runtime
from langgraph.types import Send

from agents.faults import ModelFailedError
from agents.plans.payload import Payload
from agents.plans.template import PlanStage, PlanTemplate
from core.errors import AppError
from domain.plans.assembly import assemble_plan, find_broken_rules, is_recent
from domain.plans.evidence import Evidence
from domain.plans.finishing import finish_plan
from domain.plans.inputs import PlanInput
from domain.plans.plan import Plan
from domain.plans.rules import BrokenRule
from domain.plans.schedule import build_slots
from graph.plan_payload import build_payload, collect_fields, read_request
from graph.plan_state import PartTask, PlanContext, PlanState, part_name, week_of_part
from graph.plan_writing import write_part
from tools.plan_evidence import conclude

GRAPH_VERSION = 1
UNDERSTAND, CHECK, REPAIR, RECHECK = "understand", "check", "repair", "recheck"
MAX_CALLS_AT_ONCE = 4
MAX_TOLD = 3
MAX_FAULTS = 12
# Percent of the work when a step begins.
UNDERSTOOD, WRITTEN, CHECKED = 10, 90, 95

PlanGraph = CompiledStateGraph[PlanState, PlanContext, Any, Any]


class PlanFailedError(AppError):
    """The plan could not be made."""

    code = "plan_failed"


async def make_plan(
    template: PlanTemplate,
    context: PlanContext,
    job_id: UUID,
    asked: PlanInput,
    saver: BaseCheckpointSaver[Any],
) -> tuple[Plan, int]:
    """Return the plan and the tokens it took; go on where an earlier attempt stopped.

    Raises `PlanFailedError` where trying again would not help, and `ModelFailedError`.
    """
    graph = build_plan_graph(template).copy({"checkpointer": saver})
    config: RunnableConfig = {
        "configurable": {"thread_id": plan_thread(template, job_id)},
        "max_concurrency": MAX_CALLS_AT_ONCE,
        "recursion_limit": len(template.stages) + 10,
    }
    state = await graph.aget_state(config)
    if state.created_at is not None and not state.next:
        values = state.values
    else:
        new: PlanState | None = None
        if state.created_at is None:
            new = {"request": asked.model_dump(mode="json"), "parts": {}, "notes": [], "tokens": 0}
        values = await graph.ainvoke(new, config, context=context, durability="sync")
    return Plan.model_validate(values["plan"]), values["tokens"]


def plan_thread(template: PlanTemplate, job_id: UUID) -> str:
    """Return where the checkpoints of a job are; another version of the graph begins anew."""
    shape = [(stage.name, stage.output.model_json_schema()) for stage in template.stages]
    digest = hashlib.sha256(orjson.dumps([GRAPH_VERSION, template.name, shape])).hexdigest()[:12]
    return f"{job_id} {digest}"


def build_plan_graph(template: PlanTemplate) -> PlanGraph:
    """Compile the graph of a template."""
    maker = _Maker(template)
    graph = StateGraph(PlanState, context_schema=PlanContext)
    graph.add_node(UNDERSTAND, maker.understand)
    graph.add_edge(START, UNDERSTAND)
    names = [stage.name for stage in template.stages]
    for stage in template.stages:
        if stage.is_weekly:
            graph.add_node(stage.name, maker.write_part, input_schema=PartTask)
        else:
            graph.add_node(stage.name, maker.write_stage(stage))
    for before, after in pairwise((UNDERSTAND, *names, CHECK)):
        following = maker.stages.get(after)
        if following is not None and following.is_weekly:
            graph.add_conditional_edges(before, maker.fan_out(following), [after])
        else:
            graph.add_edge(before, after)
    graph.add_node(CHECK, maker.check)
    graph.add_node(REPAIR, maker.write_part, input_schema=PartTask)
    graph.add_node(RECHECK, maker.recheck)
    graph.add_conditional_edges(CHECK, maker.to_repair, [REPAIR, END])
    graph.add_edge(REPAIR, RECHECK)
    graph.add_edge(RECHECK, END)
    return graph.compile(name=template.name)


class _Maker:
    """The nodes of a template's graph."""

    def __init__(self, template: PlanTemplate) -> None:
        self._template = template
        self.stages = {stage.name: stage for stage in template.stages}

    async def understand(self, state: PlanState, runtime: Runtime[PlanContext]) -> PlanState:
        """Read what is known of the creator, and lay out the schedule."""
        context = runtime.context
        await context.report(UNDERSTAND, 0, "Reading your posts, goals and numbers.")
        asked = self._asked(state)
        facts = await context.read()
        if asked.period.end < facts.today:
            raise PlanFailedError(f"end: the period is over; today is {facts.today}.")
        evidence = await conclude(facts, asked)
        return {
            "evidence": evidence.model_dump(mode="json"),
            "slots": [slot.model_dump(mode="json") for slot in build_slots(asked, evidence)],
            "notes": evidence.notes,
        }

    def write_stage(self, stage: PlanStage) -> Any:
        """Return the node that has a model write a stage."""

        async def write(state: PlanState, runtime: Runtime[PlanContext]) -> PlanState:
            context = runtime.context
            await context.report(stage.name, self._percent(stage), stage.message)
            model = context.trends if stage.role == "trends" else context.model
            if model is None:
                return {"notes": [f"{stage.title}: left out, since no model is set up for it."]}
            try:
                part, tokens = await write_part(model, stage, self._payload(state, stage))
            except ModelFailedError as error:
                if not stage.is_optional:
                    raise
                return {"notes": [f"{stage.title}: left out. {error.detail}"]}
            part, notes = _without_old_trends(part, state["evidence"]["today"])
            return {"parts": {part_name(stage.name): part}, "notes": notes, "tokens": tokens}

        return write

    def fan_out(self, stage: PlanStage) -> Any:
        """Return the edge that has all weeks of a stage written at the same time."""

        def send(state: PlanState) -> list[Send]:
            weeks = list(dict.fromkeys(slot["week"] for slot in state["slots"]))
            start, span = self._percent(stage), self._span
            return [
                Send(
                    stage.name,
                    PartTask(
                        part=part_name(stage.name, week),
                        payload=self._payload(state, stage, week).model_dump(mode="json"),
                        percent=start + span * place // len(weeks),
                    ),
                )
                for place, week in enumerate(weeks)
            ]

        return send

    async def write_part(self, state: PartTask, runtime: Runtime[PlanContext]) -> PlanState:
        """Have a model write one week, or mend a part."""
        name, week = week_of_part(state["part"])
        stage, context = self.stages[name], runtime.context
        payload = Payload.model_validate(state["payload"])
        if payload.faults:
            message = "Mending what did not fit."
        else:
            message = f"{stage.message} Week {week} of {len(payload.weeks)}."
        await context.report(stage.name, state["percent"], message)
        part, tokens = await write_part(context.model, stage, payload)
        return {"parts": {state["part"]: part}, "tokens": tokens}

    async def check(self, state: PlanState, runtime: Runtime[PlanContext]) -> PlanState:
        """Put the parts together, and find the rules that they break."""
        await runtime.context.report(CHECK, WRITTEN, "Checking dates, times and numbers.")
        plan = self._assemble(state, runtime.context)
        if broken := self._broken(state, plan):
            return {"faults": self._by_part(state, broken)}
        return {"faults": {}, "plan": self._finish(state, plan)}

    def to_repair(self, state: PlanState) -> list[Send] | str:
        """Have every part mended that breaks a rule."""
        sends = []
        for part, faults in state["faults"].items():
            name, week = week_of_part(part)
            payload = self._payload(state, self.stages[name], week).model_copy(
                update={"written": state["parts"].get(part), "faults": faults[:MAX_FAULTS]}
            )
            shown = payload.model_dump(mode="json")
            sends.append(Send(REPAIR, PartTask(part=part, payload=shown, percent=WRITTEN)))
        return sends or END

    async def recheck(self, state: PlanState, runtime: Runtime[PlanContext]) -> PlanState:
        """Finish the plan, or give it up."""
        await runtime.context.report(RECHECK, CHECKED, "Checking it once more.")
        plan = self._assemble(state, runtime.context)
        if broken := self._broken(state, plan):
            told = "; ".join(each.message for each in broken[:MAX_TOLD])
            raise PlanFailedError(
                "The language model did not keep to what was asked, also when it mended the "
                f"plan: {told}. Try again, or ask for fewer posts."
            )
        return {"plan": self._finish(state, plan)}

    @property
    def _span(self) -> int:
        """Percent that a stage takes."""
        return (WRITTEN - UNDERSTOOD) // len(self._template.stages)

    def _percent(self, stage: PlanStage) -> int:
        return UNDERSTOOD + self._span * self._template.stages.index(stage)

    def _asked(self, state: PlanState) -> PlanInput:
        return read_request(self._template, state)

    def _payload(self, state: PlanState, stage: PlanStage, week: int | None = None) -> Payload:
        return build_payload(self._template, state, stage, week)

    def _assemble(self, state: PlanState, context: PlanContext) -> Plan:
        return assemble_plan(
            self._asked(state),
            Evidence.model_validate(state["evidence"]),
            template=self._template.name,
            title=self._template.title,
            model=context.model.name,
            notes=state["notes"],
            written=collect_fields(self._template, state),
        )

    def _broken(self, state: PlanState, plan: Plan) -> list[BrokenRule]:
        evidence = Evidence.model_validate(state["evidence"])
        return find_broken_rules(plan, self._asked(state), evidence)

    def _by_part(self, state: PlanState, broken: Sequence[BrokenRule]) -> dict[str, list[str]]:
        """Return what is wrong with each part that can be mended."""
        faults: dict[str, list[str]] = {}
        for each in broken:
            stage = next(stage for stage in self._template.stages if each.part in stage.fields)
            parts = [part_name(stage.name)]
            if stage.is_weekly:
                weeks = list(dict.fromkeys(slot["week"] for slot in state["slots"]))
                chosen = [week for week in weeks if week == each.week] or weeks
                parts = [part_name(stage.name, week) for week in chosen]
            for part in parts:
                faults.setdefault(part, []).append(each.message)
        return faults

    def _finish(self, state: PlanState, plan: Plan) -> dict[str, Any]:
        evidence = Evidence.model_validate(state["evidence"])
        return finish_plan(plan, evidence.locale).model_dump(mode="json", by_alias=True)


def _without_old_trends(part: dict[str, Any], today: str) -> tuple[dict[str, Any], list[str]]:
    """Leave out trends whose source is older than half a year, or not published yet."""
    if "trends" not in part:
        return part, []
    day = dt.date.fromisoformat(today)
    recent = [
        trend for trend in part["trends"] if is_recent(dt.date.fromisoformat(trend["date"]), day)
    ]
    left_out = len(part["trends"]) > len(recent)
    notes = ["Trends: some are left out, since their sources are not recent."] if left_out else []
    return part | {"trends": recent}, notes
