"""From a request and what its tools returned to the answer in Markdown."""

from collections.abc import Callable

from agents.offline.answers.answer import write_failure
from agents.offline.answers.audience import write_audience
from agents.offline.answers.content import (
    write_drafts,
    write_forms,
    write_rates,
    write_saved_draft,
    write_times,
    write_top_content,
    write_topics,
)
from agents.offline.answers.goal_suggestions import write_suggestions
from agents.offline.answers.goals import (
    is_declined,
    write_changed_goal,
    write_goals,
    write_progress,
)
from agents.offline.answers.insights import write_insights
from agents.offline.answers.outlook import write_outlook
from agents.offline.answers.plan import write_plan
from agents.offline.answers.plan_jobs import (
    write_created_plan,
    write_plan_failure,
    write_plan_status,
    write_revised_plan,
)
from agents.offline.answers.results import Answered, Results
from agents.offline.answers.rows import shown
from agents.offline.answers.trends import (
    write_concentration,
    write_forecast,
    write_next_steps,
    write_periods,
    write_trends,
)
from agents.offline.answers.wording import escape, span_text, table
from agents.offline.creator import Creator
from agents.offline.requests.request import PLAN_JOB_KINDS, Kind, Request

# Notes that the sentences of an answer have said already.
_SAID = (
    "clearly does better",
    "no posts are stored",
    "can be ranked",
    "the draft is saved",
    "the goal is ",
    "no suggestion, because ",
    "there is no ",
    "the plan was deleted",
    "is known of it yet",
    "too few days are known",
    " against ",
    "trend is clear",
    "dominates",
    "nothing that stands out was found",
    ": the largest ",
    "what is missing to ",
)
MAX_NOTE = 300


def write_reply(request: Request, results: Results, creator: Creator) -> str:
    """Return the answer: what stands out first, then the figures, then what is missing."""
    if not results.answered and is_declined(results.errors):
        return "All right, nothing was changed."
    if not results.answered:
        if request.kind in PLAN_JOB_KINDS:
            return write_plan_failure(request.kind, results.errors)
        return write_failure(results.errors)
    if request.kind is Kind.PLAN:
        paragraphs = write_plan(results, creator)
    elif request.kind is Kind.GOAL_OUTLOOK:
        paragraphs = write_outlook(request, results)
    elif request.kind is Kind.SUGGEST_GOAL:
        paragraphs = write_suggestions(request, results, creator)
    elif request.kind is Kind.NEXT_STEPS:
        paragraphs = write_next_steps(results, creator)
    else:
        paragraphs = [text for each in results.answered for text in _write(request, each, creator)]
    paragraphs += [*_notes(results), *request.remarks, _hint(request)]
    return "\n\n".join(dict.fromkeys(filter(None, paragraphs)))


def _write(request: Request, answer: Answered, creator: Creator) -> list[str]:
    if write := _PLACED.get(answer.tool):
        return write(answer, creator)
    if answer.tool == "top_content":
        return write_top_content(request, answer)
    if answer.tool == "get_audience":
        return write_audience(request, answer, creator)
    if answer.tool == "list_insights":
        return write_insights(request, answer, creator)
    if answer.tool in {"create_goal", "update_goal"}:
        return write_changed_goal(request, answer)
    return _WRITERS.get(answer.tool, _figures)(answer)


def _figures(answer: Answered) -> list[str]:
    rows = [[escape(figure.label), shown(figure)] for figure in answer.result.figures]
    return [table(["What", "Value"], rows) if rows else ""]


_PLACED: dict[str, Callable[[Answered, Creator], list[str]]] = {
    "compare_periods": write_periods,
    "find_trends": write_trends,
    "forecast_metric": write_forecast,
    "concentration": write_concentration,
}
_WRITERS: dict[str, Callable[[Answered], list[str]]] = {
    "engagement_rates": write_rates,
    "format_performance": write_forms,
    "best_times": write_times,
    "topic_performance": write_topics,
    "save_draft": write_saved_draft,
    "list_drafts": write_drafts,
    "list_goals": write_goals,
    "create_plan_job": write_created_plan,
    "get_job_status": write_plan_status,
    "revise_plan": write_revised_plan,
    "goal_progress": write_progress,
}


def _notes(results: Results) -> list[str]:
    lines = [
        f"{note[:1].upper()}{note[1:]}."
        for answer in results.answered
        for note in (escape(each, limit=MAX_NOTE) for each in answer.result.notes)
        if not any(said in note for said in _SAID)
    ]
    lines += [f"One lookup failed: {escape(error)}" for error in dict.fromkeys(results.errors)]
    return [" ".join(dict.fromkeys(lines))]


def _hint(request: Request) -> str:
    if not request.is_recent or request.span is None or request.kind is Kind.PLAN:
        return ""
    return (
        f"You named no period, so I took {span_text(request.span)}; ask for any other, such as "
        "“last month” or “since June”."
    )
