"""Goals, pillars and weekly themes."""

from typing import Any

from agents.offline.plans.angles import THEMES
from agents.offline.plans.drafts import family_of
from agents.offline.plans.subjects import build_pillars, is_customary
from agents.offline.plans.words import capital, plain
from agents.plans.payload import Payload
from domain.plans.evidence import GoalEvidence
from storage.models import Platform
from tools.figures import PLATFORM_NAMES

MAX_GOALS = 4
MAX_TITLE = 200
MAX_QUOTED = 300


def write_goals(payload: Payload) -> list[dict[str, Any]]:
    """Return what was asked for, and the creator's own goals with where they stand."""
    request = payload.request
    platforms = " and ".join(PLATFORM_NAMES[each] for each in request.platforms[:2])
    asked: dict[str, Any] = {
        "title": plain(request.goal, MAX_TITLE) or "What you asked for",
        "why": f"What you asked for. The plan works on it with regular posts on {platforms}.",
    }
    known = _about(payload.evidence.goals, request.platforms)
    if len(request.platforms) > 2:  # noqa: PLR2004  # more would be a list
        asked["why"] = "What you asked for. The plan works on it on every platform you named."
    if audience := request.form.get("audience"):
        asked["why"] += f" You want to reach: {plain(audience, MAX_QUOTED)}."
    return [asked, *_obstacle(payload), *(_goal(goal) for goal in known[: MAX_GOALS - 1])]


def write_pillars(payload: Payload) -> list[dict[str, Any]]:
    """Return what the posts are about."""
    return [pillar.model_dump(mode="json") for pillar in build_pillars(payload)]


def write_weeks(payload: Payload) -> list[dict[str, Any]]:
    """Return a theme for each week: the pillars take turns, and so does what is told of them."""
    pillars = build_pillars(payload)
    weeks = []
    for load in payload.weeks:
        pillar = pillars[(load.number - 1) % len(pillars)]
        themes = THEMES[family_of(load.number)]
        theme = themes[(load.number - 1) // len(THEMES) % len(themes)]
        told = capital(theme) if is_customary(pillar) else f"{pillar.name}: {theme}"
        weeks.append({"week": load.number, "theme": told, "pillar": pillar.name})
    return weeks


def _about(goals: list[GoalEvidence], platforms: list[Platform]) -> list[GoalEvidence]:
    return [goal for goal in goals if goal.platform is None or goal.platform in platforms]


def _obstacle(payload: Payload) -> list[dict[str, Any]]:
    """Return what the creator says is in the way, and what the plan has against it."""
    challenges = payload.request.form.get("challenges")
    if not challenges:
        return []
    why = (
        f"You say: “{plain(challenges, MAX_QUOTED)}”. So every post here has its day, its first "
        "words and a draft, and the routine below has a time for each step."
    )
    return [{"title": "Get past what holds you back", "why": why}]


def _goal(goal: GoalEvidence) -> dict[str, Any]:
    title = plain(goal.title, MAX_TITLE)
    if goal.current is None or goal.left is None:
        return {"title": title, "why": "Nothing is known of it yet."}
    due = f" until {goal.due.day} {goal.due:%B %Y}" if goal.due else ""
    said = f"Now {{{{{goal.current}}}}}, {{{{{goal.left}}}}} to go{due}."
    if goal.pace and goal.needed:
        said += f" Recent pace {{{{{goal.pace}}}}} a day, needed {{{{{goal.needed}}}}}."
    match goal.is_on_track:
        case True:
            said += " You are on track: keep the rhythm."
        case False:
            said += " At this pace it will be missed: the plan leans on what does best."
    return {"title": title, "why": said, "figure": goal.left}
