"""`POST /api/metrics/import` and `GET /api/connections`."""

import asyncio
import datetime as dt
import io
import json
import re
import zipfile
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from api.app import create_app
from api.metrics import EXAMPLES
from core.settings import Settings
from storage.connections import create_connections
from storage.database import Database
from storage.metrics import lock_metrics
from storage.models import PlatformConnection, new_id
from tests.conftest import PASSWORD, Creator, SignUp, new_client, new_email, serving

HEADER = "platform,account,date,metric,value\n"
ROW = "instagram,mira,2026-03-01,followers,1000\n"
DOCS = Path(__file__).parents[2] / "docs" / "import.md"

# 1 April in Auckland, 31 March in UTC and in Los Angeles.
MOMENT = dt.datetime(2026, 3, 31, 12, 0, tzinfo=dt.UTC)


@pytest.fixture
def app(settings: Settings, database_url: str) -> FastAPI:
    return create_app(settings, database_url, clock=lambda: MOMENT)


async def load(
    creator: Creator, *rows: str, partial: bool = False, content_type: str = "text/csv"
) -> httpx.Response:
    return await creator.post(
        "/api/metrics/import",
        params={"partial": partial},
        content=HEADER + "".join(rows),
        headers={"Content-Type": content_type},
    )


async def send(creator: Creator, content: str, **parameters: str) -> httpx.Response:
    return await creator.post(
        "/api/metrics/import",
        params=parameters,
        content=content.encode(),
        headers={"Content-Type": "text/csv"},
    )


async def connections(creator: Creator) -> list[dict[str, Any]]:
    response = await creator.get("/api/connections")
    assert response.status_code == 200
    items: list[dict[str, Any]] = response.json()["items"]
    return items


async def test_a_csv_body_is_imported_and_its_account_listed(sign_up: SignUp) -> None:
    mira = await sign_up()
    response = await load(mira, ROW, "instagram,mira,2026-03-03,followers,1030\n")
    assert (response.status_code, response.json()) == (
        200,
        {
            "format": "metrics",
            "rows": 2,
            "days_inserted": 2,
            "days_updated": 0,
            "days_unchanged": 0,
            "posts_inserted": 0,
            "posts_updated": 0,
            "posts_unchanged": 0,
            "connections_created": 1,
            "notes": [],
            "errors": [],
            "error_count": 0,
        },
    )
    (account,) = await connections(mira)
    account.pop("id")
    assert account == {
        "platform": "instagram",
        "account": "mira",
        "source": "import",
        "status": "active",
        "first_date": "2026-03-01",
        "last_date": "2026-03-03",
        "days": 2,
    }


async def test_a_form_with_a_file_is_imported(sign_up: SignUp) -> None:
    mira = await sign_up()
    files = {"file": ("march.csv", HEADER + ROW, "application/vnd.ms-excel")}
    response = await mira.post("/api/metrics/import", files=files)
    assert (response.status_code, response.json()["days_inserted"]) == (200, 1)


async def test_a_large_form_is_imported(sign_up: SignUp) -> None:
    mira = await sign_up()
    padded = ROW.replace("mira", " " * 800 + "mira")
    files = {"file": HEADER + padded * 2_000}
    response = await mira.post("/api/metrics/import", files=files)
    assert (response.status_code, response.json()["rows"]) == (200, 2_000)


