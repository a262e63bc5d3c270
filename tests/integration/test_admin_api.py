"""What administrators may see and do, and nobody else."""

import re
from collections import Counter
from typing import Any
from uuid import UUID

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import update

from core.clock import utc_now
from storage.database import Database
from storage.jobs import begin_attempt
from storage.models import JobStatus, User, new_id
from tests.conftest import Creator, SignUp
from tests.integration.test_accounts import code
from tests.integration.test_jobs_api import ask, fail
from tests.routes import list_routes


@pytest.fixture
async def admin(sign_up: SignUp, database: Database) -> Creator:
    creator = await sign_up()
    await set_role(database, creator, "admin")
    return creator


async def set_role(database: Database, creator: Creator, role: str) -> None:
    async with database.service_session() as session:
        await session.execute(update(User).where(User.id == creator.user_id).values(role=role))


async def list_ids(admin: Creator, **params: Any) -> list[str]:
    response = await admin.get("/api/admin/jobs", params=params)
    assert response.status_code == 200, response.text
    return [job["id"] for job in response.json()["items"]]


async def test_what_is_for_administrators_is_closed_to_all_others(
    app: FastAPI, api: httpx.AsyncClient, creator: Creator
) -> None:
    job = await ask(creator)
    key = (await creator.post("/api/api-keys", json={"name": "x"})).json()["key"]
    routes = [route for route in list_routes(app) if route[1].startswith("/api/admin/")]
    assert len(routes) >= 4
    for method, path in routes:
        # What is not there, and what is no valid request, is refused in the same way.
        for name in (job["id"], str(new_id()), "no-id"):
            url = re.sub("{.*}", name, path)
            assert code(await api.request(method, url)) == (401, "unauthenticated")
            refused = await creator.request(method, f"{url}?limit=0&cursor=x")
            assert code(refused) == (403, "forbidden"), url
            by_key = {"Authorization": f"Bearer {key}"}
            assert code(await creator.request(method, url, headers=by_key)) == (403, "forbidden")
    assert (await creator.get(f"/api/jobs/{job['id']}")).json()["status"] == "queued"


async def test_who_is_no_administrator_any_more_is_refused_at_once(
    admin: Creator, database: Database
) -> None:
    assert (await admin.get("/api/admin/jobs")).status_code == 200
    await set_role(database, admin, "user")
    assert code(await admin.get("/api/admin/jobs")) == (403, "forbidden")


async def test_everybodys_jobs_are_listed_page_by_page(admin: Creator, sign_up: SignUp) -> None:
    creators = [await sign_up() for _ in range(2)]
    ids = [(await ask(creator))["id"] for creator in (*creators, *creators)]
    found: list[str] = []
    cursor = None
    while not set(ids) <= set(found):  # there are jobs of other tests
        params = {"limit": 3} | ({"cursor": cursor} if cursor else {})
        page = (await admin.get("/api/admin/jobs", params=params)).json()
        found += [job["id"] for job in page["items"]]
        cursor = page["next"]
        assert len(page["items"]) == 3 or cursor is None
    assert [each for each in found if each in ids] == ids[::-1]
    assert code(await admin.get("/api/admin/jobs?cursor=x")) == (400, "invalid_cursor")


async def test_jobs_are_filtered_by_user_status_and_kind(
    admin: Creator, sign_up: SignUp, database: Database
) -> None:
    one, other = await sign_up(), await sign_up()
    failed, queued, _ = [await ask(creator) for creator in (one, one, other)]
    await fail(database, failed)
    assert await list_ids(admin, user_id=one.user_id) == [queued["id"], failed["id"]]
    assert await list_ids(admin, user_id=one.user_id, status="failed") == [failed["id"]]
    assert await list_ids(admin, user_id=one.user_id, kind="content_calendar") == []
    assert await list_ids(admin, user_id=new_id()) == []


async def test_jobs_are_counted_by_kind_and_status(
    admin: Creator, creator: Creator, database: Database
) -> None:
    async def count() -> Counter[tuple[str, str]]:
        counts = (await admin.get("/api/admin/jobs/counts")).json()["counts"]
        return Counter({(each["kind"], each["status"]): each["count"] for each in counts})

    before = await count()
    jobs = [await ask(creator) for _ in range(2)]
    await fail(database, jobs[0])
    assert await count() - before == {("onboarding", "queued"): 1, ("onboarding", "failed"): 1}


async def test_a_failed_job_is_seen_in_detail_and_tried_again(
    admin: Creator, creator: Creator, database: Database
) -> None:
    job = await ask(creator)
    await fail(database, job)
    path = f"/api/admin/jobs/{job['id']}"
    seen = (await admin.get(path)).json()
    assert seen["user_id"] == str(creator.user_id)
    [attempt] = seen["attempts"]
    assert (attempt["worker"], attempt["error"]) == ("a worker", "ValueError('secret detail')")
    again = await admin.post(f"{path}/retry")
    assert (again.status_code, again.json()["status"]) == (200, "queued")
    assert (await creator.get(f"/api/jobs/{job['id']}")).json()["status"] == "queued"
    async with database.service_session() as session:  # a worker may do it again
        begun = await begin_attempt(session, UUID(job["id"]), {"onboarding"}, "w", utc_now())
        assert begun
        assert begun.status == JobStatus.RUNNING
    assert code(await admin.post(f"{path}/retry")) == (409, "job_not_failed")
    assert code(await admin.get(f"/api/admin/jobs/{new_id()}")) == (404, "job_not_found")
