"""Hooks and captions: every post of a plan gets an angle of its own on its subject."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from agents.offline.plans.angles import (
    ANGLES,
    FAMILIES,
    FOLLOW_UPS,
    LISTENING,
    Angle,
    Family,
)
from agents.offline.plans.short_captions import CLOSINGS, MIDDLES, OPENINGS
from agents.offline.plans.subjects import SUBJECT, build_pillars, is_customary
from agents.offline.plans.words import capital
from agents.plans.payload import Payload
from domain.plans.evidence import TopPost
from domain.plans.plan import Pillar
from domain.plans.texts import six_grams
from storage.models import Platform

# At least so many posts lie between one that follows up on an earlier post and the next.
FOLLOW_UP_EVERY = 4


@dataclass(frozen=True, kw_only=True)
class Draft:
    """What a post says; `post` is the earlier one that it follows, `topic` its subject."""

    pillar: str
    topic: str
    hook: str
    caption: str
    post: TopPost | None = None


def family_of(week: int) -> Family:
    """Return what a week's posts mostly are."""
    return FAMILIES[(week - 1) % len(FAMILIES)]


def write_drafts(payload: Payload) -> list[Draft]:
    """Return the drafts of all posts up to the end of the payload's week.

    Each week is written by itself; they fit together because each begins from the first.
    """
    loads = [load for load in payload.weeks if load.number <= (payload.week or 0)]
    so_far = payload.so_far
    if not so_far.pillars:
        so_far = so_far.model_copy(update={"pillars": build_pillars(payload)})
    places = [(load.number, platform) for load in loads for platform in load.platforms]
    writer = _Writer(so_far.pillars, payload.evidence.top_posts)
    return [
        writer.write(number, week, platform, str(pillar))
        for number, ((week, platform), pillar) in enumerate(
            zip(places, so_far.deal_pillars(loads), strict=True)
        )
    ]


class _Writer:
    """Writes one draft after the other, and says nothing twice."""

    def __init__(self, pillars: Sequence[Pillar], posts: Sequence[TopPost]) -> None:
        self._topics = {each.name: each.topics or [_subject(each)] for each in pillars}
        self._posts = [post for post in posts if post.quote]
        self._grams: set[tuple[str, ...]] = set()
        self._hooks: set[str] = set()
        self._used = dict.fromkeys(self._topics, 0)
        self._angles = list(ANGLES)
        self._since_follow_up = FOLLOW_UP_EVERY
        self._last_topic = SUBJECT
        self._more_hooks: dict[str, Iterator[str]] = {}
        self._more_captions: dict[str, Iterator[str]] = {}

    def write(self, number: int, week: int, platform: Platform, pillar: str) -> Draft:
        """Return the draft of a post; `number` counts all of the plan."""
        topics = self._topics[pillar]
        topic = topics[self._used[pillar] % len(topics)]
        self._used[pillar] += 1
        family = family_of(week)
        if self._since_follow_up >= FOLLOW_UP_EVERY:
            found = self._follow(platform, family, topics)
            if found is not None:
                self._since_follow_up = 0
                hook, caption, post = found
                return Draft(pillar=pillar, topic=topic, hook=hook, caption=caption, post=post)
        self._since_follow_up += 1
        hook, caption = self._find(topic, family, platform, number)
        return Draft(pillar=pillar, topic=topic, hook=hook, caption=caption)

    def _follow(
        self, platform: Platform, family: Family, topics: Sequence[str]
    ) -> tuple[str, str, TopPost] | None:
        """Take up the best post of the platform that has not been, if there is one on a topic."""
        own = [post for post in self._posts if post.platform == platform]
        for post in sorted(own, key=lambda post: not set(topics) & set(post.topics)):
            self._posts.remove(post)
            for angle in sorted(FOLLOW_UPS, key=lambda each: each.family != family):
                hook, caption = (
                    angle.hook.format(q=post.quote),
                    angle.captions[0].format(q=post.quote),
                )
                if self._take(hook, caption):
                    return hook, caption, post
        return None

    def _find(self, topic: str, family: Family, platform: Platform, number: int) -> tuple[str, str]:
        angles = sorted(self._angles, key=lambda each: each.family != family)
        if platform is Platform.SPOTIFY:
            angles = [*sorted(LISTENING, key=lambda each: each.family != family), *angles]
        for angle in angles:
            for hook, caption in _drafts(angle, topic, is_new=topic != self._last_topic):
                if self._take(hook, caption):
                    if angle in self._angles:  # to the end, so that others come first
                        self._angles.remove(angle)
                        self._angles.append(angle)
                    self._last_topic = topic
                    return hook, caption
        # What does not fit now never will, so each search goes on where the last one ended.
        hooks = self._more_hooks.setdefault(topic, _more_hooks(topic))
        captions = self._more_captions.setdefault(topic, _more_captions(topic, number))
        hook = next(each for each in hooks if each.casefold() not in self._hooks)
        caption = next(each for each in captions if not six_grams(each) & self._grams)
        self._take(hook, caption)
        return hook, caption

    def _take(self, hook: str, caption: str) -> bool:
        own = six_grams(caption)
        if own & self._grams or hook.casefold() in self._hooks:
            return False
        self._grams |= own
        self._hooks.add(hook.casefold())
        return True


def _subject(pillar: Pillar) -> str:
    return SUBJECT if is_customary(pillar) else pillar.name


def _drafts(angle: Angle, topic: str, *, is_new: bool) -> Iterator[tuple[str, str]]:
    """Yield hooks with captions; the hook names a subject that is new, and not in the caption."""
    has_to_name = is_new and topic != SUBJECT and angle not in LISTENING
    for template in angle.captions:
        caption = template.format(t=topic, T=capital(topic))
        hooks = [angle.hook, _about(topic, angle.hook)]
        if has_to_name and "{t}" not in template.casefold():
            hooks.reverse()
        yield from ((hook, caption) for hook in hooks)


def _about(topic: str, hook: str) -> str:
    """Return the hook behind its subject."""
    is_name = hook.startswith(("I ", "A or"))
    return f"{capital(topic)}: {hook if is_name else hook[0].lower() + hook[1:]}"


def _more_hooks(topic: str) -> Iterator[str]:
    """Yield every hook on this very subject; for long plans."""
    for lead in (topic, *(f"{topic}, {family}" for family in FAMILIES)):
        yield from (_about(lead, angle.hook) for angle in ANGLES)


def _more_captions(topic: str, number: int) -> Iterator[str]:
    """Yield short sentences that go together; for long plans."""
    whole: Sequence[Sequence[str]] = (OPENINGS, MIDDLES, CLOSINGS)
    for banks in (whole, whole[1:]):  # a subject of many words fills an opening's six at once
        for place in range(number, number + math.prod(map(len, banks))):  # coprime: all of them
            yield " ".join(capital(bank[place % len(bank)].format(t=topic)) for bank in banks)
