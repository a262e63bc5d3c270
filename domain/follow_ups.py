"""Questions that lead on from an answer: about the same platform and days, from what else is known.

They are chosen from the questions that the creator's data have an answer to, by what the answer
looked at. What was asked or answered already is not suggested again. After goals that would fit
come first the sentences that set them.
"""

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from domain.analytics.growth import Period
from domain.approvals import Part
from domain.suggestions import Reason, Suggestion, list_questions
from storage.models import Goal, Metric

MAX_FOLLOW_UPS = 3
# Of fewer or more days there is little to say about what changed and which posts did best.
DAYS = range(7, 367)

_OF_GOALS: tuple[Reason, ...] = ("outlook", "growth", "best_form")
# What each tool has answered, then what leads on from it, the nearest first.
LEADS: Mapping[str, tuple[Reason | None, tuple[Reason, ...]]] = {
    "get_metrics": (None, ("change", "top_post", "growth")),
    "growth_summary": (None, ("growth", "top_post", "outlook", "change")),
    "compare_platforms": ("growth", ("outlook", "top_post", "change")),
    "compare_periods": ("change", ("top_post", "growth", "outlook")),
    "find_unusual_days": (None, ("top_post", "change", "growth")),
    "find_trends": (None, ("outlook", "goal", "top_post")),
    "forecast_metric": ("outlook", ("goal", "change", "best_form")),
    "engagement_rates": (None, ("best_form", "top_post", "best_time")),
    "concentration": (None, ("growth", "best_form", "top_post")),
    "top_content": ("top_post", ("best_form", "best_time", "plan")),
    "format_performance": ("best_form", ("best_time", "plan", "top_post")),
    "best_times": ("best_time", ("best_form", "plan", "top_post")),
    "topic_performance": (None, ("best_form", "best_time", "top_post")),
    "get_audience": (None, ("best_form", "best_time", "top_post")),
    "list_goals": (None, ("goal", *_OF_GOALS)),
    "goal_progress": ("goal", _OF_GOALS),
    "suggest_goal": (None, _OF_GOALS),
    "create_goal": ("goal", _OF_GOALS),
    "update_goal": ("goal", _OF_GOALS),
}


async def suggest_follow_ups(
    session: AsyncSession,
    parts: Sequence[Part],
    asked: Iterable[str],
    goals: Sequence[Goal],
    *,
    today: dt.date,
    timezone: str,
) -> list[Suggestion]:
    """Return at most three questions after an answer of these parts.

    `asked` are the questions of the conversation so far, `goals` the active ones. After an answer
    that looked at nothing there are none.
    """
    calls = [part for part in parts if part.get("state") == "output-available"]
    led = [LEADS[call["toolName"]] for call in calls if call["toolName"] in LEADS]
    if not led:
        return []
    platform = _only(_inputs(calls, "platform"))
    found = await list_questions(
        session,
        goals,
        today=today,
        timezone=timezone,
        period=_period(calls, today),
        platform=platform,
    )
    if platform:
        found += await list_questions(session, goals, today=today, timezone=timezone)
    answered = {reason for reason, _ in led}
    known = {_plain(question) for question in asked}
    chosen: dict[Reason, Suggestion] = {}
    for each in found:
        if each.reason not in answered and _plain(each.question) not in known:
            chosen.setdefault(each.reason, each)
    offers = [each for each in _offers(calls, today) if _plain(each.question) not in known]
    near = [chosen[reason] for _, reasons in led for reason in reasons if reason in chosen]
    others = {each.reason: each for each in (*near, *chosen.values())}
    return [*offers, *others.values()][:MAX_FOLLOW_UPS]


def _offers(calls: Iterable[Part], today: dt.date) -> Iterator[Suggestion]:
    """Yield the sentences that set the goals that were suggested."""
    outputs = [call["output"] for call in calls if call["toolName"] == "suggest_goal"]
    for row in (row for output in outputs for row in output.get("rows", ())):
        if sentence := row.get("sentence"):
            yield Suggestion(
                question=sentence,
                agent="goal_tracker",
                reason="goal",
                metric=Metric(row["metric"]),
                platform=row["platform"],
                start=today,
                end=dt.date.fromisoformat(row["due_date"]),
            )


def _period(calls: Sequence[Part], today: dt.date) -> Period | None:
    """Return the days that all calls looked at, if much can be said about them."""
    start, end = _only(_inputs(calls, "start")), _only(_inputs(calls, "end"))
    try:
        first, last = dt.date.fromisoformat(str(start)), dt.date.fromisoformat(str(end))
    except ValueError:
        return None
    is_whole = first <= last < today and (last - first).days + 1 in DAYS
    return Period(start=first, end=last) if is_whole else None


def _inputs(calls: Iterable[Part], name: str) -> Iterator[Any]:
    for call in calls:
        arguments = call.get("input")
        yield arguments.get(name) if isinstance(arguments, dict) else None


def _only(values: Iterable[Any]) -> Any:
    """Return the one value that all have, or null."""
    first, *others = values
    return first if all(other == first for other in others) else None


def _plain(question: str) -> str:
    return " ".join(question.split()).casefold().rstrip("?")
