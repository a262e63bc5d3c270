"""Tools that fail: the model is told whether to try again, and the creator what went wrong."""

import json
import re
import shutil
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psycopg
import pytest

from core.settings import Settings
from storage.database import Database
from storage.embedded import EmbeddedServer, running_server
from storage.embedded_cluster import Cluster, exclusive, open_lock, prepare_cluster
from storage.embedded_postmaster import ensure_started, stop
from storage.provision import prepare_embedded
from tests.conftest import Creator
from tests.e2e.scripted_model import ScriptedModel, calls, gate, says
from tests.e2e.servers import second_server
from tests.e2e.streams import AnswerStream, ask, asking
from tests.e2e.trees import load_tree
from tests.e2e.waiting import eventually
from tools.results import MAX_CHARACTERS

Owner = psycopg.Connection[Any]

MARCH = {"start": "2026-03-01", "end": "2026-03-03"}
LOOK = says(calls("top_content", MARCH))
SORRY = says("I could not look that up.")
FOUND = says("Nothing was posted.")


@pytest.fixture(scope="module")
def data_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("own") / "data"


@pytest.fixture(scope="module")
def cluster(data_dir: Path) -> Iterator[Cluster]:
    cluster = prepare_cluster(data_dir)
    yield cluster
    shutil.rmtree(cluster.folder)


@pytest.fixture(scope="module")
def server(data_dir: Path, cluster: Cluster) -> Iterator[EmbeddedServer]:
    """Lend a server of this module's own, which its tests may lock, spoil and stop."""
    with running_server(data_dir) as server:
        yield server


@pytest.fixture(scope="module")
def database_url(server: EmbeddedServer) -> str:
    return prepare_embedded(server)


@pytest.fixture
def owner(server: EmbeddedServer) -> Iterator[Owner]:
    """Return a connection of the superuser."""
    url = server.url(user="postgres", database="dreamsuite").replace("+psycopg", "")
    with psycopg.connect(url, autocommit=True) as connection:
        yield connection


@pytest.fixture
def settings(settings: Settings, model: ScriptedModel) -> Settings:
    return model.answers(settings)


@contextmanager
def away(cluster: Cluster) -> Iterator[None]:
    """Stop the database for the length of the block."""
    # Who has the turn keeps the watchdog from starting the server.
    with open_lock(cluster.turn) as turn, exclusive(turn):
        stop(cluster)
        yield
        ensure_started(cluster)


@contextmanager
def locked(owner: Owner) -> Iterator[None]:
    """Let everybody wait who reads posts."""
    with owner.transaction():
        owner.execute("LOCK TABLE content_posts")
        yield


def waiting(owner: Owner) -> Callable[[], Awaitable[bool]]:
    """Return what tells whether somebody waits for a lock."""
    query = "SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock'"

    async def is_waiting() -> bool:
        owner.execute("SELECT pg_stat_clear_snapshot()")  # kept to the end of a transaction
        return owner.execute(query).rowcount > 0

    return is_waiting


def error_of(answer: AnswerStream) -> str:
    """Return what the card of the answer's failed tool call says."""
    (error,) = answer.of_type("tool-output-error")
    return str(error["errorText"])


async def told(model: ScriptedModel) -> str:
    """Return what the model was told last of a tool."""
    message = (await model.heard())[-1]
    assert message["role"] == "tool"
    return str(message["content"])


# --- told to the model ---


async def test_a_call_that_can_be_mended_says_so(creator: Creator, model: ScriptedModel) -> None:
    ahead = calls("get_metrics", {"metric": "views", "start": "2999-01-01", "end": "2999-01-02"})
    await model.follow(says(ahead), SORRY)
    answer = await ask(creator, "Views?")
    assert answer.text == "I could not look that up."
    assert "is in the future" in error_of(answer)
    assert error_of(answer).endswith("You may try again with other arguments.")
    assert await told(model) == error_of(answer)


async def test_a_call_that_cannot_be_mended_says_so(
    creator: Creator, model: ScriptedModel, owner: Owner
) -> None:
    owner.execute(
        "INSERT INTO drafts (id, user_id, platform, caption)"
        " SELECT gen_random_uuid(), %s, 'instagram', n FROM generate_series(1, 200) AS n",
        [creator.user_id],
    )
    draft = calls("save_draft", {"platform": "instagram", "caption": "One more"})
    await model.follow(says(draft), SORRY)
    answer = await ask(creator, "Keep it", agent="content_strategist")
    assert error_of(answer).endswith("Trying again in this answer will not help.")
    assert await told(model) == error_of(answer)


async def test_a_tool_that_breaks_says_so_without_a_word_of_how(
    creator: Creator,
    model: ScriptedModel,
    database: Database,
    owner: Owner,
    caplog: pytest.LogCaptureFixture,
) -> None:
    await model.follow(LOOK, SORRY)
    owner.execute("ALTER TABLE content_posts RENAME COLUMN reach TO reached")
    try:
        answer = await ask(creator, "Which post?", id="c", agent="content_strategist")
    finally:
        owner.execute("ALTER TABLE content_posts RENAME COLUMN reached TO reach")
    assert answer.text == "I could not look that up."
    assert answer.finish["status"] == "completed"
    expected = "This failed on our side. Trying again in this answer will not help."
    assert error_of(answer) == await told(model) == expected
    tree = await load_tree(database, creator.user_id, "c")
    shown = json.dumps([answer.chunks, tree.answers[0].parts, await model.heard()])
    assert not re.search("reach|SELECT|psycopg|sqlalchemy|Traceback", shown)
    assert "content_posts.reach does not exist" in caplog.text, "who runs it can find out"


