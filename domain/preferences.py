"""What users want to be told, and how: in the app, by mail, or not at all."""

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict

from core.errors import InvalidError
from storage.models import NotificationType

# Of these there are mails, until their user wants none. Insights come as one mail each morning.
MAILED = frozenset(
    {NotificationType.INSIGHT, NotificationType.PLAN_READY, NotificationType.JOB_FAILED}
)


class NeverMailedError(InvalidError):
    """There are no mails about this: leave `by_mail` out."""

    code = "never_mailed"


class Channels(BaseModel):
    """How somebody is told about something; `by_mail` is null for what is never mailed."""

    model_config = ConfigDict(frozen=True)

    in_app: bool = True
    by_mail: bool | None


class ChannelChange(BaseModel):
    """What is to change; what is null or left out stays."""

    model_config = ConfigDict(extra="forbid")

    in_app: bool | None = None
    by_mail: bool | None = None


Preferences = Mapping[NotificationType, Channels]


def read_preferences(stored: Mapping[str, Any] | None) -> dict[NotificationType, Channels]:
    """Return how a user is told about each type; what they have not changed is on."""
    return {
        kind: Channels.model_validate(
            {"by_mail": True if kind in MAILED else None} | (stored or {}).get(kind, {})
        )
        for kind in NotificationType
    }


def change_preferences(
    stored: Mapping[str, Any] | None, changes: Mapping[NotificationType, ChannelChange]
) -> dict[str, Any]:
    """Return what to store after a change. Raises `NeverMailedError`."""
    changed = dict(stored or {})
    for kind, change in changes.items():
        if change.by_mail is not None and kind not in MAILED:
            raise NeverMailedError(
                f"There are no mails about {kind}: leave `by_mail` out.",
                field=f"notifications.{kind}.by_mail",
            )
        changed[kind] = changed.get(kind, {}) | change.model_dump(exclude_none=True)
    return changed
