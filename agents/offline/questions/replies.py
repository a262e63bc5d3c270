"""Answers that need no figures: help, thanks, and what cannot be answered."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from agents.offline.answers.wording import escape, listing
from tools.figures import PLATFORM_NAMES


class ReplyKind(StrEnum):
    """Why no figures are needed."""

    HELP = "help"
    THANKS = "thanks"
    REFUSAL = "refusal"


@dataclass(frozen=True, kw_only=True)
class Reply:
    """An answer without figures."""

    kind: ReplyKind
    text: str


HELP = Reply(
    kind=ReplyKind.HELP,
    text="""\
I answer questions about your own numbers on Instagram, Facebook, YouTube and Spotify. Ask me \
about any period, for example:

- **Growth**: “How did I grow last month?”, “Did I lose followers on Facebook since June?”
- **Counts**: “How many followers do I have?”, “Followers on Instagram on 15 May”
- **Totals**: “Views on YouTube in March”, “Likes and comments last week”
- **Comparison**: “Which platform grows fastest?”, “Views this month vs last month”
- **Unusual days**: “Any unusual days this year?”, “What happened in October?”
- **Your data**: “How far back does my data go?”

You can follow up with just “and on YouTube?” or “and in June?”""",
)
THANKS = Reply(
    kind=ReplyKind.THANKS,
    text="You're welcome. Ask me about your numbers any time.",
)


def refusal(text: str) -> Reply:
    """Return a reply that says what cannot be done."""
    return Reply(kind=ReplyKind.REFUSAL, text=text)


NOT_UNDERSTOOD = refusal(
    "I didn't understand that. I answer questions about your followers, views, engagement and "
    "other numbers, in English: try “How did I grow last month?”, “Views on YouTube in March” or "
    "“Any unusual days this year?” Say “help” for more."
)
NO_CONTEXT = refusal(
    "I can't answer that right now: I was not told today's date and your accounts, and without "
    "them I would be guessing. Please try again in a new conversation."
)
NOTHING_CONNECTED = refusal(
    "I have no numbers of yours yet: no account is connected and nothing has been imported. "
    "Import a CSV file with the columns `platform,account,date,metric,value`, then ask me again."
)
UNREAD = refusal(
    "I don't know which days you mean. Tell me the dates, for example “since 1 June” or “between "
    "5 May and 20 May”."
)
NO_TOOL = refusal(
    "I can't look that up here. Ask me something else about your numbers, or say “help”."
)
LEFT_OUT = refusal(
    "The last part was too much for one answer, so I left it out: ask it again by itself."
)
WHO_I_AM = refusal(
    "I am the suite's built-in offline model: I read your question by rules and answer from your "
    "own numbers, without any AI service and at no cost. Say “help” for what you can ask."
)
TOO_MUCH = refusal(
    "That is too much for one answer. Ask for fewer platforms, numbers or periods at a time."
)

_GREETING = (
    r"(?:hi|hello|hey|hiya|yo|howdy|greetings|good (?:morning|afternoon|evening|day))"
    r"(?: there| again| everyone| team| you| dream suite)?"
)
_THANKS = (
    r"(?:thanks?|thank you|thank|thankyou|cheers|ok|okay|great|cool|nice|perfect|awesome|super|wow"
    r"|good|got it|lovely|amazing|bye|goodbye|see you|very much|so much|a lot|job|well done|helpful"
    r"|that is|very|really|all good|no worries|you are|the best|you)"
)
_ASKS_HELP = re.compile(
    r"^(?:please |can you |could you )*help(?: me| please)*$"
    r"|\bwhat (?:all )?(?:can|could|do) you (?:do|help|answer|know|tell|offer"
    r"|understand)\b(?!.*about)"
    r"|\bwhat (?:\w+ ){0,4}(?:can|could|should) i ask\b|\bwhat (?:kinds?|sorts?"
    r"|types?) of questions\b"
    r"|\b(?:who|what) are you\b(?! connected)|\bhow (?:do|does|can) (?:this|it|you"
    r"|i use)\b.*\b(?:work|this"
    r"|it|you)$"
    r"|\bhow can you help\b|^(?:commands|examples|capabilities|features|menu|start|\?+)$"
)
_ASKS_WHO = re.compile(
    r"\b(?:which|what)(?: \w+){0,2} (?:models?|llm|version|ai)\b"
    r"|\bare you (?:an? |really |even )*(?:ai|bot|chat ?bot|robot|human|person|machine|llm|gpt\w*"
    r"|chat ?gpt|claude|gemini|real|offline)\b"
    r"|\bwho (?:made|built) you\b"
)
_ONLY_GREETS = re.compile(rf"^(?:{_GREETING} )?(?:{_GREETING}|how are you(?: today| doing)*)$")
_ONLY_THANKS = re.compile(rf"^{_THANKS}(?: {_THANKS})*$")
_POLITE_START = re.compile(
    rf"^(?:(?:{_GREETING}|thanks?|thank you|ok|okay|great|please|so|well|hm+|oh|ah|right|alright"
    r"|honestly|seriously|btw|by the way|just curious|quick (?:q|question)|serious question"
    r"|cool|nice|perfect|yes|yeah|yep|sure|interesting|wow|lol|haha) )+"
)


def find_small_talk(text: str) -> Reply | None:
    """Return the reply to a greeting, a call for help or thanks; None for anything else."""
    if _ASKS_WHO.search(text):
        return WHO_I_AM
    if not text or _ONLY_GREETS.search(text) or _ASKS_HELP.search(text):
        return HELP
    return THANKS if _ONLY_THANKS.search(text) else None


def without_politeness(text: str) -> str:
    """Return the question behind "hi", "thanks" and "please"."""
    return _POLITE_START.sub("", text)


def not_connected(platforms: Sequence[str], connected: Sequence[str]) -> Reply:
    """Say that platforms are not connected, and which are."""
    names = listing([PLATFORM_NAMES.get(name, name) for name in platforms])  # type: ignore[call-overload]
    verb = "are" if len(platforms) > 1 else "is"
    return refusal(f"{names} {verb} not connected, so I have no numbers for it. {offer(connected)}")


def not_supported(names: Sequence[str], connected: Sequence[str]) -> Reply:
    """Say that the suite does not read a platform."""
    return refusal(
        f"I have no numbers for {listing(names)}: I read Instagram, Facebook, YouTube and Spotify. "
        f"{offer(connected)}"
    )


def not_ours(name: str, connected: Sequence[str]) -> Reply:
    """Say that an account is not the creator's."""
    return refusal(
        f"I can only see the accounts that you connected yourself, and “{escape(name)}” is not one "
        f"of them. {offer(connected)}"
    )


def offer(connected: Sequence[str]) -> str:
    """Return what can be asked about instead."""
    if not connected:
        return "Nothing else is connected yet either: import a CSV file with your daily numbers."
    names = [PLATFORM_NAMES.get(name, name) for name in connected]  # type: ignore[call-overload]
    return f"Ask me about {listing(names, 'or')}."
