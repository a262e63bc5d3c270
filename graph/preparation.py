"""What a run needs before it begins: who asks, what is known of them, and where it speaks."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from agents.plans.catalog import plan_kinds
from core.clock import local_date
from domain.conversations import Turn
from graph.answer_text import AnswerText
from graph.events import RunLog
from graph.history import list_figures
from graph.replay import tell
from graph.resources import Resources
from graph.sink import RunSink, outside_texts
from storage.goals import list_goals
from storage.metrics import list_coverage
from tools.context import RunContext


@dataclass(frozen=True, kw_only=True)
class Asker:
    """Who asks, as the server knows it, never as a client or a model says."""

    user_id: UUID
    timezone: str
    locale: str
    brand: Mapping[str, Any] | None = None


async def read_context(
    session: AsyncSession, resources: Resources, asker: Asker, turn: Turn
) -> RunContext:
    """Return what the run lends its tools."""
    return RunContext(
        run_id=turn.run.id,
        user_id=asker.user_id,
        database=resources.database,
        today=local_date(resources.clock(), asker.timezone),
        timezone=asker.timezone,
        locale=asker.locale,
        accounts=await list_coverage(session),
        brand=asker.brand,
        goals=await list_goals(session, status="active"),
        question=turn.question.text,
        clock=resources.clock,
        plan_kinds=plan_kinds(),
    )


def open_log(turn: Turn, told: Sequence[bytes]) -> RunLog:
    """Return the run's log, with what it has told before it paused."""
    log = RunLog(turn.run.id)
    log.fill(0, told)
    if turn.answer:
        if not len(log):
            tell(log, turn.answer)
        log.reopen()
    return log


def open_sink(resources: Resources, log: RunLog, turn: Turn, context: RunContext) -> RunSink:
    """Return where the run speaks, behind what it has said before it paused."""
    context.figures.figures.extend(list_figures(turn.parts))
    names = {text for part in turn.parts for text in outside_texts(part.get("output"))}
    new_text = partial(
        AnswerText,
        context.figures,
        context.locale,
        question=turn.question.text,
        today=context.today,
        names=names,
        is_strict=resources.settings.grounding == "strict",
    )
    tokens = turn.answer.tokens_used if turn.answer else None
    return RunSink(log, new_text, names=names, parts=turn.parts, tokens=tokens)
