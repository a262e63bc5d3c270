"""API keys: who has one acts as its creator, but for what needs a sign-in."""

import datetime as dt
import hashlib
import re

import anyio
import httpx
import pytest
from sqlalchemy import select

from api.app import create_app
from core.clock import utc_now
from core.settings import Settings
from domain.api_keys import MAX_API_KEYS
from storage.database import Database
from storage.models import ApiKey
from tests.conftest import Creator, SignUp, new_client, new_email, serving
from tests.integration.test_accounts import code, register

PATH = "/api/api-keys"


async def make_key(creator: httpx.AsyncClient, name: str = "My website") -> dict[str, str]:
    response = await creator.post(PATH, json={"name": name})
    assert response.status_code == 201, response.text
    made: dict[str, str] = response.json()
    return made


def bearer(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"}


async def test_a_key_is_shown_once_and_stored_as_a_hash(
    sign_up: SignUp, database: Database
) -> None:
    creator = await sign_up()
    made = await make_key(creator, "  My website ")
    assert re.fullmatch(r"ds_[\w-]{43}", made["key"], re.ASCII)
    assert made["name"] == "My website"
    listed = (await creator.get(PATH)).json()["items"]
    assert listed == [{name: value for name, value in made.items() if name != "key"}]
    assert made["key"].startswith(listed[0]["prefix"])
    async with database.user_session(creator.user_id) as session:
        stored = (await session.scalars(select(ApiKey))).one()
    assert stored.key_hash == hashlib.sha256(made["key"].encode()).digest()


async def test_a_key_acts_as_its_creator(sign_up: SignUp, api: httpx.AsyncClient) -> None:
    creator = await sign_up()
    key = (await make_key(creator))["key"]
    me = await api.get("/api/me", headers=bearer(key))
    assert me.json()["email"] == creator.email
    changed = await api.patch("/api/me", json={"locale": "pt"}, headers=bearer(key))
    assert changed.json()["locale"] == "pt"


async def test_a_revoked_key_stops_at_once(sign_up: SignUp, api: httpx.AsyncClient) -> None:
    creator = await sign_up()
    kept, revoked = await make_key(creator), await make_key(creator)
    assert (await creator.delete(f"{PATH}/{revoked['id']}")).status_code == 204
    assert code(await api.get("/api/me", headers=bearer(revoked["key"]))) == (
        401, "unauthenticated",
    )  # fmt: skip
    assert (await api.get("/api/me", headers=bearer(kept["key"]))).status_code == 200
    again = await creator.delete(f"{PATH}/{revoked['id']}")
    assert code(again) == (404, "api_key_not_found")


@pytest.mark.parametrize(
    ("method", "path"),
    [("POST", PATH), ("GET", PATH), ("DELETE", f"{PATH}/{{id}}"), ("POST", "/api/auth/logout")],
)
async def test_a_key_cannot_do_what_needs_a_sign_in(
    sign_up: SignUp, api: httpx.AsyncClient, method: str, path: str
) -> None:
    creator = await sign_up()
    made = await make_key(creator)
    response = await api.request(
        method, path.format(id=made["id"]), json={"name": "x"}, headers=bearer(made["key"])
    )
    assert code(response) == (403, "sign_in_required")
    assert len((await creator.get(PATH)).json()["items"]) == 1


async def test_the_last_use_is_told_to_the_minute(settings: Settings, database_url: str) -> None:
    now = utc_now()
    app = create_app(settings, database_url, clock=lambda: now)
    async with serving(app) as url, new_client(url) as browser, new_client(url) as program:
        await register(browser, new_email())
        key = (await make_key(browser))["key"]

        async def last_use() -> dt.datetime | None:
            told = (await browser.get(PATH)).json()["items"][0]["last_used_at"]
            return dt.datetime.fromisoformat(told) if told else None

        assert await last_use() is None
        first = now
        await program.get("/api/me", headers=bearer(key))
        assert await last_use() == first
        now += dt.timedelta(seconds=59)
        await program.get("/api/me", headers=bearer(key))
        assert await last_use() == first
        now += dt.timedelta(seconds=2)
        await program.get("/api/me", headers=bearer(key))
        assert await last_use() == now


async def test_there_is_a_limit_also_for_many_at_once(sign_up: SignUp) -> None:
    creator: Creator = await sign_up()
    for _ in range(MAX_API_KEYS - 2):
        await make_key(creator)
    statuses = []

    async def make() -> None:
        statuses.append((await creator.post(PATH, json={"name": "x"})).status_code)

    async with anyio.create_task_group() as makers:
        for _ in range(5):
            makers.start_soon(make)
    assert sorted(statuses) == [201, 201, 409, 409, 409]
    assert code(await creator.post(PATH, json={"name": "x"})) == (409, "too_many_api_keys")
    first = (await creator.get(PATH)).json()["items"][0]["id"]
    await creator.delete(f"{PATH}/{first}")
    await make_key(creator)


@pytest.mark.parametrize("name", ["", "   ", "x" * 101])
async def test_a_key_needs_a_short_name(sign_up: SignUp, name: str) -> None:
    creator = await sign_up()
    assert (await creator.post(PATH, json={"name": name})).status_code == 422


@pytest.mark.parametrize("key", ["ds_", "ds_" + "x" * 43, "ds_" + "é" * 43])
async def test_what_only_looks_like_a_key_is_nobodys(api: httpx.AsyncClient, key: str) -> None:
    headers = {b"Authorization": f"Bearer {key}".encode()}
    assert (await api.get("/api/me", headers=headers)).status_code == 401
