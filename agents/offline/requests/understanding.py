"""From what a creator typed to a request: which tools, and their arguments."""

import datetime as dt
import re
from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import Any

from agents.offline.answers.wording import date_text, listing
from agents.offline.creator import Creator, GoalBrief
from agents.offline.dates.moments import NUMBERS, Calendar, PeriodError
from agents.offline.dates.periods import Periods, find_periods
from agents.offline.dates.spans import (
    ONE_DAY,
    Span,
    Unit,
    months_before,
    rolling,
    unit_span,
)
from agents.offline.questions.cues import GROWTH
from agents.offline.questions.replies import NOTHING_CONNECTED, Reply, not_connected, refusal
from agents.offline.questions.vocabulary import (
    find_metrics,
    find_platforms,
    implied_platforms,
)
from agents.offline.requests import cues
from agents.offline.requests.amounts import find_amounts, find_count, find_target
from agents.offline.requests.future import find_future
from agents.offline.requests.kinds import find_form, find_kind
from agents.offline.requests.request import TOOLS, Kind, Request
from domain.forecast import MAX_HORIZON_DAYS
from storage.models import Metric, Platform

FORECAST_DAYS = 30
RECENT_DAYS = {
    Kind.BEST_TIMES: 180,
    Kind.FORMATS: 180,
    Kind.TOPICS: 180,
    Kind.PLAN: 180,
    Kind.PERIODS: 28,
}
MANY_RECENT_DAYS = 90
# "on Tuesdays" is no period to look for the best hour in.
MIN_DAYS_FOR_TIMES = 7
_GOALS = {Kind.CREATE_GOAL, Kind.UPDATE_GOAL, Kind.GOAL_PROGRESS, Kind.LIST_GOALS}
_OWNER = {
    Kind.TOP_CONTENT: "content strategist",
    Kind.ENGAGEMENT_RATES: "content strategist",
    Kind.FORMATS: "content strategist",
    Kind.BEST_TIMES: "content strategist",
    Kind.TOPICS: "content strategist",
    Kind.SAVE_DRAFT: "content strategist",
    Kind.LIST_DRAFTS: "content strategist",
    Kind.PLAN: "planner",
    Kind.LIST_GOALS: "goal tracker",
    Kind.GOAL_PROGRESS: "goal tracker",
    Kind.CREATE_GOAL: "goal tracker",
    Kind.UPDATE_GOAL: "goal tracker",
}
WHICH_TARGET = refusal(
    "Which number do you want to reach, and by when? For example: “30,000 followers on Instagram "
    "by 1 June”."
)
WHICH_PLATFORM = refusal(
    "For which platform is the draft? Name one, for example: “Save this as a draft for "
    "Instagram: …”"
)
WHICH_CAPTION = refusal(
    "What is the draft to say? Put its text behind a colon or in quotes, for example: “Save a "
    "draft for Instagram: New song on Friday.”"
)
_SETS_AGAINST = re.compile(
    r"\b(?:compar\w*|vs|versus|against|relative|differ\w*|than|over"
    r"|improv\w*|change\w*|better|worse|up|down)\b"
)
_MONTH = (
    r"(?:january|february|march|april|may|june|july|august|september|october|november|december)"
)
_FROM_TO = re.compile(rf"\bfrom (?P<one>{_MONTH}) to (?P<other>{_MONTH})\b")
_NAMES_TEXT = re.compile(r"\b(?:text|captions?|words|content|saying)\s*:", re.IGNORECASE)
_REACH_VERB = re.compile(
    r"\b(?:to|i|we|will|can|do|would|could|should|help me|let me|did) (?:\w+ )?reach\b"
    r"|\breach(?:ed|ing)\b|\breach (?=(?:the |my |a )?\d)"
)
_MORE_TIME = re.compile(
    r"\b(?:another |(?=(?:\w+ ){1,2}(?:more|extra|additional|longer|later)\b)|by )"
    r"(?P<count>\d{1,2}|a|an|one|two|three|four|five|six)? ?(?:more |extra |additional )?"
    r"(?P<unit>day|week|month)s?\b(?! (?:\d|of))"
)
_QUOTED = re.compile(
    r"[“\"«„](?P<text>.{1,2200}?)[”\"»“]|(?<!\w)['\u2018](?P<single>.{3,2200}?)['’](?!\w)",
    re.DOTALL,
)
_BEHIND_COLON = re.compile(r":\s*(?P<text>\S.{0,2199})\Z", re.DOTALL)


