"""What holds for every request: problem JSON, hosts, headers, body limits, text, transactions."""

import json
import re
from collections.abc import AsyncIterator
from secrets import token_hex
from typing import Any, get_args

import anyio
import httpx
import pytest
from fastapi import FastAPI, Request
from fastapi.responses import StreamingResponse
from fastapi.routing import APIRoute
from pydantic import BaseModel
from sqlalchemy import func, select, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.ext.asyncio import AsyncSession

from api.app import ROUTERS, create_app
from api.bodies import RequestBody
from api.deps import UserSessionDep
from core import errors
from core.settings import Settings
from storage.database import Database
from storage.models import PlatformConnection
from tests.conftest import Creator, Postgres, SignUp, new_client, new_email, serving

SECRET = "secret-that-nobody-may-see"
TEXT = {"content-type": "text/plain"}
JSON = {"content-type": "application/json"}


def assert_problem(response: httpx.Response, status: int, code: str) -> dict[str, Any]:
    problem: dict[str, Any] = response.json()
    assert response.status_code == problem["status"] == status
    assert response.headers["Content-Type"] == "application/problem+json"
    assert problem["code"] == code
    assert problem["type"] == f"urn:dreamsuite:problem:{code}"
    assert problem["title"] == code.replace("_", " ").capitalize()
    assert problem["detail"]
    return problem


# --- errors ---


ERRORS: list[tuple[errors.AppError, int, str]] = [
    (errors.InvalidError(), 400, "invalid"),
    (errors.UnauthenticatedError(), 401, "unauthenticated"),
    (errors.PaymentRequiredError(), 402, "payment_required"),
    (errors.ForbiddenError(), 403, "forbidden"),
    (errors.NotFoundError(), 404, "not_found"),
    (errors.ConflictError(), 409, "conflict"),
    (errors.TooLargeError(), 413, "too_large"),
    (errors.UnsupportedMediaError(), 415, "unsupported_media"),
    (errors.UnprocessableError(), 422, "unprocessable"),
    (errors.LimitError(retry_after=7), 429, "rate_limited"),
    (errors.UpstreamError(), 502, "upstream_failed"),
    (errors.UnavailableError(retry_after=7), 503, "unavailable"),
]


@pytest.mark.parametrize(("error", "status", "code"), ERRORS, ids=[code for *_, code in ERRORS])
async def test_each_error_has_its_status_and_code(
    app: FastAPI, api: httpx.AsyncClient, error: errors.AppError, status: int, code: str
) -> None:
    @app.get("/failing")
    async def fail() -> None:
        raise error

    response = await api.get("/failing")
    problem = assert_problem(response, status, code)
    assert problem["detail"] == error.detail
    assert response.headers.get("WWW-Authenticate") == ("Bearer" if status == 401 else None)
    assert response.headers.get("Retry-After") == ("7" if status in {429, 503} else None)


@pytest.mark.parametrize("error", [OperationalError("x", {}, Exception()), PoolTimeoutError()])
async def test_a_database_that_is_away_is_503_and_not_500(
    app: FastAPI, api: httpx.AsyncClient, error: Exception
) -> None:
    @app.get("/failing")
    async def fail() -> None:
        raise error

    response = await api.get("/failing")
    assert_problem(response, 503, "database_unavailable")
    assert response.headers["Retry-After"] == "5"


def test_every_kind_of_error_is_in_the_table() -> None:
    kinds = {
        kind
        for kind in vars(errors).values()
        if isinstance(kind, type) and issubclass(kind, errors.AppError)
    }
    assert {type(error) for error, *_ in ERRORS} == kinds - {errors.AppError}


async def test_an_errors_fields_are_members_of_the_problem(
    app: FastAPI, api: httpx.AsyncClient
) -> None:
    @app.get("/failing")
    async def fail() -> None:
        raise errors.LimitError("Three plans a day.", retry_after=0.2, limit=3, status="forged")

    problem = assert_problem(await api.get("/failing"), 429, "rate_limited")
    assert problem["detail"] == "Three plans a day."
    assert (problem["limit"], problem["retry_after"]) == (3, 1)


