"""Two servers of one database: whichever is asked, it is the same run."""

import signal
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from core.settings import Settings
from storage.database import Database
from tests.conftest import Creator, SignUp
from tests.e2e.scripted_model import ScriptedModel, gate, says
from tests.e2e.servers import client_of, second_server
from tests.e2e.streams import AnswerStream, ask, asking, question, returning
from tests.e2e.test_chat_crash import expire_leases, other_server
from tests.e2e.trees import load_tree
from tests.e2e.waiting import eventually


@pytest.fixture
def settings(settings: Settings, model: ScriptedModel) -> Settings:
    return model.answers(settings)


@pytest.fixture
async def elsewhere(
    settings: Settings, database_url: str, creator: Creator
) -> AsyncIterator[httpx.AsyncClient]:
    """Return a client of a second server, signed in as the same creator."""
    async with second_server(settings, database_url, creator) as client:
        yield client


def assert_same(one: AnswerStream, other: AnswerStream) -> None:
    assert one.ids == other.ids
    assert one.chunks == other.chunks


async def test_both_servers_tell_the_same_run_while_it_is_told(
    creator: Creator, elsewhere: httpx.AsyncClient, model: ScriptedModel
) -> None:
    await model.follow(says("One, ", gate("half"), "two."))
    async with (
        asking(creator, "Count", id="c") as here,
        returning(elsewhere, "c") as there,
    ):
        await here.read_until("One, ")
        await there.read_until("One, ")
        await model.open("half")
        await here.read_all()
        await there.read_all()
    assert here.text == "One, two."
    assert_same(here, there)
    assert await model.stats() == {"started": 1, "finished": 1, "aborted": 0}


async def test_the_same_request_elsewhere_follows_the_run(
    creator: Creator, elsewhere: httpx.AsyncClient, model: ScriptedModel
) -> None:
    await model.follow(says("One, ", gate("half"), "two."))
    async with (
        asking(creator, question("Count", "q1"), id="c") as here,
        asking(elsewhere, question("Count", "q1"), id="c") as there,
    ):
        await here.read_until("One, ")
        await there.read_until("One, ")
        await model.open("half")
        assert_same(await here.read_all(), await there.read_all())
    assert len(await model.requests()) == 1


async def test_what_was_missed_can_be_asked_of_the_other_server(
    creator: Creator, elsewhere: httpx.AsyncClient, model: ScriptedModel
) -> None:
    await model.follow(says("One, ", gate("half"), "two."))
    async with asking(creator, "Count", id="c") as first:
        await first.read_until("One, ")
    await model.open("half")
    async with returning(elsewhere, "c", after=first.ids[-1]) as rest:
        await rest.read_all()
    assert first.text + rest.text == "One, two."
    numbers = [int(event_id.partition(":")[2]) for event_id in first.ids + rest.ids]
    assert numbers == list(range(1, len(numbers) + 1))

    for client in (creator, elsewhere):  # the run has ended; its events are still there
        async with returning(client, "c", after=first.ids[-1]) as again:
            assert_same(rest, await again.read_all())
        headers = {"Last-Event-ID": rest.ids[-1]}
        assert (await client.get("/api/chat/c/stream", headers=headers)).status_code == 204
        assert (await client.get("/api/chat/c/stream")).status_code == 204


async def test_a_stop_asked_of_the_other_server_ends_the_run(
    creator: Creator, elsewhere: httpx.AsyncClient, model: ScriptedModel, database: Database
) -> None:
    await model.follow(says("One, ", gate("never")))
    async with asking(creator, "Count", id="c") as answer:
        await answer.read_until("One, ")
        stopped = (await elsewhere.post("/api/chat/c/stop")).json()
        tree = await load_tree(database, creator.user_id, "c")
        assert tree.statuses == [("stopped", None)]
        assert stopped == {"run_id": str(tree.runs[0].id)}
        await eventually(model.was_aborted)
        assert (await answer.read_all()).finish["status"] == "stopped"
    assert tree.path == ["Count", "One, "]


