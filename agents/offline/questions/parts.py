"""Several questions in one message: each is understood by itself, in the order asked."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from agents.offline.answers.wording import escape
from agents.offline.creator import Creator
from agents.offline.dates.moments import PeriodError
from agents.offline.dates.periods import find_periods
from agents.offline.questions.audience import asks_for_meaning
from agents.offline.questions.cues import GROWTH
from agents.offline.questions.question import Question
from agents.offline.questions.reading import Asked, Part, Reader
from agents.offline.questions.replies import NOT_UNDERSTOOD, Reply, ReplyKind, refusal
from agents.offline.questions.topics import Topic
from agents.offline.questions.understanding import calendar_of
from agents.offline.questions.vocabulary import find_metrics, find_platforms
from agents.offline.questions.words import MAX_CHARACTERS, normalise
from agents.offline.requests.request import Kind, Request
from storage.models import Metric, Platform

MAX_PARTS = 3
# "Really?" and "how many followers and how many likes" are no questions of their own.
MIN_WORDS = 4
_SENTENCE_END = re.compile(r"[?;]+")
_ASKS_MORE = re.compile(
    r",?\s+(?=and (?:also )?(?:by how|how|what|which|when|where|why|did|do|does|is|are|was|were"
    r"|have|has) \S+ \S+)",
    re.IGNORECASE,
)
_ASKS_ELSE = re.compile(
    r",?\s+(?=and (?:also )?(?:(?:at |on |in )?(?:how|what|which|when|where)|is|are|do|does"
    r"|(?:the |my )?(?:best|top)) \S+)",
    re.IGNORECASE,
)
_AND = re.compile(r",?\s+(?=and\s)", re.IGNORECASE)
_COMPARES = re.compile(r"\b(?:compar\w*|vs|versus|than|against|between|difference)\b")

_WRITES = {
    Kind.SAVE_DRAFT,
    Kind.CREATE_GOAL,
    Kind.UPDATE_GOAL,
    Kind.CREATE_PLAN,
    Kind.REVISE_PLAN,
}

Read = tuple[str, Part]


def understand_parts(text: str, reader: Reader, previous: Asked | None = None) -> list[Part]:
    """Return what each question of a text asks, at most three; the last reply names the rest."""
    whole = reader.read(text, previous)
    if isinstance(whole, Request):
        if whole.kind is Kind.AUDIENCE and asks_for_meaning(whole.text):
            return [whole]  # "and what does that mean for what I post?" is of the audience
        return _of_request(text, reader, previous) or [whole]
    if not isinstance(whole, Question):
        return [whole]
    parts: list[Read] = []
    sentences = [part for part in _SENTENCE_END.split(text[:MAX_CHARACTERS]) if normalise(part)]
    left_out = ""
    for sentence in sentences:
        if len(parts) >= MAX_PARTS:
            left_out = sentence
            break
        before = _last_question(parts) or previous
        parts += [part for part in _of_sentence(sentence, reader, before) if _is_worth(part)]
    asked = [part for _, part in parts[:MAX_PARTS]]
    if all(isinstance(part, Reply) for part in asked):
        return [whole]
    if left_out := left_out or next((piece for piece, _ in parts[MAX_PARTS:]), ""):
        asked.append(
            refusal(
                "I answer three questions at a time, so I left out "
                f"“{escape(left_out)}”: ask it again by itself."
            )
        )
    return asked


def _of_request(text: str, reader: Reader, previous: Asked | None) -> list[Part]:
    """Return the requests of "my best reel in May, and when should I post?"; else nothing.

    What writes something down is one request, however long its text.
    """
    sentences = [part for part in _SENTENCE_END.split(text[:MAX_CHARACTERS]) if normalise(part)]
    sentences = [part for part in sentences if len(normalise(part).split()) >= MIN_WORDS]
    pieces = [piece for part in sentences for piece in _joined_where_short(_ASKS_ELSE.split(part))]
    if not 1 < len(pieces) <= MAX_PARTS:
        return []
    parts: list[Read] = []
    for piece in pieces:
        parts.append((piece, reader.read(piece, _last_question(parts) or previous)))
    subjects = {_subject(part) for _, part in parts} - {None, *_WRITES}
    return [part for _, part in parts] if len(subjects) == len(parts) else []


def _subject(part: Part) -> Kind | tuple[Metric, ...] | None:
    """Return what a part is about by itself; null where it only adds to the one before."""
    match part:
        case Request():
            return part.kind
        case Question(topic=topic) if part.metrics or topic is Topic.GROWTH:
            return part.metrics or (Metric.FOLLOWERS,)
    return None


def _of_sentence(sentence: str, reader: Reader, previous: Asked | None) -> list[Read]:
    pieces = list(_pieces(sentence, reader.creator))
    parts: list[Read] = []
    for piece in pieces:
        parts.append((piece, reader.read(piece, _last_question(parts) or previous)))
    if len(parts) == 1 or any(part == NOT_UNDERSTOOD for _, part in parts):
        return [(sentence, reader.read(sentence, previous))]
    return _with_shared_period(parts)


def _pieces(sentence: str, creator: Creator) -> Iterator[str]:
    """Yield what is asked on either side of an "and"."""
    for piece in _joined_where_short(_ASKS_MORE.split(sentence)):
        start = 0
        for joint in _AND.finditer(piece):
            left, right = piece[start : joint.start()], piece[joint.end() :]
            if _are_two_questions(left, right, creator):
                yield left
                start = joint.end()
        yield piece[start:]


def _joined_where_short(pieces: list[str]) -> list[str]:
    found = pieces[:1]
    for piece in pieces[1:]:
        if len(normalise(found[-1]).split()) < MIN_WORDS:
            found[-1] = f"{found[-1]} {piece}"
        else:
            found.append(piece)
    return found


@dataclass(frozen=True, kw_only=True)
class _Named:
    """What one side of an "and" names."""

    has_period: bool
    subject: tuple[Metric | str, ...]
    platforms: tuple[Platform, ...]


def _are_two_questions(left: str, right: str, creator: Creator) -> bool:
    """Tell "followers on Instagram in May and views on YouTube in June" from "May and June"."""
    if _COMPARES.search(f"{left} {right}".lower()):
        return False
    one, other = _named(left, creator), _named(right, creator)
    if not one.has_period or not other.has_period:
        return False
    if not other.subject and not other.platforms:
        return False
    says_less = (other.subject and not one.subject) or (
        other.platforms and not (one.platforms or other.subject)
    )
    is_same = (other.subject or one.subject, other.platforms or one.platforms) == (
        one.subject,
        one.platforms,
    )
    return not says_less and not is_same


def _named(text: str, creator: Creator) -> _Named:
    try:
        periods = find_periods(normalise(text), calendar_of(creator))
    except PeriodError:
        return _Named(has_period=False, subject=(), platforms=())
    platforms = find_platforms(periods.rest)
    growth = ("growth",) if GROWTH.search(periods.rest) else ()
    return _Named(
        has_period=bool(periods.spans),
        subject=find_metrics(periods.rest, platforms) or growth,
        platforms=platforms,
    )


def _with_shared_period(parts: list[Read]) -> list[Read]:
    """Let "which grew fastest and by how much did Facebook fall in May" be about May twice."""
    texts = [text for text, _ in parts]
    asked = [part for _, part in parts]
    for place in range(len(asked) - 1, 0, -1):
        one, other = asked[place - 1], asked[place]
        if not isinstance(one, Question) or not isinstance(other, Question):
            continue
        if one.is_recent and not other.is_recent and one.topic is not Topic.LEVEL:
            asked[place - 1] = replace(one, spans=other.spans, is_recent=False)
    return list(zip(texts, asked, strict=True))


def _last_question(parts: list[Read]) -> Asked | None:
    return next((part for _, part in reversed(parts) if not isinstance(part, Reply)), None)


def _is_worth(part: Read) -> bool:
    """Tell whether a part needs an answer next to others: "thanks" and "really?" do not."""
    text, asked = part
    if not isinstance(asked, Reply):
        return True
    is_short = len(normalise(text).split()) < MIN_WORDS
    return asked.kind is ReplyKind.REFUSAL and not (asked == NOT_UNDERSTOOD and is_short)
