"""Questions that lean on the one before: "and on YouTube?" keeps its topic and its period."""

from dataclasses import replace

from agents.offline.dates.spans import Span
from agents.offline.questions.cues import (
    BACK_REFERENCE,
    EVERYWHERE,
    FOLLOW_UP,
    NOW,
    PERIOD_COMPARED,
    UNUSUAL,
)
from agents.offline.questions.ordinary import unknown_words
from agents.offline.questions.question import Mentions, Question
from agents.offline.questions.topics import Topic, find_topic
from storage.models import Metric

# A question this short leans on the one before it, even without an "and".
SHORT_WORDS = 2


def follow_up(mentions: Mentions, previous: Question | None) -> Question | None:
    """Return the previous question with what this one changes, or None if it stands alone."""
    if previous is None or previous.topic is Topic.CONNECTIONS:
        return None
    previous = _resumed(previous, mentions)
    own = find_topic(mentions.text, mentions.metrics, mentions.platforms, mentions.spans)
    is_everywhere = EVERYWHERE.search(mentions.text) is not None
    is_why = UNUSUAL.search(mentions.text) is not None
    is_now = NOW.search(mentions.text) is not None
    if own is not None and not _leans(mentions.text):
        return None
    if own is None and mentions.is_empty() and not (is_everywhere or is_why or is_now):
        return None
    has_place = bool(mentions.platforms or mentions.account or is_everywhere)
    about_creator = _is_about_creator(mentions, own)
    return replace(
        previous,
        topic=_topic_after(previous, mentions, own),
        text=mentions.text,
        metrics=mentions.metrics or (() if about_creator else previous.metrics),
        platforms=mentions.platforms if has_place else previous.platforms,
        account=mentions.account_name if has_place else previous.account,
        spans=_spans_after(previous, mentions),
        is_recent=False,
        resumes=_resumed_after(previous, mentions),
        unknown_words=tuple(unknown_words(mentions.text)),
    )


def _resumed(previous: Question, mentions: Mentions) -> Question:
    """Return what "why?" was asked about, unless this asks for unusual days again."""
    if previous.resumes is None or UNUSUAL.search(mentions.text):
        return previous
    return replace(previous, topic=previous.resumes)


def _resumed_after(previous: Question, mentions: Mentions) -> Topic | None:
    if not UNUSUAL.search(mentions.text):
        return None
    return previous.resumes or (previous.topic if previous.topic is not Topic.UNUSUAL else None)


def _leans(text: str) -> bool:
    is_short = len(text.split()) <= SHORT_WORDS
    return is_short or bool(FOLLOW_UP.search(text) or BACK_REFERENCE.search(text))


def _topic_after(previous: Question, mentions: Mentions, own: Topic | None) -> Topic:
    """Return the topic of a follow-up: a bare platform, metric or period keeps what was asked."""
    if UNUSUAL.search(mentions.text):
        return Topic.UNUSUAL
    is_of_total = previous.topic in {Topic.TOTAL, Topic.TREND} and not mentions.metrics
    if own is Topic.GROWTH and is_of_total and not _is_about_creator(mentions, own):
        return Topic.TREND
    if own not in {None, Topic.LEVEL, Topic.TOTAL}:
        return own or previous.topic
    metrics = mentions.metrics or previous.metrics
    about_followers = not metrics or Metric.FOLLOWERS in metrics
    is_kept = {
        Topic.UNUSUAL: True,
        Topic.COMPARISON: not mentions.platforms,
        Topic.OVERVIEW: not mentions.metrics,
        Topic.GROWTH: about_followers,
        Topic.LEVEL: about_followers,
    }.get(previous.topic, not about_followers)
    if is_kept:
        return previous.topic
    if not about_followers:
        return Topic.TOTAL
    return Topic.GROWTH if any(span.days > 1 for span in previous.spans) else Topic.LEVEL


def _spans_after(previous: Question, mentions: Mentions) -> tuple[Span, ...]:
    """Return the periods of a follow-up: its own, next to the previous one if they compare."""
    if not mentions.spans:
        is_recent = previous.is_recent or NOW.search(mentions.text)
        return () if is_recent else previous.spans
    if len(mentions.spans) == 1 and PERIOD_COMPARED.search(mentions.text):
        return (previous.spans[0], *mentions.spans)
    return mentions.spans


def _is_about_creator(mentions: Mentions, own: Topic | None) -> bool:
    """Tell "did I grow?" from "did they grow?"."""
    return own in {Topic.GROWTH, Topic.OVERVIEW} and " i " in f" {mentions.text} "