@dataclass(frozen=True, kw_only=True)
class Text:
    """What was typed, normalised, and the account that it names."""

    typed: str
    plain: str
    account: str | None = None


def find_request(
    text: Text, creator: Creator, calendar: Calendar, tools: Collection[str]
) -> Request | Reply | None:
    """Return the request in a text, or a reply to one that cannot be met; None for neither.

    Raises PeriodError for a period that cannot be read.
    """
    kind = find_kind(text.plain, tools) or _find_pair(text.plain, calendar, tools)
    if kind is None or not set(TOOLS[kind]) & set(tools):
        return None
    if not creator.accounts and kind not in {Kind.LIST_DRAFTS, Kind.LIST_GOALS}:
        return NOTHING_CONNECTED
    platforms = _platforms(text.plain, kind, creator)
    if missing := [name for name in platforms if name not in creator.platforms()]:
        return not_connected(missing, creator.platforms())
    request = Request(
        kind=kind,
        text=text.plain,
        typed=text.typed,
        platforms=platforms,
        account=text.account,
    )
    if kind in _GOALS:
        return _goal(request, creator)
    if kind is Kind.SAVE_DRAFT:
        return _draft(request, text.typed)
    return _of_figures(request, creator, calendar)


def _platforms(text: str, kind: Kind, creator: Creator) -> tuple[Platform, ...]:
    """Return the platforms that are named, or meant by a word of their own: subscribers."""
    named = find_platforms(text)
    if named or kind in {Kind.TOP_CONTENT, Kind.FORMATS, Kind.BEST_TIMES, Kind.TOPICS, Kind.PLAN}:
        return named
    implied = implied_platforms(text, find_metrics(text, ()))
    return tuple(platform for platform in implied if platform in creator.platforms())


def _of_figures(request: Request, creator: Creator, calendar: Calendar) -> Request:
    if request.kind is Kind.FORECAST:
        return _forecast(request, creator)
    if request.kind is Kind.LIST_DRAFTS:
        return replace(request, platforms=(), account=None)
    rest = _without_periods(request, calendar)
    return _with_period(_with_options(request, rest), creator, calendar)


def _find_pair(text: str, calendar: Calendar, tools: Collection[str]) -> Kind | None:
    """Return the kind of a text that sets one number of two periods against each other."""
    if "compare_periods" not in tools or not _SETS_AGAINST.search(text):
        return None
    if not find_metrics(text, ()):
        return None
    if _move(text, calendar):
        return Kind.PERIODS
    periods = find_periods(text, calendar)
    names_one = len(find_metrics(periods.rest, find_platforms(text))) == 1
    return Kind.PERIODS if len(periods.spans) > 1 and names_one else None


def _move(text: str, calendar: Calendar) -> tuple[Span, ...]:
    """Return the two months of "go up from August to September"; none if it says nothing such."""
    match = _FROM_TO.search(text)
    if match is None or not GROWTH.search(text):
        return ()
    spans = [find_periods(match[name], calendar).spans for name in ("one", "other")]
    return tuple(span for found in spans for span in found)


def find_referral(text: str, tools: Collection[str]) -> Reply | None:
    """Return whose business normalised text is, if it needs tools that are not there."""
    kind = find_kind(text, tools)
    owner = _OWNER.get(kind) if kind and not set(TOOLS[kind]) & set(tools) else None
    if owner is None:
        return None
    return refusal(f"That is for the {owner}: choose it as the agent, or “Auto”, and ask again.")


