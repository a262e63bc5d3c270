"""User B reaches nothing of user A, by any route and with any body."""

import datetime as dt
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import create_engine, select
from sqlalchemy.pool import NullPool

from api.deps import SESSION_COOKIE
from core.clock import utc_now
from core.settings import Settings
from domain.plans.stored import create_plan
from storage.database import Database
from storage.models import Base, Insight, Job, Notification, new_id
from tests.conftest import PASSWORD, Creator, SignUp, new_client
from tests.e2e.scripted_model import ScriptedModel, calls, gate, says
from tests.e2e.streams import ask, asking, question
from tests.integration.test_storage_security import OF_NOBODY
from tests.routes import list_routes
from tests.unit.plans.test_rules import plan as sample_plan

PRIVATE_NUMBERS = """\
platform,account,date,metric,value
instagram,mira.private,2026-03-01,followers,48151
instagram,mira.private,2026-03-02,followers,62342
"""


@dataclass(frozen=True, kw_only=True)
class Belongings:
    """What A has: ids and texts that B must never see."""

    owner: Creator
    conversation_id: str
    message_ids: tuple[str, str]
    run_id: str
    event_id: str
    api_key_id: str
    goal_id: str
    insight_id: str
    notification_id: str
    plan_id: str
    job_id: str
    texts: tuple[str, ...]

    def keys(self, path: str) -> tuple[str, ...]:
        """Return the ids of A by which B might try a path; the first is that of its noun."""
        named = {
            "{key_id}": self.api_key_id,
            "{message_id}": self.message_ids[1],
            "{insight_id}": self.insight_id,
            "{notification_id}": self.notification_id,
            "{goal_id}": self.goal_id,
            "{plan_id}": self.plan_id,
            "{job_id}": self.job_id,
        }
        if found := [its_id for name, its_id in named.items() if name in path]:
            return tuple(found)
        return (self.conversation_id, CLIENT_ID, self.message_ids[1])

    def all(self) -> tuple[str, ...]:
        """Return everything by which A's data could be recognised."""
        owner = (str(self.owner.user_id), self.owner.email, self.owner.token)
        ids = (
            self.conversation_id,
            *self.message_ids,
            self.run_id,
            self.api_key_id,
            self.goal_id,
            self.insight_id,
            self.notification_id,
            self.plan_id,
            self.job_id,
        )
        return (*owner, *ids, *self.texts)


@dataclass(frozen=True, kw_only=True)
class Attempt:
    """How B tries a route. A route with A's id in its path must answer 404, but not to A."""

    code: str = "conversation_not_found"
    body: Callable[[Belongings], dict[str, Any]] | None = None
    headers: Callable[[Belongings], dict[str, str]] = field(default=lambda _: {})
    content: str | None = None
    params: dict[str, str] | None = None
    prepare: Callable[[Creator], Awaitable[None]] | None = None


async def import_numbers(creator: Creator) -> None:
    """Give somebody else numbers of their own."""
    day = dt.datetime.now(dt.UTC).date() - dt.timedelta(days=1)
    rows = f"platform,account,date,metric,value\nfacebook,somebody,{day},followers,7\n"
    headers = {"Content-Type": "text/csv"}
    await creator.post("/api/metrics/import", content=rows, headers=headers)


async def rate_answer(creator: Creator) -> None:
    """Let there be something to take back."""
    conversation = (await creator.get(f"/api/conversations/{CLIENT_ID}")).json()
    message_id = conversation["messages"][1]["id"]
    rated = await creator.post(f"/api/messages/{message_id}/feedback", json={"rating": "up"})
    assert rated.status_code == 201


async def cancel_jobs(creator: Creator) -> None:
    """Let there be jobs to try again, and to follow to their end."""
    for job in (await creator.get("/api/jobs")).json()["items"]:
        await creator.post(f"/api/jobs/{job['id']}/cancel")


