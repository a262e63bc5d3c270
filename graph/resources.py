"""What the runs and jobs of a process share."""

from dataclasses import dataclass

from agents.models import Model
from core.clock import Clock
from core.settings import Settings
from storage.checkpoints import Checkpoints
from storage.database import Database


@dataclass(frozen=True, kw_only=True)
class Resources:
    """Opened by `graph/suite.py`; no model for trends is null."""

    database: Database
    checkpoints: Checkpoints
    settings: Settings
    model: Model
    plan_model: Model
    trends_model: Model | None
    clock: Clock