async def test_a_question_elsewhere_is_refused_while_one_is_answered(
    creator: Creator, elsewhere: httpx.AsyncClient, model: ScriptedModel
) -> None:
    await model.follow(says("One, ", gate("half"), "two."))
    async with asking(creator, "Count", id="c") as answer:
        await answer.read_until("One, ")
        refusal = await elsewhere.post("/api/chat", json={"message": "Hi", "id": "c"})
        assert (refusal.status_code, refusal.json()["code"]) == (409, "conversation_busy")
        await model.open("half")
        await answer.read_all()
    assert (await ask(elsewhere, "Hi", id="c")).text == "One, two."


async def test_nobody_else_can_follow_or_stop_it(
    creator: Creator, elsewhere: httpx.AsyncClient, model: ScriptedModel, sign_up: SignUp
) -> None:
    await model.follow(says("One, ", gate("half"), "two."))
    async with (
        asking(creator, "Count", id="c") as answer,
        client_of(await sign_up(), str(elsewhere.base_url)) as stranger,
    ):
        await answer.read_until("One, ")
        key = answer.response.headers["X-Conversation-Id"]
        for path in ("stream", "stop"):
            method = "POST" if path == "stop" else "GET"
            refused = await stranger.request(
                method, f"/api/chat/{key}/{path}", headers={"Last-Event-ID": answer.ids[-1]}
            )
            assert refused.status_code == 404
        await model.open("half")
        assert (await answer.read_all()).finish["status"] == "completed"


async def test_a_reader_elsewhere_is_told_that_the_server_was_killed(
    creator: Creator,
    model: ScriptedModel,
    database: Database,
    database_url: str,
    owner_url: str,
    tmp_path: Path,
) -> None:
    await model.follow(says("One, ", gate("never")))
    with other_server(tmp_path, database_url, model) as (process, url):
        async with (
            client_of(creator, url) as client,
            asking(client, "Count", id="c") as answer,
            returning(creator, "c") as elsewhere,
        ):
            await answer.read_until("One, ")
            await elsewhere.read_until("One, ")
            process.kill()
            expire_leases(owner_url, creator)
            await elsewhere.read_all()
    assert elsewhere.of_type("error")[0]["code"] == "run_lost"
    assert elsewhere.finish["status"] == "lost"
    assert elsewhere.text == "One, "
    tree = await load_tree(database, creator.user_id, "c")
    assert tree.path == ["Count", "One, "]
    assert tree.statuses == [("lost", "run_lost")]
    assert tree.answers[0].parts[-1] == {"type": "text", "text": "One, ", "state": "done"}
    assert elsewhere.ids[-1].endswith(".lost")
    async with returning(creator, "c", after=answer.ids[-1]) as rest:
        await rest.read_all()
    assert rest.chunks == elsewhere.chunks[len(answer.chunks) :]
    async with returning(creator, "c", after=elsewhere.ids[-2]) as last:
        assert (await last.read_all()).types == ["finish"]


async def test_a_server_that_was_taken_for_dead_can_write_no_more(
    creator: Creator,
    model: ScriptedModel,
    database: Database,
    database_url: str,
    owner_url: str,
    tmp_path: Path,
) -> None:
    await model.follow(says("One, ", gate("half"), "two."))
    with other_server(tmp_path, database_url, model) as (process, url):
        async with (
            client_of(creator, url) as client,
            asking(client, "Count", id="c") as answer,
            returning(creator, "c") as elsewhere,
        ):
            await elsewhere.read_until("One, ")
            process.send_signal(signal.SIGSTOP)
            expire_leases(owner_url, creator)
            assert (await elsewhere.read_all()).finish["status"] == "lost"
            process.send_signal(signal.SIGCONT)
            await model.open("half")
            assert (await answer.read_all()).finish["status"] == "lost"
    tree = await load_tree(database, creator.user_id, "c")
    assert tree.path == ["Count", "One, "]
    assert tree.statuses == [("lost", "run_lost")]
    async with returning(creator, "c", after=elsewhere.ids[0]) as again:
        assert (await again.read_all()).ids == elsewhere.ids[1:]
