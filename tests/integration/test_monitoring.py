"""Metrics and readiness: who may read them, what moves them, and how few labels they have."""

import secrets
import shutil
import socket
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import anyio
import httpx
import pytest
from fastapi import FastAPI
from pydantic import SecretStr
from sqlalchemy import create_engine, text
from sqlalchemy.pool import NullPool

from api.app import create_app
from api.health import PATIENCE_SECONDS
from core.settings import Settings
from storage.embedded import EmbeddedServer
from storage.embedded_cluster import Cluster, prepare_cluster
from storage.embedded_postmaster import ensure_created, ensure_started, stop
from storage.provision import prepare_embedded
from tests.conftest import SignUp, new_client, serving
from tests.integration.test_http import assert_problem
from tests.metrics import scrape

TOKEN = "a long enough token"
ELSEWHERE = ("203.0.113.7", 40000)

# --- who may read the metrics ---


@pytest.fixture
async def elsewhere(
    settings: Settings, database_url: str, request: pytest.FixtureRequest
) -> AsyncIterator[httpx.AsyncClient]:
    """Return a client on another machine; the parameter is METRICS_TOKEN."""
    token = SecretStr(request.param) if request.param else None
    app = create_app(settings.model_copy(update={"metrics_token": token}), database_url)
    transport = httpx.ASGITransport(app, client=ELSEWHERE)
    async with (
        serving(app),
        httpx.AsyncClient(transport=transport, base_url="http://localhost") as client,
    ):
        yield client


async def test_this_machine_reads_the_metrics(api: httpx.AsyncClient) -> None:
    response = await api.get("/metrics")
    assert response.status_code == 200
    assert response.headers["Content-Type"].startswith("text/plain; version=")
    assert "# TYPE dreamsuite_runs_total counter" in response.text
    assert "process_resident_memory_bytes" in response.text


@pytest.mark.parametrize("header", ["X-Forwarded-For", "Forwarded", "X-Real-IP", "Via"])
async def test_a_proxy_on_this_machine_does_not_show_the_metrics_to_the_world(
    api: httpx.AsyncClient, header: str
) -> None:
    response = await api.get("/metrics", headers={header: "127.0.0.1"})
    assert_problem(response, 404, "not_found")


@pytest.mark.parametrize("elsewhere", [None], indirect=True)
@pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer "}])
async def test_without_a_token_nobody_else_reads_the_metrics(
    elsewhere: httpx.AsyncClient, headers: dict[str, str]
) -> None:
    problem = assert_problem(await elsewhere.get("/metrics", headers=headers), 404, "not_found")
    assert "METRICS_TOKEN" in problem["detail"]


@pytest.mark.parametrize("elsewhere", [TOKEN], indirect=True)
@pytest.mark.parametrize("sent", [None, "", "Bearer", "Bearer wrong", TOKEN, f"Basic {TOKEN}", "é"])
async def test_a_wrong_token_is_refused(elsewhere: httpx.AsyncClient, sent: str | None) -> None:
    headers = {} if sent is None else {b"Authorization": sent.encode()}
    response = await elsewhere.get("/metrics", headers=headers)
    assert_problem(response, 401, "unauthenticated")
    assert response.headers["WWW-Authenticate"] == "Bearer"
    assert TOKEN not in response.text


@pytest.mark.parametrize("elsewhere", [TOKEN], indirect=True)
async def test_the_right_token_reads_the_metrics(elsewhere: httpx.AsyncClient) -> None:
    response = await elsewhere.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"})
    assert response.status_code == 200
    assert "dreamsuite_open_runs" in response.text


# --- requests ---


async def test_requests_are_counted_by_route_and_status(
    api: httpx.AsyncClient, sign_up: SignUp
) -> None:
    creator = await sign_up()
    before = await scrape(api)
    await creator.get("/api/conversations/one")
    await creator.get("/api/conversations/two")
    await creator.get("/api/conversations")
    await api.put("/api/auth/login")
    await api.get("/api/nothing")
    found = await scrape(api, since=before)

    def count(method: str, route: str, status: str) -> float:
        return found.get("http_requests_total", method=method, route=route, status=status)

    assert count("GET", "/api/conversations/{key}", "404") == 2
    assert count("GET", "/api/conversations", "200") == 1
    assert count("PUT", "/api/auth/login", "405") == 1
    assert count("GET", "unknown", "404") == 1
    seconds = {"method": "GET", "route": "/api/conversations/{key}"}
    assert found.get("http_request_seconds_count", **seconds) == 2


async def test_a_failure_is_counted_as_what_the_client_was_told(
    app: FastAPI, api: httpx.AsyncClient
) -> None:
    @app.get("/failing")
    async def fail() -> None:
        raise RuntimeError

    before = await scrape(api)
    await api.get("/failing")
    found = await scrape(api, since=before)
    assert found.get("http_requests_total", method="GET", route="/failing", status="500") == 1


