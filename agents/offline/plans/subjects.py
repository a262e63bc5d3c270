"""What posts are about: pillars made of topics, and earlier posts to follow up on."""

import re
from collections.abc import Sequence

from agents.offline.plans.words import capital, plain
from agents.plans.payload import Payload
from domain.plans.evidence import TopicEvidence
from domain.plans.plan import Pillar

MAX_PILLARS = 4
MAX_TOPICS = 4
SUBJECT = "[your subject]"
CUSTOMARY = (
    ("Behind the scenes", "How your work comes about: places, steps and mistakes."),
    ("Questions and answers", "What people ask you, answered one at a time."),
    ("Work in progress", "What is not finished yet, and can still be changed."),
    ("Your story", "Where you come from, and why you do this."),
)
_SPLIT = re.compile(r"[;(]|[,.](?!\d)| (?:and|with|without|for|in|by|from|of) ")
_DIGIT = re.compile(r"\d")
MAX_NICHE_WORDS = 4
MAX_NICHE = 60


def build_pillars(payload: Payload) -> list[Pillar]:
    """Return pillars: topics that belong together, the best first; then the niche, then custom."""
    evidence = payload.evidence
    tags = [topic for topic in evidence.topics if topic.name.startswith("#") or topic.stands_out]
    labels = {topic.label for topic in tags}
    pillars: list[Pillar] = []
    taken: set[str] = set()
    for topic in tags:
        if len(pillars) == MAX_PILLARS - 1:
            break
        if topic.label in taken or _is_kin(topic.label, taken):
            continue
        related = [label for label in topic.related if label in labels - taken]
        topics = [topic.label, *related][:MAX_TOPICS]
        taken |= {*topics, *topic.related}
        pillars.append(_topic_pillar(topic, topics))
    niche = _niche(payload)
    for name, description in [*niche, *CUSTOMARY]:
        names = {pillar.name.casefold() for pillar in pillars}
        if len(pillars) < MAX_PILLARS and name.casefold() not in names:
            topics = [_lower(niche[0][0])] if niche else []
            pillars.append(Pillar(name=name, description=description, topics=topics))
    return pillars


def is_customary(pillar: Pillar) -> bool:
    """Tell whether a pillar is a way to look at things rather than a subject."""
    return pillar.name in dict(CUSTOMARY)


def does_better(topic: TopicEvidence) -> bool:
    """Tell whether a topic earned more than usual, as far as it is told: to a tenth."""
    return round(topic.relative, 1) > 1


def topic_said(topic: TopicEvidence) -> str:
    """Return in a sentence how the posts of a topic did."""
    posts = f"Your {{{{{topic.posts_figure}}}}} posts with {topic.name}"
    if not does_better(topic):
        return f"{posts} did as well as your others: a subject that you can rely on."
    chance = "clearly more than usual" if topic.stands_out else "which may still be chance"
    return f"{posts} earned {{{{{topic.figure}}}}} times the usual engagement, {chance}."


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:]


def _is_kin(label: str, taken: set[str]) -> bool:
    """Tell whether a topic is only a variant of one that is taken: "acoustic", "acoustic set"."""
    return any(label in other or other in label for other in taken)


def _topic_pillar(topic: TopicEvidence, topics: Sequence[str]) -> Pillar:
    return Pillar(
        name=capital(topics[0].lstrip("#")),
        description=topic_said(topic),
        topics=list(topics),
        figure=topic.figure if does_better(topic) else topic.posts_figure,
    )


def _niche(payload: Payload) -> list[tuple[str, str]]:
    """Return what the creator says they are about, in a few words."""
    told = payload.request.form.get("niche") or payload.evidence.brand.get("niche") or ""
    first = _SPLIT.split(plain(str(told), MAX_NICHE))[0]
    words = first.split()
    kept = words[:MAX_NICHE_WORDS]
    while len(words) > len(kept) and kept and _DIGIT.search(kept[-1]):  # “50 %” is not 50
        kept.pop()
    name = " ".join(kept).strip(" .!…")
    return [(capital(name), f"What you say you stand for: {name}.")] if name else []
