"""What is asked of a tool: which one, about which platform, period and kind of post."""

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from agents.offline.calls import Call
from agents.offline.creator import GoalBrief
from agents.offline.dates.spans import Span
from storage.models import Metric, Platform


class Kind(StrEnum):
    """What is asked; each kind is answered by the tools of `TOOLS`."""

    TOP_CONTENT = "top_content"
    ENGAGEMENT_RATES = "engagement_rates"
    FORMATS = "formats"
    BEST_TIMES = "best_times"
    TOPICS = "topics"
    SAVE_DRAFT = "save_draft"
    LIST_DRAFTS = "list_drafts"
    PERIODS = "periods"
    TRENDS = "trends"
    FORECAST = "forecast"
    CONCENTRATION = "concentration"
    LIST_GOALS = "list_goals"
    GOAL_PROGRESS = "goal_progress"
    SUGGEST_GOAL = "suggest_goal"
    CREATE_GOAL = "create_goal"
    UPDATE_GOAL = "update_goal"
    PLAN = "plan"
    NEXT_STEPS = "next_steps"
    GOAL_OUTLOOK = "goal_outlook"
    CREATE_PLAN = "create_plan"
    PLAN_STATUS = "plan_status"
    REVISE_PLAN = "revise_plan"
    INSIGHTS = "insights"
    AUDIENCE = "audience"


TOOLS: dict[Kind, tuple[str, ...]] = {
    Kind.TOP_CONTENT: ("top_content",),
    Kind.ENGAGEMENT_RATES: ("engagement_rates",),
    Kind.FORMATS: ("format_performance",),
    Kind.BEST_TIMES: ("best_times",),
    Kind.TOPICS: ("topic_performance",),
    Kind.SAVE_DRAFT: ("save_draft",),
    Kind.LIST_DRAFTS: ("list_drafts",),
    Kind.PERIODS: ("compare_periods",),
    Kind.TRENDS: ("find_trends",),
    Kind.FORECAST: ("forecast_metric",),
    Kind.CONCENTRATION: ("concentration",),
    Kind.LIST_GOALS: ("list_goals",),
    Kind.GOAL_PROGRESS: ("goal_progress",),
    Kind.SUGGEST_GOAL: ("suggest_goal",),
    Kind.CREATE_GOAL: ("create_goal",),
    Kind.UPDATE_GOAL: ("update_goal",),
    Kind.PLAN: ("best_times", "format_performance", "topic_performance"),
    Kind.NEXT_STEPS: ("find_trends", "compare_platforms", "concentration"),
    Kind.GOAL_OUTLOOK: ("get_metrics", "forecast_metric"),
    Kind.CREATE_PLAN: ("create_plan_job",),
    Kind.PLAN_STATUS: ("get_job_status",),
    Kind.REVISE_PLAN: ("revise_plan",),
    Kind.INSIGHTS: ("list_insights",),
    Kind.AUDIENCE: ("get_audience",),
}
# Their arguments are the option `args`.
PLAN_JOB_KINDS = {Kind.CREATE_PLAN, Kind.PLAN_STATUS, Kind.REVISE_PLAN}
GOAL_KINDS = {Kind.CREATE_GOAL, Kind.UPDATE_GOAL, Kind.GOAL_PROGRESS, Kind.LIST_GOALS}
# What a tool takes besides a period and a place.
_OPTIONS: dict[str, tuple[str, ...]] = {
    "top_content": ("post_type", "rank_by", "order", "limit"),
    "best_times": ("post_type",),
    "get_audience": ("dimension",),
    "save_draft": ("caption", "post_type", "title"),
    "compare_periods": ("metric", "previous_start", "previous_end"),
    "find_trends": ("metric",),
    "forecast_metric": ("metric", "until"),
    "concentration": ("metric",),
    "list_goals": ("status",),
    "goal_progress": ("goal_id",),
    "suggest_goal": ("metric", "due_date"),
    "create_goal": ("metric", "target_value", "due_date", "title"),
    "update_goal": ("goal_id", "target_value", "due_date", "title", "status"),
}
_WITHOUT_PERIOD = {
    "save_draft",
    "list_drafts",
    "forecast_metric",
    "list_goals",
    "goal_progress",
    "suggest_goal",
    "create_goal",
    "update_goal",
    "list_insights",
}
_WITHOUT_PLACE = {
    "list_drafts",
    "compare_platforms",
    "concentration",
    "list_goals",
    "update_goal",
    "list_insights",
}
_WITHOUT_ACCOUNT = {"save_draft", "goal_progress"}