async def test_what_nobody_expected_is_told_to_the_log_only(
    app: FastAPI, api: httpx.AsyncClient, caplog: pytest.LogCaptureFixture
) -> None:
    @app.get("/failing")
    async def fail() -> None:
        raise RuntimeError(SECRET)

    response = await api.get("/failing")
    problem = assert_problem(response, 500, "internal_error")
    assert SECRET not in response.text
    (record,) = [record for record in caplog.records if record.name == "api.middleware"]
    assert problem["request_id"] == response.headers["X-Request-ID"]
    assert problem["request_id"] in record.getMessage()
    assert SECRET in caplog.text
    assert (await api.get("/healthz")).status_code == 200


async def test_a_failure_in_the_middle_of_an_answer_cuts_it_off(
    app: FastAPI, api: httpx.AsyncClient, caplog: pytest.LogCaptureFixture
) -> None:
    async def halves() -> AsyncIterator[bytes]:
        yield b"half an answer"
        raise RuntimeError(SECRET)

    @app.get("/failing")
    async def fail() -> StreamingResponse:
        return StreamingResponse(halves())

    with pytest.raises(httpx.RemoteProtocolError):
        await api.get("/failing")
    assert "'/failing' failed, request" in caplog.text


async def test_an_unknown_address_is_a_problem(api: httpx.AsyncClient) -> None:
    assert_problem(await api.get("/api/nothing"), 404, "not_found")


async def test_a_wrong_method_is_a_problem_that_names_the_right_ones(
    api: httpx.AsyncClient,
) -> None:
    response = await api.put("/api/auth/login")
    assert_problem(response, 405, "method_not_allowed")
    assert response.headers["Allow"] == "POST"


# --- validation ---


async def test_a_validation_error_names_the_field(api: httpx.AsyncClient) -> None:
    body = {"email": "nobody", "password": "x" * 8}
    problem = assert_problem(
        await api.post("/api/auth/register", json=body), 422, "validation_failed"
    )
    (error,) = problem["errors"]
    assert error["field"] == "body.email"
    assert "@" in error["message"]


@pytest.mark.parametrize(
    "body",
    [
        {"email": "nobody", "password": SECRET},
        {"email": new_email(), "password": [SECRET]},
        {"email": new_email(), "password": {"value": SECRET}},
        {"email": new_email(), "password": SECRET * 10},
        {"email": new_email(), "password": SECRET, "timezone": 7},
        {"email": SECRET, "password": None},
        {"email": new_email(), "password": SECRET + "\0"},
        [SECRET],
        SECRET,
    ],
)
@pytest.mark.parametrize("action", ["register", "login"])
async def test_a_validation_error_never_echoes_what_was_sent(
    api: httpx.AsyncClient, action: str, body: object
) -> None:
    response = await api.post(f"/api/auth/{action}", json=body)
    assert response.status_code in (401, 422)
    assert SECRET not in response.text


@pytest.mark.parametrize(
    ("content", "headers"),
    [
        (f'{{"password": "{SECRET}"', JSON),
        (f'{{"password": "{SECRET}"}}', TEXT),
        (f'{{"password": "{SECRET}"}}'.encode("utf-16") + b"\xff", JSON),
        (b"[" * 100_000, JSON),
        (b"", JSON),
    ],
    ids=["cut off", "not declared as JSON", "not text", "too deep", "empty"],
)
async def test_what_is_not_json_is_refused_without_an_echo(
    api: httpx.AsyncClient, content: bytes | str, headers: dict[str, str]
) -> None:
    response = await api.post("/api/auth/login", content=content, headers=headers)
    assert response.status_code in (400, 422)
    assert response.headers["Content-Type"] == "application/problem+json"
    assert SECRET not in response.text


UNSTORABLE = [
    r'{"locale": "\u0000"}',
    r'{"locale": "e\u0000n"}',
    r'{"locale": "\ud800"}',
    r'{"unknown": {"deep": [["\u0000"]]}}',
    r'{"unknown": {"\udfff": 1}}',
    '{"unknown": ' + "[" * 900 + r'"\u0000"' + "]" * 900 + "}",
    '{"locale": "\0"}'.encode("utf-16"),
]


