"""Whole plans with the offline model: what is asked for, what is missing, and what is changed."""

from typing import Any

import pytest
from langchain_core.messages import AIMessage, AnyMessage, HumanMessage

from agents.career import CAREER
from agents.offline.model import OfflineChatModel
from agents.planner import PLANNER
from domain.figures import Figure
from tests.evals.test_agent_questions import route
from tests.offline_conversation import TODAY, Answers, answered, calls, creator, system
from tools.results import ToolResult

WHOLE = {
    "kind": "content_calendar",
    "goal": "more followers",
    "platforms": ["instagram", "youtube"],
    "posts_per_week": 4,
    "start": "2026-12-01",
    "end": "2026-12-31",
}
BEGUN = "make me a content plan for December, goal: more followers"


def planner(*texts: str, answers: Answers = ()) -> AIMessage:
    """Return what the planner says to the last text, having been asked those before."""
    messages: list[AnyMessage] = [system(creator())]
    for text in texts[:-1]:
        messages += [HumanMessage(text), AIMessage("An answer.")]
    messages += [HumanMessage(texts[-1]), *(answered(answers) if answers else ())]
    return OfflineChatModel().bind_tools(list(PLANNER.tools)).invoke(messages)


def change(*texts: str) -> Any:
    [(tool, args)] = calls(planner(*texts))
    assert tool == "revise_plan"
    [one] = args["changes"]
    return one


# --- asked for ---


@pytest.mark.parametrize(
    "texts",
    [
        (f"{BEGUN}, for Instagram and YouTube, 4 posts a week",),
        ("content plan: December, Instagram and YouTube, 4 posts a week, goal: more followers",),
        ("goal: more followers. A content calendar for december, insta and yt, 4 times a week!",),
        (BEGUN, "Instagram and YouTube, 4 posts a week"),
        (BEGUN, "Instagram and YouTube", "4"),
        (
            "I need a full content plan",
            "from 1 to 31 December on instagram and youtube",
            "4 posts a week",
            "more followers",
        ),
    ],
)
def test_a_plan_is_asked_for_when_all_is_said_however_many_messages_it_took(
    texts: tuple[str, ...],
) -> None:
    assert calls(planner(*texts)) == [("create_plan_job", WHOLE)]


@pytest.mark.parametrize(
    ("texts", "question"),
    [
        ((BEGUN,), "on which platforms and how many posts a week?"),
        ((BEGUN, "youtube"), "how many posts a week?"),
        (
            ("a full content plan for january",),
            "what is it to bring you, on which platforms and how many posts a week?",
        ),
        (
            ("a content plan for december on instagram, 3 posts a week",),
            "what is it to bring you?",
        ),
    ],
)
def test_what_is_missing_is_asked_for_in_one_question(
    texts: tuple[str, ...], question: str
) -> None:
    said = planner(*texts)
    assert calls(said) == []
    assert said.text == f"Before I start on the plan: {question}"


@pytest.mark.parametrize(
    ("words", "start", "end"),
    [
        ("next month", "2026-12-01", "2026-12-31"),
        ("next week", "2026-11-23", "2026-11-29"),
        ("january and february", "2027-01-01", "2027-02-28"),
        ("the first half of december", "2026-12-01", "2026-12-15"),
        ("december 7 to 13", "2026-12-07", "2026-12-13"),
        ("2026-12-24 to 2027-01-06", "2026-12-24", "2027-01-06"),
        ("24 december to 6 january", "2026-12-24", "2027-01-06"),
        ("the next 6 weeks", "2026-11-21", "2027-01-01"),
        ("the rest of the year", "2026-11-21", "2026-12-31"),
        ("november", "2026-11-21", "2026-11-30"),
    ],
)
def test_the_days_of_a_plan_lie_ahead(words: str, start: str, end: str) -> None:
    asked = f"a content plan for {words} on instagram, daily, goal: be heard"
    [(_, args)] = calls(planner(asked))
    assert (args["start"], args["end"], args["posts_per_week"]) == (start, end, 7)
    assert args["start"] > str(TODAY)


def test_a_platform_that_is_not_connected_is_said_before_anything_is_asked_for() -> None:
    messages = [
        system(creator([("instagram", "luna")])),
        HumanMessage("a content plan for december on youtube, 2 posts a week, goal: be heard"),
    ]
    said = OfflineChatModel().bind_tools(list(PLANNER.tools)).invoke(messages)
    assert said.text.startswith("YouTube is not connected")


