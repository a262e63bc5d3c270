"""The tools' notes in plain words: what is missing, and since when something is known."""

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from agents.offline.answers.places import place_name
from agents.offline.answers.wording import date_text, escape, listing
from agents.offline.creator import Creator
from storage.models import Platform

_NONE = (
    "There is no data for {names} in that period; the last known day is {detail}.",
    "There is no data for {names} in that period.",
)
_DATE = r"(?P<date>\d{4}-\d{2}-\d{2})"
# The name comes first and may hold anything, so the known ending decides.
_NOTES: tuple[tuple[str, str], ...] = (
    # The answer says by itself which days a total covers.
    (r"\d+ of \d+ days are unknown", ""),
    (rf"counted from {_DATE}, the first day with data", ""),
    (r"no sum, because the accounts have no known day in common in the period", ""),
    (r"no (?P<what>[\w ]+) (?:are|is) known", "I know no {detail} for {names}."),
    (rf"no data before {_DATE}", "There is no data for {names} before {detail}."),
    (rf"no data in this period; the last known day is {_DATE}", _NONE[0]),
    (r"no data in this period", _NONE[1]),
    (rf"last known on {_DATE}", "For {names}, the last known day is {detail}."),
    (
        r"only one day(?: of the period)? is known, so growth is unknown",
        "Only a single day of the period is known for {names}, so there is no growth to measure.",
    ),
)
_ENDINGS = tuple((re.compile(rf"(?P<name>.+): {end}", re.DOTALL), text) for end, text in _NOTES)
# What is counted from a later day than asked may also end earlier: one sentence for both.
_COUNTED = re.compile(
    rf"(?P<name>.+): counted (?P<side>from|to) {_DATE}, the (?:first|last) known day.*", re.DOTALL
)
_WHOLE = (
    (
        re.compile(r"a person counts once per day.*"),
        "A person counts once a day, so someone who came on two days counts twice.",
    ),
    (
        re.compile(r"\d+ days were unusual; these are the \d+ most unusual"),
        "More days were unusual; these are the most unusual ones.",
    ),
    # Said by the answer itself.
    (re.compile(r"no .* (?:are|is|was) (?:stored|unusual|connected).*"), ""),
)


# A name, and the metric that is meant.
Subject = tuple[str, str]


@dataclass(frozen=True, kw_only=True)
class Note:
    """A tool's note; `about` is the metric, where the turn has several."""

    text: str
    about: str = ""


def explain(notes: Sequence[Note], creator: Creator) -> list[str]:
    """Return a sentence for each note; accounts that share a note share the sentence."""
    shared: dict[tuple[str, str], list[Subject]] = {}
    counted: dict[Subject, dict[str, str]] = {}
    sentences: list[str] = []
    for note in notes:
        if match := _COUNTED.fullmatch(note.text):
            subject = (_name(match["name"], creator), note.about)
            counted.setdefault(subject, {})[match["side"]] = _date(match["date"])
        elif known := _of_account(note.text):
            sentence, detail, name = known
            shared.setdefault((sentence, detail), []).append((_name(name, creator), note.about))
        else:
            sentences.append(_whole(note.text))
    found = [
        sentence.format(names=listing(_names(names)), detail=detail)
        for (sentence, detail), names in shared.items()
    ]
    found = [*found, *_counted(counted), *sentences]
    return [sentence for sentence in dict.fromkeys(found) if sentence]


def _counted(days: Mapping[Subject, Mapping[str, str]]) -> list[str]:
    """Return from which day to which the change of followers was counted."""
    shared: dict[str, list[Subject]] = {}
    for subject, sides in days.items():
        span = " ".join(f"{side} {sides[side]}" for side in ("from", "to") if side in sides)
        known = {"from": "first", "to": "last"}
        which = listing([known[side] for side in ("from", "to") if side in sides])
        ending = f"{span}, the {which} known day{'s' if len(sides) > 1 else ''}"
        shared.setdefault(ending, []).append(subject)
    return [
        f"For {listing(_names(subjects))} I counted {ending} in the period."
        for ending, subjects in shared.items()
    ]


def _names(subjects: Sequence[Subject]) -> list[str]:
    """Return "YouTube", or "YouTube (views and likes)" where only some metrics are meant."""
    about: dict[str, list[str]] = {}
    for name, metric in subjects:
        about.setdefault(name, []).extend([metric] if metric else [])
    return [f"{name} ({listing(of)})" if of else name for name, of in about.items()]


def _of_account(note: str) -> tuple[str, str, str] | None:
    for pattern, sentence in _ENDINGS:
        if match := pattern.fullmatch(note):
            groups = match.groupdict()
            detail = _date(groups["date"]) if "date" in groups else groups.get("what", "")
            return sentence, detail, match["name"]
    return None


def _date(iso: str) -> str:
    return date_text(dt.date.fromisoformat(iso))


def _whole(note: str) -> str:
    for pattern, sentence in _WHOLE:
        if pattern.fullmatch(note):
            return sentence
    return f"{escape(note[:1].upper() + note[1:])}."


def _name(name: str, creator: Creator) -> str:
    platform, _, account = name.partition(" ")
    if platform in set(Platform):
        return place_name((platform, account or None), creator)
    return escape(name)
