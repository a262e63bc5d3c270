"""The posts of a week: a draft for each slot, what to ask people for, and why it is planned."""

from collections.abc import Mapping, Sequence
from itertools import zip_longest
from typing import Any

from agents.offline.plans.drafts import Draft, write_drafts
from agents.offline.plans.subjects import capital, does_better, topic_said
from agents.plans.payload import Payload, SlotToFill
from domain.plans.evidence import FormEvidence, OfferedTime, TopicEvidence
from domain.plans.plan import WEEKDAYS
from storage.models import Metric, Platform
from tools.figures import PLATFORM_NAMES

MAX_TAGS = 3
# What people are asked for, by what the creator wants more of. They take turns.
ASKS: Mapping[str, Sequence[str]] = {
    "followers": (
        "Follow for the next part.",
        "Send this to one person who should know me.",
        "Follow along, the next one builds on this.",
        "Tag somebody who would stay for this.",
    ),
    "talk": (
        "Tell me in the comments.",
        "What would you have done?",
        "Answer in one word, I read them all.",
        "Which part should I explain?",
    ),
    "keep": (
        "Save this for the day you need it.",
        "Keep it, and come back when you try it.",
        "Share it with somebody who is stuck.",
    ),
    "watch": (
        "Watch to the end, then tell me what you noticed.",
        "Watch it once more with the sound up.",
        "Stay for the last seconds.",
    ),
    "subscribe": (
        "Subscribe, so that you see the next one.",
        "Subscribe and write what I should film next.",
        "Leave a comment with your question for the next video.",
    ),
    "listen": (
        "Save it to your library.",
        "Follow the artist page, so that you hear of the next release.",
        "Put it into a playlist and send me the link.",
    ),
    "swipe": (
        "Swipe to the end and save the last slide.",
        "Which slide is yours?",
        "Swipe, save, and send it on.",
    ),
    "link": (
        "The link is in the first comment.",
        "Read it whole: the link is in the first comment.",
        "Open the link and tell me what you think.",
    ),
}
MOVING = {"reel", "video", "short", "live"}


def write_items(payload: Payload) -> list[dict[str, Any]]:
    """Return a post for each slot of the week."""
    drafts = write_drafts(payload)[-len(payload.slots) :] if payload.slots else []
    return [_item(payload, slot, draft) for slot, draft in zip(payload.slots, drafts, strict=True)]


def _item(payload: Payload, slot: SlotToFill, draft: Draft) -> dict[str, Any]:
    figure, reason, why = _grounds(payload, slot, draft)
    return {
        "date": slot.date.isoformat(),
        "time": slot.time.isoformat("minutes"),
        "platform": slot.platform.value,
        "format": slot.format,
        "pillar": slot.pillar,
        "hook": draft.hook,
        "caption": f"{draft.caption}{_hashtags(payload, draft)}",
        "call_to_action": _ask(payload, slot),
        "why": why,
        "figure": figure,
        "no_figure_reason": reason,
    }


def _hashtags(payload: Payload, draft: Draft) -> str:
    """Return the creator's own hashtags of this subject, those of the topic itself first."""
    own = next((p.topics for p in payload.so_far.pillars if p.name == draft.pillar), [])
    labels = dict.fromkeys([draft.topic, *own])
    named = {topic.label: topic.name for topic in payload.evidence.topics}
    tags = [named[label] for label in labels if named.get(label, "").startswith("#")]
    return f"\n\n{' '.join(tags[:MAX_TAGS])}" if tags else ""


def _ask(payload: Payload, slot: SlotToFill) -> str:
    """Return what to ask for: it fits the platform, the form, and in turn the goal."""
    kinds = _kinds(slot)
    wants_followers = any(
        goal.metric == Metric.FOLLOWERS and goal.platform in (None, slot.platform)
        for goal in payload.evidence.goals
    )
    if wants_followers and slot.platform in (Platform.INSTAGRAM, Platform.FACEBOOK):
        kinds = ["followers", *kinds]
    asks = [ask for turn in zip_longest(*(ASKS[kind] for kind in kinds)) for ask in turn if ask]
    return asks[slot.number % len(asks)]


def _kinds(slot: SlotToFill) -> list[str]:
    match slot.platform, slot.format:
        case Platform.SPOTIFY, _:
            return ["listen"]
        case Platform.YOUTUBE, _:
            return ["subscribe", "talk", "watch"]
        case _, "carousel":
            return ["swipe", "keep"]
        case _, "link":
            return ["link"]
        case _, form if form in MOVING:
            return ["talk", "watch", "keep"]
        case _:
            return ["talk", "keep"]


