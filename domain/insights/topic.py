"""Topics: what the posts that clearly earn more have been about in the last half year.

Stricter than the test that answers a creator's question. What passes is checked by that one, too:
an insight never claims what an agent that is asked would not confirm.
"""

import datetime as dt
from collections.abc import Iterator

from domain.analytics.posts import relative_logs
from domain.analytics.topics import find_topics, list_topics
from domain.insights.candidates import Candidate, Detector, claim_confidence
from domain.insights.evidence import Evidence
from domain.insights.groups import (
    LEAST_RELATIVE,
    clear_groups,
    effect_of,
    ids_of,
    relative_figures,
)
from domain.insights.rules import RULES

# A subject that did well last spring is no trend.
TOPIC_DAYS = 182
MIN_POSTS_OF_TOPIC = 5
MAX_TOPICS = 40


def find_topic(evidence: Evidence) -> Iterator[Candidate]:
    """Yield the topic that clearly earns more than usual in the last half year."""
    since = evidence.today - dt.timedelta(days=TOPIC_DAYS)
    posts = [post for post in evidence.posts if post.date >= since]
    known, values = relative_logs(posts)
    groups: dict[str, list[int]] = {}
    for place, post in enumerate(known):
        for name in set(find_topics(post.row.caption or "")):
            groups.setdefault(name, []).append(place)
    common = sorted(groups, key=lambda name: (-len(groups[name]), name))[:MAX_TOPICS]
    limit = RULES[Detector.TOPIC].chance
    clear = clear_groups(
        values, {name: groups[name] for name in common}, limit, least=MIN_POSTS_OF_TOPIC
    )
    if not clear or evidence.is_told(_finding(name) for name in clear):
        return  # what was told still holds, and the tests below take their time
    found = [topic for topic in list_topics(posts) if topic.stands_out and topic.name in clear]
    topic = min(found, key=lambda topic: clear[topic.name], default=None)
    if topic is None or topic.relative < LEAST_RELATIVE:
        return
    figures = relative_figures(f"“{topic.name}”", topic.posts, topic.relative, posts)
    yield Candidate(
        detector=Detector.TOPIC,
        finding=_finding(topic.name),
        effect=effect_of(topic.relative),
        confidence=claim_confidence(clear[topic.name], limit),
        facts={"topic": topic.name, **ids_of(figures)},
        figures=[*figures.values()],
    )


def _finding(name: str) -> str:
    return f"{Detector.TOPIC}:{name}"
