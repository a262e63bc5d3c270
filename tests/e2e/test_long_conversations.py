"""Long conversations: what the model no longer reads is kept as notes."""

import json
from typing import Any
from uuid import UUID

import pytest

from core.settings import Settings
from graph.history import KEPT_CHARACTERS, MAX_HISTORY_CHARACTERS
from graph.notes import MAX_LINE_CHARACTERS
from storage.conversations import lock_or_create_conversation, move_head
from storage.database import Database
from storage.models import ChatMessage, new_id
from tests.conftest import Creator
from tests.e2e.scripted_model import ScriptedModel, calls, fails, says
from tests.e2e.streams import ask, question

TURNS = 200
NOTES = {
    "goals": ["30,000 followers by June"],
    "decisions": ["No reels on Sundays"],
    "open_questions": [],
    "topics": ["the new record"],
}


@pytest.fixture
def settings(settings: Settings, model: ScriptedModel) -> Settings:
    return model.answers(settings)


@pytest.fixture
async def message_ids(creator: Creator, database: Database) -> list[UUID]:
    """Store a conversation `long` of 200 turns; return its messages' ids."""
    filler = "x" * (2 * MAX_HISTORY_CHARACTERS // (2 * TURNS))
    async with database.user_session(creator.user_id) as session:
        conversation = await lock_or_create_conversation(
            session, creator.user_id, "long", title="Long"
        )
        ids: list[UUID] = []
        for number in range(2 * TURNS):
            text = f"{number} {filler}"
            message = ChatMessage(
                id=new_id(),
                user_id=creator.user_id,
                conversation_id=conversation.id,
                parent_id=ids[-1] if ids else None,
                role="assistant" if number % 2 else "user",
                client_id=None if number % 2 else f"q{number}",
                parts=[{"type": "text", "text": text}],
                text=text,
            )
            session.add(message)
            await session.flush()
            ids.append(message.id)
        await move_head(session, conversation.id, ids[-1], conversation.created_at)
    return ids


async def told(model: ScriptedModel, call: int) -> dict[str, Any]:
    """Return what the system prompt of a model call says about the creator."""
    request = (await model.requests())[call]
    context: dict[str, Any] = json.loads(request["messages"][0]["content"].splitlines()[-1])
    return context


async def test_what_is_too_old_to_be_read_becomes_notes_once(
    creator: Creator, model: ScriptedModel, message_ids: list[UUID]
) -> None:
    await model.follow(says(calls("keep_notes", NOTES), tokens=100), to="tool keep_notes")
    await model.follow(says("Go on.", tokens=10))
    first = await ask(creator, question("And now?", "next"), id="long")
    assert (first.text, first.finish["status"]) == ("Go on.", "completed")
    taking = (await model.stats())["started"] - 1
    assert first.finish["tokens"] == 100 * taking + 10
    context = await told(model, -1)
    assert context["earlier_in_this_conversation"] == {
        name: lines for name, lines in NOTES.items() if lines
    }
    *read, last = [message["content"] for message in (await model.requests())[-1]["messages"][1:]]
    assert last == "And now?"
    assert sum(map(len, read)) <= KEPT_CHARACTERS
    read_in_notes = [
        message["content"]
        for request in (await model.requests())[:-1]
        for message in request["messages"][1:]
    ]
    numbers = [int(text.split()[0]) for text in (*read_in_notes, *read)]
    assert numbers == list(range(2 * TURNS)), "each message was read once"

    await ask(creator, "And then?", id="long")
    assert (await model.stats())["started"] == taking + 2, "no notes are taken anew"
    assert await told(model, -1) == context


async def test_an_edit_of_what_was_noted_begins_without_notes(
    creator: Creator, model: ScriptedModel, message_ids: list[UUID]
) -> None:
    await model.follow(says(calls("keep_notes", NOTES)), to="tool keep_notes")
    await model.follow(says("Go on."))
    await ask(creator, "And now?", id="long")
    await ask(creator, question("0 changed", "q0"), id="long")
    assert "earlier_in_this_conversation" not in await told(model, -1)
    assert [message["content"] for message in await model.heard()] == ["0 changed"]


async def test_notes_that_make_no_sense_are_left_as_they_were(
    creator: Creator, model: ScriptedModel, message_ids: list[UUID]
) -> None:
    await model.follow(says(calls("keep_notes", {"goals": 3})), to="tool keep_notes")
    await model.follow(says("Go on."))
    answer = await ask(creator, "And now?", id="long")
    assert (answer.text, answer.finish["status"]) == ("Go on.", "completed")
    assert "earlier_in_this_conversation" not in await told(model, -1)


async def test_notes_are_cut_to_size(
    creator: Creator, model: ScriptedModel, message_ids: list[UUID]
) -> None:
    flood = {"goals": [f"{number} {'x' * 1_000}" for number in range(100)]}
    await model.follow(says(calls("keep_notes", flood)), to="tool keep_notes")
    await model.follow(says("Go on."))
    await ask(creator, "And now?", id="long")
    goals = (await told(model, -1))["earlier_in_this_conversation"]["goals"]
    assert [goal.split()[0] for goal in goals] == [str(number) for number in range(85, 100)]
    assert max(map(len, goals)) == MAX_LINE_CHARACTERS


async def test_a_question_is_kept_when_its_notes_cannot_be_taken(
    creator: Creator, model: ScriptedModel, message_ids: list[UUID]
) -> None:
    await model.follow(fails(500), to="tool keep_notes")
    await model.follow(says("Go on."))
    failed = await ask(creator, question("And now?", "next"), id="long")
    assert failed.of_type("error")[0]["code"] == "model_failed"
    await model.follow(says(calls("keep_notes", NOTES)), to="tool keep_notes")
    again = await ask(creator, None, id="long", trigger="regenerate-message")
    assert again.text == "Go on."