def test_a_plan_in_words_still_comes_at_once() -> None:
    tools = {tool for tool, _ in calls(planner("make me a content plan for December on Instagram"))}
    assert tools == {"best_times", "format_performance", "topic_performance"}


# --- followed and changed ---


@pytest.mark.parametrize(
    "texts",
    [
        ("how far is my plan?",),
        ("Is my content plan ready yet?",),
        ("status of the plan",),
        (BEGUN, "instagram, 3 posts a week", "is it done?"),
    ],
)
def test_how_far_a_plan_is_can_be_asked(texts: tuple[str, ...]) -> None:
    assert calls(planner(*texts)) == [("get_job_status", {})]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        (
            "move the post of Dec 3 to Dec 5",
            {"do": "move_post", "post": {"date": "2026-12-03"}, "to_date": "2026-12-05"},
        ),
        (
            "Move Tuesday's reel to Thursday at 6pm",
            {
                "do": "move_post",
                "post": {"weekday": "Tuesday", "format": "reel"},
                "to_weekday": "Thursday",
                "to_time": "18:00",
            },
        ),
        (
            "can you move the Instagram post of 3 December to YouTube?",
            {
                "do": "move_post",
                "post": {"date": "2026-12-03", "platform": "instagram"},
                "to_platform": "youtube",
            },
        ),
        ("rename the plan to “Calm December”", {"do": "rename", "title": "Calm December"}),
        ("call my plan Winter songs", {"do": "rename", "title": "Winter songs"}),
        ("drop the Spotify posts", {"do": "remove_posts", "posts": {"platform": "spotify"}}),
        (
            "remove all reels of week 2",
            {"do": "remove_posts", "posts": {"week": 2, "format": "reel"}},
        ),
        ("only 3 posts a week", {"do": "set_load", "posts_per_week": 3}),
        ("shift the whole plan by 3 days", {"do": "shift_plan", "days": 3}),
        ("start the plan one week earlier", {"do": "shift_plan", "days": -7}),
    ],
)
def test_changes_are_understood(text: str, wanted: dict[str, Any]) -> None:
    assert change(text) == wanted


def test_it_is_the_plan_that_was_talked_of() -> None:
    assert change("how far is my plan?", "rename it to Songs") == {"do": "rename", "title": "Songs"}


@pytest.mark.parametrize("text", ["drop all posts", "move the post to Friday"])
def test_posts_that_could_be_any_are_asked_back(text: str) -> None:
    said = planner(text)
    assert calls(said) == []
    assert said.text.startswith("Which posts do you mean?")


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ({"status": "queued"}, "Your plan is waiting for its turn"),
        (
            {"status": "running", "message": "Writing your posts. Week 3 of 5.", "figures": ["f1"]},
            "Your plan is **40%** done. Writing your posts.",
        ),
        ({"status": "failed", "message": "The period is over."}, "The period is over."),
        ({"status": "completed"}, "Your plan was made, and deleted since."),
    ],
)
def test_the_status_is_told_in_words(row: dict[str, Any], told: str) -> None:
    progress = Figure(
        id="f1", label="progress of the plan", value=40, unit="percent", metric="progress",
        start=TODAY, end=TODAY, observations=1,
    )  # fmt: skip
    result = ToolResult(rows=[{"job_id": "x", **row}], figures=[progress])
    said = planner("how far is my plan?", answers=[("get_job_status", {}, result)])
    assert told in said.text


def test_other_agents_point_to_the_planner() -> None:
    messages = [system(creator()), HumanMessage("is my plan ready?")]
    said = OfflineChatModel().bind_tools(list(CAREER.tools)).invoke(messages)
    assert "planner" in said.text


@pytest.mark.parametrize(
    ("text", "before"),
    [
        (BEGUN, None),
        ("how far is my plan?", None),
        ("drop the Spotify posts", None),
        ("move the post of Dec 3 to Dec 5", "career"),
        ("goal: more followers", "planner"),
        ("Instagram and YouTube, 4 posts a week", "planner"),
        ("is it ready?", "planner"),
    ],
)
def test_auto_leads_to_the_planner(text: str, before: str | None) -> None:
    row = {"question": text, "before_agents": [before] if before else []}
    assert route(row) == "planner"
