"""Pages of other origins: those that a setting names may call, with a token and never a cookie."""

from collections.abc import AsyncIterator

import httpx
import pytest
from pydantic import ValidationError

from api.app import create_app
from core.settings import Settings
from tests.conftest import PASSWORD, new_client, new_email, serving

PAGE = "https://app.example.com"


@pytest.fixture
async def client(settings: Settings, database_url: str) -> AsyncIterator[httpx.AsyncClient]:
    settings = settings.model_copy(update={"cors_origins": (PAGE,)})
    async with serving(create_app(settings, database_url)) as url, new_client(url) as client:
        yield client


def preflight(origin: str) -> dict[str, str]:
    return {
        "Origin": origin,
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "authorization,content-type,idempotency-key",
    }


async def test_a_named_page_may_ask_and_read_the_ids(client: httpx.AsyncClient) -> None:
    allowed = await client.options("/api/chat", headers=preflight(PAGE))
    assert allowed.status_code == 200
    assert allowed.headers["Access-Control-Allow-Origin"] == PAGE
    body = {"email": new_email(), "password": PASSWORD}
    registered = await client.post("/api/auth/register", json=body)
    client.cookies.clear()
    token = {"Authorization": f"Bearer {registered.json()['token']}", "Origin": PAGE}
    answer = await client.post("/api/chat", json={"message": "help"}, headers=token)
    assert answer.status_code == 200
    assert answer.headers["Access-Control-Allow-Origin"] == PAGE
    exposed = answer.headers["Access-Control-Expose-Headers"].lower()
    assert {"x-conversation-id", "x-run-id"} <= set(exposed.split(", "))


async def test_refusals_can_be_read_as_well(client: httpx.AsyncClient) -> None:
    refusal = await client.get("/api/me", headers={"Origin": PAGE})
    assert refusal.status_code == 401
    assert refusal.headers["Access-Control-Allow-Origin"] == PAGE


async def test_other_pages_may_not(client: httpx.AsyncClient) -> None:
    refused = await client.options("/api/chat", headers=preflight("https://evil.example"))
    assert "Access-Control-Allow-Origin" not in refused.headers
    answer = await client.get("/api/me", headers={"Origin": "https://evil.example"})
    assert "Access-Control-Allow-Origin" not in answer.headers


async def test_a_cookie_is_not_taken_from_a_named_page(client: httpx.AsyncClient) -> None:
    body = {"email": new_email(), "password": PASSWORD}
    await client.post("/api/auth/register", json=body)
    refused = await client.post("/api/chat", json={"message": "help"}, headers={"Origin": PAGE})
    assert (refused.status_code, refused.json()["code"]) == (403, "cross_origin")
    assert "Access-Control-Allow-Credentials" not in refused.headers


@pytest.mark.parametrize("origin", ["*", "app.example.com", "https://app.example.com/chat"])
def test_an_origin_is_scheme_and_host(origin: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CORS_ORIGINS", origin)
    with pytest.raises(ValidationError, match="without a path"):
        Settings(_env_file=None)
