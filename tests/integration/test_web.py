"""The web app's files over HTTP, and what a page begins with: who is signed in."""

import gzip
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from api.app import create_app
from api.web import WebApp
from core.clock import utc_now
from core.settings import Settings
from domain.demo import DEMO_EMAIL, seed_demo
from storage.database import Database
from tests.conftest import Creator, SignUp, new_client, serving

PAGE = "<!doctype html><title>Dream Suite</title>"
SCRIPT = "export const answer = 42;\n" * 100
BROWSER = {"Accept": "text/html,application/xhtml+xml"}


@pytest.fixture
def app(settings: Settings, database_url: str, tmp_path: Path) -> FastAPI:
    """Return an application with a web app of two files."""
    (tmp_path / "assets").mkdir()
    (tmp_path / "index.html").write_text(PAGE)
    (tmp_path / "assets" / "index-abc.js").write_text(SCRIPT)
    (tmp_path / ".sources").write_text("secret")
    app = create_app(settings, database_url)
    app.router.default = WebApp(app.router.default, tmp_path)
    return app


@pytest.mark.parametrize("path", ["/", "/chat/1", "/settings/api-keys", "/no/such/page.html"])
async def test_a_browser_gets_the_page_at_every_address(api: httpx.AsyncClient, path: str) -> None:
    response = await api.get(path, headers=BROWSER)
    assert (response.status_code, response.text) == (200, PAGE)
    assert response.headers["Cache-Control"] == "no-cache"
    policy = response.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self';" in policy
    assert "http" not in policy


async def test_a_wrong_address_of_the_api_is_no_page(api: httpx.AsyncClient) -> None:
    for path in ("/api", "/api/no-such-thing", "/api/goals/1/2"):
        response = await api.get(path, headers=BROWSER)
        assert (response.status_code, response.json()["code"]) == (404, "not_found")


async def test_a_file_that_is_missing_is_no_page(api: httpx.AsyncClient) -> None:
    for path in ("/assets/index-old.js", "/.sources", "/../api/web.py", "/%2e%2e/web.py"):
        response = await api.get(path)
        assert response.status_code == 404, path


async def test_files_are_kept_for_good_and_compressed(
    api: httpx.AsyncClient, app: FastAPI, tmp_path: Path
) -> None:
    plain = await api.get("/assets/index-abc.js", headers={"Accept-Encoding": "identity"})
    assert plain.text == SCRIPT
    assert "immutable" in plain.headers["Cache-Control"]
    assert plain.headers["Content-Type"] == "text/javascript; charset=utf-8"

    path = tmp_path / "assets" / "index-abc.js.gz"
    path.write_bytes(gzip.compress(SCRIPT.encode()))
    app.router.default = WebApp(app.router.default, tmp_path)
    compressed = await api.get("/assets/index-abc.js", headers={"Accept-Encoding": "gzip"})
    assert compressed.text == SCRIPT
    assert compressed.headers["Content-Encoding"] == "gzip"
    assert compressed.headers["Content-Type"] == plain.headers["Content-Type"]
    assert int(compressed.headers["Content-Length"]) < len(SCRIPT) / 4


async def test_without_a_web_app_browsers_get_the_docs(
    api: httpx.AsyncClient, app: FastAPI, tmp_path: Path
) -> None:
    app.router.default = WebApp(app.router.default, tmp_path / "nothing")
    response = await api.get("/", headers=BROWSER)
    assert (response.status_code, response.headers["Location"]) == (307, "/docs")


# --- who is signed in ---


async def test_a_session_is_told_with_its_user_or_with_none(
    api: httpx.AsyncClient, sign_up: SignUp
) -> None:
    nobody = {"user": None, "has_demo": False, "has_mail": False}
    assert (await api.get("/api/auth/session")).json() == nobody
    creator: Creator = await sign_up()
    api.cookies.set("ds_session", creator.token)
    assert (await api.get("/api/auth/session")).json()["user"]["email"] == creator.email
    await creator.post("/api/auth/logout")
    assert (await api.get("/api/auth/session")).json()["user"] is None


async def test_only_where_there_is_a_demo_can_one_sign_in_to_it(
    api: httpx.AsyncClient, settings: Settings, database: Database, database_url: str
) -> None:
    refused = await api.post("/api/auth/demo")
    assert (refused.status_code, refused.json()["code"]) == (404, "demo_not_found")

    await seed_demo(database, utc_now)
    embedded = settings.model_copy(update={"database_url": None})
    async with serving(create_app(embedded, database_url)) as url, new_client(url) as client:
        session = (await client.get("/api/auth/session")).json()
        assert (session["has_demo"], session["has_mail"]) == (True, True)
        assert (await client.post("/api/auth/demo")).json()["user"]["email"] == DEMO_EMAIL
        assert (await client.get("/api/me")).json()["email"] == DEMO_EMAIL
        other = {"Origin": "https://evil.example"}
        assert (await client.post("/api/auth/demo", headers=other)).status_code == 403
