"""Notes of a conversation, taken by rules: the creator's own sentences on goals and decisions."""

import json
import re
from collections.abc import Iterator, Sequence
from typing import Any

from langchain_core.messages import BaseMessage, HumanMessage, SystemMessage

KEEP_NOTES = "keep_notes"
MAX_LINE = 200
_SENTENCE = re.compile(r"[^.!?\n]+(?:[.!?](?=\d)[^.!?\n]+)*[.!?]*")
_KINDS = {
    "goals": re.compile(
        r"\b(?:goals?|targets?|milestones?|deadline|(?:want|aim|hope|plan|trying|like) to"
        r" (?:reach|hit|get|grow|have|be|gain|pass))\b",
        re.IGNORECASE,
    ),
    "decisions": re.compile(
        r"\b(?:let'?s|let us|decided?|decision|from now on|always|never|no more|prefer|instead of"
        r"|remember|i will|i'll|we will|we'll|only|stop|agreed?|go with|stick (?:to|with)"
        r"|call me|don'?t|do not)\b",
        re.IGNORECASE,
    ),
    "open_questions": re.compile(
        r"\b(?:remind|later|next time|come back to|still (?:need|have) to|to do|not yet)\b",
        re.IGNORECASE,
    ),
}


def take_notes(messages: Sequence[BaseMessage]) -> dict[str, list[str]]:
    """Return the notes so far with what the creator's messages add; the newest come last."""
    notes = _so_far(messages)
    for message in messages:
        if isinstance(message, HumanMessage):
            for kind, sentence in _noted(message.text):
                lines = notes.setdefault(kind, [])
                if sentence not in lines:
                    lines.append(sentence)
    return notes


def _noted(text: str) -> Iterator[tuple[str, str]]:
    for match in _SENTENCE.finditer(text):
        sentence = " ".join(match[0].split())[:MAX_LINE]
        is_question = sentence.endswith("?")
        for kind, cue in _KINDS.items():
            if cue.search(sentence) and not (is_question and kind == "decisions"):
                yield kind, sentence
                break


def _so_far(messages: Sequence[BaseMessage]) -> dict[str, list[str]]:
    for message in messages:
        if isinstance(message, SystemMessage):
            found: Any = _json(message.text.splitlines()[-1])
            if isinstance(found, dict):
                return {kind: list(lines) for kind, lines in found.items()}
    return {}


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return None
