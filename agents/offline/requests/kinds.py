"""Which kind of request a text is."""

import re
from collections.abc import Collection

from agents.offline.questions.audience import asks_for_audience
from agents.offline.questions.vocabulary import find_metrics
from agents.offline.requests import cues
from agents.offline.requests.amounts import find_target
from agents.offline.requests.insights import asks_for_insights
from agents.offline.requests.plan_jobs import find_plan_kind
from agents.offline.requests.request import TOOLS, Kind

_TWO_FORMS = re.compile(
    r"\b(?:vs|versus|or|than|against|compar\w*|better|and|outperform\w*|beat\w*|over|win\w*)\b"
)


def find_kind(text: str, tools: Collection[str]) -> Kind | None:
    """Return the kind of a normalised text; `tools` decide what could be meant in two ways."""
    if kind := find_clear_kind(text, tools):
        return kind
    return None if cues.OUTSIDE.search(text) else _likely(_HYPHEN.sub(" ", text), tools)


def find_clear_kind(text: str, tools: Collection[str]) -> Kind | None:
    """Return the kind of a normalised text that its words give away."""
    text = _HYPHEN.sub(" ", text)
    if asks_for_insights(text):
        return Kind.INSIGHTS
    if "create_plan_job" in tools and (kind := find_plan_kind(text)):
        return kind
    if kind := _draft(text, tools):
        return kind
    if asks_for_audience(text) and not cues.GOAL.search(text):
        return Kind.AUDIENCE
    return None if cues.OUTSIDE.search(text) else _find_clear(text, tools)


def _find_clear(text: str, tools: Collection[str]) -> Kind | None:
    for find in (_goal, _content, _series, _advice):
        if kind := find(text, tools):
            return kind
    return None


def _draft(text: str, tools: Collection[str]) -> Kind | None:
    if "save_draft" not in tools and cues.PLAN.search(text):
        return None
    if cues.SAVE_DRAFT.search(text) and not cues.ASKS.search(text):
        return Kind.SAVE_DRAFT
    is_list = cues.LIST_DRAFTS.search(text) and not cues.SENDS.search(text)
    return Kind.LIST_DRAFTS if is_list else None


def _goal(text: str, tools: Collection[str]) -> Kind | None:
    if cues.SUGGEST_GOAL.search(text):
        return Kind.SUGGEST_GOAL
    names_goal = cues.GOAL.search(text) is not None
    is_tracker = TOOLS[Kind.LIST_GOALS][0] in tools
    if not names_goal and not is_tracker:
        return None
    if kind := _sets_goal(text, names_goal=names_goal):
        return kind
    if names_goal and _asks_list(text):
        return Kind.LIST_GOALS
    asks = (cues.NEEDS_NO_GOAL, cues.FORECAST, cues.NEXT_STEPS, cues.AIMS)
    if names_goal or any(cue.search(text) for cue in asks):
        return Kind.GOAL_PROGRESS
    is_new = is_tracker and not cues.ASKS.search(text) and find_target(text) is not None
    return Kind.CREATE_GOAL if is_new and find_metrics(text, ()) else None


def _sets_goal(text: str, *, names_goal: bool) -> Kind | None:
    """Return whether a goal is to be set or changed, if either."""
    has_target = find_target(text) is not None
    if cues.STRONG_CREATE.search(text) and has_target:
        return Kind.CREATE_GOAL
    if cues.ASKS.search(text):
        return None
    if has_target and cues.A_GOAL.search(text):
        return Kind.CREATE_GOAL
    if cues.UPDATE_GOAL.search(text) or (names_goal and cues.CHANGES_IT.search(text)):
        return Kind.UPDATE_GOAL
    if cues.CREATE_GOAL.search(text) and (names_goal or has_target):
        return Kind.CREATE_GOAL
    return None


def _asks_list(text: str) -> bool:
    if re.search(r"\b(?:percent\w*|how (?:far|much|close)|will|might|going to)\b", text):
        return False
    if cues.GOAL_STATUS.search(text) and not cues.MILESTONE.search(text):
        return True
    return cues.LIST_GOALS.search(text) is not None and not _asks_progress(text)


def _asks_progress(text: str) -> bool:
    return any(cue.search(text) for cue in (cues.GOAL_PROGRESS, cues.MILESTONE))


def _content(text: str, tools: Collection[str]) -> Kind | None:
    is_planner = "top_content" not in tools and "best_times" in tools
    if is_planner and _WHAT_TO_POST.search(text):
        return Kind.PLAN
    if cues.BEST_TIMES.search(text):
        return Kind.BEST_TIMES
    if "best_times" in tools and cues.IDEAS.search(text) and not cues.FORMATS.search(text):
        return Kind.TOPICS if cues.ABOUT.search(text) else Kind.PLAN
    if is_planner and (cues.PLAN.search(text) or _POSTS_TO_COME.search(text)):
        return Kind.PLAN
    if cues.FORMATS.search(text) or _names_two_forms(text):
        return Kind.FORMATS
    named = (
        (cues.TOPICS, Kind.TOPICS),
        (cues.TOP_CONTENT, Kind.TOP_CONTENT),
        (cues.ENGAGEMENT_RATES, Kind.ENGAGEMENT_RATES),
    )
    return next((kind for cue, kind in named if cue.search(text)), None)


