"""Whole plans: what is to be made, how far it is, and what is to change in it."""

import datetime as dt
import re
from dataclasses import replace
from typing import Any

from agents.offline.answers.wording import listing
from agents.offline.creator import Creator
from agents.offline.dates.moments import NUMBERS
from agents.offline.dates.parts import WEEKDAYS
from agents.offline.questions.replies import Reply, not_connected, refusal
from agents.offline.questions.vocabulary import find_platforms
from agents.offline.questions.words import normalise
from agents.offline.requests.future import find_future
from agents.offline.requests.plan_periods import find_plan_period
from agents.offline.requests.quotes import QUOTED
from agents.offline.requests.request import PLAN_JOB_KINDS, Kind, Request, Text

QUESTIONS = {
    "goal": "what is it to bring you",
    "start": "which days is it for",
    "platforms": "on which platforms",
    "posts_per_week": "how many posts a week",
}
WHICH_POSTS = refusal(
    "Which posts do you mean? Name their day, their platform or their form, such as “Drop the "
    "Spotify posts” or “Move the post of 3 December to 5 December”."
)
WHICH_TITLE = refusal("What is the plan to be called? Put its name in quotes.")
_POST = (
    r"(?:posts?|uploads?|videos?|reels?|shorts?|photos?|pictures?|carousels?|stor(?:y|ies)|songs?"
    r"|tracks?|playlists?|canvas(?:es)?|artist picks?)"
)
_FORMS = ("reel", "short", "video", "photo", "carousel", "story", "canvas", "playlist", "track")
_ASK = r"^(?:(?:please|can|could|would|you|now|ok|and|then|also|i want to|let us) )*"
_PLAN = r"(?:plan|calendar)\b"
_WHOLE = re.compile(
    r"\b(?:content|posting|editorial|full|whole|complete|proper) (?:plan|calendar|schedule)\b"
)
_IN_FULL = re.compile(r"\b(?:full|whole|complete|proper) (?:content |posting )?(?:plan|calendar)\b")
_GOAL_WORD = re.compile(r"\b(?:goals?|aim|objective|purpose)\b")
_IS_QUESTION = re.compile(r"^(?:how|what|which|when|is|are|does|do|did|why|who|where)\b")
_STATUS = re.compile(
    rf"\b{_PLAN}.*\b(?:ready|done|finished|status|progress|coming along|complete|made)\b"
    rf"|\b(?:how far|how long|status|progress|ready|done|finished)\b.*\b{_PLAN}"
)
_RENAME = re.compile(rf"{_ASK}(?:rename|retitle|call|name) .*\b{_PLAN}")
_MOVE = re.compile(
    rf"{_ASK}(?:move|shift|push|reschedule|put|postpone|bring) .*\b{_POST}\b.* to \S"
)
_SHIFT = re.compile(
    rf"{_ASK}(?:move|shift|push|postpone|delay|start) (?:the |my )?(?:whole |entire )?"
    r"(?:plan|calendar|everything)\b.*\b(?P<count>\d{1,2}|a|an|one) (?P<unit>day|week)s?\b"
)
_REMOVE = re.compile(
    rf"{_ASK}(?:drop|remove|delete|cut|skip|take out|leave out|throw out|get rid of)\b.*\b{_POST}\b"
)
_LOADS = {"once": 1, "twice": 2} | {
    word: NUMBERS[word] for word in ("one", "two", "three", "four", "five", "six", "seven")
}
_WEEKLY = re.compile(
    rf"\b(?P<count>\d{{1,2}}|{'|'.join(_LOADS)}) ?(?:\w+ )??(?:\w+ )?(?:a|per|each|every) "
    r"(?P<unit>week|day)\b"
)
_DAILY = re.compile(r"\b(?:daily|every day)\b")
_FEWER = re.compile(r"\b(?:only|just|no more than|at most|reduce|fewer|cut (?:it )?down)\b")
_GOAL = re.compile(
    r"\b(?:goals?|aim|objective|purpose)\b(?:\s+(?:is|are|of|would be))?\s*[:=–—-]?\s*"
    r"(?:to\s+)?(?P<goal>(?:[^,;.!?\n]|[,.](?=\d)){2,300})",
    re.IGNORECASE,
)
_GOAL_ENDS = re.compile(
    r"\s+(?=(?:with |and )?\d+ (?:posts?|times|uploads?)\b|for (?:the |next )?(?:month|week)\b"
    r"|please$)",
    re.IGNORECASE,
)
_TIME = re.compile(
    r"\b(?P<hour>\d{1,2}):(?P<minute>\d\d)\b|\b(?P<twelve>\d{1,2}) ?(?P<half>am|pm)\b"
    r"|\bat (?P<full>\d{1,2})\b",
    re.IGNORECASE,
)
_NEW_NAME = re.compile(
    rf"\b(?:(?:to|into|as)[: ]+|{_PLAN}[: ]+)(?P<name>(?!to )[^.?!]{{2,120}})[.?!]?$", re.IGNORECASE
)
_IT = re.compile(r"\bit\b", re.IGNORECASE)
_WEEK = re.compile(r"\bweek (?P<week>\d{1,2})\b")
_ISO_DAY = re.compile(r"\d|\btomorrow\b")
_EVENING = 12


