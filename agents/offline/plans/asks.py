"""What posts ask people for: it fits the platform, the form, and what the creator wants."""

import re
from collections.abc import Mapping, Sequence
from itertools import zip_longest

from agents.plans.payload import Payload, SlotToFill
from storage.models import Metric, Platform

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
    "offer": (
        "It is here: [link or place]. Tell somebody who would like it.",
        "Write me “[a word]”, and I send you everything about it.",
        "You find it at [link or place]. Questions? Ask me below.",
    ),
    "link": (
        "The link is in the first comment.",
        "Read it whole: the link is in the first comment.",
        "Open the link and tell me what you think.",
    ),
}
MOVING = {"reel", "video", "short", "live"}
# What a goal is about, by its words; the first that fits counts.
WISHES: Mapping[str, re.Pattern[str]] = {
    "offer": re.compile(
        r"\b(sell|sold|sales?|buy|tickets?|tour|shows?|shop|store|merch|book|books|cookbook|course"
        r"|courses|launch|release|album|bookings?|clients?|customers?|workshops?|newsletter)\b"
    ),
    "talk": re.compile(
        r"\b(comments?|engage|engagement|community|conversations?|talk|replies|know my audience)\b"
    ),
    "followers": re.compile(r"\b(followers?|follow|subscribers?|grow|growth|reach|bigger)\b"),
    "watch": re.compile(r"\b(views?|watch|watched|watch time)\b"),
    "keep": re.compile(r"\b(saves?|saved|shares?|shared)\b"),
}


def write_ask(payload: Payload, slot: SlotToFill) -> str:
    """Return what to ask for; every second post asks for what the creator wants."""
    wished = _wished(payload, slot)
    if wished is not None and slot.number % 2 == 0:
        return ASKS[wished][slot.number // 2 % len(ASKS[wished])]
    usual = [ASKS[kind] for kind in _kinds(slot) if kind != wished] or [ASKS["talk"]]
    asks = [ask for turn in zip_longest(*usual) for ask in turn if ask]
    return asks[slot.number % len(asks)]


def _wished(payload: Payload, slot: SlotToFill) -> str | None:
    """Return what the request wants of people, or else what the creator's goals do."""
    goal = payload.request.goal.casefold()
    wish = next((name for name, words in WISHES.items() if words.search(goal)), None)
    if wish is None and any(
        goal.metric == Metric.FOLLOWERS and goal.platform in (None, slot.platform)
        for goal in payload.evidence.goals
    ):
        wish = "followers"
    match wish, slot.platform:
        case "offer", _:
            return wish
        case _, Platform.SPOTIFY:
            return None
        case "followers", Platform.YOUTUBE:
            return "subscribe"
        case _:
            return wish


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
