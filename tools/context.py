"""What a run lends its tools; nothing in here is ever filled in by a model or a client."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID

from domain.figures import FigureBook
from storage.database import Database
from storage.metrics import Coverage


@dataclass(frozen=True, kw_only=True)
class RunContext:
    """Whose run it is, what day it is there, and where figures are written down."""

    user_id: UUID
    database: Database
    today: dt.date
    timezone: str
    locale: str
    accounts: Sequence[Coverage] = ()
    figures: FigureBook = field(default_factory=FigureBook)
