"""The numbers to watch, and a week's work."""

from typing import Any

from agents.plans.payload import Payload
from domain.metrics import MEANINGS
from domain.plans.evidence import MetricEvidence
from domain.plans.plan import WEEKDAYS
from storage.models import Metric
from tools.figures import PLATFORM_NAMES

MAX_METRICS = 5
STEP_MINUTES = 5
LEAST_MINUTES = 15
# Weekday, share of the time, and what it is for.
STEPS = (
    (0, 0.15, "Look at last week's numbers, choose what to make, write the hooks."),
    (1, 0.25, "Make the posts of the coming days in one go."),
    (2, 0.15, "Edit, write the captions, put the posts into the queue."),
    (3, 0.15, "Publish, then stay and answer the comments."),
    (4, 0.1, "Answer comments and messages; note down what people ask."),
    (5, 0.1, "Collect raw material of the day, without a plan."),
    (6, 0.1, "Write down what worked, and give the rest of the day to yourself."),
)


def write_metrics(payload: Payload) -> list[dict[str, Any]]:
    """Return followers first, then what people do with the posts."""
    ranked = sorted(payload.evidence.metrics, key=lambda each: each.metric != Metric.FOLLOWERS)
    chosen = [
        {
            "metric": each.metric,
            "platform": each.platform.value,
            "why": _reason(each),
            "figure": each.figure,
        }
        for each in ranked[:MAX_METRICS]
    ]
    if chosen:
        return chosen
    return [
        {
            "metric": Metric.ENGAGEMENT.value,
            "platform": platform.value,
            "why": (
                f"No numbers of {PLATFORM_NAMES[platform]} are stored yet. Connect or import "
                "them, then watch how many people react, week by week."
            ),
        }
        for platform in payload.request.platforms
    ]


def write_routine(payload: Payload) -> list[dict[str, Any]]:
    """Return the week's work; with little time its steps fall on fewer days."""
    minutes = 60 * int(payload.request.form.get("hours_per_week", 5))
    steps = [
        {
            "weekday": WEEKDAYS[weekday],
            "minutes": min(int(minutes * share) // STEP_MINUTES * STEP_MINUTES, 600),
            "task": task,
        }
        for weekday, share, task in STEPS
    ]
    worth = [step for step in steps if int(str(step["minutes"])) >= LEAST_MINUTES]
    if len(worth) > 2:  # noqa: PLR2004  # fewer are no routine
        return worth
    half = max(minutes // 2 // STEP_MINUTES * STEP_MINUTES, STEP_MINUTES)
    return [
        {"weekday": WEEKDAYS[0], "minutes": half, "task": f"{STEPS[0][2]} {STEPS[1][2]}"},
        {"weekday": WEEKDAYS[3], "minutes": half, "task": f"{STEPS[2][2]} {STEPS[3][2]}"},
    ]


def _reason(each: MetricEvidence) -> str:
    name = PLATFORM_NAMES[each.platform]
    if each.metric == Metric.FOLLOWERS:
        changed = f", a change of {{{{{each.change}}}}} in four weeks" if each.change else ""
        return f"{{{{{each.figure}}}}} people follow you on {name}{changed}."
    label = MEANINGS[Metric(each.metric)].label
    return f"{{{{{each.figure}}}}} {label} on {name} in the last four weeks: what your posts do."
