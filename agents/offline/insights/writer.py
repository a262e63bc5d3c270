"""The offline model fills in the form for insights."""

import json
from collections.abc import Sequence
from typing import Any

from langchain_core.messages import BaseMessage, HumanMessage
from pydantic import ValidationError

from agents.insights import FindingToWrite, InsightPayload
from agents.offline.insights.sentences import WRITERS, Words


def write_insights(messages: Sequence[BaseMessage]) -> dict[str, Any]:
    """Return an entry for each finding that the last message shows."""
    payload = _read(messages)
    findings = payload.findings if payload else []
    return {"insights": [_entry(finding) for finding in findings]}


def _entry(finding: FindingToWrite) -> dict[str, Any]:
    words: Words = WRITERS[finding.detector](finding.facts)
    return {
        "finding": finding.number,
        "title": words.title,
        "message": words.message,
        "priority": finding.suggested,
        "action_items": [*words.actions],
    }


def _read(messages: Sequence[BaseMessage]) -> InsightPayload | None:
    for message in messages:
        if isinstance(message, HumanMessage):
            try:
                return InsightPayload.model_validate(json.loads(message.text.splitlines()[-1]))
            except (ValueError, ValidationError):
                continue
    return None