async def test_ids_paths_and_invented_methods_make_no_new_labels(
    api: httpx.AsyncClient, sign_up: SignUp
) -> None:
    creator = await sign_up()

    async def ask_around() -> None:
        for _ in range(3):
            key = secrets.token_hex(6)
            await creator.get(f"/api/conversations/{key}?search={key}")
            await creator.post(f"/api/chat/{key}/stop")
            await creator.get(f"/{key}/{key}")
            await creator.request("PROPFIND", f"/api/{key}")
            await creator.get("/api/me", headers={"User-Agent": key, "Host": f"{key}.example"})

    await ask_around()
    await scrape(api)
    before = await scrape(api)
    await ask_around()
    found = await scrape(api, since=before)
    assert found.series == before.series
    invented = {"method": "unknown", "route": "unknown", "status": "404"}
    assert found.get("http_requests_total", **invented) == 3


async def test_connections_of_the_pool_are_shown(
    api: httpx.AsyncClient, settings: Settings
) -> None:
    assert (await api.get("/readyz")).status_code == 200
    found = await scrape(api)
    assert found.get("database_connections", state="size") == settings.database_pool_size
    assert found.get("database_connections", state="in_use") == 0


async def test_a_blocked_event_loop_shows_in_its_lag(api: httpx.AsyncClient) -> None:
    before = await scrape(api)
    await anyio.sleep(0.6)
    calm = await scrape(api, since=before)
    assert calm.get("event_loop_lag_seconds_count") >= 1
    time.sleep(1.2)  # noqa: ASYNC251  # this is the loop of the server
    await anyio.sleep(0.1)
    found = await scrape(api, since=before)
    late = found.get("event_loop_lag_seconds_count") - found.get(
        "event_loop_lag_seconds_bucket", le="0.5"
    )
    assert late == 1
    assert found.get("event_loop_lag_seconds_sum") > 0.9


# --- readiness ---


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Cluster]:
    """Return a PostgreSQL of the test's own, started, which nobody starts again but the test."""
    cluster = prepare_cluster(tmp_path / "own")
    ensure_created(cluster)
    ensure_started(cluster)
    yield cluster
    stop(cluster)
    shutil.rmtree(cluster.folder)


async def assert_not_ready(client: httpx.AsyncClient, part: str) -> None:
    """Check that the server says why it is not ready, soon, and that it is alive."""
    with anyio.fail_after(PATIENCE_SECONDS + 3):
        problem = assert_problem(await client.get("/readyz"), 503, "not_ready")
    assert problem["part"] == part
    assert (await client.get("/healthz")).json() == {"status": "ok"}


async def test_the_server_is_not_ready_while_postgresql_is_stopped(
    settings: Settings, cluster: Cluster
) -> None:
    server = EmbeddedServer(socket_dir=ensure_started(cluster), binaries=cluster.binaries)
    url = prepare_embedded(server)
    async with serving(create_app(settings, url)) as address, new_client(address) as client:
        assert (await client.get("/readyz")).json() == {"status": "ok"}
        stop(cluster)
        await assert_not_ready(client, "database")
        ensure_started(cluster)
        assert (await client.get("/readyz")).json() == {"status": "ok"}


async def test_a_database_that_never_answers_is_not_waited_for(settings: Settings) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"postgresql+psycopg://dream@127.0.0.1:{silent.getsockname()[1]}/suite"
        async with serving(create_app(settings, url)) as address, new_client(address) as client:
            await assert_not_ready(client, "database")


@pytest.mark.parametrize(("revision", "is_ready"), [("0001", False), ("", False), ("9999", True)])
async def test_the_server_is_not_ready_on_an_older_database_but_on_a_newer_one(
    settings: Settings, database_url: str, owner_url: str, *, revision: str, is_ready: bool
) -> None:
    set_revision(owner_url, revision)
    app = create_app(settings, database_url)
    async with serving(app) as address, new_client(address) as client:
        if is_ready:
            assert (await client.get("/readyz")).status_code == 200
        else:
            await assert_not_ready(client, "migrations")


def set_revision(owner_url: str, revision: str) -> None:
    with create_engine(owner_url, poolclass=NullPool).begin() as connection:
        connection.execute(text("DELETE FROM alembic_version"))
        if revision:
            connection.execute(text("INSERT INTO alembic_version VALUES (:r)"), {"r": revision})


async def test_a_server_that_was_told_to_stop_is_not_ready(
    app: FastAPI, api: httpx.AsyncClient
) -> None:
    app.state.is_stopping = True
    await assert_not_ready(api, "shutdown")