ONBOARDING: dict[str, Any] = {
    "kind": "onboarding",
    "input": {
        "goal": "Play for a stadium crowd",
        "niche": "indie folk",
        "hours_per_week": 5,
        "platforms": ["instagram"],
        "posts_per_week": 2,
        "start": "2126-12-01",
    },
}
CLIENT_ID = "mira-private-chat"
PUBLIC = {
    ("GET", "/docs"),
    ("GET", "/openapi.json"),
    ("GET", "/healthz"),
    ("GET", "/readyz"),
    ("GET", "/metrics"),
    ("GET", "/api/auth/session"),
    ("POST", "/api/auth/demo"),
    ("POST", "/api/auth/login"),
    ("POST", "/api/auth/register"),
    ("POST", "/api/auth/forgot-password"),
    ("POST", "/api/auth/reset-password"),  # by the token of a mail, as the following
    ("POST", "/api/auth/verify-email"),
    *(
        (method, path)
        for path in ("/api/unsubscribe", "/verify-email", "/reset-password")
        for method in ("GET", "POST")
    ),
    ("POST", "/forgot-password"),
}
ATTEMPTS = {
    ("POST", "/api/auth/logout"): Attempt(),
    ("GET", "/api/me"): Attempt(),
    ("PATCH", "/api/me"): Attempt(
        body=lambda a: {
            "id": str(a.owner.user_id), "email": a.owner.email, "role": "admin", "locale": "pt",
        }
    ),
    ("POST", "/api/me/password"): Attempt(
        body=lambda a: {
            "password": PASSWORD, "new_password": "another good password", "email": a.owner.email,
        }
    ),
    ("POST", "/api/me/verify-email"): Attempt(),
    ("GET", "/api/limits"): Attempt(),
    ("GET", "/api/api-keys"): Attempt(),
    ("POST", "/api/api-keys"): Attempt(body=lambda _: {"name": "Mine"}),
    ("DELETE", "/api/api-keys/{key_id}"): Attempt(code="api_key_not_found"),
    ("GET", "/api/connections"): Attempt(),
    ("POST", "/api/metrics/import"): Attempt(
        headers=lambda _: {"Content-Type": "text/csv"}, content=PRIVATE_NUMBERS
    ),
    ("GET", "/api/goals"): Attempt(),
    ("POST", "/api/goals"): Attempt(
        prepare=import_numbers, body=lambda _: {"metric": "followers", "target_value": 9}
    ),
    ("GET", "/api/goals/{goal_id}"): Attempt(code="goal_not_found"),
    ("PATCH", "/api/goals/{goal_id}"): Attempt(
        code="goal_not_found", body=lambda _: {"title": "Mine now"}
    ),
    ("DELETE", "/api/goals/{goal_id}"): Attempt(code="goal_not_found"),
    **{
        ("GET", f"/api/analytics/{name}"): Attempt(prepare=import_numbers)
        for name in ("overview", "growth", "engagement", "content", "times", "audience")
    },
    ("DELETE", "/api/me"): Attempt(body=lambda a: {"password": PASSWORD, "email": a.owner.email}),
    ("GET", "/api/jobs"): Attempt(),
    ("POST", "/api/jobs"): Attempt(body=lambda _: ONBOARDING),
    ("GET", "/api/jobs/{job_id}"): Attempt(code="job_not_found"),
    ("POST", "/api/jobs/{job_id}/cancel"): Attempt(code="job_not_found"),
    # After it: what is tried again, and followed to its end, has to have ended.
    ("POST", "/api/jobs/{job_id}/retry"): Attempt(code="job_not_found", prepare=cancel_jobs),
    ("GET", "/api/jobs/{job_id}/events"): Attempt(code="job_not_found", prepare=cancel_jobs),
    ("GET", "/api/insights"): Attempt(),
    ("POST", "/api/insights/generate"): Attempt(),
    ("POST", "/api/insights/{insight_id}/read"): Attempt(code="insight_not_found"),
    ("POST", "/api/insights/{insight_id}/dismiss"): Attempt(code="insight_not_found"),
    ("GET", "/api/notifications"): Attempt(),
    ("GET", "/api/notifications/unread"): Attempt(),
    ("POST", "/api/notifications/read"): Attempt(),
    ("POST", "/api/notifications/{notification_id}/read"): Attempt(code="notification_not_found"),
    ("POST", "/api/notifications/{notification_id}/dismiss"): Attempt(
        code="notification_not_found"
    ),
    ("GET", "/api/plans"): Attempt(),
    ("GET", "/api/plans/{plan_id}"): Attempt(code="plan_not_found"),
    ("GET", "/api/plans/{plan_id}/versions"): Attempt(code="plan_not_found"),
    ("GET", "/api/plans/{plan_id}/export"): Attempt(
        code="plan_not_found", params={"format": "csv"}
    ),
    ("PATCH", "/api/plans/{plan_id}"): Attempt(
        code="plan_not_found", body=lambda _: {"title": "Mine now"}
    ),
    ("DELETE", "/api/plans/{plan_id}"): Attempt(code="plan_not_found"),
    ("GET", "/api/suggestions"): Attempt(prepare=import_numbers),
    ("GET", "/api/agents"): Attempt(),
    ("POST", "/api/chat"): Attempt(body=lambda _: {"message": "What do you know?"}),
    ("GET", "/api/chat/{key}/stream"): Attempt(headers=lambda a: {"Last-Event-ID": a.event_id}),
    ("POST", "/api/chat/{key}/stop"): Attempt(),
    ("GET", "/api/conversations"): Attempt(),
    ("GET", "/api/conversations/{key}"): Attempt(),
    ("GET", "/api/conversations/{key}/export"): Attempt(),
    ("POST", "/api/messages/{message_id}/feedback"): Attempt(
        code="message_not_found", body=lambda _: {"rating": "up"}
    ),
    ("DELETE", "/api/messages/{message_id}/feedback"): Attempt(
        code="feedback_not_found", prepare=rate_answer
    ),
    ("GET", "/api/messages/{message_id}/follow-ups"): Attempt(code="message_not_found"),
    ("PATCH", "/api/conversations/{key}"): Attempt(body=lambda _: {"title": "Mine now"}),
    ("DELETE", "/api/conversations/{key}"): Attempt(),
}  # fmt: skip
RESUME = ("POST", "/api/runs/{run_id}/resume")
# Closed to both: test_admin_api.py, test_cron.py.
CLOSED = ("/api/admin/", "/api/cron/")
# For engines, not for users: tests/integration/test_callbacks.py and test_qstash.py forge them.
SIGNED = ("/api/callbacks/", "/api/webhooks/")
EVENTS = ("GET", "/api/events")  # never ends: test_events.py has what others are told

