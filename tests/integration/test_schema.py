"""The whole API, asked by its own description: schemathesis makes the requests up.

Nothing it sends gets a 500, every answer is one that the description has, and every error is
problem JSON.
"""

import asyncio
import datetime as dt
import threading
import zlib
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from http import HTTPStatus
from typing import Any

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from pydantic import SecretStr
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.transport import Response
from schemathesis.schemas import BaseSchema as OpenApiSchema
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from api.app import create_app
from core.clock import utc_now
from storage.database import Database
from storage.models import Insight, Notification, new_id
from tests.conftest import (
    PASSWORD,
    Postgres,
    SealedModelSettings,
    SealedSettings,
    new_email,
    serving,
)
from tests.routes import Route, every_operation

pytestmark = pytest.mark.filterwarnings("ignore:Do not use the `random` module")  # schemathesis's

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
OFFLINE = SealedModelSettings(model="offline")
PUBLIC = {
    "/api/auth/login",
    "/api/auth/register",
    "/api/auth/forgot-password",
    "/api/auth/session",
    "/api/auth/demo",
    "/healthz",
    "/readyz",
    "/metrics",
}
ENDLESS = "/api/events"  # a stream that ends with its client only
EXAMPLES = settings(
    max_examples=5,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)


@dataclass(frozen=True, kw_only=True)
class Served:
    """A running server, and somebody who has something there."""

    url: str
    email: str
    ids: dict[str, str]
    headers: dict[str, str]

    def sign_in(self) -> dict[str, str]:
        """Return the headers of another sign-in."""
        body = {"email": self.email, "password": PASSWORD}
        answer = httpx.post(f"{self.url}/api/auth/login", json=body, trust_env=False).json()
        return {"Authorization": f"Bearer {answer['token']}"}


@pytest.fixture(scope="module")
def database_name(postgres: Postgres) -> Iterator[str]:
    """Return a database that the module's tests share."""
    with postgres.temporary_database() as name:
        yield name


@pytest.fixture(scope="module")
def served(
    postgres: Postgres, database_name: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Served]:
    """Serve in a thread, since schemathesis waits for each answer."""
    database_url = postgres.app_url(database_name)
    settings = SealedSettings(
        port=0,
        data_dir=tmp_path_factory.mktemp("data"),
        database_url=SecretStr(database_url),
        chat=OFFLINE,
        login_attempts=1000,
        mail_url=SecretStr("files"),
        cron_secret=SecretStr("nobody makes this up"),
    )
    ready = threading.Event()
    stop: list[Callable[[], object]] = []
    url: list[str] = []

    async def serve() -> None:
        stopped = asyncio.Event()
        loop = asyncio.get_running_loop()
        stop.append(partial(loop.call_soon_threadsafe, stopped.set))
        async with serving(create_app(settings, database_url)) as address:
            url.append(address)
            ready.set()
            await stopped.wait()

    thread = threading.Thread(target=lambda: asyncio.run(serve()))
    thread.start()
    assert ready.wait(timeout=60)
    try:
        yield asyncio.run(live(url[0], database_url))
    finally:
        stop[0]()
        thread.join()


