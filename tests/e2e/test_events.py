"""What changes for a user is pushed, from whichever server it was changed on."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import anyio
import httpx

from core.settings import Settings
from graph.changes import MAX_PENDING, Changes
from storage.changes import Change
from storage.database import Database
from storage.models import new_id
from tests.conftest import PASSWORD, Creator, SignUp
from tests.e2e.servers import client_of, second_server
from tests.e2e.streams import ask
from tests.e2e.waiting import PATIENCE_SECONDS
from tests.integration.test_plans_api import add_plan

Told = tuple[str, dict[str, str]]


@asynccontextmanager
async def following(client: httpx.AsyncClient) -> AsyncIterator[AsyncIterator[Told]]:
    """Lend a stream of events that is ready."""
    async with client.stream("GET", "/api/events") as response:
        assert response.status_code == 200
        events = read(response)
        with anyio.fail_after(PATIENCE_SECONDS):
            assert await anext(events) == ("ready", {})
        yield events


async def read(response: httpx.Response) -> AsyncIterator[Told]:
    name = ""
    async for line in response.aiter_lines():
        field, _, value = line.partition(": ")
        if field == "event":
            name = value
        elif field == "data":
            yield name, json.loads(value)


async def wait_for(events: AsyncIterator[Told], kind: str) -> str:
    """Return the id of the next change of this kind."""
    with anyio.fail_after(PATIENCE_SECONDS):
        async for name, data in events:
            assert name == "change"
            if data["kind"] == kind:
                return data["id"]
    raise AssertionError(f"the stream ended without a {kind}")


async def test_what_is_changed_on_one_server_is_told_on_the_other(
    creator: Creator, settings: Settings, database_url: str
) -> None:
    async with (
        second_server(settings, database_url, creator) as elsewhere,
        following(elsewhere) as events,
    ):
        answer = await ask(creator, "help", id="c")
        conversation = await wait_for(events, "conversation")
        assert conversation == answer.response.headers["X-Conversation-Id"]


async def test_nothing_of_others_is_told(creator: Creator, sign_up: SignUp) -> None:
    other = await sign_up()
    async with following(creator) as events:
        await ask(other, "help")
        mine = await ask(creator, "help")
        first = await wait_for(events, "conversation")
        assert first == mine.response.headers["X-Conversation-Id"]


async def test_signing_out_ends_the_stream_and_no_other(creator: Creator) -> None:
    body = {"email": creator.email, "password": PASSWORD}
    token = (await creator.post("/api/auth/login", json=body)).json()["token"]
    async with (
        client_of(creator, str(creator.base_url)) as phone,
        following(creator) as events,
    ):
        phone.headers["Authorization"] = f"Bearer {token}"
        async with following(phone) as events_of_phone:
            assert (await phone.post("/api/auth/logout")).status_code == 204
            with anyio.fail_after(PATIENCE_SECONDS):
                told = [name async for name, _ in events_of_phone]
            assert told == []
        await ask(creator, "help")
        assert await wait_for(events, "conversation")


async def test_a_revoked_key_ends_its_stream(creator: Creator) -> None:
    key = (await creator.post("/api/api-keys", json={"name": "notebook"})).json()
    async with client_of(creator, str(creator.base_url)) as notebook:
        notebook.headers["Authorization"] = f"Bearer {key['key']}"
        async with following(notebook) as events:
            assert (await creator.delete(f"/api/api-keys/{key['id']}")).status_code == 204
            with anyio.fail_after(PATIENCE_SECONDS):
                assert [name async for name, _ in events] == []


async def test_who_is_not_signed_in_follows_nothing(creator: Creator) -> None:
    async with httpx.AsyncClient(base_url=creator.base_url) as nobody:
        assert (await nobody.get("/api/events")).status_code == 401


async def test_who_does_not_read_is_sent_away_and_costs_little() -> None:
    changes, user_id = Changes(), new_id()
    with changes.subscribe(user_id) as subscription:
        goal = Change(user_id, "goal", new_id())
        for _ in range(2 * MAX_PENDING):  # the same over and over is one
            changes.hear(f"{goal.user_id} {goal.kind} {goal.id}")
        assert not subscription.is_behind
        for _ in range(MAX_PENDING):
            changes.hear(f"{user_id} goal {new_id()}")
        assert subscription.is_behind
        assert [change async for change in subscription.read(pause_seconds=60)] == []


async def test_plans_are_told_when_they_change_and_when_they_go(
    creator: Creator, database: Database
) -> None:
    plan_id = await add_plan(database, creator)
    async with following(creator) as events:
        changed = await creator.patch(f"/api/plans/{plan_id}", json={"title": "Mine"})
        assert await wait_for(events, "plan") == changed.json()["id"]
        await creator.delete(f"/api/plans/{plan_id}")
        gone = {await wait_for(events, "plan"), await wait_for(events, "plan")}
        assert gone == {plan_id, changed.json()["id"]}
