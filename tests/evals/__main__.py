"""Asks the configured model the question set: `make eval`, or `python -m tests.evals --help`.

Every question goes through the whole suite, on a database of its own with the demo creator, whose
year ends on the day that the expected dates are written for. The table tells, per agent, how many
questions led to the right calls, how many answers had a source for each of their numbers, and what
an answer took.
"""

import argparse
import asyncio
import datetime as dt
import sys
import tempfile
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from uuid import UUID

from rich.console import Console
from rich.progress import track
from rich.table import Table
from sqlalchemy import delete, update

from core.errors import AppError
from core.logging import configure_logging
from core.settings import Settings, read_settings
from domain.demo import seed_demo
from graph.local import LocalCreator, find_asker
from graph.suite import open_suite
from storage.models import DailyUsage, Goal
from storage.provision import ready_database
from tests.evals.agent_questions import GOALS, Row, is_expected, load_rows

NOON = dt.datetime(2026, 11, 20, 12, tzinfo=dt.UTC)
# A model may look up what it is told already; that is no mistake.
LOOKUPS = {"list_connections", "list_goals"}
# Of the calls and of the answers with numbers, before `--check` fails.
ENOUGH_RIGHT, ENOUGH_GROUNDED = 0.9, 0.95


@dataclass(frozen=True, kw_only=True)
class Score:
    """How one question went; `is_grounded` is null for an answer without numbers."""

    agent: str
    question: str
    is_set_aside: bool
    is_right: bool
    is_grounded: bool | None
    tokens: int
    seconds: float


def main() -> int:
    """Ask, print the table, and return the exit code."""
    arguments = _parse_arguments()
    configure_logging("ERROR")
    rows = [*load_rows("ask"), *load_rows("route")]
    rows = [row for row in rows if arguments.agent in (None, row["agent"])]
    if arguments.limit:
        rows = rows[:: max(1, len(rows) // arguments.limit)][: arguments.limit]
    settings = read_settings()
    with tempfile.TemporaryDirectory(prefix="dreamsuite-eval-") as folder:
        scores = asyncio.run(_ask_all(settings, Path(folder), rows))
    console = Console()
    console.print(_table(scores, settings.chat.spec, arguments.price))
    if arguments.wrong:
        for score in scores:
            is_wrong = not score.is_right or score.is_grounded is False
            if is_wrong and not score.is_set_aside:
                console.print(f"{score.agent}: {score.question}", highlight=False)
    grounded = [score.is_grounded for score in scores if score.is_grounded is not None]
    is_enough = sum(score.is_right for score in scores) >= ENOUGH_RIGHT * len(scores) and sum(
        grounded
    ) >= ENOUGH_GROUNDED * len(grounded)
    return 0 if is_enough or not arguments.check else 1


def _parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="make eval", description=(__doc__ or "").partition("\n")[0]
    )
    parser.add_argument("--agent", help="only the questions to this agent; auto is the router")
    parser.add_argument("--limit", type=int, help="ask so many, spread over the set")
    parser.add_argument("--price", type=float, default=0.0, help="dollars per million tokens")
    parser.add_argument(
        "--wrong", action="store_true", help="list what went wrong, but for what is set aside"
    )
    parser.add_argument(
        "--check",
        action="store_true",
        help="fail below 90 %% right calls or 95 %% grounded answers",
    )
    return parser.parse_args()


async def _ask_all(settings: Settings, folder: Path, rows: Sequence[Row]) -> list[Score]:
    own = settings.model_copy(
        update={"data_dir": folder, "database_url": None, "host": "127.0.0.1"}
    )
    with ready_database(own) as url:
        async with open_suite(own, url, clock=lambda: NOON) as suite:
            await seed_demo(suite.database, lambda: NOON)
            creator = LocalCreator(suite=suite, asker=await find_asker(suite))
            await _name_goals(creator)
            asked = track(
                rows, description=f"Asking {settings.chat.spec}", disable=not sys.stderr.isatty()
            )
            return [await _ask(creator, row) for row in asked]


async def _name_goals(creator: LocalCreator) -> None:
    """Give the demo creator's goals the ids and due dates that the expected calls lean on."""
    async with creator.suite.database.service_session() as session:
        for goal in GOALS:
            of_goal = (Goal.user_id == creator.asker.user_id) & (Goal.platform == goal["platform"])
            known = {
                "id": UUID(str(goal["id"])),
                "due_date": dt.date.fromisoformat(str(goal["due_date"])),
            }
            await session.execute(update(Goal).where(of_goal).values(known))


async def _begin_day(creator: LocalCreator) -> None:
    """Give back the day's model tokens, which are not for so many questions."""
    async with creator.suite.database.service_session() as session:
        await session.execute(delete(DailyUsage))


async def _ask(creator: LocalCreator, row: Row) -> Score:
    await _begin_day(creator)
    conversation_id: UUID | None = None
    started = time.monotonic()
    try:
        for text in row.get("before", ()):
            answer = await creator.ask(text, agent=row["agent"], conversation_id=conversation_id)
            conversation_id = answer.conversation_id
        started = time.monotonic()
        answer = await creator.ask(
            row["question"], agent=row["agent"], conversation_id=conversation_id
        )
        if answer.approvals:
            await answer.reject()
    except AppError:
        return _score(row, started, is_right=False)
    calls = [call for call in answer.tool_calls if call["tool"] not in LOOKUPS]
    if row["kind"] == "route":
        is_right = answer.agent in row["expected"]
    else:
        is_right = is_expected(row, answer.tool_calls) or is_expected(row, calls)
    status = (answer.grounding or {}).get("status", "no_numbers")
    grounded = None if status == "no_numbers" else status == "grounded"
    return _score(row, started, is_right=is_right, is_grounded=grounded, tokens=answer.tokens)


def _score(
    row: Row,
    started: float,
    *,
    is_right: bool,
    is_grounded: bool | None = None,
    tokens: int | None = None,
) -> Score:
    return Score(
        agent=row["agent"],
        question=row["question"],
        is_set_aside=row["split"] == "held_out",
        is_right=is_right,
        is_grounded=is_grounded,
        tokens=tokens or 0,
        seconds=time.monotonic() - started,
    )


def _table(scores: Sequence[Score], model: str, price: float) -> Table:
    table = Table(title=f"{model}: {len(scores)} questions", title_justify="left")
    for name in ("Agent", "Questions", "Right calls", "Grounded", "Tokens", "Seconds", "Dollars"):
        table.add_column(name, justify="left" if name == "Agent" else "right")
    for agent in dict.fromkeys(score.agent for score in scores):
        table.add_row(agent, *_cells([s for s in scores if s.agent == agent], price))
    table.add_section()
    table.add_row("all", *_cells(scores, price))
    return table


def _cells(scores: Sequence[Score], price: float) -> list[str]:
    tokens = sum(score.tokens for score in scores) / len(scores)
    return [
        str(len(scores)),
        _share(score.is_right for score in scores),
        _share(score.is_grounded for score in scores if score.is_grounded is not None),
        f"{tokens:,.0f}",
        f"{median(score.seconds for score in scores):.2f}",
        f"{tokens * price / 1e6:.4f}",
    ]


def _share(found: Iterable[bool]) -> str:
    values = list(found)
    return f"{100 * sum(values) / len(values):.0f} %" if values else "–"


if __name__ == "__main__":
    sys.exit(main())
