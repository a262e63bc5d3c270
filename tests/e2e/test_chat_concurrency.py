"""Many turns at once: of one conversation one runs, of many conversations all do."""

import anyio
import pytest
from fastapi import FastAPI

from core.settings import Settings
from graph.suite import Suite
from storage.database import Database
from storage.models import Tier
from tests.conftest import Creator
from tests.e2e.scripted_model import ScriptedModel, calls, gate, says
from tests.e2e.streams import Refused, ask, asking, question
from tests.e2e.trees import load_tree
from tests.tiers import put_on_tier

MANY = 50
POOL_SIZE = 10


@pytest.fixture
def settings(settings: Settings, model: ScriptedModel) -> Settings:
    return model.answers(settings).model_copy(update={"database_pool_size": POOL_SIZE})


@pytest.mark.parametrize("is_new", [True, False], ids=["new", "existing"])
async def test_of_three_simultaneous_turns_one_runs_and_two_are_refused(
    creator: Creator, model: ScriptedModel, database: Database, *, is_new: bool
) -> None:
    before = [] if is_new else ["Hi", "Hello."]
    await model.follow(says("Hello."), to="Hi")
    if not is_new:
        await ask(creator, "Hi", id="chat-1")
    await model.follow(says("One, ", gate("more"), "two."))
    refused: list[tuple[int, str]] = []
    answers: list[str] = []

    async def send(place: int) -> None:
        try:
            answer = await ask(creator, question(f"Count {place}", f"q{place}"), id="chat-1")
        except Refused as refusal:
            refused.append((refusal.status, refusal.code))
            if len(refused) == 2:
                await model.open("more")
        else:
            answers.append(answer.text)

    async with anyio.create_task_group() as senders:
        for place in range(3):
            senders.start_soon(send, place)
    assert refused == [(409, "conversation_busy")] * 2
    assert answers == ["One, two."]

    tree = await load_tree(database, creator.user_id, "chat-1")
    asked = tree.messages[-2].text
    assert tree.path == [*before, asked, "One, two."]
    assert [message.text for message in tree.messages] == tree.path, "the refused left nothing"
    await model.follow(says("Fine."), to="And?")
    await ask(creator, "And?", id="chat-1")
    assert [message["content"] for message in await model.heard()] == [*tree.path, "And?"]


async def test_fifty_conversations_at_once_hold_no_connection_while_they_wait(
    creator: Creator, model: ScriptedModel, database: Database, app: FastAPI
) -> None:
    await put_on_tier(database, creator.user_id, Tier.PRO)
    names = [f"chat-{place}" for place in range(MANY)]
    await model.follow(says("Wait. ", calls("list_connections"), gate("tools")), says("Done."))
    texts: dict[str, str] = {}
    waiting = anyio.Semaphore(0)

    async def converse(name: str) -> None:
        async with asking(creator, f"Question of {name}", id=name) as answer:
            await answer.read_until("Wait. ")
            waiting.release()
            texts[name] = (await answer.read_all()).text

    async with anyio.create_task_group() as conversations:
        for name in names:
            conversations.start_soon(converse, name)
        for _ in names:
            await waiting.acquire()
        suite: Suite = app.state.suite
        assert suite.database.engine.pool.checkedout() == 0  # type: ignore[attr-defined]  # a QueuePool
        assert (await creator.get("/api/me")).status_code == 200
        assert (await creator.get("/api/connections")).status_code == 200
        assert len((await creator.get("/api/conversations?limit=100")).json()["items"]) == MANY
        await model.open("tools")

    assert texts == dict.fromkeys(names, "Wait. Done.")
    for name in names:
        tree = await load_tree(database, creator.user_id, name)
        assert tree.path == [f"Question of {name}", "Wait. \n\nDone."]
        assert tree.statuses == [("completed", None)]
    assert await model.stats() == {"started": 2 * MANY, "finished": 2 * MANY, "aborted": 0}