@pytest.mark.parametrize("content", UNSTORABLE, ids=range(len(UNSTORABLE)))
async def test_text_that_postgresql_cannot_hold_is_refused(
    sign_up: SignUp, content: bytes | str
) -> None:
    creator = await sign_up()
    response = await creator.patch("/api/me", content=content, headers=JSON)
    assert_problem(response, 422, "validation_failed")


async def test_text_that_only_looks_unstorable_is_accepted(sign_up: SignUp) -> None:
    creator = await sign_up()
    content = r'{"locale": "en", "unknown": ["\\u0000", "\ud83d\ude00", "ü", 1, null]}'
    response = await creator.patch("/api/me", content=content, headers=JSON)
    assert response.status_code == 200


def test_every_json_body_of_the_api_is_checked_for_such_text() -> None:
    bodies = {
        model
        for router in ROUTERS
        for route in router.routes
        if isinstance(route, APIRoute)
        for field in route.dependant.body_params
        for model in _models(field.field_info.annotation)
    }
    assert bodies
    assert {model for model in bodies if not issubclass(model, RequestBody)} == set()


def _models(annotation: Any) -> set[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return {annotation}
    return {model for part in get_args(annotation) for model in _models(part)}


@pytest.mark.parametrize("address", ["/api/me?search=%00", "/api/%00", "/%00"])
async def test_an_address_that_postgresql_cannot_hold_is_refused(
    api: httpx.AsyncClient, address: str
) -> None:
    assert_problem(await api.get(address), 400, "invalid_address")


# --- hosts ---


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "localhost", "LOCALHOST:8000", "127.0.0.1:1", "[::1]", "[::1]:8000"]
)
async def test_our_own_names_are_answered_on_any_port(api: httpx.AsyncClient, host: str) -> None:
    assert (await api.get("/healthz", headers={"Host": host})).status_code == 200


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "localhost.evil.example",
        "evil.example:8000",
        "localhost@evil.example",
        "localhost:8000:evil",
        "::1",
        "",
    ],
)
async def test_other_names_are_refused_with_advice(api: httpx.AsyncClient, host: str) -> None:
    response = await api.get("/healthz", headers={"Host": host})
    problem = assert_problem(response, 400, "host_not_allowed")
    assert "ALLOWED_HOSTS" in problem["detail"]


@pytest.mark.parametrize("hosts", [[], ["localhost", "evil.example"]])
async def test_none_or_two_names_are_refused(api: httpx.AsyncClient, hosts: list[str]) -> None:
    lines = "".join(f"Host: {host}\r\n" for host in hosts)
    request = f"GET /healthz HTTP/1.0\r\n{lines}\r\n"
    async with await anyio.connect_tcp("127.0.0.1", api.base_url.port or 0) as stream:
        await stream.send(request.encode())
        answer = await stream.receive()
    assert b" 400 " in answer.splitlines()[0]


async def test_the_operator_decides_which_names_are_answered(
    settings: Settings, database_url: str
) -> None:
    public = settings.model_copy(update={"allowed_hosts": ("Suite.example",)})
    async with serving(create_app(public, database_url)) as url, new_client(url) as client:
        assert (await client.get("/healthz")).status_code == 400
        named = await client.get("/healthz", headers={"Host": "suite.example"})
    assert named.status_code == 200


# --- headers ---

SECURITY_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}
STRICT_POLICY = "default-src 'none'; frame-ancestors 'none'"