def _with_options(request: Request, text: str) -> Request:
    """Read what else the tool takes: the kind of post, the order, how many, which number."""
    kind = request.kind
    if kind in {Kind.TOP_CONTENT, Kind.BEST_TIMES}:
        forms = [name for name in cues.POST_TYPES if find_form(text, name)]
        request = request.with_options(post_type=forms[0] if len(forms) == 1 else None)
    if kind is Kind.TOP_CONTENT:
        ranked = [
            name for name, words in cues.RANKED_BY.items() if re.search(rf"\b(?:{words})\b", text)
        ]
        request = request.with_options(
            rank_by=ranked[0] if ranked else None,
            order="worst" if cues.WORST.search(text) else None,
            limit=_limit(text),
        )
    if kind in {Kind.PERIODS, Kind.TRENDS, Kind.CONCENTRATION}:
        metrics = find_metrics(text, request.platforms)
        followers = kind is not Kind.CONCENTRATION
        default = Metric.FOLLOWERS if kind is Kind.PERIODS else None
        named = metrics[0] if metrics else default
        if named is not Metric.FOLLOWERS or kind is Kind.PERIODS or not followers:
            request = request.with_options(metric=named.value if named else None)
    return request


def _limit(text: str) -> int | None:
    count = find_count(text)
    if count is not None:
        return min(max(count, 1), 10)
    is_one = re.search(
        r"\b(?:post|video|reel|short|photo|picture|carousel|story|song|track|upload)\b", text
    )
    return 1 if is_one else None


def _with_period(request: Request, creator: Creator, calendar: Calendar) -> Request:
    spans = _spans(request, calendar)
    is_recent = not spans
    if is_recent:
        days = RECENT_DAYS.get(request.kind, MANY_RECENT_DAYS)
        spans = (rolling(creator.last_date(request.platforms), days, Unit.DAY),)
    request = replace(request, span=spans[0], is_recent=is_recent)
    if request.kind is Kind.PERIODS:
        return _compared(request, spans, creator)
    return request


def _without_periods(request: Request, calendar: Calendar) -> str:
    try:
        return find_periods(request.text, calendar).rest
    except PeriodError:
        if request.kind in {Kind.PLAN, Kind.BEST_TIMES}:
            return request.text
        raise


def _spans(request: Request, calendar: Calendar) -> tuple[Span, ...]:
    """Return the periods to look back at: those of a plan are still to come."""
    if request.kind is Kind.PLAN:
        return ()
    if request.kind is Kind.PERIODS and (months := _move(request.text, calendar)):
        return months
    if request.kind is Kind.BEST_TIMES:
        try:
            spans = find_periods(request.text, calendar).spans
        except PeriodError:  # "this weekend": times to come are what it is for
            return ()
        return tuple(span for span in spans if span.days >= MIN_DAYS_FOR_TIMES)
    spans = find_periods(request.text, calendar).spans
    is_joined = len(spans) > 1 and spans[1].start - spans[0].end == ONE_DAY
    if is_joined and request.kind is not Kind.PERIODS:
        return (Span(start=spans[0].start, end=spans[1].end),)
    return spans


def _compared(request: Request, spans: tuple[Span, ...], creator: Creator) -> Request:
    """Let the later period be compared with the earlier; with the one before if one is named."""
    if len(spans) > 1:
        later, earlier = sorted(spans[:2], key=lambda span: span.start, reverse=True)
    elif request.is_recent and (unit := _unit_of(request.text)):
        later = unit_span(unit, unit_span(unit, creator.today).start - ONE_DAY)
        earlier = later.previous()
    else:
        return request
    return replace(request, span=later, is_recent=False).with_options(
        previous_start=earlier.start.isoformat(), previous_end=earlier.end.isoformat()
    )


def _unit_of(text: str) -> Unit | None:
    match = re.search(r"\b(month|week|quarter|year|mom|wow|yoy|qoq)\b", text)
    if match is None:
        return None
    short = {"mom": "month", "wow": "week", "yoy": "year", "qoq": "quarter"}
    return Unit(short.get(match[1], match[1]))


def _forecast(request: Request, creator: Creator) -> Request:
    until, rest = find_future(request.text, creator.today)
    until = until or creator.today + dt.timedelta(days=FORECAST_DAYS)
    last = creator.today + dt.timedelta(days=MAX_HORIZON_DAYS)
    if until > last:
        request = replace(request, remarks=(f"I look ahead to {date_text(last)} at most.",))
    metrics = _goal_metrics(rest, request.platforms)
    return replace(request, text=rest).with_options(
        metric=metrics.value, until=min(until, last).isoformat()
    )


