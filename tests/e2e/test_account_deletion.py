"""Deleting an account: nothing of it is left anywhere, and what was under way ends first."""

import datetime as dt
from collections.abc import Iterator
from typing import Any

import anyio
import httpx
import pytest
from fastapi import FastAPI, Request
from pydantic import BaseModel
from sqlalchemy import Connection, create_engine, select, text
from sqlalchemy.pool import NullPool

from api.deps import UserSessionDep
from core.settings import Settings
from domain.jobs import JobKind, create_job
from storage.database import Database
from storage.jobs import begin_attempt
from storage.models import (
    AudienceSnapshot,
    Base,
    Draft,
    InboundDelivery,
    Insight,
    MailToken,
    PlanVersion,
    PlatformConnection,
    WebhookDelivery,
    new_id,
)
from tests.conftest import PASSWORD, Creator, SignUp
from tests.e2e.scripted_model import ScriptedModel, calls, gate, says
from tests.e2e.servers import second_server
from tests.e2e.streams import ask, asking, question
from tests.integration.test_accounts import code, log_in

TODAY = dt.datetime.now(dt.UTC).date()
NUMBERS = f"""\
platform,account,date,metric,value
instagram,luna,{TODAY - dt.timedelta(days=1)},followers,1000
instagram,luna,{TODAY},followers,1040
"""
POSTS = """\
platform,account,post_id,posted_at,type,caption,permalink,likes,comments,shares,saves,views
instagram,luna,1,2026-03-01T18:30,reel,Hi,,1,1,1,1,1
"""
GOAL = {"metric": "followers", "target_value": 2000, "platform": "instagram"}
PATH = "/api/me"


class Nothing(BaseModel):
    """The input of a job that needs none."""


KIND = JobKind(name="nothing", title="Nothing", input=Nothing)
# Tables that no user has rows in.
NOBODYS = {
    "alembic_version",
    "checkpoint_migrations",
    "job_batches",
    "procrastinate_events",  # of tasks, and go with them
    "procrastinate_periodic_defers",
    "procrastinate_workers",
}


@pytest.fixture
def settings(settings: Settings, model: ScriptedModel) -> Settings:
    return model.answers(settings)


@pytest.fixture
def superuser(owner_url: str) -> Iterator[Connection]:
    """Return a connection that row-level security does not bind."""
    with create_engine(owner_url, poolclass=NullPool).connect() as connection:
        yield connection


def count_mentions(superuser: Connection, *texts: str) -> dict[str, int]:
    """Return in how many rows of each table of the catalogue any of these texts stands."""
    statement = "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = %s"
    tables = superuser.execute(text(statement % "'public'::regnamespace")).scalars().all()
    found = {}
    for table in set(tables) - NOBODYS:
        mentions = " OR ".join(f"position(:t{n} in whole::text) > 0" for n in range(len(texts)))
        count = text(f'SELECT count(*) FROM "{table}" AS whole WHERE {mentions}')  # noqa: S608
        found[table] = superuser.scalar(count, {f"t{n}": each for n, each in enumerate(texts)})
    superuser.rollback()
    return {table: rows for table, rows in found.items() if rows is not None}


async def import_file(creator: Creator, content: str) -> None:
    headers = {"Content-Type": "text/csv"}
    response = await creator.post("/api/metrics/import", content=content, headers=headers)
    assert response.status_code == 200, response.text


async def say_farewell(client: httpx.AsyncClient, password: str = PASSWORD) -> httpx.Response:
    return await client.request("DELETE", PATH, json={"password": password})


async def live(creator: Creator, model: ScriptedModel, database: Database) -> list[str]:
    """Leave rows in every table; returns the ids by which they are known."""
    await import_file(creator, NUMBERS)
    await import_file(creator, POSTS)
    await creator.post("/api/api-keys", json={"name": "x"}, headers={"Idempotency-Key": "x"})
    goal = await creator.post("/api/goals", json={"metric": "followers", "target_value": 1080})
    assert goal.status_code == 201, goal.text
    await import_file(creator, NUMBERS.replace("1040", "1070"))
    assert (await creator.get("/api/goals")).json()["items"][0]["milestones"]
    await model.follow(says("Let me set it.", calls("create_goal", GOAL)))
    waiting = await ask(creator, question("2,000!", "q1"), id="goals", agent="goal_tracker")
    conversation = (await creator.get("/api/conversations/goals")).json()
    answer = conversation["messages"][1]["id"]
    await creator.post(f"/api/messages/{answer}/feedback", json={"rating": "up"})
    await creator.get("/api/conversations", params={"search": "goal"})
    now = dt.datetime.now(dt.UTC)
    async with database.user_session(creator.user_id) as session:
        session.add(Draft(user_id=creator.user_id, platform="instagram", caption="Soon"))
        job = await create_job(
            session, creator.user_id, KIND, Nothing(), job_id=new_id(), timezone="UTC", now=now
        )
        account = (await session.scalars(select(PlatformConnection))).one()
        session.add(
            AudienceSnapshot(
                user_id=creator.user_id,
                connection_id=account.id,
                date=TODAY,
                dimension="country",
                shares={"DE": 40},
            )
        )
        session.add(
            Insight(
                user_id=creator.user_id, type="goal", priority="low", title="x", message="x",
                local_date=TODAY, finding="x",
            )
        )  # fmt: skip
        session.add(
            PlanVersion(user_id=creator.user_id, job_id=job.id, version=1, title="x", body={})
        )
    about = {"user_id": creator.user_id, "job_id": job.id, "attempt": 1, "engine": "webhook"}
    async with database.service_session() as session:
        session.add(WebhookDelivery(**about))
        session.add(InboundDelivery(message_id=str(job.id), **about))
        session.add(
            MailToken(
                token_hash=new_id().bytes, user_id=creator.user_id, kind="reset_password",
                expires_at=now,
            )
        )  # fmt: skip
        await begin_attempt(session, job.id, {job.kind}, "worker", now)
    run_id = waiting.response.headers["X-Run-Id"]
    return [str(creator.user_id), creator.email, run_id, conversation["id"], answer, str(job.id)]