WITH_ID = [route for route in ATTEMPTS if "{" in route[1]]
WITHOUT_ID = [route for route in ATTEMPTS if "{" not in route[1]]


@pytest.fixture
def settings(settings: Settings, model: ScriptedModel) -> Settings:
    return model.answers(settings)


@pytest.fixture
async def other(sign_up: SignUp) -> Creator:
    return await sign_up()


async def set_goal(creator: Creator) -> str:
    """Let A have a goal; her numbers are too old for one over HTTP."""
    day = dt.datetime.now(dt.UTC).date() - dt.timedelta(days=1)
    rows = f"platform,account,date,metric,value\ninstagram,mira.private,{day},followers,73914\n"
    headers = {"Content-Type": "text/csv"}
    await creator.post("/api/metrics/import", content=rows, headers=headers)
    goal = {"metric": "followers", "target_value": 84657, "title": "Own a stadium"}
    response = await creator.post("/api/goals", json=goal)
    assert response.status_code == 201, response.text
    goal_id: str = response.json()["id"]
    return goal_id


async def add_insight(database: Database, creator: Creator) -> str:
    insight = Insight(
        id=new_id(), user_id=creator.user_id, type="goal", priority="low", message="x",
        title="A secret finding", local_date=dt.date(2026, 3, 1), finding="x",
    )  # fmt: skip
    async with database.user_session(creator.user_id) as session:
        session.add(insight)
    return str(insight.id)


async def add_notification(database: Database, creator: Creator) -> str:
    notification = Notification(
        id=new_id(), user_id=creator.user_id, type="insight", title="A secret notice", message="x",
        cause="x", expires_at=utc_now() + dt.timedelta(days=1),
    )  # fmt: skip
    async with database.user_session(creator.user_id) as session:
        session.add(notification)
    return str(notification.id)


