"""Every POST that creates takes an `Idempotency-Key`; the tests run over the table of routes."""

import datetime as dt
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from secrets import token_hex
from typing import Any

import anyio
import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import select, update

from api.app import create_app
from api.deps import UserSessionDep
from api.idempotency import CreatingRoute
from core.clock import utc_now
from core.settings import Settings
from graph.rescue import Rescuer
from graph.suite import Suite
from storage.database import Database
from storage.idempotency import lock_key
from storage.models import IdempotencyKey
from tests.conftest import PASSWORD, Creator, SignUp, new_client, new_email, serving
from tests.integration.test_accounts import code, log_in, register
from tests.routes import Route, every_operation, parameters_of


async def _list(creator: httpx.AsyncClient, path: str | None) -> list[dict[str, Any]]:
    """Return what there is; nothing where there is no list."""
    if path is None:
        return []
    response = await creator.get(path, params={"limit": 100})
    items: list[dict[str, Any]] = response.json()["items"]
    return items


async def _nothing(creator: Creator) -> None:
    """Return nothing: the path of the route is whole."""


async def _import_followers(creator: Creator) -> None:
    """Let a goal have something to start from."""
    day = utc_now().date() - dt.timedelta(days=1)
    rows = f"platform,account,date,metric,value\ninstagram,mira,{day},followers,10000\n"
    headers = {"Content-Type": "text/csv"}
    await creator.post("/api/metrics/import", content=rows, headers=headers)


async def _ask(creator: Creator) -> str:
    """Get an answer, and return its id."""
    question = {"id": token_hex(4), "message": "How many followers do I have?"}
    await creator.post("/api/chat", json=question)
    conversation = (await creator.get(f"/api/conversations/{question['id']}")).json()
    message_id: str = conversation["messages"][1]["id"]
    return message_id


GOAL = {"metric": "followers", "target_value": 20_000}
CALENDAR: dict[str, Any] = {
    "kind": "content_calendar",
    "input": {
        "goal": "More listeners",
        "start": "2126-12-01",  # long after any run of this test
        "end": "2126-12-31",
        "platforms": ["instagram"],
        "posts_per_week": 4,
    },
}


@dataclass(frozen=True, kw_only=True)
class Creation:
    """How a route creates: a body, another one, and where to see what there is."""

    body: dict[str, Any]
    other_body: dict[str, Any]
    status: int = 201
    list_path: str | None = None
    prepare: Callable[[Creator], Awaitable[str | None]] = _nothing

    async def path(self, route: Route, creator: Creator) -> str:
        """Return the address to post to, having made what it needs."""
        found = await self.prepare(creator)
        head, _, tail = route[1].partition("{")
        return route[1] if found is None else f"{head}{found}{tail.partition('}')[2]}"


CREATIONS: dict[Route, Creation] = {
    ("POST", "/api/api-keys"): Creation(
        body={"name": "My website"}, other_body={"name": "My app"}, list_path="/api/api-keys"
    ),
    ("POST", "/api/goals"): Creation(
        body=GOAL, other_body=GOAL | {"target_value": 2}, list_path="/api/goals",
        prepare=_import_followers,
    ),
    ("POST", "/api/jobs"): Creation(
        body=CALENDAR, other_body=CALENDAR | {"input": CALENDAR["input"] | {"goal": "Fewer posts"}},
        status=202, list_path="/api/jobs", prepare=_import_followers,
    ),
    ("POST", "/api/messages/{message_id}/feedback"): Creation(
        body={"rating": "up"}, other_body={"rating": "down"}, prepare=_ask,
    ),
}  # fmt: skip
# What there is one of a day, whatever the key: test_cron.py.
ONCE_A_DAY = {("POST", "/api/insights/generate")}
# POSTs that take no key, and why a repetition does no harm.
WITHOUT_KEY = {
    ("POST", "/api/auth/register"): "nobody is signed in yet; an e-mail has one account",
    ("POST", "/api/auth/login"): "each sign-in is one of its own",
    ("POST", "/api/auth/demo"): "each sign-in is one of its own",
    ("POST", "/api/auth/logout"): "creates nothing",
    ("POST", "/api/chat"): "the id of the message is its key, and is valid for good",
    ("POST", "/api/chat/{key}/stop"): "creates nothing",
    ("POST", "/api/runs/{run_id}/resume"): "the same decisions again follow the same run",
    ("POST", "/api/insights/{insight_id}/read"): "creates nothing",
    ("POST", "/api/insights/{insight_id}/dismiss"): "creates nothing",
    ("POST", "/api/admin/jobs/{job_id}/retry"): "creates nothing: the same job is queued again",
    ("POST", "/api/admin/deliveries/{delivery_id}/replay"): "creates nothing: it has its id",
    ("POST", "/api/callbacks/jobs/{job_id}"): "engines number their messages",
    ("POST", "/api/webhooks/qstash/{kind}"): "QStash numbers its messages",
    ("POST", "/api/jobs/{job_id}/cancel"): "creates nothing",
    ("POST", "/api/jobs/{job_id}/retry"): "creates nothing: the same job is queued again",
    ("POST", "/api/auth/verify-email"): "the token works once",
    ("POST", "/api/auth/forgot-password"): "there is one mail in five minutes",
    ("POST", "/api/auth/reset-password"): "the token works once",
    ("POST", "/api/me/password"): "creates nothing",
    ("POST", "/api/me/verify-email"): "there is one mail in five minutes",
    ("POST", "/api/notifications/read"): "creates nothing",
    ("POST", "/api/notifications/{notification_id}/read"): "creates nothing",
    ("POST", "/api/notifications/{notification_id}/dismiss"): "creates nothing",
    ("POST", "/api/cron/generate-insights"): "each user has one job of a day",
    ("POST", "/api/metrics/import"): "the same file again changes nothing",
}
KEY = "Idempotency-Key"

