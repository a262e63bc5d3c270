"""Questions to all agents with the calls they need, and how calls are compared with them."""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import orjson

from agents.agent import Agent
from agents.catalog import AGENTS

Row = dict[str, Any]
Call = dict[str, Any]

FILE = Path(__file__).parent / "agent_questions.jsonl"
ANY = "*"
GOALS = [
    {
        "id": "0199a7c0-0000-7000-8000-000000000001",
        "title": "25,000 followers on Instagram",
        "metric": "followers",
        "platform": "instagram",
        "target": 25_000,
        "due_date": "2027-01-01",
    },
    {
        "id": "0199a7c0-0000-7000-8000-000000000002",
        "title": "10,000 subscribers on YouTube",
        "metric": "followers",
        "platform": "youtube",
        "target": 10_000,
        "due_date": "2027-01-19",
    },
]


def load_rows(kind: str, split: str | None = None) -> list[Row]:
    """Return the questions of a kind (`ask` or `route`), of one half or of both."""
    rows = [orjson.loads(line) for line in FILE.read_bytes().splitlines()]
    return [row for row in rows if row["kind"] == kind and split in (None, row["split"])]


def agent_of(row: Row) -> Agent:
    """Return the agent that a row asks."""
    return AGENTS[row["agent"]]


def is_expected(row: Row, calls: Sequence[Call]) -> bool:
    """Tell whether these calls answer the question: all that it needs, and no others."""
    return any(_fits(calls, wanted, row) for wanted in _alternatives(row))


def _alternatives(row: Row) -> Iterator[Sequence[Call]]:
    yield from row.get("any_of") or [row["calls"]]


def _fits(calls: Sequence[Call], wanted: Sequence[Call], row: Row) -> bool:
    left = list(calls)
    for each in wanted:
        match = next((call for call in left if _is_like(call, each)), None)
        if match is None:
            return False
        left.remove(match)
    optional = row.get("optional", ())
    if not all(any(_is_like(call, each) for each in optional) for call in left):
        return False
    return bool(len(left) >= row.get("at_least", 0))


def _is_like(call: Call, wanted: Call) -> bool:
    if call["tool"] != wanted["tool"]:
        return False
    given = _without_defaults(call)
    names = given.keys() | wanted["args"].keys()
    return all(
        _is_value(given.get(name), wanted["args"].get(name), _default(call["tool"], name))
        for name in names
    )


def _is_value(given: Any, wanted: Any, default: Any) -> bool:
    if wanted == ANY:
        return True
    choices = wanted if isinstance(wanted, list) else [wanted]
    return bool(given in choices or (given is None and default in choices))


def _without_defaults(call: Call) -> dict[str, Any]:
    return {
        name: value
        for name, value in call["args"].items()
        if value is not None and value != _default(call["tool"], name)
    }


def _default(tool: str, name: str) -> Any:
    for found in _tools():
        if found.name == tool:
            field = found.args.get(name, {})
            return field.get("default")
    return None


def _tools() -> Iterable[Any]:
    return (tool for agent in AGENTS.values() for tool in agent.tools)