def find_plan_kind(text: str) -> Kind | None:
    """Return the kind of a normalised text that is about a whole plan."""
    if any(cue.search(text) for cue in (_RENAME, _MOVE, _SHIFT, _REMOVE)):
        return Kind.REVISE_PLAN
    if _FEWER.search(text) and _WEEKLY.search(text) and not _WHOLE.search(text):
        return Kind.REVISE_PLAN
    if _GOAL_WORD.search(text) is None and _STATUS.search(text) and _is_asked(text):
        return Kind.PLAN_STATUS
    is_whole = _WHOLE.search(text) and not _IS_QUESTION.search(text)
    has_load = find_load(text) is not None and find_platforms(text)
    wants_all = _GOAL_WORD.search(text) or has_load or _IN_FULL.search(text)
    return Kind.CREATE_PLAN if is_whole and wants_all else None


def _is_asked(text: str) -> bool:
    """Tell "is my plan ready?" from "make a plan for when the song is done"."""
    return bool(
        _IS_QUESTION.search(text)
        or text.startswith(("plan", "my plan", "the plan"))
        or (re.search(r"\b(?:status|progress)\b", text))
    )


def read_plan_job(kind: Kind, text: Text, creator: Creator) -> Request | Reply:
    """Return the request with what its tool takes."""
    request = Request(kind=kind, text=text.plain, typed=text.typed)
    match kind:
        case Kind.CREATE_PLAN:
            return _completed(request, _pieces(text, creator), creator)
        case Kind.REVISE_PLAN:
            return _revision(request, creator)
        case _:
            return request.with_options(args={})


def follow_plan(previous: object, text: Text, creator: Creator) -> Request | Reply | None:
    """Return what a text asks about the plan that was talked of before; None if nothing."""
    if not isinstance(previous, Request) or previous.kind not in PLAN_JOB_KINDS:
        return None
    if previous.ask:
        return _go_on(previous, text, creator)
    plain, typed = (_IT.sub("the plan", words) for words in (text.plain, text.typed))
    kind = find_plan_kind(plain)
    if kind in {Kind.PLAN_STATUS, Kind.REVISE_PLAN}:
        return read_plan_job(kind, replace(text, plain=plain, typed=typed), creator)
    return None


def _go_on(previous: Request, text: Text, creator: Creator) -> Request | Reply | None:
    """Return the plan that was asked for with what a text adds to it; None if it adds nothing."""
    known: dict[str, Any] = previous.option("pieces")
    found = _pieces(text, creator)
    lone = re.fullmatch(r"(?:about |maybe )?(?P<count>\d{1,2})(?: posts?)?", text.plain)
    if lone and "posts_per_week" not in known:
        found["posts_per_week"] = int(lone["count"])
    if not found and "goal" not in known and not _IS_QUESTION.search(text.plain):
        found["goal"] = text.typed.strip(" .!")
    if not found:
        return None
    return _completed(replace(previous, text=text.plain, ask=""), known | found, creator)


def find_load(text: str) -> int | None:
    """Return the posts a week that normalised text names."""
    match = _WEEKLY.search(text)
    if match is None:
        return 7 if _DAILY.search(text) else None
    count = _LOADS.get(match["count"]) or int(match["count"])
    return count * 7 if match["unit"] == "day" else count


def _pieces(text: Text, creator: Creator) -> dict[str, Any]:
    """Return what a text says of a plan: goal, days, platforms, and posts a week."""
    match = _GOAL.search(text.typed)
    goal = _GOAL_ENDS.split(match["goal"].strip())[0].strip() if match else None
    rest = normalise(text.typed.replace(match[0], " , ") if match and goal else text.typed)
    if match and goal:
        rest = normalise(text.typed.replace(goal, " "))
    period = find_plan_period(rest, creator.today)
    found: dict[str, Any] = {
        "goal": goal,
        "platforms": [platform.value for platform in find_platforms(rest)] or None,
        "posts_per_week": find_load(rest),
    }
    if period:
        found |= {"start": period[0].isoformat(), "end": period[1].isoformat()}
    return {name: value for name, value in found.items() if value is not None}