async def test_nothing_is_left_of_a_deleted_account(
    sign_up: SignUp, model: ScriptedModel, database: Database, superuser: Connection
) -> None:
    creator, other = await sign_up(), await sign_up()
    ids = await live(creator, model, database)
    theirs = await live(other, model, database)
    before, others_before = count_mentions(superuser, *ids), count_mentions(superuser, *theirs)
    assert [table for table, rows in before.items() if not rows] == [], "leave a row here too"
    assert set(Base.metadata.tables) - NOBODYS <= set(before)
    response = await say_farewell(creator)
    assert (response.status_code, response.content) == (204, b"")
    assert set(count_mentions(superuser, *ids).values()) == {0}
    assert count_mentions(superuser, *theirs) == others_before


async def test_sign_ins_and_keys_end_and_the_e_mail_is_free_again(
    sign_up: SignUp, api: httpx.AsyncClient
) -> None:
    creator = await sign_up()
    key = (await creator.post("/api/api-keys", json={"name": "x"})).json()["key"]
    phone = (await log_in(api, creator.email)).json()["token"]
    await say_farewell(api)  # by cookie
    assert "ds_session" not in api.cookies
    for token in (creator.token, phone, key):
        response = await api.get(PATH, headers={"Authorization": f"Bearer {token}"})
        assert code(response) == (401, "unauthenticated")
    assert code(await log_in(api, creator.email)) == (401, "wrong_credentials")
    body = {"email": creator.email, "password": PASSWORD}
    assert (await api.post("/api/auth/register", json=body)).status_code == 201


async def test_an_answer_that_is_coming_is_stopped_first(
    sign_up: SignUp, model: ScriptedModel, superuser: Connection
) -> None:
    creator = await sign_up()
    await model.follow(says("One, ", gate("never"), "two."))
    async with asking(creator, "Count", id="a") as one, asking(creator, "Count", id="b") as two:
        for answer in (one, two):
            await answer.read_until("One, ")
        assert (await say_farewell(creator)).status_code == 204
        for answer in (one, two):
            await answer.read_all()
            assert answer.finish["status"] == "stopped"
    assert set(count_mentions(superuser, str(creator.user_id)).values()) == {0}


async def test_an_answer_of_another_server_is_stopped_too(
    sign_up: SignUp, model: ScriptedModel, settings: Settings, database_url: str,
    superuser: Connection,
) -> None:  # fmt: skip
    creator = await sign_up()
    await model.follow(says("One, ", gate("never"), "two."))
    async with (
        second_server(settings, database_url, creator) as there,
        asking(there, "Count", id="a") as answer,
    ):
        await answer.read_until("One, ")
        assert (await say_farewell(creator)).status_code == 204
        await answer.read_all()
        assert answer.finish["status"] == "stopped"
    assert set(count_mentions(superuser, str(creator.user_id)).values()) == {0}


async def test_the_password_has_to_be_right(sign_up: SignUp) -> None:
    creator = await sign_up()
    assert code(await say_farewell(creator, "not the password")) == (403, "wrong_password")
    assert code(await creator.request("DELETE", PATH, json={})) == (422, "validation_failed")
    assert (await creator.get(PATH)).status_code == 200


async def test_guessing_the_password_is_stopped(sign_up: SignUp, settings: Settings) -> None:
    creator = await sign_up()
    for _ in range(settings.login_attempts):
        assert (await say_farewell(creator, "not the password")).status_code == 403
    assert code(await say_farewell(creator)) == (429, "too_many_attempts")


async def test_an_api_key_cannot_delete_its_account(
    sign_up: SignUp, api: httpx.AsyncClient
) -> None:
    creator = await sign_up()
    key = (await creator.post("/api/api-keys", json={"name": "x"})).json()["key"]
    api.headers["Authorization"] = f"Bearer {key}"
    assert code(await say_farewell(api)) == (403, "sign_in_required")


async def test_a_request_that_outlives_its_account_is_not_signed_in(
    app: FastAPI, sign_up: SignUp
) -> None:
    creator = await sign_up()
    has_begun, is_deleted = anyio.Event(), anyio.Event()

    @app.post("/slow")
    async def work(request: Request, session: UserSessionDep) -> None:
        has_begun.set()
        await is_deleted.wait()
        session.add(Draft(id=new_id(), user_id=creator.user_id, platform="youtube", caption="x"))

    answers: list[Any] = []

    async def ask_slowly() -> None:
        answers.append(await creator.post("/slow"))

    async with anyio.create_task_group() as requests:
        requests.start_soon(ask_slowly)
        await has_begun.wait()
        assert (await say_farewell(creator)).status_code == 204
        is_deleted.set()
    assert code(answers[0]) == (401, "unauthenticated")


async def test_of_two_farewells_both_find_nothing_left(sign_up: SignUp) -> None:
    creator = await sign_up()
    statuses = []

    async def leave() -> None:
        statuses.append((await say_farewell(creator)).status_code)

    async with anyio.create_task_group() as farewells:
        for _ in range(3):
            farewells.start_soon(leave)
    assert set(statuses) <= {204, 401, 403}
    assert 204 in statuses
