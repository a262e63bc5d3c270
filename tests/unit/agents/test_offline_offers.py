"""What the offline model offers to say, in quotes, works when it is said."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from langchain_core.messages import AIMessage, AnyMessage, HumanMessage

from agents.catalog import AGENTS
from agents.offline import questions
from agents.offline.model import OfflineChatModel
from tests.evals.agent_questions import GOALS
from tests.evals.test_agent_questions import route
from tests.offline_conversation import creator, system

FOLDER = Path(questions.__file__).parents[1]
FOLDERS = ("answers", "questions", "requests", "dates")
QUOTED = re.compile(r"“(\w[^”{}…]+)”")
# Names, and parts of a question: "such as “last month”".
PARTS = {
    *("Auto", "monthly listeners", "Why?", "and on YouTube?", "and in June?", "last month", "help"),
    *("since June", "since 1 June", "between 5 May and 20 May", "from 1 June to 31 August"),
}
# What has to be asked before.
BEFORE = {
    "Drop the Spotify posts": "How far is my plan?",
    "Move the post of 3 December to 5 December": "How far is my plan?",
}


def offers() -> set[str]:
    """Return what stands in quotes in the texts of the model, but not in its docstrings."""
    files = [path for folder in FOLDERS for path in (FOLDER / folder).glob("*.py")]
    texts = {text for path in files for text in _texts(ast.parse(path.read_text()))}
    return {quote for text in texts for quote in QUOTED.findall(text)} - PARTS


def _texts(tree: ast.AST) -> Iterator[str]:
    """Yield all strings; what is filled into one is left out, and what is around it by itself."""
    documented = ast.Module | ast.ClassDef | ast.FunctionDef
    docstrings = {
        ast.get_docstring(n, clean=False) for n in ast.walk(tree) if isinstance(n, documented)
    }
    constants = (node.value for node in ast.walk(tree) if isinstance(node, ast.Constant))
    yield from (text for text in constants if isinstance(text, str) and text not in docstrings)


def calls_of(question: str) -> list[str]:
    """Return the tools that the right agent calls for a question."""
    before = [BEFORE[question]] if question in BEFORE else []
    asked = {"question": question, "before": before, "before_agents": ["planner"] * len(before)}
    messages: list[AnyMessage] = [system(creator() | {"goals": GOALS})]
    for text in before:
        messages += [HumanMessage(text), AIMessage("An answer.")]
    model = OfflineChatModel().bind_tools(list(AGENTS[route(asked)].tools))
    reply = model.invoke([*messages, HumanMessage(question)])
    return [call["name"] for call in reply.tool_calls]


def test_offers_are_found() -> None:
    assert {"Which goal would fit my pace?", "Compare my platforms this year"} <= offers()


@pytest.mark.parametrize("question", sorted(offers()))
def test_what_is_offered_can_be_said(question: str) -> None:
    assert calls_of(question)