def documented(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.+?)```", DOCS.read_text(encoding="utf-8"), re.DOTALL)


@pytest.mark.parametrize(
    ("example", "answer"), list(zip(documented("csv"), documented("json"), strict=True))
)
async def test_the_documented_examples_are_imported_as_documented(
    example: str, answer: str, sign_up: SignUp
) -> None:
    response = await send(await sign_up(), example, account="Mira Makes")
    assert (response.status_code, response.json()) == (200, json.loads(answer))


@pytest.mark.parametrize("name", list(EXAMPLES))
async def test_the_examples_of_the_schema_are_recognised(name: str, sign_up: SignUp) -> None:
    response = await send(await sign_up(), EXAMPLES[name]["value"], account="Mira Makes")
    assert (response.status_code, response.json()["format"]) == (200, name)


def studio_zip() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("Table data.csv", EXAMPLES["youtube_videos"]["value"])
        archive.writestr("Chart data.csv", "Date,Content\n")
        archive.writestr("Totals.csv", "Date,Views\n2026-03-01,120\n2026-03-02,130\n")
    return buffer.getvalue()


@pytest.mark.parametrize("content_type", ["application/zip", "application/x-zip-compressed"])
async def test_a_studio_zip_is_imported_as_a_body(sign_up: SignUp, content_type: str) -> None:
    response = await (await sign_up()).post(
        "/api/metrics/import",
        params={"account": "Mira"},
        content=studio_zip(),
        headers={"Content-Type": content_type},
    )
    result = response.json()
    assert (response.status_code, result["posts_inserted"], result["days_inserted"]) == (200, 1, 2)


async def test_a_studio_zip_is_imported_as_a_form_that_names_the_account(sign_up: SignUp) -> None:
    mira = await sign_up()
    response = await mira.post(
        "/api/metrics/import",
        files={"file": ("Content 2026.zip", studio_zip(), "application/zip")},
        data={"account": "Mira"},
    )
    assert response.status_code == 200, response.text
    (account,) = await connections(mira)
    assert (account["platform"], account["account"], account["days"]) == ("youtube", "Mira", 2)


async def test_an_export_of_nobody_asks_for_the_account(sign_up: SignUp) -> None:
    mira = await sign_up()
    example = EXAMPLES["spotify_timeline"]["value"]
    for name in ("Mira", "Second"):
        assert (await send(mira, example, account=name)).status_code == 200
    response = await send(mira, example)
    problem = response.json()
    assert (response.status_code, problem["code"]) == (422, "account_needed")
    assert (problem["platform"], problem["accounts"]) == ("spotify", ["Mira", "Second"])
    refused = await send(mira, example, account="mi\u200bra")
    assert (refused.status_code, refused.json()["code"]) == (422, "account_needed")


async def test_bad_rows_refuse_the_whole_file(sign_up: SignUp) -> None:
    mira = await sign_up()
    response = await load(mira, ROW, "instagram,mira,2026-03-02,followers,-1\n")
    problem = response.json()
    assert (response.status_code, problem["status"], problem["code"]) == (422, 422, "bad_rows")
    assert response.headers["content-type"] == "application/problem+json"
    assert problem["errors"] == [{"line": 3, "column": "value", "reason": '"-1" is below 0.'}]
    assert (problem["rows"], problem["error_count"]) == (2, 1)
    assert await connections(mira) == []


async def test_a_partial_import_stores_the_valid_rows(sign_up: SignUp) -> None:
    mira = await sign_up()
    response = await load(mira, ROW, "instagram,mira,2026-03-02,followers,-1\n", partial=True)
    result = response.json()
    assert (response.status_code, result["days_inserted"], result["error_count"]) == (200, 1, 1)
    assert result["errors"] == [{"line": 3, "column": "value", "reason": '"-1" is below 0.'}]


@pytest.mark.parametrize("content", [b"", b"\xef\xbb\xbf", b"caf\xe9", b"a\0b", b"a,b\n1,2\n"])
async def test_a_file_that_is_no_table_answers_422(sign_up: SignUp, content: bytes) -> None:
    mira = await sign_up()
    response = await mira.post(
        "/api/metrics/import", content=content, headers={"Content-Type": "text/csv"}
    )
    assert (response.status_code, response.json()["code"]) == (422, "bad_file")


@pytest.mark.parametrize("content_type", ["application/json", "text/plain", ""])
async def test_another_content_type_answers_415(sign_up: SignUp, content_type: str) -> None:
    response = await load(await sign_up(), ROW, content_type=content_type)
    assert (response.status_code, response.json()["code"]) == (415, "not_csv")


async def test_the_content_type_may_have_parameters(sign_up: SignUp) -> None:
    response = await load(await sign_up(), ROW, content_type="Text/CSV; charset=utf-8")
    assert response.status_code == 200


@pytest.mark.parametrize("files", [{"file": (None, "text")}, {"other": b"x"}])
async def test_a_form_without_the_file_answers_422(sign_up: SignUp, files: Any) -> None:
    response = await (await sign_up()).post("/api/metrics/import", files=files)
    assert (response.status_code, response.json()["code"]) == (422, "bad_file")


async def test_a_broken_form_answers_400(sign_up: SignUp) -> None:
    response = await load(await sign_up(), ROW, content_type="multipart/form-data")
    assert response.status_code == 400
    assert response.headers["content-type"] == "application/problem+json"


async def test_each_platform_says_how_its_numbers_get_here(sign_up: SignUp) -> None:
    mira = await sign_up()
    await load(mira, ROW)
    platforms = (await mira.get("/api/connections")).json()["platforms"]
    assert {each["platform"]: each["state"] for each in platforms} == {
        "facebook": "none",
        "instagram": "imported",
        "spotify": "none",
        "youtube": "none",
    }
    for each in platforms:
        assert (each["can_connect"], each["reason"]) == (False, "not_configured")
        assert each["connect_url"] is None


@pytest.mark.parametrize(
    ("status", "state"),
    [("active", "connected"), ("expiring", "connected"), ("revoked", "needs_reconnect")],
)
async def test_a_platform_that_was_signed_in_to_says_whether_it_still_is(
    sign_up: SignUp, database: Database, status: str, state: str
) -> None:
    mira = await sign_up()
    async with database.user_session(mira.user_id) as session:
        account = PlatformConnection(
            id=new_id(), user_id=mira.user_id, platform="youtube", platform_account="mira",
            username="mira", source="oauth", status=status,
        )  # fmt: skip
        await create_connections(session, [account])
    platforms = (await mira.get("/api/connections")).json()["platforms"]
    assert [each["state"] for each in platforms if each["platform"] == "youtube"] == [state]


async def test_nobody_imports_or_lists_without_signing_in(api: httpx.AsyncClient) -> None:
    imported = await api.post("/api/metrics/import", content=HEADER + ROW)
    listed = await api.get("/api/connections")
    assert (imported.status_code, listed.status_code) == (401, 401)


@pytest.mark.parametrize(
    ("timezone", "is_tomorrow_accepted"),
    [("Pacific/Auckland", True), ("America/Los_Angeles", False)],
)
async def test_today_is_the_creators_own_day(
    sign_up: SignUp, timezone: str, is_tomorrow_accepted: bool
) -> None:
    mira = await sign_up()
    await mira.patch("/api/me", json={"timezone": timezone})
    response = await load(mira, "youtube,mira,2026-04-01,views,1\n")
    assert (response.status_code == 200) is is_tomorrow_accepted
    assert len(await connections(mira)) == is_tomorrow_accepted
    if not is_tomorrow_accepted:
        reason = "2026-04-01 is in the future: today is 2026-03-31 for you."
        assert response.json()["errors"][0]["reason"] == reason


async def test_another_user_neither_sees_nor_changes_an_account_of_the_same_name(
    sign_up: SignUp,
) -> None:
    mira, other = await sign_up(), await sign_up()
    await load(mira, ROW)
    assert await connections(other) == []
    await load(other, "instagram,mira,2026-03-02,followers,5\n")
    (of_mira,), (of_other,) = await connections(mira), await connections(other)
    assert of_mira["id"] != of_other["id"]
    assert (of_mira["last_date"], of_other["last_date"]) == ("2026-03-01", "2026-03-02")


async def test_imports_that_wait_for_their_turn_hold_no_connection(
    settings: Settings, database_url: str, database: Database
) -> None:
    small_pool = settings.model_copy(update={"database_pool_size": 2})
    async with serving(create_app(small_pool, database_url)) as url, new_client(url) as client:
        body = {"email": new_email(), "password": PASSWORD}
        answer = (await client.post("/api/auth/register", json=body)).json()
        client.cookies.clear()
        client.headers["Authorization"] = f"Bearer {answer['token']}"
        csv = b"platform,account,date,metric,value\ninstagram,ida,2026-03-01,views,1\n"
        headers = {"Content-Type": "text/csv"}
        async with database.service_session() as session:
            await lock_metrics(session, UUID(answer["user"]["id"]))
            imports = [
                asyncio.create_task(
                    client.post("/api/metrics/import", content=csv, headers=headers)
                )
                for _ in range(4)
            ]
            async with asyncio.timeout(10):
                while not await _is_waiting_for_lock(session):
                    pass
                for _ in range(8):
                    assert (await client.get("/api/me")).status_code == 200
        assert {(await each).status_code for each in imports} == {200}


async def _is_waiting_for_lock(session: AsyncSession) -> bool:
    waiting = text("SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")
    return bool(await session.scalar(waiting))


@pytest.mark.parametrize("content_type", ["text/csv", "multipart/form-data; boundary=b"])
async def test_a_body_that_grows_too_large_as_it_comes_answers_413(
    settings: Settings, database_url: str, content_type: str
) -> None:
    async def pieces() -> AsyncIterator[bytes]:
        yield b'--b\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n'
        for _ in range(30):
            yield ROW.encode()

    small = settings.model_copy(update={"max_import_bytes": 1_000})
    async with serving(create_app(small, database_url)) as url, new_client(url) as client:
        body = {"email": new_email(), "password": PASSWORD}
        await client.post("/api/auth/register", json=body)
        headers = {"Content-Type": content_type}
        response = await client.post("/api/metrics/import", content=pieces(), headers=headers)
        assert (response.status_code, response.json()["code"]) == (413, "too_large")
        assert (await client.get("/api/connections")).json()["items"] == []