async def add_plan(database: Database, creator: Creator) -> str:
    plan_id, job = (
        new_id(),
        Job(
            id=new_id(), user_id=creator.user_id, kind="content_calendar", input={}, attempt_limit=1
        ),
    )
    async with database.user_session(creator.user_id) as session:
        session.add(job)
        await session.flush()
        plan = sample_plan(title="A tour in secret")
        await create_plan(session, creator.user_id, job.id, plan, plan_id=plan_id)
    return str(plan_id)


async def ask_for_a_plan(creator: Creator) -> str:
    """Let A have a job; there is no worker that does it."""
    asked = ONBOARDING | {"input": ONBOARDING["input"] | {"goal": "A private comeback"}}
    response = await creator.post("/api/jobs", json=asked)
    assert response.status_code == 202, response.text
    job_id: str = response.json()["id"]
    return job_id


@pytest.fixture
async def belongings(sign_up: SignUp, model: ScriptedModel, database: Database) -> Belongings:
    owner = await sign_up()
    response = await owner.post(
        "/api/metrics/import", content=PRIVATE_NUMBERS, headers={"Content-Type": "text/csv"}
    )
    assert response.status_code == 200, response.text
    await model.follow(says("Keep the launch quiet."), to="My secret launch")
    await model.follow(says("I know nothing."))
    answer = await ask(owner, question("My secret launch", "private-question"), id=CLIENT_ID)
    api_key = (await owner.post("/api/api-keys", json={"name": "mira's own key"})).json()
    return Belongings(
        owner=owner,
        api_key_id=api_key["id"],
        goal_id=await set_goal(owner),
        insight_id=await add_insight(database, owner),
        notification_id=await add_notification(database, owner),
        plan_id=await add_plan(database, owner),
        job_id=await ask_for_a_plan(owner),
        conversation_id=answer.response.headers["X-Conversation-Id"],
        message_ids=("private-question", answer.chunks[0]["messageId"]),
        run_id=answer.response.headers["X-Run-Id"],
        event_id=answer.ids[0],
        texts=(
            "mira.private",
            "48151",
            "62342",
            "secret launch",
            "launch quiet",
            "mira's own key",
            api_key["prefix"],
            "73914",
            "84657",
            "Own a stadium",
            "tour in secret",
            "The step nobody films",
            "private comeback",
        ),
    )


@pytest.fixture
def rows_of_owner(owner_url: str, belongings: Belongings) -> Callable[[], dict[str, list[Any]]]:
    """Return a function that reads every row of A, past row-level security."""

    def read() -> dict[str, list[Any]]:
        with create_engine(owner_url, poolclass=NullPool).connect() as connection:
            return {
                table.name: [
                    dict(row)
                    for row in connection.execute(
                        select(table)
                        .where(table.c["id" if table.name == "users" else "user_id"] == user_id)
                        .order_by(*table.primary_key)
                    ).mappings()
                ]
                for table in Base.metadata.sorted_tables
                if table.name not in OF_NOBODY
            }

    user_id = belongings.owner.user_id
    return read


async def attempt(
    client: httpx.AsyncClient, route: tuple[str, str], key: str, belongings: Belongings
) -> httpx.Response:
    tried = ATTEMPTS[route]
    method, path = route
    return await client.request(
        method,
        re.sub("{.*}", key, path),
        json=tried.body(belongings) if tried.body else None,
        content=tried.content,
        params=tried.params,
        headers=tried.headers(belongings),
    )


def told(response: httpx.Response) -> str:
    """Return all that an answer tells, without the key that the asker sent."""
    return f"{response.headers}\n{response.text}"


def assert_tells_nothing(response: httpx.Response, belongings: Belongings) -> None:
    assert [each for each in belongings.all() if each in told(response)] == []


async def test_every_route_has_an_attempt(app: FastAPI) -> None:
    tried = PUBLIC | set(ATTEMPTS) | {RESUME, EVENTS}
    closed = (*CLOSED, *SIGNED)
    routes = {route for route in list_routes(app) if not route[1].startswith(closed)}
    assert routes == tried, "say here how B would try the new route"