@dataclass(frozen=True, kw_only=True)
class Text:
    """What was typed, normalised, and the account that it names."""

    typed: str
    plain: str
    account: str | None = None


@dataclass(frozen=True, kw_only=True)
class Request:
    """What is asked; `options` are further arguments of the tools, `is_recent` is when no
    period was named. `ask` is the question that has to be answered first."""

    kind: Kind
    text: str
    typed: str = ""
    platforms: tuple[Platform, ...] = ()
    account: str | None = None
    span: Span | None = None
    is_recent: bool = False
    options: tuple[tuple[str, Any], ...] = ()
    remarks: tuple[str, ...] = ()
    ask: str = ""
    # Those whose outlook is asked for, where no tool tells how far goals are; or those there are
    # already, where another is asked for.
    goals: tuple[GoalBrief, ...] = ()

    @property
    def spans(self) -> tuple[Span, ...]:
        """The period, for what follows up on it."""
        return (self.span,) if self.span else ()

    def option(self, name: str) -> Any:
        """Return an option; null if it is not set."""
        return dict(self.options).get(name)

    def with_options(self, **options: Any) -> "Request":
        """Return the request with these options set; null ones are left as they are."""
        changed = dict(self.options) | {k: v for k, v in options.items() if v is not None}
        return replace(self, options=tuple(changed.items()))

    @property
    def metrics(self) -> tuple[Metric, ...]:
        """The metric, for what follows up on it."""
        named = self.option("metric")
        return (Metric(named),) if named else ()


def request_calls(request: Request) -> list[Call]:
    """Return the calls that answer a request."""
    if request.ask:
        return []
    if request.kind in PLAN_JOB_KINDS:
        return [Call(tool=TOOLS[request.kind][0], args=request.option("args"))]
    if request.kind is Kind.GOAL_OUTLOOK:
        return _outlook_calls(request)
    places: list[dict[str, Any]] = [{}]
    if request.platforms:
        places = [{"platform": platform.value} for platform in request.platforms]
    tools = TOOLS[request.kind]
    if request.kind is Kind.SUGGEST_GOAL and request.goals:
        tools = (*tools, "goal_progress")
    calls = [
        Call(tool=tool, args=_args(request, tool, place)) for tool in tools for place in places
    ]
    return [call for place, call in enumerate(calls) if call not in calls[:place]]


def _outlook_calls(request: Request) -> list[Call]:
    """Return, per goal on followers, the call for their level and for that of its due date."""
    calls: list[Call] = []
    for goal in request.goals:
        place = {"platform": goal.platform} if goal.platform else {}
        about = {"metric": Metric.FOLLOWERS.value} | place
        calls.append(Call(tool="get_metrics", args=about | _period(request)))
        if goal.due_date:
            until = {"until": goal.due_date.isoformat()}
            calls.append(Call(tool="forecast_metric", args=about | until))
    return [call for place, call in enumerate(calls) if call not in calls[:place]]


def _period(request: Request) -> dict[str, Any]:
    if request.span is None:
        return {}
    return {"start": request.span.start.isoformat(), "end": request.span.end.isoformat()}


def _args(request: Request, tool: str, place: dict[str, Any]) -> dict[str, Any]:
    args: dict[str, Any] = {}
    if tool not in _WITHOUT_PERIOD:
        args |= _period(request)
    if tool not in _WITHOUT_PLACE:
        args |= place
        if request.account and tool not in _WITHOUT_ACCOUNT:
            args |= {"account": request.account}
    known = dict(request.options)
    return args | {name: known[name] for name in _OPTIONS.get(tool, ()) if name in known}
