"""The numbers to watch, and a week's work."""

from collections.abc import Sequence
from typing import Any

from agents.plans.payload import Payload
from domain.analytics.metrics import MEANINGS
from domain.plans.evidence import MetricEvidence
from domain.plans.plan import WEEKDAYS
from domain.plans.weeks import WEEK
from storage.models import Metric
from tools.figures import PLATFORM_NAMES

MAX_METRICS = 5
STEP_MINUTES = 5
LEAST_MINUTES = 15
MOST_PUBLISHING = 3  # days
PREPARE = "Look at how the last posts did, choose what to make, write the hooks."
MAKE = "Make the posts of the coming days in one go."
EDIT = "Edit, write the captions, put the posts into the queue."
PUBLISH = "See the post go out, then stay and answer the comments."
LISTEN = "Answer comments and messages; note down what people ask, it makes posts."
# Days before the first post of the week, share of the time, and what it is for.
STEPS = ((3, 0.15, PREPARE), (2, 0.3, MAKE), (1, 0.2, EDIT), (-1, 0.1, LISTEN))
PUBLISHING_SHARE = 0.25


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
    """Return the week's work around the days on which posts go out."""
    minutes = 60 * int(payload.request.form.get("hours_per_week", 5))
    busiest = [WEEKDAYS.index(day) for day in payload.weekdays] or [0]
    first = _first_after_a_break(busiest)
    days = min(max(int(minutes * PUBLISHING_SHARE) // LEAST_MINUTES, 1), MOST_PUBLISHING)
    publishing = busiest[:days]
    planned = [((first - before) % WEEK, share, task) for before, share, task in STEPS]
    planned += [(day, PUBLISHING_SHARE / len(publishing), PUBLISH) for day in publishing]
    steps = [
        (weekday, min(int(minutes * share) // STEP_MINUTES * STEP_MINUTES, 600), task)
        for weekday, share, task in sorted(planned, key=lambda step: step[0])
    ]
    worth = [step for step in steps if step[1] >= LEAST_MINUTES]
    if len(worth) <= 2:  # noqa: PLR2004  # fewer are no routine
        half = max(minutes // 2 // STEP_MINUTES * STEP_MINUTES, STEP_MINUTES)
        before = (first - 1) % WEEK
        worth = sorted([(before, half, f"{PREPARE} {MAKE}"), (first, half, f"{EDIT} {PUBLISH}")])
    return [
        {"weekday": WEEKDAYS[weekday], "minutes": each, "task": task}
        for weekday, each, task in worth
    ]


def _first_after_a_break(days: Sequence[int]) -> int:
    """Return the weekday of a post with most days without any before it; the earlier of equals."""
    ordered = sorted(days)
    breaks = {
        day: (day - before - 1) % WEEK
        for before, day in zip([ordered[-1], *ordered], ordered, strict=False)
    }
    return max(ordered, key=lambda day: breaks[day])


def _reason(each: MetricEvidence) -> str:
    name = PLATFORM_NAMES[each.platform]
    if each.metric == Metric.FOLLOWERS:
        changed = f", a change of {{{{{each.change}}}}} in four weeks" if each.change else ""
        return f"{{{{{each.figure}}}}} people follow you on {name}{changed}."
    label = MEANINGS[Metric(each.metric)].label
    return f"{{{{{each.figure}}}}} {label} on {name} in the last four weeks: what your posts do."