async def test_without_signing_in_there_is_nothing(
    api: httpx.AsyncClient, belongings: Belongings
) -> None:
    for route in ATTEMPTS:
        response = await attempt(api, route, belongings.keys(route[1])[0], belongings)
        code = response.json()["code"]
        assert (route, response.status_code, code) == (route, 401, "unauthenticated")


@pytest.mark.parametrize("route", WITH_ID, ids=" ".join)
async def test_what_is_another_users_answers_404(
    belongings: Belongings,
    other: Creator,
    rows_of_owner: Callable[[], dict[str, list[Any]]],
    route: tuple[str, str],
) -> None:
    if prepare := ATTEMPTS[route].prepare:
        await prepare(belongings.owner)
    before = rows_of_owner()
    for key in belongings.keys(route[1]):
        response = await attempt(other, route, key, belongings)
        assert (response.status_code, response.json()["code"]) == (404, ATTEMPTS[route].code)
        assert_tells_nothing(response, belongings)
    assert rows_of_owner() == before
    own = await attempt(belongings.owner, route, belongings.keys(route[1])[0], belongings)
    assert own.status_code in {200, 201, 202, 204}, "the attempt would have worked"


@pytest.mark.parametrize("route", WITHOUT_ID, ids=" ".join)
async def test_what_has_no_id_is_about_the_asker_only(
    belongings: Belongings,
    other: Creator,
    rows_of_owner: Callable[[], dict[str, list[Any]]],
    route: tuple[str, str],
) -> None:
    before = rows_of_owner()
    if prepare := ATTEMPTS[route].prepare:
        await prepare(other)
    names = {"user_id": str(belongings.owner.user_id), "email": belongings.owner.email}
    response = await attempt(other, route, "", belongings)
    hinted = (
        await other.request(route[0], route[1], params=names) if route[0] == "GET" else response
    )
    for each in (response, hinted):
        assert each.status_code in {200, 201, 202, 204}, each.text
        assert_tells_nothing(each, belongings)
    assert rows_of_owner() == before


async def test_a_chat_id_of_another_user_makes_a_conversation_of_ones_own(
    belongings: Belongings,
    other: Creator,
    model: ScriptedModel,
    rows_of_owner: Callable[[], dict[str, list[Any]]],
) -> None:
    before = rows_of_owner()
    for key in (belongings.conversation_id, CLIENT_ID):
        answer = await ask(other, "And now?", id=key)
        assert answer.text == "I know nothing."
        assert answer.response.headers["X-Conversation-Id"] != belongings.conversation_id
        assert await model.heard() == [{"role": "user", "content": "And now?"}]
        mine = (await other.get(f"/api/conversations/{key}")).json()
        theirs = (await belongings.owner.get(f"/api/conversations/{key}")).json()
        assert (mine["client_id"], mine["title"]) == (key, "And now?")
        assert theirs["title"] == "My secret launch"
        assert (await other.delete(f"/api/conversations/{key}")).status_code == 204
    assert rows_of_owner() == before


def named(belongings: Belongings) -> dict[str, Any]:
    """Return every name by which a body might ask for A's data."""
    user, thread = str(belongings.owner.user_id), belongings.conversation_id
    message = belongings.message_ids[1]
    identity = {"user_id": user, "userId": user, "email": belongings.owner.email, "role": "admin"}
    threads = ("thread_id", "threadId", "conversation_id", "conversationId")
    messages = ("checkpoint_id", "checkpointId", "parent_id", "parentId", "head_id")
    place = dict.fromkeys(threads, thread) | dict.fromkeys(messages, message)
    place |= {"run_id": belongings.run_id, "runId": belongings.run_id}
    return {
        **identity,
        **place,
        "config": {"configurable": identity | place},
        "context": identity | place,
        "metadata": identity | place,
        "messageId": message,
    }