def _completed(request: Request, pieces: dict[str, Any], creator: Creator) -> Request | Reply:
    """Return the request with its arguments, or with the question for what is missing."""
    connected = creator.platforms()
    if missing := [name for name in pieces.get("platforms", ()) if name not in connected]:
        return not_connected(missing, connected)
    request = request.with_options(pieces=pieces)
    if unsaid := [question for name, question in QUESTIONS.items() if name not in pieces]:
        return replace(request, ask=f"Before I start on the plan: {listing(unsaid)}?")
    return request.with_options(args={"kind": "content_calendar", **pieces})


def _revision(request: Request, creator: Creator) -> Request | Reply:
    text = request.text
    if _RENAME.search(text):
        title = _title(request.typed)
        changes = [{"do": "rename", "title": title}] if title else None
        return request.with_options(args={"changes": changes}) if changes else WHICH_TITLE
    if shift := _SHIFT.search(text):
        count = int(shift["count"]) if shift["count"].isdigit() else 1
        days = count * (7 if shift["unit"] == "week" else 1)
        if re.search(r"\b(?:earlier|forward|sooner|back)\b", text):
            days = -days
        return request.with_options(args={"changes": [{"do": "shift_plan", "days": days}]})
    if _MOVE.search(text):
        return _move(request, creator)
    if _REMOVE.search(text):
        return _removal(request, creator)
    load = {"do": "set_load", "posts_per_week": find_load(text)}
    return request.with_options(args={"changes": [load]})


def _move(request: Request, creator: Creator) -> Request | Reply:
    left, _, right = request.text.rpartition(" to ")
    pick = _pick(left, creator)
    to_day = _day(right, creator)
    time = _time(request.typed.rpartition(" to ")[2])
    places = find_platforms(right)
    change = {
        "do": "move_post",
        "post": pick,
        **{f"to_{name}": value for name, value in to_day.items()},
        **({"to_time": time} if time else {}),
        **({"to_platform": places[0].value} if places else {}),
    }
    is_clear = pick and any(name.startswith("to_") for name in change)
    return request.with_options(args={"changes": [change]}) if is_clear else WHICH_POSTS


def _removal(request: Request, creator: Creator) -> Request | Reply:
    pick = _pick(request.text, creator)
    platforms = find_platforms(request.text)
    picks = [pick | {"platform": platform.value} for platform in platforms] or [pick]
    if not all(picks):
        return WHICH_POSTS
    changes = [{"do": "remove_posts", "posts": each} for each in picks]
    return request.with_options(args={"changes": changes})


def _pick(text: str, creator: Creator) -> dict[str, Any]:
    """Return what a text says of the posts that it means."""
    found = _day(text, creator)
    if week := _WEEK.search(text):
        found = {"week": int(week["week"])}
    if platforms := find_platforms(text):
        found["platform"] = platforms[0].value
    forms = [form for form in _FORMS if re.search(rf"\b{form.rstrip('y')}(?:s|es|y|ies)?\b", text)]
    return found | ({"format": forms[0]} if forms else {})


def _day(text: str, creator: Creator) -> dict[str, Any]:
    """Return the day that a text names: by its date, or by its weekday alone."""
    dated = _TIME.sub(" ", text)
    if _ISO_DAY.search(dated) and (day := find_future(dated, creator.today)[0]):
        return {"date": day.isoformat()}
    weekday = next((name for name in WEEKDAYS if re.search(rf"\b{name}s?\b", text)), None)
    return {"weekday": weekday.capitalize()} if weekday else {}


def _time(typed: str) -> str | None:
    match = _TIME.search(typed)
    if match is None:
        return None
    if match["twelve"]:
        half = _EVENING if match["half"].lower() == "pm" else 0
        hour, minute = int(match["twelve"]) % _EVENING + half, 0
    else:
        hour, minute = int(match["hour"] or match["full"]), int(match["minute"] or 0)
    try:
        return dt.time(hour, minute).isoformat("minutes")
    except ValueError:
        return None


def _title(typed: str) -> str | None:
    if match := QUOTED.search(typed):
        return str(match["text"] or match["single"]).strip()
    match = _NEW_NAME.search(typed.strip())
    return str(match["name"]).strip() if match else None
