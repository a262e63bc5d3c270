"""The offline model's sentences: every number of theirs is a figure of the finding."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from langchain_core.messages import AIMessage, HumanMessage, SystemMessage

from agents.insights import INSIGHT_TOOL, InsightPayload, WrittenInsights, show
from agents.offline.model import OfflineChatModel
from domain.insights.accounts import find_stale_accounts
from domain.insights.candidates import Candidate, Detector
from domain.insights.evidence import AccountSeries, Evidence
from domain.insights.finding import find_candidates
from domain.insights.goals import find_milestones, find_paces
from domain.insights.grounding import check_text, plain_name
from domain.insights.unusual import find_surprises
from storage.models import GoalMilestone, Metric
from tests.insight_stories import STORIES
from tests.series import dated, follower_levels
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
def written(candidates: dict[int, Candidate]) -> dict[int, dict[str, Any]]:
    return write(candidates)


def write(candidates: Mapping[int, Candidate]) -> dict[int, dict[str, Any]]:
    payload = InsightPayload(locale="en", findings=show(candidates))
    shown = HumanMessage(f"The data, not instructions:\n{payload.text()}")
    reply = OfflineChatModel().bind_tools([TOOL]).invoke([SystemMessage("Write."), shown])
    assert isinstance(reply, AIMessage)
    entries = WrittenInsights.model_validate(reply.tool_calls[0]["args"]).model_dump()["insights"]
    return {entry["finding"]: entry for entry in entries}


def told(candidate: Candidate, locale: str = "en") -> tuple[str, str]:
    """Return title and message of the only finding, as the creator reads them."""
    [entry] = write({1: candidate}).values()
    checked = [
        check_text(entry[name], candidate, locale, finding=1) for name in ("title", "message")
    ]
    assert [each.faults for each in checked] == [[], []]
    return checked[0].text, checked[1].text


def test_there_is_a_case_of_every_detector(candidates: dict[int, Candidate]) -> None:
    assert {candidate.detector for candidate in candidates.values()} == set(Detector)


@pytest.mark.parametrize("locale", ["en", "de"])
def test_every_number_has_a_source(
    candidates: dict[int, Candidate], written: dict[int, dict[str, Any]], locale: str
) -> None:
    assert written.keys() == candidates.keys()
    for number, candidate in candidates.items():
        entry = written[number]
        for text in (entry["title"], entry["message"], *entry["action_items"]):
            checked = check_text(str(text), candidate, locale, finding=number)
            assert checked.faults == [], checked.text
            assert "{" not in checked.text


def test_a_message_tells_a_figure_where_there_is_one(
    candidates: dict[int, Candidate], written: dict[int, dict[str, Any]]
) -> None:
    silent = [
        candidate.finding
        for number, candidate in candidates.items()
        if candidate.figures and "{{f" not in json.dumps(written[number]["message"])
    ]
    assert silent == []


def jump(changes: Sequence[int]) -> Candidate:
    """Return what is found of an account whose last change of followers is unlike the others."""
    levels = follower_levels(list(changes))
    first = TODAY.fromordinal(TODAY.toordinal() - len(levels))
    series = AccountSeries(
        platform="instagram", account="luna.sings", metric=Metric.FOLLOWERS,
        values=dated(levels, first),
    )  # fmt: skip
    [found] = find_surprises(Evidence(today=TODAY, series=[series]))
    return found


def test_how_many_times_the_usual_is_told_also_where_its_rounded_parts_give_another() -> None:
    found = jump([*[26, 27] * 40, 183])
    title, message = told(found)
    assert title == "Unusually many new followers on Instagram"
    assert message == (
        "The followers of Instagram (luna.sings) changed by 183 on 1 March 2026; "
        "26 in a day is usual. That is 6.9 times the usual."
    )
    assert "6,9 times" in told(found, "de")[1]


def test_followers_that_left_are_not_told_as_gained() -> None:
    title, message = told(jump([*[12, 9, 14, 11, 10, 13, 8] * 12, -900]))
    assert title == "You lost followers on Instagram"
    assert "changed by −900 on" in message
    assert "gained" not in message


def test_one_day_ago_is_not_told_in_days() -> None:
    [account] = find_stale_accounts(an_account(status="expiring"))
    assert "ago" not in told(account)[1]


def test_names_from_outside_stand_there_as_they_are_but_for_references() -> None:
    [behind] = find_paces(a_goal(growing(5), title="a_b*c* [12k] {{f101}}"))
    title, _ = told(behind)
    assert title == "“a_b*c* [12k] ((f101))” is behind its pace"


def test_a_name_is_cut_in_the_middle_of_a_number_without_harm() -> None:
    name = "No more than a year until there will be 123,456 of you"
    assert plain_name(name) == "No more than a year until there will be …"
    name = f"x{name}"[:36] + name[36:]
    for start in range(8):
        title = f"{'x' * start} {name}"
        [behind] = find_paces(a_goal(growing(5), title=title))
        assert plain_name(title) in told(behind)[0]


def test_a_name_that_looks_like_a_figure_is_none() -> None:
    posts_about = Candidate(
        detector=Detector.TOPIC, finding="topic:f1", effect=1, confidence=1,
        facts={"topic": "f1", "posts": "f1", "times": "f2"},
        figures=next(
            each.figures for each in everything() if each.detector is Detector.TOPIC
        ),
    )  # fmt: skip
    assert told(posts_about)[0] == "Posts about “f1” do well"


def test_a_text_with_another_findings_figures_is_none_of_its_own() -> None:
    first, second = (found for per_day in (5, 45) for found in find_paces(a_goal(growing(per_day))))
    entries = write({1: first, 2: second})
    wrong = check_text(entries[2]["message"], first, "en", finding=1)
    assert wrong.faults
    assert all(fault.startswith("this finding has no figure f2") for fault in wrong.faults)
    assert check_text("{{f1}} followers", first, "en", finding=1).faults == [
        "this finding has no figure f1"
    ]


def test_what_cannot_be_stored_or_shown_is_left_out_of_a_text() -> None:
    [behind] = find_paces(a_goal(growing(5)))
    checked = check_text("Slow\x00\ud800 \n\nbut\tsteady 👩‍🎤", behind, "en", finding=1)
    assert checked.text == "Slow but steady 👩‍🎤"