def _series(text: str, _tools: Collection[str]) -> Kind | None:
    if cues.FORECAST.search(text):
        return Kind.FORECAST
    if cues.CONCENTRATION.search(text):
        return Kind.CONCENTRATION
    if cues.PERIODS.search(text):
        return Kind.PERIODS
    return Kind.TRENDS if cues.TRENDS.search(text) else None


def _advice(text: str, tools: Collection[str]) -> Kind | None:
    if "best_times" in tools and (cues.PLAN.search(text) or cues.NEXT_STEPS.search(text)):
        return Kind.PLAN
    if "find_trends" in tools and cues.NEXT_STEPS.search(text):
        return Kind.NEXT_STEPS
    return None


def _likely(text: str, tools: Collection[str]) -> Kind | None:
    """Return the kind by weaker words, which mean this only when an agent's tools are there."""
    if "best_times" in tools:
        return _likely_content(text, tools)
    names_number = find_metrics(text, ()) or "how big" in text
    is_ahead = cues.AHEAD.search(text) and not cues.PAST.search(text) and names_number
    is_amount = cues.AMOUNT_AHEAD.search(text) and not cues.PAST.search(text)
    if "forecast_metric" in tools and (is_ahead or is_amount):
        return Kind.FORECAST
    return None


def _likely_content(text: str, tools: Collection[str]) -> Kind | None:
    named = sum(find_form(text, name) for name in cues.POST_TYPES)
    about_posts = named > 0 or cues.ABOUT_POSTS.search(text) is not None
    if cues.MOMENTS.search(text) and (about_posts or cues.REACTIONS.search(text)):
        return Kind.BEST_TIMES
    if cues.CAPTIONS.search(text) or (cues.ABOUT.search(text) and cues.LIKED.search(text)):
        return Kind.TOPICS
    if "top_content" in tools and cues.RATES.search(text) and cues.REACTIONS.search(text):
        return Kind.ENGAGEMENT_RATES
    if named and cues.WORTH.search(text) and not _ONE_POST.search(text):
        return Kind.FORMATS
    ranks = about_posts or any(
        re.search(rf"\b(?:{words})\b", text) for words in cues.RANKED_BY.values()
    )
    if "top_content" not in tools:
        return Kind.PLAN if cues.ABOUT_POSTS.search(text) else None
    is_top = cues.WORST.search(text) or (ranks and cues.RANKS.search(text))
    return Kind.TOP_CONTENT if is_top else None


def _names_two_forms(text: str) -> bool:
    """Tell "reels or photos?" and "do carousels work?" from "my reels"."""
    named = [name for name in cues.POST_TYPES if find_form(text, name)]
    if _ONE_POST.search(text):
        return False
    if len(named) > 1 and _TWO_FORMS.search(text):
        return True
    return len(named) == 1 and _ASKS_FORM.search(text) is not None


_ONE_POST = re.compile(
    r"\b(?:any|one) (?:\w+ )?(?:short|video|reel|photo|story|post|carousel|song|track)\b"
)
_HYPHEN = re.compile(r"(?<=[a-z]) - (?=[a-z])")
_POSTS_TO_COME = re.compile(
    r"\b(?:posts?|content|videos?|reels?)\b.*\b(?:next|tomorrow|coming|upcoming|ahead|this week)\b"
    r"|\b(?:next|coming|upcoming) (?:\w+ )?(?:week|month|days|weekend)s?\b"
)
_WHAT_TO_POST = re.compile(
    r"\b(?:what (?:should )?go(?:es)? (?:out|up|live|online)"
    r"|what (?:should|shall|can|do|to)\b.*\bpost|post what|plan my|plan for"
    r"|(?:\d|two|three|four|five) posts? for)\b"
)
_ASKS_FORM = re.compile(
    r"^(?:do|are|does|should i (?:make|do|post)|does it|how (?:do|are|well do)|is it worth)\b.*"
    r"\b(?:work|perform|worth|do|better|more|doing|pay off|performing|pay|anything|stack up|compare"
    r"|hold up|fare)\b"
    r"|\b(?:i|we) (?:mostly |only |always |mainly )?(?:post|make|publish|do)\b.*\b(?:better|instead"
    r"|something else|smart|good idea|worth|enough|too many)\b"
)


def find_form(text: str, name: str) -> bool:
    """Tell whether normalised text names this form of post."""
    return re.search(rf"\b(?:{cues.POST_TYPES[name]})\b", text) is not None
