"""The offline model on questions to all agents, half of which its rules were not tuned on."""

from typing import Any

import pytest
from langchain_core.messages import AIMessage, AnyMessage, HumanMessage, SystemMessage

from agents.offline.model import OfflineChatModel
from agents.router import CHOOSE_AGENT
from tests.evals.agent_questions import GOALS, Call, Row, agent_of, is_expected, load_rows
from tests.offline_conversation import creator, system

ENOUGH = 0.95


def ask(row: Row) -> list[Call]:
    """Return the calls that the model makes when it is asked, after what was said before."""
    messages: list[AnyMessage] = [system(creator() | {"goals": GOALS})]
    for text in row.get("before", ()):
        messages += [HumanMessage(text), AIMessage("An answer.")]
    model = OfflineChatModel().bind_tools(list(agent_of(row).tools))
    reply = model.invoke([*messages, HumanMessage(row["question"])])
    return [{"tool": call["name"], "args": call["args"]} for call in reply.tool_calls]


def route(row: Row) -> Any:
    """Return the agent that the model chooses."""
    previous = (row.get("before_agents") or ["nobody yet"])[-1]
    messages: list[AnyMessage] = [SystemMessage(f"The last answer came from: {previous}.")]
    for text in row.get("before", ()):
        messages += [HumanMessage(text), AIMessage("An answer.")]
    chooser = OfflineChatModel().bind_tools(
        [{"type": "function", "function": {"name": CHOOSE_AGENT, "parameters": {}}}]
    )
    reply = chooser.invoke([*messages, HumanMessage(row["question"])])
    return reply.tool_calls[0]["args"]["agent"]


@pytest.mark.parametrize("row", load_rows("ask", "tuning"), ids=lambda row: row["id"])
def test_a_question_that_the_rules_were_written_for_needs_these_calls(row: Row) -> None:
    calls = ask(row)
    assert is_expected(row, calls), (row["question"], calls)


@pytest.mark.parametrize("row", load_rows("route", "tuning"), ids=lambda row: row["id"])
def test_a_question_that_the_rules_were_written_for_goes_to_this_agent(row: Row) -> None:
    assert route(row) in row["expected"], row["question"]


def test_questions_that_were_set_aside_are_understood() -> None:
    rows = load_rows("ask", "held_out")
    wrong = [row["question"] for row in rows if not is_expected(row, ask(row))]
    assert len(wrong) <= (1 - ENOUGH) * len(rows), wrong


def test_questions_that_were_set_aside_go_to_the_right_agent() -> None:
    rows = load_rows("route", "held_out")
    wrong = [row["question"] for row in rows if route(row) not in row["expected"]]
    assert len(wrong) <= (1 - ENOUGH) * len(rows), wrong