every_creation = pytest.mark.parametrize("route", CREATIONS, ids=" ".join)


def test_every_post_creates_by_key_or_says_here_why_not() -> None:
    posts = {route: it for route, it in every_operation().items() if route[0] == "POST"}
    with_key = {route for route, operation in posts.items() if KEY in parameters_of(operation)}
    assert with_key == set(CREATIONS) | ONCE_A_DAY
    assert set(posts) - with_key == set(WITHOUT_KEY)


@every_creation
def test_the_key_and_its_errors_are_in_the_description(route: Route) -> None:
    operation = every_operation()[route]
    assert "`idempotency_key_in_use`" in operation["responses"]["409"]["description"]
    assert "`idempotency_key_reused`" in operation["responses"]["422"]["description"]
    assert str(CREATIONS[route].status) in operation["responses"]


@every_creation
async def test_the_same_request_creates_once_and_is_answered_alike(
    sign_up: SignUp, route: Route
) -> None:
    creator, creation = await sign_up(), CREATIONS[route]
    path = await creation.path(route, creator)
    before = len(await _list(creator, creation.list_path))
    headers = {KEY: "once"}
    first, again = [await creator.post(path, json=creation.body, headers=headers) for _ in range(2)]
    assert {first.status_code, again.status_code} == {creation.status}, first.text
    assert again.content == first.content
    assert again.headers["Content-Type"] == first.headers["Content-Type"]
    assert len(await _list(creator, creation.list_path)) <= before + 1
    new = await creator.post(path, json=creation.other_body, headers={KEY: "another"})
    assert new.content != first.content


@every_creation
async def test_the_same_key_with_another_body_is_refused(sign_up: SignUp, route: Route) -> None:
    creator, creation = await sign_up(), CREATIONS[route]
    path = await creation.path(route, creator)
    await creator.post(path, json=creation.body, headers={KEY: "once"})
    before = await _list(creator, creation.list_path)
    refused = await creator.post(path, json=creation.other_body, headers={KEY: "once"})
    assert code(refused) == (422, "idempotency_key_reused")
    assert await _list(creator, creation.list_path) == before


@every_creation
async def test_another_users_key_is_another_key(sign_up: SignUp, route: Route) -> None:
    creation = CREATIONS[route]
    answers = []
    for _ in range(2):
        creator = await sign_up()
        path = await creation.path(route, creator)
        answers.append(await creator.post(path, json=creation.body, headers={KEY: "once"}))
    assert {answer.status_code for answer in answers} == {creation.status}
    assert answers[0].content != answers[1].content


@every_creation
async def test_a_request_that_is_being_worked_on_answers_409(
    sign_up: SignUp, database: Database, route: Route
) -> None:
    creator, creation = await sign_up(), CREATIONS[route]
    path = await creation.path(route, creator)
    before = await _list(creator, creation.list_path)
    async with database.user_session(creator.user_id) as session:
        assert await lock_key(session, creator.user_id, f"POST {path}", "once")
        busy = await creator.post(path, json=creation.body, headers={KEY: "once"})
    assert code(busy) == (409, "idempotency_key_in_use")
    assert busy.headers["Retry-After"] == str(busy.json()["retry_after"]) == "1"
    assert await _list(creator, creation.list_path) == before
    done = await creator.post(path, json=creation.body, headers={KEY: "once"})
    assert done.status_code == creation.status


@every_creation
async def test_many_at_once_create_one(sign_up: SignUp, route: Route) -> None:
    creator, creation = await sign_up(), CREATIONS[route]
    path = await creation.path(route, creator)
    before = len(await _list(creator, creation.list_path))
    answers: list[httpx.Response] = []

    async def post() -> None:
        answers.append(await creator.post(path, json=creation.body, headers={KEY: "once"}))

    async with anyio.create_task_group() as posts:
        for _ in range(6):
            posts.start_soon(post)
    assert {answer.status_code for answer in answers} <= {creation.status, 409}
    assert len({answer.content for answer in answers if answer.status_code != 409}) == 1
    assert len(await _list(creator, creation.list_path)) <= before + 1


