"""From what a creator typed to a request: which tools, and their arguments."""

from collections.abc import Collection

from agents.offline.creator import Creator
from agents.offline.dates.moments import Calendar
from agents.offline.questions.replies import NOTHING_CONNECTED, Reply, not_connected, refusal
from agents.offline.questions.vocabulary import (
    find_metrics,
    find_platforms,
    implied_platforms,
)
from agents.offline.requests import cues
from agents.offline.requests.amounts import find_amounts
from agents.offline.requests.drafts import read_draft
from agents.offline.requests.figures import find_pair, read_figures
from agents.offline.requests.goals import find_status, read_goal, read_outlook, suggested_goal
from agents.offline.requests.kinds import find_kind
from agents.offline.requests.plan_jobs import find_plan_kind, read_plan_job
from agents.offline.requests.request import (
    GOAL_KINDS,
    PLAN_JOB_KINDS,
    TOOLS,
    Kind,
    Request,
    Text,
)
from storage.models import Platform

_OWNER = {
    Kind.TOP_CONTENT: "content strategist",
    Kind.ENGAGEMENT_RATES: "content strategist",
    Kind.FORMATS: "content strategist",
    Kind.BEST_TIMES: "content strategist",
    Kind.TOPICS: "content strategist",
    Kind.AUDIENCE: "content strategist",
    Kind.SAVE_DRAFT: "content strategist",
    Kind.LIST_DRAFTS: "content strategist",
    Kind.PERIODS: "career agent",
    Kind.TRENDS: "career agent",
    Kind.FORECAST: "career agent",
    Kind.CONCENTRATION: "career agent",
    Kind.NEXT_STEPS: "career agent",
    Kind.INSIGHTS: "career agent",
    Kind.PLAN: "planner",
    Kind.LIST_GOALS: "goal tracker",
    Kind.GOAL_PROGRESS: "goal tracker",
    Kind.SUGGEST_GOAL: "goal tracker",
    Kind.CREATE_GOAL: "goal tracker",
    Kind.UPDATE_GOAL: "goal tracker",
    **dict.fromkeys(PLAN_JOB_KINDS, "planner"),
}
_WITHOUT_ACCOUNTS = {Kind.LIST_DRAFTS, Kind.LIST_GOALS, Kind.PLAN_STATUS, Kind.REVISE_PLAN}


def find_request(
    text: Text, creator: Creator, calendar: Calendar, tools: Collection[str]
) -> Request | Reply | None:
    """Return the request in a text, or a reply to one that cannot be met; None for neither.

    Raises PeriodError for a period that cannot be read.
    """
    kind = (
        find_kind(text.plain, tools)
        or find_pair(text.plain, calendar, tools)
        or _names_goal(text.plain, creator, tools)
    )
    asks_how = kind is Kind.GOAL_PROGRESS or (
        kind is Kind.LIST_GOALS and find_status(text.plain) in {None, "active"}
    )
    if kind and asks_how and TOOLS[kind][0] not in tools:
        kind = Kind.GOAL_OUTLOOK
    if kind is None or not set(TOOLS[kind]) & set(tools):
        return None
    if not creator.accounts and kind not in _WITHOUT_ACCOUNTS:
        return NOTHING_CONNECTED
    if kind in PLAN_JOB_KINDS:
        return read_plan_job(kind, text, creator)
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
    return _read(request, creator, calendar)


def _read(request: Request, creator: Creator, calendar: Calendar) -> Request | Reply:
    """Return the request with what its tools take."""
    if request.kind is Kind.GOAL_OUTLOOK:
        return read_outlook(request, creator)
    if request.kind is Kind.SUGGEST_GOAL:
        return suggested_goal(request, creator)
    if request.kind in GOAL_KINDS:
        return read_goal(request, creator)
    if request.kind is Kind.SAVE_DRAFT:
        return read_draft(request, request.typed)
    if request.kind is Kind.INSIGHTS:
        return request
    return read_figures(request, creator, calendar)


def _platforms(text: str, kind: Kind, creator: Creator) -> tuple[Platform, ...]:
    """Return the platforms that are named, or meant by a word of their own: subscribers."""
    named = find_platforms(text)
    if named or kind in {Kind.TOP_CONTENT, Kind.FORMATS, Kind.BEST_TIMES, Kind.TOPICS, Kind.PLAN}:
        return named
    implied = implied_platforms(text, find_metrics(text, ()))
    return tuple(platform for platform in implied if platform in creator.platforms())


def _names_goal(text: str, creator: Creator, tools: Collection[str]) -> Kind | None:
    """Return the kind of a text that names a goal by its number: "where am I with the 10k?"."""
    targets = {goal.target for goal in creator.goals}
    is_followed = "goal_progress" in tools or cues.ON_TRACK.search(text)
    is_named = targets & set(find_amounts(text)) or cues.ON_TRACK.search(text)
    return Kind.GOAL_PROGRESS if creator.goals and is_followed and is_named else None


def find_referral(text: str, tools: Collection[str]) -> Reply | None:
    """Return whose business normalised text is, if it needs tools that are not there."""
    kind = find_kind(text, tools) or find_plan_kind(text)
    owner = _OWNER.get(kind) if kind and not set(TOOLS[kind]) & set(tools) else None
    if owner is None:
        return None
    return refusal(f"That is for the {owner}: choose it as the agent, or “Auto”, and ask again.")