async def test_every_answer_has_the_security_headers(
    app: FastAPI, api: httpx.AsyncClient, settings: Settings
) -> None:
    @app.get("/failing")
    async def fail() -> None:
        raise RuntimeError

    too_long = b"x" * (settings.max_body_bytes + 1)
    answers = [
        await api.get("/healthz"),
        await api.get("/api/me"),
        await api.get("/failing"),
        await api.get("/healthz", headers={"Host": "evil.example"}),
        await api.post("/api/auth/login", content=too_long),
    ]
    assert [answer.status_code for answer in answers] == [200, 401, 500, 400, 413]
    for answer in answers:
        expected = SECURITY_HEADERS | {"Content-Security-Policy": STRICT_POLICY}
        found = {name: answer.headers.get(name) for name in expected}
        assert found == expected, answer.url
        assert "Strict-Transport-Security" not in answer.headers
    assert len({answer.headers["X-Request-ID"] for answer in answers}) == len(answers)


async def test_browsers_are_told_to_stay_on_https_where_the_cookie_needs_it(
    settings: Settings, database_url: str
) -> None:
    public = settings.model_copy(update={"cookie_secure": True})
    async with serving(create_app(public, database_url)) as url, new_client(url) as client:
        response = await client.get("/healthz")
    assert response.headers["Strict-Transport-Security"] == "max-age=31536000"


async def test_the_docs_page_lists_every_operation_and_needs_no_other_host(
    api: httpx.AsyncClient,
) -> None:
    response = await api.get("/docs")
    schema = (await api.get("/openapi.json")).json()
    assert response.status_code == 200
    for path in schema["paths"]:
        assert f"<code>{path}</code>" in response.text
    assert re.search(r"<script|<link|<img|//", response.text) is None
    policy = response.headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; style-src 'sha256-")


async def test_the_schema_describes_errors_as_problems(api: httpx.AsyncClient) -> None:
    schema = (await api.get("/openapi.json")).json()
    for path, operations in schema["paths"].items():
        for method, operation in operations.items():
            for status, answer in operation["responses"].items():
                if status >= "400":
                    assert list(answer["content"]) == ["application/problem+json"], (path, method)
    references = set(re.findall(r"#/components/schemas/([\w-]+)", json.dumps(schema)))
    assert references <= set(schema["components"]["schemas"])
    assert "HTTPValidationError" not in references


# --- body limits ---


def login_of(size: int) -> bytes:
    """Return a JSON body of so many bytes that fits the login's schema but for its length."""
    empty = len(json.dumps({"email": "", "password": "x"}))
    return json.dumps({"email": "x" * (size - empty), "password": "x"}).encode()


async def chunks_of(content: bytes) -> AsyncIterator[bytes]:
    for start in range(0, len(content), 65_536):
        yield content[start : start + 65_536]


@pytest.mark.parametrize("is_chunked", [False, True], ids=["declared", "chunked"])
async def test_a_body_is_refused_from_its_first_byte_too_many(
    api: httpx.AsyncClient, settings: Settings, is_chunked: bool
) -> None:
    async def post(size: int) -> httpx.Response:
        body = login_of(size)
        content = chunks_of(body) if is_chunked else body
        return await api.post("/api/auth/login", content=content, headers=JSON)

    fitting = await post(settings.max_body_bytes)
    assert_problem(fitting, 422, "validation_failed")
    problem = assert_problem(await post(settings.max_body_bytes + 1), 413, "too_large")
    assert str(settings.max_body_bytes) in problem["detail"]
    assert (await api.get("/healthz")).status_code == 200


async def test_a_body_that_is_declared_too_large_is_refused_before_it_is_sent(
    api: httpx.AsyncClient,
) -> None:
    head = "POST /api/auth/login HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9999999999\r\n\r\n"
    async with await anyio.connect_tcp("127.0.0.1", api.base_url.port or 0) as stream:
        await stream.send(head.encode())
        with anyio.fail_after(10):
            answer = await stream.receive()
    assert b" 413 " in answer.splitlines()[0]


async def test_a_body_that_grows_too_large_while_it_is_read_leaves_nothing_behind(
    app: FastAPI, sign_up: SignUp, database: Database, settings: Settings
) -> None:
    @app.post("/growing")
    async def grow(request: Request, session: UserSessionDep) -> None:
        async for chunk in request.stream():
            if chunk:
                await add_connection(session, creator)

    creator = await sign_up()
    small = await creator.post("/growing", content=chunks_of(b"x"))
    assert small.status_code == 200
    large = await creator.post("/growing", content=chunks_of(b"x" * (settings.max_body_bytes + 1)))
    assert_problem(large, 413, "too_large")
    assert await count_connections(database, creator) == 1


