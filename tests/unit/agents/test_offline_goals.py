"""Goals: what agents without the goal tracker's tools can tell, and how targets are moved."""

import pytest
from langchain_core.messages import AIMessage, AnyMessage, HumanMessage

from agents.career import CAREER
from agents.catalog import AGENTS
from agents.offline.answers.answer import write_failure
from agents.offline.model import OfflineChatModel
from domain.figures import Figure
from tests.evals.agent_questions import GOALS
from tests.evals.test_agent_questions import ask
from tests.offline_conversation import Answers, answered, calls, creator, system
from tools.results import ToolResult

PERIOD = {"start": "2026-10-24", "end": "2026-11-20"}


def figure(name: str, value: float, label: str) -> Figure:
    return Figure(
        id=name,
        label=label,
        value=value,
        metric="followers",
        platform="instagram",
        start="2026-11-20",
        end="2027-01-01",
        observations=28,
    )


def career(question: str, answers: Answers = ()) -> AIMessage:
    """Return what the career agent says, having been answered by its tools."""
    messages: list[AnyMessage] = [
        system(creator() | {"goals": GOALS[:1]}),
        HumanMessage(question),
        *(answered(answers) if answers else ()),
    ]
    return OfflineChatModel().bind_tools(list(CAREER.tools)).invoke(messages)


def test_the_career_agent_looks_up_where_goals_are_heading() -> None:
    message = career("How are my goals going?")
    about = {"metric": "followers", "platform": "instagram"}
    assert calls(message) == [
        ("get_metrics", about | PERIOD),
        ("forecast_metric", about | {"until": "2027-01-01"}),
    ]


@pytest.mark.parametrize(
    ("low", "high", "verdict"),
    [
        (25_100, 25_900, "likely to reach it"),
        (24_000, 24_900, "likely to miss it"),
        (24_800, 25_200, "can go either way"),
    ],
)
def test_it_says_whether_the_forecast_is_enough_and_who_knows_more(
    low: int, high: int, verdict: str
) -> None:
    level = ToolResult(figures=[figure("f1", 24_133, "followers")])
    expected = [figure("f2", (low + high) / 2, "forecast"), figure("f3", low, "low")]
    expected.append(figure("f4", high, "high"))
    forecast = ToolResult(
        figures=expected,
        rows=[{"kind": "level", "figures": [each.id for each in expected]}],
    )
    about = {"metric": "followers", "platform": "instagram"}
    text = career(
        "am I on track for 25k?",
        [
            ("get_metrics", about | PERIOD, level),
            ("forecast_metric", about | {"until": "2027-01-01"}, forecast),
        ],
    ).text
    assert "24,133" in text
    assert "1 January 2027" in text
    assert verdict in text
    assert "goal tracker" in text


@pytest.mark.parametrize(
    "question", ["set a goal of 30k followers", "which goals did I miss? archive them"]
)
def test_setting_and_changing_goals_is_left_to_the_goal_tracker(question: str) -> None:
    message = career(question)
    assert not calls(message)
    assert "goal tracker" in message.text


@pytest.mark.parametrize(
    ("question", "change"),
    [
        ("lower my youtube goal by 500", {"target_value": 9_500}),
        ("raise the youtube goal by 10%", {"target_value": 11_000}),
        ("double the youtube goal", {"target_value": 20_000}),
        ("extend the youtube goal by two weeks", {"due_date": "2027-02-02"}),
        ("shorten the youtube deadline by a week", {"due_date": "2027-01-12"}),
        ("drop my 10k subs goal", {"status": "archived"}),
    ],
)
def test_a_goal_is_changed_by_how_much(question: str, change: dict[str, object]) -> None:
    found = ask({"agent": "goal_tracker", "question": question})
    assert found == [{"tool": "update_goal", "args": {"goal_id": GOALS[1]["id"]} | change}]


@pytest.mark.parametrize(
    "error",
    [
        "No comments of the last 31 days are known there, so progress could not be told.",
        "There are 50 active goals already: archive one first.",
        "At most 1100 days at once; got 3650.",
    ],
)
def test_what_a_tool_refuses_is_told_without_numbers_that_have_no_source(error: str) -> None:
    assert not any(letter.isdigit() for letter in write_failure([error]))


@pytest.mark.parametrize("agent", [name for name in AGENTS if name != "goal_tracker"])
def test_who_cannot_suggest_a_goal_says_who_can(agent: str) -> None:
    model = OfflineChatModel().bind_tools(list(AGENTS[agent].tools))
    message = model.invoke([system(creator()), HumanMessage("Which goal would fit my pace?")])
    assert message.text == (
        "That is for the goal tracker: choose it as the agent, or “Auto”, and ask again."
    )


def test_a_goal_that_names_no_number_gets_one_suggested_for_its_day() -> None:
    row = {"agent": "goal_tracker", "question": "Set a follower goal for 1 May"}
    assert ask(row)[0] == {"tool": "suggest_goal", "args": {"due_date": "2027-05-01"}}


def test_a_day_too_far_ahead_is_not_asked_for_and_that_is_said() -> None:
    model = OfflineChatModel().bind_tools(list(AGENTS["goal_tracker"].tools))
    messages: list[AnyMessage] = [system(creator()), HumanMessage("Suggest a goal for 2028")]
    asked = model.invoke(messages)
    assert calls(asked) == [("suggest_goal", {"due_date": "2027-05-19"})]
    [(name, args)] = calls(asked)
    messages += answered([(name, args, ToolResult())])
    assert "I look ahead to 19 May 2027 at most." in model.invoke(messages).text
