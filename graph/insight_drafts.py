"""From what a model wrote of a finding to an insight, if all of its numbers have a source."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from agents.insights import WrittenInsight
from domain.grounding.verdict import Verdict
from domain.insights.candidates import Candidate
from domain.insights.grounding import check_text
from domain.insights.rules import RULES, expiry_of, priority_of
from storage.models import Insight, Priority, new_id


@dataclass(frozen=True, kw_only=True)
class Draft:
    """An insight whose numbers all have a source."""

    candidate: Candidate
    title: str
    message: str
    priority: Priority
    actions: Sequence[str]
    verdict: Verdict


def check_draft(
    candidate: Candidate, written: WrittenInsight | None, locale: str, *, finding: int
) -> Draft | list[str]:
    """Return the insight, or what is wrong with what was written; `finding` is its number."""
    if written is None:
        return ["there is no entry for this finding"]
    if faults := written.faults():
        return faults
    title, message, *actions = (
        check_text(text, candidate, locale, finding=finding)
        for text in (written.title, written.message, *written.action_items)
    )
    if faults := [fault for text in (title, message, *actions) for fault in text.faults]:
        return faults
    allowed = RULES[candidate.detector].priorities
    return Draft(
        candidate=candidate,
        title=title.text,
        message=message.text,
        priority=next(
            (each for each in allowed if each == written.priority), priority_of(candidate)
        ),
        actions=[action.text for action in actions],
        verdict=message.verdict,
    )


def build_insight(draft: Draft, user_id: UUID, today: dt.date, now: dt.datetime) -> Insight:
    """Return the row that is stored."""
    candidate = draft.candidate
    return Insight(
        id=new_id(),
        user_id=user_id,
        type=RULES[candidate.detector].type,
        priority=draft.priority,
        title=draft.title,
        message=draft.message,
        action_items=[{"text": text} for text in draft.actions],
        data_sources=[
            figure.model_dump(mode="json", by_alias=True) for figure in candidate.figures
        ],
        grounding=draft.verdict.model_dump(mode="json"),
        local_date=today,
        finding=candidate.finding,
        generated_at=now,
        expires_at=expiry_of(candidate, now),
    )
