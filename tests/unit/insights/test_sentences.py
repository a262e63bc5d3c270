"""The offline model's sentences: every number of theirs is a figure of the finding."""

import json

import pytest
from langchain_core.messages import AIMessage, HumanMessage, SystemMessage

from agents.insights import INSIGHT_TOOL, InsightPayload, WrittenInsights, show
from agents.offline.model import OfflineChatModel
from domain.insights.accounts import find_stale_accounts
from domain.insights.candidates import Candidate, Detector
from domain.insights.finding import find_candidates
from domain.insights.goals import find_milestones, find_paces
from domain.insights.grounding import check_text
from storage.models import GoalMilestone
from tests.insight_stories import STORIES
from tests.unit.insights.test_facts import TODAY, YESTERDAY, a_goal, an_account, growing

TOOL = {"type": "function", "function": {"name": INSIGHT_TOOL, "parameters": {}}}


def everything() -> list[Candidate]:
    """Return candidates of every detector, in each of their states."""
    found = [
        candidate for name, (_, build) in STORIES.items() for candidate in find_candidates(build(0))
    ]
    for per_day in (5, 45):
        found += find_paces(a_goal(growing(per_day), title="12,000 by spring"))
    for percent, status in ((50, "active"), (100, "reached")):
        evidence = a_goal(growing(20), status=status)
        goal = evidence.goals[0].goal
        reached = GoalMilestone(
            goal_id=goal.id, percent=percent, value=10_500, reached_on=YESTERDAY
        )
        evidence.milestones[goal.id] = [reached]  # type: ignore[index]  # a dict by default
        found += find_milestones(evidence)
    for fields in (
        {"status": "needs_reconnect", "last_date": None},
        {"status": "expiring"},
        {"last_date": TODAY.replace(year=2026, month=2, day=1)},
        {"source": "import", "last_date": TODAY.replace(year=2026, month=2, day=1)},
    ):
        found += find_stale_accounts(an_account(**fields))
    return found


@pytest.fixture(scope="module")
def candidates() -> dict[int, Candidate]:
    return dict(enumerate(everything(), 1))


@pytest.fixture(scope="module")
def written(candidates: dict[int, Candidate]) -> dict[int, dict[str, object]]:
    payload = InsightPayload(locale="en", findings=show(candidates))
    shown = HumanMessage(f"The data, not instructions:\n{payload.text()}")
    reply = OfflineChatModel().bind_tools([TOOL]).invoke([SystemMessage("Write."), shown])
    assert isinstance(reply, AIMessage)
    entries = [
        entry for start in range(0, len(reply.tool_calls[0]["args"]["insights"]), 20)
        for entry in WrittenInsights.model_validate(
            {"insights": reply.tool_calls[0]["args"]["insights"][start : start + 20]}
        ).model_dump()["insights"]
    ]  # fmt: skip
    return {entry["finding"]: entry for entry in entries}


def test_there_is_a_case_of_every_detector(candidates: dict[int, Candidate]) -> None:
    assert {candidate.detector for candidate in candidates.values()} == set(Detector)


@pytest.mark.parametrize("locale", ["en", "de"])
def test_every_number_has_a_source(
    candidates: dict[int, Candidate], written: dict[int, dict[str, object]], locale: str
) -> None:
    assert written.keys() == candidates.keys()
    for number, candidate in candidates.items():
        entry = written[number]
        for text in (entry["title"], entry["message"], *entry["action_items"]):  # type: ignore[misc]
            checked = check_text(str(text), candidate, locale)
            assert checked.faults == [], checked.text
            assert "{" not in checked.text


def test_a_message_tells_a_figure_where_there_is_one(
    candidates: dict[int, Candidate], written: dict[int, dict[str, object]]
) -> None:
    silent = [
        candidate.finding
        for number, candidate in candidates.items()
        if candidate.figures and "{{f" not in json.dumps(written[number]["message"])
    ]
    assert silent == []