def _goal_metrics(text: str, platforms: tuple[Platform, ...]) -> Metric:
    """Return the metric that is to reach something; "to reach" names none."""
    metrics = find_metrics(_REACH_VERB.sub(" ", text), platforms)
    return metrics[0] if metrics else Metric.FOLLOWERS


def _goal(request: Request, creator: Creator) -> Request | Reply:
    if request.kind is Kind.LIST_GOALS:
        return replace(request, platforms=(), account=None).with_options(
            status=_status(request.text)
        )
    goal = _find_goal(request, creator)
    if request.kind is Kind.GOAL_PROGRESS:
        is_one = goal is not None and len(creator.goals) > 1 and not request.platforms
        return request.with_options(goal_id=goal.id if goal and is_one else None)
    if request.kind is Kind.CREATE_GOAL:
        return _new_goal(request, creator)
    if goal is None:
        return replace(request, kind=Kind.LIST_GOALS, platforms=(), account=None)
    return _changed_goal(request, goal, creator)


def _new_goal(request: Request, creator: Creator) -> Request | Reply:
    named, rest = _target(request, creator)
    if named["target_value"] is None:
        return WHICH_TARGET
    metric = _goal_metrics(rest, request.platforms)
    one = replace(request, platforms=request.platforms[:1])
    title = _new_title(request.typed) if cues.TITLED.search(request.text) else None
    return one.with_options(metric=metric.value, title=title, **named)


def _changed_goal(request: Request, goal: GoalBrief, creator: Creator) -> Request | Reply:
    if cues.RENAME.search(request.text) and (title := _new_title(request.typed)):
        return request.with_options(goal_id=goal.id, title=title)
    named, _ = _target(request, creator)
    if later := _later(request.text, goal):
        named["due_date"] = later.isoformat()
    if any(named.values()):
        return request.with_options(goal_id=goal.id, **named)
    if cues.ARCHIVE.search(request.text):
        return request.with_options(goal_id=goal.id, status="archived")
    return refusal(f"What should change about “{goal.title}”: its number, or its date?")


def _later(text: str, goal: GoalBrief) -> dt.date | None:
    """Return the due date moved by "four more weeks"."""
    match = _MORE_TIME.search(text)
    if match is None or goal.due_date is None:
        return None
    count = NUMBERS.get(match["count"] or "a") or int(match["count"])
    if match["unit"] == "month":
        return months_before(goal.due_date, -count)
    return goal.due_date + dt.timedelta(days=count * (7 if match["unit"] == "week" else 1))


def _new_title(typed: str) -> str | None:
    """Return the name behind "rename … to", in quotes or not."""
    if match := _QUOTED.search(typed):
        return str(match["text"] or match["single"]).strip()
    match = re.search(r"\b(?:to|into|it|goal)[: ]+(?P<name>[^.?!]{3,120})$", typed.strip())
    return match["name"].strip() if match else None


def _target(request: Request, creator: Creator) -> tuple[dict[str, Any], str]:
    """Return the number and the date that are named, and the text without the date."""
    due, rest = find_future(request.text, creator.today)
    date = due.isoformat() if due else None
    return {"target_value": find_target(rest), "due_date": date}, rest


def _status(text: str) -> str | None:
    if re.search(r"\b(?:all|every)\b", text):
        return None
    words = {
        "active": r"active|open|current|running|ongoing",
        "reached": r"ticked|reach(?:ed)?|achieved?|completed?|finished|done|hit|met|accomplished",
        "missed": r"miss(?:ed)?|fail(?:ed)?|overdue",
        "archived": r"archived?|old|closed|past",
    }
    return next((s for s, w in words.items() if re.search(rf"\b(?:{w})\b", text)), None)


def _find_goal(request: Request, creator: Creator) -> GoalBrief | None:
    """Return the one goal that the text can mean."""
    found = [
        goal
        for goal in creator.goals
        if not request.platforms or goal.platform in request.platforms
    ]
    metrics = find_metrics(request.text, request.platforms)
    amounts = find_amounts(request.text)
    if len(found) > 1 and any(goal.target in amounts for goal in found):
        found = [goal for goal in found if goal.target in amounts]
    if len(found) > 1 and metrics:
        found = [goal for goal in found if goal.metric in metrics] or found
    return found[0] if len(found) == 1 else None


