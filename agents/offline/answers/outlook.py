"""Answers about where goals are heading, for agents that cannot read how far they are."""

from agents.offline.answers.places import platform_name
from agents.offline.answers.results import Answered, Results
from agents.offline.answers.rows import rows_of, shown
from agents.offline.answers.wording import date_text
from agents.offline.creator import GoalBrief
from agents.offline.requests.request import Request
from domain.figures import Figure

_TRACKER = (
    "Pace, milestones and what you need a day, the goal tracker knows: choose it as the agent, or "
    "“Auto”, and ask again."
)


def write_outlook(request: Request, results: Results) -> list[str]:
    """Return each goal's level and what is expected when it is due, and who knows more."""
    lines = [line for goal in request.goals if (line := _line(goal, results))]
    return ["\n".join(f"- {line}" for line in lines), _TRACKER]


def _line(goal: GoalBrief, results: Results) -> str:
    levels = [a for a in results.of("get_metrics") if a.args.get("platform") == goal.platform]
    if not levels:
        return ""
    # A platform's own figure comes before those of its accounts.
    level = next(iter(levels[0].result.figures), None)
    if level is None or level.value is None:
        return ""
    where = f" on {platform_name(level.platform)}" if level.platform else ""
    return f"You have **{shown(level)}** followers{where} now.{_expected(goal, results)}"


def _expected(goal: GoalBrief, results: Results) -> str:
    """Return what is expected on the due date, and whether that is enough."""
    asked = [
        answer
        for answer in results.of("forecast_metric")
        if answer.args.get("platform") == goal.platform
        and answer.args.get("until") == str(goal.due_date)
    ]
    figures = _forecast(asked[0]) if asked else []
    if not figures or goal.due_date is None or goal.target is None:
        return ""
    value, low, high = figures
    verdict = "it can go either way"
    if (low.value or 0) >= goal.target:
        verdict = "you are likely to reach it"
    elif (high.value or 0) < goal.target:
        verdict = "you are likely to miss it"
    return (
        f" Your goal is due on {date_text(goal.due_date)}: for that day I expect "
        f"**{shown(value)}**, between {shown(low)} and {shown(high)}, so {verdict}."
    )


def _forecast(answer: Answered) -> list[Figure]:
    """Return the expected value and its range; nothing where there is no forecast."""
    for row in rows_of(answer):
        figures = row.labelled_figures[:3]
        if len(figures) == len(("value", "low", "high")) and figures[0].value is not None:
            return list(figures)
    return []
