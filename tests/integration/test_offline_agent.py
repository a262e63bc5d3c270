"""The career agent on the offline model, over the demo creator's real numbers."""

import datetime as dt
from pathlib import Path
from typing import Any

import orjson
import pytest
from langchain_core.messages import AnyMessage, HumanMessage, ToolMessage

from agents.career import CAREER
from domain.demo import DEMO_EMAIL, seed_demo
from domain.grounding.verdict import check_numbers
from graph.conversation import ConversationGraph, build_conversation
from graph.suite import Suite
from storage.database import Database
from storage.metrics import list_coverage
from storage.models import User
from storage.users import find_user
from tools.context import RunContext

NOON = dt.datetime(2026, 11, 20, 12, tzinfo=dt.UTC)
QUESTIONS = [
    orjson.loads(line)
    for line in (Path(__file__).parents[1] / "evals" / "offline_questions.jsonl")
    .read_bytes()
    .splitlines()
]


@pytest.fixture
async def demo(database: Database) -> User:
    await seed_demo(database, lambda: NOON)
    async with database.service_session() as session:
        user = await find_user(session, DEMO_EMAIL)
    assert user is not None
    return user


@pytest.fixture
def graph(suite: Suite) -> ConversationGraph:
    return build_conversation(CAREER.name, suite.model, suite.settings)


async def run_turn(
    graph: ConversationGraph, database: Database, user: User, history: list[AnyMessage], text: str
) -> dict[str, Any]:
    async with database.user_session(user.id) as session:
        accounts = await list_coverage(session)
    context = RunContext(
        user_id=user.id,
        database=database,
        today=NOON.date(),
        timezone=user.timezone,
        locale=user.locale,
        accounts=accounts,
    )
    messages = [*history, HumanMessage(text)]
    turn = dict(await graph.ainvoke({"messages": messages}, context=context))
    said = [message.text for message in turn["messages"][len(messages) :] if message.type == "ai"]
    answer = "\n\n".join(filter(None, said))
    return turn | {"verdict": check_numbers(answer, context.figures.figures, text)}


async def test_every_question_is_answered_from_figures_that_tools_returned(
    graph: ConversationGraph, database: Database, demo: User
) -> None:
    unbacked: list[tuple[str, list[str]]] = []
    for row in QUESTIONS:
        history: list[AnyMessage] = []
        for text in (*row.get("before", ()), row["question"]):
            turn = await run_turn(graph, database, demo, history, text)
            history = turn["messages"]
        numbers = [number for number in turn["verdict"].numbers if not number.is_backed]
        if numbers:
            unbacked.append((row["question"], [number.text for number in numbers]))
        results = [message for message in history if isinstance(message, ToolMessage)]
        errors = [message.text for message in results if message.status != "success"]
        assert errors == [], row["question"]
        assert history[-1].text, row["question"]
    assert not unbacked, repr(unbacked)


async def test_a_turn_calls_tools_in_one_round(
    graph: ConversationGraph, database: Database, demo: User
) -> None:
    turn = await run_turn(graph, database, demo, [], "How did last month go?")
    kinds = [message.type for message in turn["messages"]]
    assert kinds == ["human", "ai", "tool", "tool", "tool", "tool", "ai"]