def _draft(request: Request, typed: str) -> Request | Reply:
    matches = [m for m in (_BEHIND_COLON.search(typed), _QUOTED.search(typed)) if m]
    match = min(matches, key=lambda found: found.start(), default=None)
    title = None
    if len(matches) > 1 and _NAMES_TEXT.search(typed):
        match, title = matches[0], matches[1]["text"] or matches[1]["single"]
    if match is None:
        return WHICH_CAPTION
    groups = match.groupdict()
    caption = str(groups.get("text") or groups.get("single")).strip().strip("“”\"«»„'’\u2018")
    if not request.platforms:
        return WHICH_PLATFORM
    around = typed.replace(match[0], " ").replace(title or "\0", " ").lower()
    forms = [name for name in cues.POST_TYPES if find_form(around, name)]
    return replace(request, platforms=request.platforms[:1], account=None).with_options(
        caption=caption, title=title, post_type=forms[0] if len(forms) == 1 else None
    )


def follow_request(
    text: Text, previous: Request, creator: Creator, calendar: Calendar
) -> Request | None:
    """Return the previous request with what a short text changes, or None if it stands alone."""
    changes: dict[str, Any] = {}
    periods = _past_periods(text.plain, calendar, previous)
    platforms = find_platforms(periods.rest)
    if platforms and set(platforms) <= set(creator.platforms()):
        changes |= {"platforms": platforms, "account": text.account}
    elif text.account:
        changes |= {"account": text.account}
    if periods.spans and previous.span and previous.kind is not Kind.PLAN:
        changes |= {"span": periods.spans[0], "is_recent": False}
    if re.search(
        r"\b(?:all|every) (?:\w+ )?(?:platforms|channels|accounts)|everywhere\b", text.plain
    ):
        changes |= {"platforms": (), "account": None}
    changed = replace(previous, text=periods.rest, **changes)
    changed = _changed_options(changed, text.plain, creator)
    if previous.kind is Kind.GOAL_PROGRESS and re.search(r"\bother\b", text.plain):
        changed = _other_goal(previous, creator)
    is_changed = replace(changed, text=previous.text) != previous
    return changed if is_changed else None


def _other_goal(previous: Request, creator: Creator) -> Request:
    """Return the request about the goals that the previous one was not about."""
    goal_id = previous.option("goal_id")
    asked = {goal.platform for goal in creator.goals if goal.id == goal_id}
    asked |= set(previous.platforms)
    others = [
        Platform(goal.platform)
        for goal in creator.goals
        if goal.platform and goal.platform not in asked
    ]
    kept = tuple((name, value) for name, value in previous.options if name != "goal_id")
    return replace(previous, platforms=tuple(dict.fromkeys(others)), options=kept)


def _past_periods(text: str, calendar: Calendar, previous: Request) -> Periods:
    """Return the periods of a follow-up; what a forecast is about has none."""
    if previous.span is None:
        return Periods(spans=(), rest=text)
    return find_periods(text, calendar, previous.spans)


def _changed_options(request: Request, text: str, creator: Creator) -> Request:
    if request.kind is Kind.TOP_CONTENT:
        read = _with_options(replace(request, options=()), text)
        options = dict(read.options)
        if re.search(r"\b(?:best|top|strongest)\b", text):
            options["order"] = "best"
        return request.with_options(**options)
    if request.kind is Kind.BEST_TIMES:
        return request.with_options(**dict(_with_options(request, text).options))
    if request.kind in {Kind.PERIODS, Kind.TRENDS, Kind.CONCENTRATION, Kind.FORECAST}:
        metrics = find_metrics(text, request.platforms)
        request = request.with_options(metric=metrics[0].value if metrics else None)
    if request.kind is Kind.LIST_GOALS:
        return request.with_options(status=_status(text))
    if request.kind is Kind.FORECAST:
        until, _ = find_future(text, creator.today)
        request = request.with_options(until=until.isoformat() if until else None)
    return request


def describe_platforms(request: Request) -> str:
    """Return the request's platforms as words."""
    return listing([platform.name.title() for platform in request.platforms])