async def live(url: str, database_url: str) -> Served:
    """Make one of everything that routes are about."""
    email, day = new_email(), utc_now().date()
    async with httpx.AsyncClient(base_url=url, trust_env=False, timeout=30) as client:
        body = {"email": email, "password": PASSWORD}
        registered = (await client.post("/api/auth/register", json=body)).json()
        user_id = registered["user"]["id"]
        rows = f"platform,account,date,metric,value\ninstagram,mira,{day},followers,10000\n"
        csv = {"Content-Type": "text/csv"}
        await client.post("/api/metrics/import", content=rows, headers=csv)
        question = {"id": "first", "message": "How many followers do I have?"}
        asked = await client.post("/api/chat", json=question)
        conversation = (await client.get("/api/conversations/first")).json()
        goal = {"metric": "followers", "target_value": 20000}
        ids = {
            "key": "first",
            "run_id": asked.headers["X-Run-Id"],
            "message_id": conversation["messages"][1]["id"],
            "goal_id": (await client.post("/api/goals", json=goal)).json()["id"],
            "job_id": await end_a_job(client),
            "key_id": (await client.post("/api/api-keys", json={"name": "x"})).json()["id"],
        }
    insight = Insight(
        id=new_id(), user_id=user_id, type="goal", priority="low", title="x", message="x",
        local_date=day, finding="x",
    )  # fmt: skip
    notification = Notification(
        id=new_id(), user_id=user_id, type="insight", title="x", message="x", cause="x",
        expires_at=utc_now() + dt.timedelta(days=1),
    )  # fmt: skip
    database = Database(database_url)
    async with database.user_session(insight.user_id) as session:
        session.add_all([insight, notification])
    await database.close()
    return Served(
        url=url,
        email=email,
        ids=ids | {"insight_id": str(insight.id), "notification_id": str(notification.id)},
        headers={"Authorization": f"Bearer {registered['token']}"},
    )


async def end_a_job(client: httpx.AsyncClient) -> str:
    """Ask for a job, and cancel it: to follow one that is open has no end."""
    asked = {
        "goal": "Be heard", "niche": "folk", "hours_per_week": 5, "platforms": ["instagram"],
        "posts_per_week": 2, "start": "2126-12-01",
    }  # fmt: skip
    job = (await client.post("/api/jobs", json={"kind": "onboarding", "input": asked})).json()
    job_id: str = job["id"]
    await client.post(f"/api/jobs/{job_id}/cancel")
    return job_id


@pytest.fixture(scope="module")
def description(served: Served) -> OpenApiSchema:
    return schemathesis.openapi.from_url(f"{served.url}/openapi.json")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Make a test of each operation that the description has."""
    routes = sorted(route for route in every_operation() if route[1] != ENDLESS)
    metafunc.parametrize("route", routes, ids=" ".join)


def test_what_is_made_up_is_answered_as_described(
    description: OpenApiSchema, served: Served, route: Route
) -> None:
    def ask_signed_in(case: Any) -> None:
        about = zlib.crc32(repr((case.query, case.body)).encode())
        if about % 2:  # half of the requests are about something that exists
            known = served.ids.keys() & (case.path_parameters or {})
            case.path_parameters.update({name: served.ids[name] for name in known})
        is_ending = route == ("POST", "/api/auth/logout")
        ask(case, served, headers=served.sign_in() if is_ending else served.headers)

    make_up(description, route, ask_signed_in)


def test_without_a_sign_in_there_is_nothing_but_what_is_public(
    description: OpenApiSchema, served: Served, route: Route
) -> None:
    def ask_signed_out(case: Any) -> None:
        case.cookies = {}
        response = ask(case, served, headers={})
        if route[1] not in PUBLIC:
            assert response.status_code in {400, 401, 403, 422}, response.text

    make_up(description, route, ask_signed_out)


def make_up(description: OpenApiSchema, route: Route, check: Callable[[Any], None]) -> None:
    """Check requests that fit the description of a route, and some that do not."""
    method, path = route
    operation = description[path][method]
    for mode in GenerationMode:
        with suppress(Unsatisfiable):  # where nothing can be sent, nothing is wrong
            EXAMPLES(given(operation.as_strategy(generation_mode=mode))(check))()


def ask(case: Any, served: Served, headers: dict[str, str]) -> Response:
    """Send a request; whatever the answer is, it has to be one of the description."""
    response: Response = case.call(base_url=served.url, headers=headers)
    is_stream = response.headers.get("content-type") == ["text/event-stream; charset=utf-8"]
    # Of a stream only the head: its frames have tests of their own.
    checks = [each for each in CHECKS if each is not response_schema_conformance or not is_stream]
    case.validate_response(response, checks=checks, headers=headers)
    if response.status_code >= HTTPStatus.BAD_REQUEST:
        assert response.headers["content-type"] == ["application/problem+json"]
        assert response.json()["status"] == response.status_code
        assert response.json()["code"]
    return response
