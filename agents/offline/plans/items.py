"""The posts of a week: a draft for each slot, what to ask people for, and why it is planned."""

from typing import Any

from agents.offline.plans.asks import write_ask
from agents.offline.plans.drafts import Draft, write_drafts
from agents.offline.plans.subjects import does_better, topic_said
from agents.offline.plans.words import capital
from agents.plans.payload import Payload, SlotToFill
from domain.plans.evidence import FormEvidence, OfferedTime, TopicEvidence
from domain.plans.plan import WEEKDAYS
from tools.figures import PLATFORM_NAMES

MAX_TAGS = 3


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
        "call_to_action": write_ask(payload, slot),
        "why": why,
        "figure": figure,
        "no_figure_reason": reason,
    }


def _hashtags(payload: Payload, draft: Draft) -> str:
    """Return the creator's own hashtags of this subject, or of the earlier post."""
    own = next((p.topics for p in payload.so_far.pillars if p.name == draft.pillar), [])
    labels = dict.fromkeys(draft.post.topics if draft.post else [draft.topic, *own])
    named = {topic.label: topic.name for topic in payload.evidence.topics}
    tags = [named[label] for label in labels if named.get(label, "").startswith("#")]
    return f"\n\n{' '.join(tags[:MAX_TAGS])}" if tags else ""


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
    if not reasons and topic:
        reasons.append((topic.posts_figure, topic_said(topic)))
    if not reasons:
        reason = (
            f"Too few of your posts on {PLATFORM_NAMES[slot.platform]} are at this hour, of this "
            "form or on this subject to tell how they do."
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
            return "The time is a trial: too few of your posts went out at that hour."


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