# --- time ---


async def test_a_tool_that_takes_too_long_is_ended_and_the_answer_goes_on(
    creator: Creator, model: ScriptedModel, settings: Settings, database_url: str, owner: Owner
) -> None:
    await model.follow(LOOK, SORRY)
    hasty = settings.model_copy(update={"tool_timeout_seconds": 0.5})
    with locked(owner):
        async with second_server(hasty, database_url, creator) as client:
            answer = await ask(client, "Which post?", id="c", agent="content_strategist")
        assert not await waiting(owner)(), "its query is ended too"
    assert answer.text == "I could not look that up."
    assert error_of(answer).startswith("This took longer than 0.5 seconds and was ended")
    assert error_of(answer).endswith("You may try again with other arguments.")
    assert await told(model) == error_of(answer)
    await model.follow(LOOK, FOUND, to="And now?")
    again = await ask(creator, "And now?", id="c", agent="content_strategist")
    assert again.text == "Nothing was posted."
    assert len(again.of_type("tool-output-available")) == 1


# --- the database is away ---


@pytest.mark.parametrize("agent", ["content_strategist", "goal_tracker"])
async def test_a_tool_waits_for_a_database_that_is_away(
    creator: Creator,
    model: ScriptedModel,
    database: Database,
    cluster: Cluster,
    agent: str,
    caplog: pytest.LogCaptureFixture,
) -> None:
    tool = calls("list_goals") if agent == "goal_tracker" else calls("top_content", MARCH)
    await model.follow(says("A look. ", gate("away"), tool), FOUND)
    async with asking(creator, "Which post?", id="c", agent=agent) as answer:
        await answer.read_until("A look.")
        with away(cluster):
            await model.open("away")

            async def is_waiting() -> bool:
                return "waits for the database" in caplog.text

            await eventually(is_waiting)
        await answer.read_all()
    assert answer.text == "A look. Nothing was posted."
    assert len(answer.of_type("tool-output-available")) == 1
    assert answer.finish["status"] == "completed"
    tree = await load_tree(database, creator.user_id, "c")
    assert tree.statuses == [("completed", None)]
    assert tree.answers[0].text.split("\n\n") == ["A look. ", "Nothing was posted."]


async def test_a_query_that_ends_with_the_database_is_made_again(
    creator: Creator, model: ScriptedModel, cluster: Cluster, owner: Owner
) -> None:
    await model.follow(LOOK, FOUND)
    async with asking(creator, "Which post?", agent="content_strategist") as answer:
        with suppress(psycopg.OperationalError), locked(owner):
            await eventually(waiting(owner))
            with away(cluster):
                pass
        await answer.read_all()
    assert answer.text == "Nothing was posted."
    assert answer.of_type("tool-output-error") == []


async def test_a_database_that_stays_away_is_told_and_the_answer_stored_when_it_is_back(
    creator: Creator,
    model: ScriptedModel,
    settings: Settings,
    database: Database,
    database_url: str,
    cluster: Cluster,
) -> None:
    await model.follow(says("A look. ", gate("away"), *LOOK["chunks"]), SORRY)
    hasty = settings.model_copy(update={"tool_timeout_seconds": 1})
    async with (
        second_server(hasty, database_url, creator) as client,
        asking(client, "Which post?", id="c", agent="content_strategist") as answer,
    ):
        await answer.read_until("A look.")
        with away(cluster):
            await model.open("away")
            await answer.read_until("I could not look that up.")
        await answer.read_all()
    assert error_of(answer).startswith("Your numbers could not be reached for 1 seconds.")
    assert error_of(answer).endswith("Trying again in this answer will not help.")
    assert await told(model) == error_of(answer)
    assert answer.finish["status"] == "completed"
    tree = await load_tree(database, creator.user_id, "c")
    assert tree.statuses == [("completed", None)]


# --- too much ---


async def test_a_result_that_is_too_large_is_cut_and_says_so(
    creator: Creator, model: ScriptedModel
) -> None:
    rows = [f"instagram,account{n:03},2026-03-01,followers,{n}" for n in range(300)]
    csv = "\n".join(["platform,account,date,metric,value", *rows])
    response = await creator.post(
        "/api/metrics/import", content=csv, headers={"Content-Type": "text/csv"}
    )
    assert response.status_code == 200, response.text
    await model.follow(says(calls("list_connections")), says("Many."))
    answer = await ask(creator, "Which accounts?")
    assert answer.text == "Many."
    content = await told(model)
    assert MAX_CHARACTERS / 2 < len(content) <= MAX_CHARACTERS
    result = json.loads(content)
    left_out = 600 - len(result["rows"]) - len(result["figures"])
    assert result["rows"][0]["account"] == "account000"
    assert result["notes"] == [
        f"this is too much to show: {left_out} entries are left out; ask for less at once"
    ]
    assert answer.of_type("tool-output-available")[0]["output"] == result
