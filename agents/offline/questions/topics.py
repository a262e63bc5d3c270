"""What a question is about, told from the words that give it away."""

import re
from collections.abc import Sequence
from enum import StrEnum

from agents.offline.dates.spans import Span
from agents.offline.questions.cues import (
    ARRIVALS,
    COMPARED,
    COMPARISON,
    CONNECTIONS,
    GROWTH,
    LEVEL,
    MOVES,
    OVERVIEW,
    UNUSUAL,
)
from storage.models import Metric, Platform

_DAYS = re.compile(r"\b(?:days|weeks|moments)\b")


class Topic(StrEnum):
    """What is asked."""

    GROWTH = "growth"
    LEVEL = "level"
    TOTAL = "total"
    TREND = "trend"
    COMPARISON = "comparison"
    UNUSUAL = "unusual"
    OVERVIEW = "overview"
    CONNECTIONS = "connections"


def find_topic(
    text: str, metrics: Sequence[Metric], platforms: Sequence[Platform], spans: Sequence[Span]
) -> Topic | None:
    """Return the topic of normalised text without its periods, or None if nothing tells it."""
    if CONNECTIONS.search(text) and not metrics:
        return Topic.CONNECTIONS
    if UNUSUAL.search(text) and _DAYS.search(text):
        return Topic.UNUSUAL
    if len(spans) < 2 and _compares_platforms(text, platforms):  # noqa: PLR2004 — two periods
        return Topic.COMPARISON
    if UNUSUAL.search(text) and (metrics or platforms or _tells_something(text)):
        return Topic.UNUSUAL
    if not metrics or Metric.FOLLOWERS in metrics:
        return _follower_topic(text, metrics, spans)
    is_trend = MOVES.search(text) and len(spans) < 2  # noqa: PLR2004 — two are given
    return Topic.TREND if is_trend else Topic.TOTAL


def _follower_topic(text: str, metrics: Sequence[Metric], spans: Sequence[Span]) -> Topic | None:
    if GROWTH.search(text) or (metrics and ARRIVALS.search(text)):
        return Topic.GROWTH
    if metrics:
        is_flow = any(span.days > 1 for span in spans) and not LEVEL.search(text)
        return Topic.GROWTH if is_flow else Topic.LEVEL
    return Topic.OVERVIEW if OVERVIEW.search(text) else None


def _compares_platforms(text: str, platforms: Sequence[Platform]) -> bool:
    if COMPARISON.search(text):
        return True
    return len(platforms) > 1 and COMPARED.search(text) is not None


def _tells_something(text: str) -> bool:
    """Tell whether "why" is asked about something of the suite's."""
    without_why = re.sub(r"\bwhy\b", "", text)
    return any(cue.search(without_why) for cue in (UNUSUAL, GROWTH, OVERVIEW))
