"""Two hundred turns with the offline model: nothing that matters is lost, and little is stored."""

import datetime as dt
from collections.abc import AsyncIterator

import pytest
from sqlalchemy import text

from core.settings import Settings
from domain.demo import DEMO_EMAIL, seed_demo
from graph.local import LocalCreator, find_asker
from graph.notes import Notes
from graph.suite import open_suite
from storage.conversations import get_conversation

NOON = dt.datetime(2026, 11, 20, 12, tzinfo=dt.UTC)
TURNS = 200
MEGABYTE = 1_000_000
GOAL = "My goal is 30,000 followers on Instagram by June."
DECISION = "From now on no reels on Sundays."
QUESTIONS = (
    "How did I grow last month?",
    "and on YouTube?",
    "Any unusual days this year?",
    "Views in March",
    "Which platform grows fastest?",
    "How far back does my data go?",
    "Forecast my followers for the end of the year",
    "Thanks!",
)


@pytest.fixture
async def creator(settings: Settings, database_url: str) -> AsyncIterator[LocalCreator]:
    async with open_suite(settings, database_url, clock=lambda: NOON) as suite:
        await seed_demo(suite.database, lambda: NOON)
        yield LocalCreator(suite=suite, asker=await find_asker(suite, DEMO_EMAIL))


@pytest.mark.timeout(240)
async def test_two_hundred_turns_keep_goals_and_decisions_in_less_than_a_megabyte(
    creator: LocalCreator,
) -> None:
    first = await creator.ask(f"{GOAL} {DECISION}", agent="career")
    for turn in range(1, TURNS):
        question = QUESTIONS[turn % len(QUESTIONS)]
        answer = await creator.ask(question, agent="career", conversation_id=first.conversation_id)
        assert answer.text, question
    async with creator.suite.database.user_session(creator.asker.user_id) as session:
        conversation = await get_conversation(session, str(first.conversation_id))
        stored = await session.scalar(
            text(
                "SELECT (SELECT sum(pg_column_size(m)) FROM chat_messages m)"
                " + (SELECT sum(pg_column_size(r)) FROM runs r)"
                " + (SELECT sum(pg_column_size(c)) FROM conversations c)"
            )
        )
        messages = await session.scalar(text("SELECT count(*) FROM chat_messages"))
    assert messages == 2 * TURNS
    assert conversation.summary is not None
    notes = Notes(**conversation.summary["notes"])
    assert GOAL in notes.goals
    assert DECISION in notes.decisions
    assert stored is not None
    assert stored < MEGABYTE, f"{stored:,} bytes"
