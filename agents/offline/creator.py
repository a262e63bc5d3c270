"""What the system message says about the creator: the local day, and which accounts exist."""

import datetime as dt
import json
from collections.abc import Sequence
from typing import Any

from langchain_core.messages import BaseMessage, SystemMessage
from pydantic import BaseModel, ConfigDict, Field, ValidationError


class Account(BaseModel):
    """One connected account, and the days for which something is stored about it."""

    model_config = ConfigDict(frozen=True)

    platform: str
    account: str
    first_date: dt.date | None = None
    last_date: dt.date | None = None


class GoalBrief(BaseModel):
    """An active goal."""

    model_config = ConfigDict(frozen=True)

    id: str
    title: str
    metric: str
    platform: str | None = None
    target: int | None = None
    due_date: dt.date | None = None


class Creator(BaseModel):
    """Whom the model talks to."""

    model_config = ConfigDict(frozen=True)

    today: dt.date
    locale: str = "en"
    accounts: tuple[Account, ...] = Field(default=())
    goals: tuple[GoalBrief, ...] = Field(default=())

    def platforms(self) -> list[str]:
        """Return the connected platforms, each once, in the order of the accounts."""
        return list(dict.fromkeys(account.platform for account in self.accounts))

    def first_date(self, platforms: Sequence[str] = ()) -> dt.date | None:
        """Return the earliest day known of these platforms, or of all when none is given."""
        return min((a.first_date for a in self._of(platforms) if a.first_date), default=None)

    def last_date(self, platforms: Sequence[str] = ()) -> dt.date:
        """Return the latest day known of these platforms, or of all; today if there is none."""
        days = (a.last_date for a in self._of(platforms) if a.last_date)
        return min(max(days, default=self.today), self.today)

    def has_several(self, platform: str | None) -> bool:
        """Tell whether a platform's name is not enough to say which account is meant."""
        return len(self._of([platform] if platform else [])) > 1

    def _of(self, platforms: Sequence[str]) -> list[Account]:
        return [a for a in self.accounts if not platforms or a.platform in platforms]


def find_creator(messages: Sequence[BaseMessage]) -> Creator | None:
    """Return what the last system line that is a JSON object with "today" says, if any does."""
    lines = [
        line
        for message in messages
        if isinstance(message, SystemMessage)
        for line in message.text.splitlines()
    ]
    for line in reversed(lines):
        context = _json_object(line)
        if "today" in context:
            try:
                return Creator.model_validate(context)
            except ValidationError:
                continue
    return None


def _json_object(line: str) -> dict[str, Any]:
    if not line.lstrip().startswith("{"):
        return {}
    try:
        found = json.loads(line)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