def _grounds(
    payload: Payload, slot: SlotToFill, draft: Draft
) -> tuple[str | None, str | None, str]:
    """Return the figure behind a post, or why there is none, and the reason in words."""
    time, form, topic = _time(payload, slot), _form(payload, slot), _topic(payload, draft)
    if draft.post:
        post = draft.post
        where = PLATFORM_NAMES[post.platform]
        day = f"{post.date.day} {post.date:%B %Y}"
        said = (
            f"It follows up on your {post.form} of {day} on {where}, one of your best: "
            f"{{{{{post.figure}}}}} engagements."
        )
        return post.figure, None, _joined(said, _time_words(time))
    reasons: list[tuple[str, str]] = []
    if time and time.figure:
        reasons.append((time.figure, _time_said(time)))
    if form and form.figure and form.stands_out:
        reasons.append((form.figure, _form_said(form)))
    if topic and does_better(topic):
        reasons.append((topic.figure, topic_said(topic)))
    if not reasons and form and form.figure:
        reasons.append((form.figure, _form_said(form)))
    if not reasons:
        reason = (
            f"There are too few posts with known engagement on {PLATFORM_NAMES[slot.platform]} "
            "to compare times, forms or topics."
        )
        about = f"It belongs to “{draft.pillar}”" if draft.pillar else "It keeps your rhythm"
        return None, reason, f"{about}. The hour is customary: a trial to learn from."
    # The clearest reason comes first; otherwise they take turns.
    clear = time is not None and time.stands_out
    figure, said = reasons[0 if clear else slot.number % len(reasons)]
    rest = _time_words(time) if time and figure != time.figure else _form_words(payload, slot)
    return figure, None, _joined(said, rest)


def _time_said(time: OfferedTime) -> str:
    day = WEEKDAYS[time.weekday]
    when = f"on {day}s at {time.time:%H:%M}" if time.basis == "cell" else f"at {time.time:%H:%M}"
    posts = f"Your {{{{{time.posts_figure}}}}} posts {when} on {PLATFORM_NAMES[time.platform]}"
    said = f"{posts} earned {{{{{time.figure}}}}} times the usual engagement of their kind"
    if time.stands_out:
        return f"{said}: clearly your best time."
    if not _does_well(time):
        said = f"{posts} did as well as your others"
    if time.basis == "hour":
        return f"{said}; {day}s at that hour are a trial."
    return f"{said}, which may still be chance." if _does_well(time) else f"{said}."


def _does_well(time: OfferedTime) -> bool:
    return round(time.relative or 0, 1) > 1


def _form_said(form: FormEvidence) -> str:
    clearly = ", clearly more than other forms" if form.stands_out else ""
    return (
        f"A typical {form.form} of yours on {PLATFORM_NAMES[form.platform]} earns "
        f"{{{{{form.figure}}}}} engagements{clearly}."
    )


def _several(form: str) -> str:
    if form.endswith("y"):
        return f"{form[:-1]}ies"
    return form if form.endswith("s") else f"{form}s"


def _time_words(time: OfferedTime | None) -> str:
    if time is None:
        return ""
    if time.stands_out:
        return "The time is clearly your best."
    match time.basis:
        case "cell":
            when = f"{WEEKDAYS[time.weekday]}s at {time.time:%H:%M}"
            if round(time.relative or 0, 1) < 1:
                return f"{when} did a little worse than usual, and better times were taken."
            return f"{when} did at least as well as usual."
        case "hour":
            return f"The hour is one of yours, {WEEKDAYS[time.weekday]}s are a trial."
        case "default":
            return "The time is a trial: no hour has enough posts yet."


def _form_words(payload: Payload, slot: SlotToFill) -> str:
    forms = [form for form in payload.evidence.forms if form.platform == slot.platform]
    own = next((form for form in forms if form.form == slot.format), None)
    if own is None:
        return f"A {slot.format} is a trial." if forms else ""
    if own.stands_out:
        return f"{capital(_several(own.form))} are clearly your best form there."
    has_best = any(form.stands_out for form in forms)
    return f"A {slot.format} keeps your mix varied." if has_best else ""


def _joined(*sentences: str) -> str:
    return " ".join(sentence for sentence in sentences if sentence)


def _time(payload: Payload, slot: SlotToFill) -> OfferedTime | None:
    for time in payload.evidence.times:
        if (time.platform, time.weekday, time.time) == (
            slot.platform,
            slot.date.weekday(),
            slot.time,
        ):
            return time
    return None


def _form(payload: Payload, slot: SlotToFill) -> FormEvidence | None:
    for form in payload.evidence.forms:
        if (form.platform, form.form) == (slot.platform, slot.format):
            return form
    return None


def _topic(payload: Payload, draft: Draft) -> TopicEvidence | None:
    return next((each for each in payload.evidence.topics if each.label == draft.topic), None)
