"""The tools' notes in plain words: what is missing, and since when something is known."""

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass

from agents.offline.answers.places import place_name
from agents.offline.answers.wording import date_text, escape, listing
from agents.offline.creator import Creator
from storage.models import Platform

_SOME = "Some days are missing for {names}, so only the known days are counted."
_NONE = (
    "There is no data for {names} in that period; the last known day is {date}.",
    "There is no data for {names} in that period.",
)
_DATE = r"(?P<date>\d{4}-\d{2}-\d{2})"
# The name comes first and may hold anything, so the known ending decides.
_NOTES: tuple[tuple[str, str], ...] = (
    (r"\d+ of \d+ days are unknown", _SOME),
    (rf"no data before {_DATE}", "There is no data for {names} before {date}."),
    (rf"no data in this period; the last known day is {_DATE}", _NONE[0]),
    (r"no data in this period", _NONE[1]),
    (rf"last known on {_DATE}", "For {names}, the last known day is {date}."),
    (
        r"only one day is known, so growth is unknown",
        "Only a single day is known for {names}, so there is no growth to measure.",
    ),
    (
        rf"counted from {_DATE}, the first known day",
        "For {names} I counted from {date}, the first known day.",
    ),
    (
        rf"counted to {_DATE}, the last known day",
        "For {names} I counted to {date}, the last known day.",
    ),
)
_ENDINGS = tuple((re.compile(rf"(?P<name>.+): {end}", re.DOTALL), text) for end, text in _NOTES)
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
    sentences: list[str] = []
    for note in notes:
        if known := _of_account(note.text):
            sentence, date, name = known
            shared.setdefault((sentence, date), []).append((_name(name, creator), note.about))
        else:
            sentences.append(_whole(note.text))
    # Where there is nothing at all, it goes without saying that days are missing.
    nothing = {who for (sentence, _), names in shared.items() for who in names if sentence in _NONE}
    found = [
        sentence.format(names=listing(names), date=date)
        for (sentence, date), who in shared.items()
        if (names := _names([one for one in who if sentence != _SOME or one not in nothing]))
    ]
    return [sentence for sentence in dict.fromkeys((*found, *sentences)) if sentence]


def _names(subjects: Sequence[Subject]) -> list[str]:
    """Return "YouTube", or "YouTube (views and likes)" where only some metrics are meant."""
    about: dict[str, list[str]] = {}
    for name, metric in subjects:
        about.setdefault(name, []).extend([metric] if metric else [])
    return [f"{name} ({listing(of)})" if of else name for name, of in about.items()]


def _of_account(note: str) -> tuple[str, str, str] | None:
    for pattern, sentence in _ENDINGS:
        if match := pattern.fullmatch(note):
            date = match.groupdict().get("date")
            shown = date_text(dt.date.fromisoformat(date)) if date else ""
            return sentence, shown, match["name"]
    return None


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