async def test_an_import_may_be_larger_than_other_bodies(
    settings: Settings, database_url: str
) -> None:
    small = settings.model_copy(update={"max_body_bytes": 1_000, "max_import_bytes": 2_000})
    async with serving(create_app(small, database_url)) as url, new_client(url) as client:
        for path, size, status in (
            ("/api/auth/login", 1_001, 413),
            ("/api/metrics/import", 2_000, 401),
            ("/api/metrics/import", 2_001, 413),
        ):
            response = await client.post(path, content=b"x" * size)
            assert response.status_code == status, (path, size)


# --- transactions and readiness ---


async def add_connection(session: AsyncSession, creator: Creator) -> None:
    session.add(
        PlatformConnection(
            user_id=creator.user_id,
            platform="youtube",
            platform_account=token_hex(4),
            username="mara",
            source="import",
        )
    )
    await session.flush()


async def count_connections(database: Database, creator: Creator) -> int:
    async with database.user_session(creator.user_id) as session:
        return await session.scalar(select(func.count()).select_from(PlatformConnection)) or 0


async def test_what_a_request_changed_is_committed_before_it_is_answered(
    app: FastAPI, sign_up: SignUp, database: Database
) -> None:
    async def late_answer() -> AsyncIterator[bytes]:
        yield str(await count_connections(database, creator)).encode()

    @app.post("/writing")
    async def write(session: UserSessionDep) -> StreamingResponse:
        await add_connection(session, creator)
        return StreamingResponse(late_answer())

    creator = await sign_up()
    assert (await creator.post("/writing")).text == "1"


async def test_a_failing_commit_is_never_answered_with_success(
    app: FastAPI, sign_up: SignUp, database: Database
) -> None:
    @app.post("/writing")
    async def write(session: UserSessionDep) -> dict[str, str]:
        await add_connection(session, creator)
        # A deferred constraint is checked by the commit.
        await session.execute(text("CREATE TEMP TABLE parents (id int PRIMARY KEY)"))
        await session.execute(
            text(
                "CREATE TEMP TABLE children"
                " (parent int REFERENCES parents DEFERRABLE INITIALLY DEFERRED)"
            )
        )
        await session.execute(text("INSERT INTO children VALUES (1)"))
        return {"status": "written"}

    creator = await sign_up()
    assert_problem(await creator.post("/writing"), 409, "gone_meanwhile")
    assert await count_connections(database, creator) == 0


async def test_a_broken_rule_of_our_own_is_our_mistake(app: FastAPI, sign_up: SignUp) -> None:
    @app.post("/writing")
    async def write(session: UserSessionDep) -> None:
        await add_connection(session, creator)
        await session.execute(text("UPDATE platform_connections SET platform = 'myspace'"))

    creator = await sign_up()
    assert_problem(await creator.post("/writing"), 500, "internal_error")


async def test_an_error_after_a_write_takes_the_write_back(
    app: FastAPI, sign_up: SignUp, database: Database
) -> None:
    @app.post("/writing")
    async def write(session: UserSessionDep) -> None:
        await add_connection(session, creator)
        raise errors.ConflictError

    creator = await sign_up()
    assert_problem(await creator.post("/writing"), 409, "conflict")
    assert await count_connections(database, creator) == 0


async def test_the_server_is_ready_while_its_database_answers(api: httpx.AsyncClient) -> None:
    assert (await api.get("/readyz")).json() == {"status": "ok"}


async def test_without_its_database_the_server_is_alive_but_not_ready(
    settings: Settings, postgres: Postgres
) -> None:
    app = create_app(settings, postgres.app_url("no_such_database"))
    async with serving(app) as url, new_client(url) as client:
        assert_problem(await client.get("/readyz"), 503, "not_ready")
        assert (await client.get("/healthz")).json() == {"status": "ok"}