@every_creation
async def test_a_request_that_failed_leaves_no_key_behind(sign_up: SignUp, route: Route) -> None:
    creator, creation = await sign_up(), CREATIONS[route]
    path = await creation.path(route, creator)
    failed = await creator.post(path, json={}, headers={KEY: "once"})
    assert code(failed) == (422, "validation_failed")
    done = await creator.post(path, json=creation.body, headers={KEY: "once"})
    assert done.status_code == creation.status


# --- the mechanism ---


@pytest.mark.parametrize(("key", "status"), [("", 422), ("x" * 255, 201), ("x" * 256, 422)])
async def test_a_key_has_1_to_255_characters(sign_up: SignUp, key: str, status: int) -> None:
    creator = await sign_up()
    answer = await creator.post("/api/api-keys", json={"name": "x"}, headers={KEY: key})
    assert answer.status_code == status


async def test_a_key_is_forgotten_after_a_day(
    settings: Settings, database_url: str, database: Database
) -> None:
    now = utc_now()
    app = create_app(settings, database_url, clock=lambda: now)
    async with serving(app) as url, new_client(url) as client:
        await register(client, new_email())

        async def create() -> str:
            body, headers = {"name": "x"}, {KEY: "daily"}
            response = await client.post("/api/api-keys", json=body, headers=headers)
            created: str = response.json()["id"]
            return created

        first = await create()
        now += dt.timedelta(hours=23, minutes=59)
        assert await create() == first
        now += dt.timedelta(minutes=2)
        second = await create()
        assert second != first
        assert await create() == second


async def test_expired_answers_are_deleted(suite: Suite, sign_up: SignUp) -> None:
    creator = await sign_up()
    for key in ("old", "new"):
        await creator.post("/api/api-keys", json={"name": key}, headers={KEY: key})
    async with suite.database.user_session(creator.user_id) as session:
        old = utc_now() - dt.timedelta(hours=24, seconds=1)
        is_old = IdempotencyKey.key == "old"
        await session.execute(update(IdempotencyKey).where(is_old).values(created_at=old))
    await Rescuer(suite).prune()
    async with suite.database.user_session(creator.user_id) as session:
        assert (await session.scalars(select(IdempotencyKey.key))).all() == ["new"]


async def test_a_kept_answer_is_readable_with_the_token_of_its_request_only(
    api: httpx.AsyncClient, database: Database
) -> None:
    email = new_email()
    user_id = (await register(api, email)).json()["user"]["id"]
    created = await api.post("/api/api-keys", json={"name": "x"}, headers={KEY: "once"})
    secret = created.json()["key"]
    async with database.service_session() as session:
        mine = select(IdempotencyKey.answer).where(IdempotencyKey.user_id == user_id)
        kept = (await session.scalars(mine)).one()
    assert secret.encode() not in kept
    assert (await log_in(api, email, PASSWORD)).status_code == 200
    elsewhere = await api.post("/api/api-keys", json={"name": "x"}, headers={KEY: "once"})
    assert code(elsewhere) == (422, "idempotency_key_reused")


async def test_what_fails_after_its_work_leaves_neither_work_nor_key(
    app: FastAPI, sign_up: SignUp, database: Database
) -> None:
    creator = await sign_up()
    has_failed = False

    async def create(session: UserSessionDep) -> str:
        nonlocal has_failed
        name = token_hex(4)
        key = IdempotencyKey(
            user_id=creator.user_id, route="x", key=name, body_hash=b"", status=1, answer=b"",
            created_at=utc_now(),
        )  # fmt: skip
        session.add(key)
        await session.flush()
        if not has_failed:
            has_failed = True
            raise RuntimeError
        return name

    app.router.routes.append(CreatingRoute("/failing", create, methods=["POST"], status_code=201))
    first, second, third = [await creator.post("/failing", headers={KEY: "x"}) for _ in range(3)]
    assert (first.status_code, second.status_code, third.status_code) == (500, 201, 201)
    assert second.content == third.content
    async with database.user_session(creator.user_id) as session:
        rows = (await session.scalars(select(IdempotencyKey.route))).all()
    assert sorted(rows) == ["POST /failing", "x"]


async def test_no_byte_of_an_address_breaks_a_key(sign_up: SignUp) -> None:
    creator = await sign_up()
    content = b'{"name": "x"}'
    head = (
        b"POST /api/api-keys?x=\xff HTTP/1.1\r\nHost: localhost\r\nIdempotency-Key: \xfc\r\n"
        b"Authorization: Bearer %b\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
    ) % (creator.token.encode(), len(content))
    async with await anyio.connect_tcp("127.0.0.1", creator.base_url.port or 0) as stream:
        await stream.send(head + content)
        answer = await stream.receive()
    assert answer.split()[1] in {b"201", b"400"}


async def test_without_a_key_each_request_creates(sign_up: SignUp) -> None:
    creator = await sign_up()
    ids = {(await creator.post("/api/api-keys", json={"name": "x"})).json()["id"] for _ in range(2)}
    assert len(ids) == 2