async def test_a_body_that_names_another_user_or_thread_changes_nothing(
    belongings: Belongings,
    other: Creator,
    model: ScriptedModel,
    rows_of_owner: Callable[[], dict[str, list[Any]]],
) -> None:
    before = rows_of_owner()
    await model.follow(says(calls("list_connections")), says("None."), to="Which accounts?")
    for id_of_message in ("mine", *belongings.message_ids):
        message = named(belongings) | question("Which accounts?", id_of_message)
        answer = await ask(other, message, **named(belongings))
        tool = (await model.heard())[-1]
        assert "no account is connected" in tool["content"]
        assert [each["role"] for each in await model.heard()] == ["user", "assistant", "tool"]
        assert answer.response.headers["X-Conversation-Id"] != belongings.conversation_id
        listed = await other.get("/api/conversations")
        assert listed.json()["items"][0]["id"] == answer.response.headers["X-Conversation-Id"]
    assert rows_of_owner() == before


@pytest.mark.parametrize("place", [0, 1], ids=["question", "answer"])
async def test_another_users_message_cannot_be_regenerated(
    belongings: Belongings, other: Creator, place: int
) -> None:
    await ask(other, "Hi", id="mine")
    body = {"trigger": "regenerate-message", "messageId": belongings.message_ids[place]}
    in_mine = await other.post("/api/chat", json=body | {"id": "mine"})
    in_theirs = await other.post("/api/chat", json=body | {"id": belongings.conversation_id})
    assert (in_mine.status_code, in_mine.json()["code"]) == (404, "message_not_found")
    assert (in_theirs.status_code, in_theirs.json()["code"]) == (404, "conversation_not_found")


async def test_another_users_events_cannot_be_followed_from_ones_own_conversation(
    belongings: Belongings, other: Creator
) -> None:
    await ask(other, "Hi", id="mine")
    headers = {"Last-Event-ID": belongings.event_id}
    response = await other.get("/api/chat/mine/stream", headers=headers)
    assert (response.status_code, response.content) == (204, b"")


async def test_an_answer_that_is_coming_can_only_be_followed_and_stopped_by_its_asker(
    belongings: Belongings, other: Creator, model: ScriptedModel
) -> None:
    await model.follow(says("One, ", gate("more"), "two."))
    async with asking(belongings.owner, "Count", id=CLIENT_ID) as answer:
        await answer.read_until("One, ")
        for route in WITH_ID:
            for key in belongings.keys(route[1]):
                assert (await attempt(other, route, key, belongings)).status_code == 404
        await model.open("more")
        await answer.read_all()
    assert (answer.text, answer.finish["status"]) == ("One, two.", "completed")


async def test_another_users_run_is_not_there(
    belongings: Belongings,
    other: Creator,
    rows_of_owner: Callable[[], dict[str, list[Any]]],
) -> None:
    before = rows_of_owner()
    path = f"/api/runs/{belongings.run_id}/resume"
    body = {"decisions": [{"id": "call_1", "type": "approve"}]}
    theirs, own = await other.post(path, json=body), await belongings.owner.post(path, json=body)
    assert (theirs.status_code, theirs.json()["code"]) == (404, "run_not_found")
    assert (own.status_code, own.json()["code"]) == (409, "run_not_waiting")
    assert_tells_nothing(theirs, belongings)
    assert rows_of_owner() == before


@pytest.fixture
async def browser(api_url: str, other: Creator) -> AsyncIterator[httpx.AsyncClient]:
    """Return a client that is signed in as B by cookie."""
    async with new_client(api_url) as client:
        client.cookies.set(SESSION_COOKIE, other.token)
        yield client


async def test_the_bearer_decides_when_the_cookie_is_another_users(
    belongings: Belongings, browser: httpx.AsyncClient, other: Creator
) -> None:
    bearer = {"Authorization": f"Bearer {belongings.owner.token}"}
    assert (await browser.get("/api/me")).json()["id"] == str(other.user_id)
    assert (await browser.get("/api/me", headers=bearer)).json()["id"] == str(
        belongings.owner.user_id
    )
    path = f"/api/conversations/{CLIENT_ID}"
    assert (await browser.get(path)).status_code == 404
    assert (await browser.get(path, headers=bearer)).json()["id"] == belongings.conversation_id
