"""What a run lends its tools; nothing in here is ever filled in by a model or a client."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from langchain.tools import ToolRuntime

from core.clock import Clock, utc_now
from domain.approvals import Decision
from domain.figures import FigureBook
from domain.jobs import JobKind
from storage.database import Database
from storage.metrics import Coverage
from storage.models import Goal, new_id


@dataclass(frozen=True, kw_only=True)
class RunContext:
    """Whose run it is, what day it is there, and where figures are written down.

    `goals` are the active ones; `notes` tell what a long conversation said before the messages
    that the model still reads; `decisions` are those that tools have heard in this run;
    `question` is what the creator asks; `plan_kinds` are the jobs that make plans, by name.
    """

    user_id: UUID
    database: Database
    today: dt.date
    timezone: str
    locale: str
    accounts: Sequence[Coverage] = ()
    brand: Mapping[str, Any] | None = None
    goals: Sequence[Goal] = ()
    notes: Mapping[str, Any] | None = None
    figures: FigureBook = field(default_factory=FigureBook)
    decisions: dict[str, Decision] = field(default_factory=dict)
    run_id: UUID = field(default_factory=new_id)
    question: str = ""
    clock: Clock = utc_now
    plan_kinds: Mapping[str, JobKind] = field(default_factory=dict)


Runtime = ToolRuntime[RunContext]
